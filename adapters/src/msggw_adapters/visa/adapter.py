"""The adapter: submissions become messages, answers become outcomes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msggw.adapter import Capabilities, Context, Health, Submission
from msggw.adapter.answers import not_sent, read_settings, rejected, unknown
from msggw.canonical import CARD_KINDS, Kind, Outcome, Reason
from msggw.errors import Refused
from msggw.iso8583 import Codec
from msggw_adapters.visa.client import HostLink, StationCodec
from msggw_adapters.visa.config import Settings
from msggw_adapters.visa.line import Doubt, NotSent, Rejected
from msggw_adapters.visa.mapping import (
    Origin,
    build_request,
    build_reversal,
    reference_in,
    request_outcome,
    reversal_outcome,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from msggw.iso8583 import Message

__all__ = ["Visa", "create"]

PROVIDER = "visa"
_CHIP_DATA = "01"


def create(settings: Mapping[str, Any], context: Context) -> Visa:
    """Make the adapter; raise `ConfigurationError` for wrong settings or an unknown dialect."""
    return Visa(read_settings(Settings, PROVIDER, settings), context)


class Visa:
    """Cards over an ISO 8583 host link."""

    capabilities = Capabilities(
        kinds=CARD_KINDS,
        reversal=True,
        notes="One TCP link; a doubtful request is undone by 0420, the host has no inquiry.",
    )

    def __init__(self, settings: Settings, context: Context) -> None:
        """Load the dialect; connect in `start`."""
        self.name = PROVIDER
        self._context = context
        codec = StationCodec(
            Codec.load(settings.spec).spec,
            destination=settings.destination_station,
            source=settings.source_station,
        )
        self._origin = Origin(
            header=codec.own_header,
            acquirer_id=settings.acquirer_id,
            forwarder_id=settings.forwarder_id,
            icc_dataset=_CHIP_DATA if codec.own_header else "",
        )
        self._link = HostLink(settings, codec, context)

    async def start(self) -> None:
        """Connect and sign on; return after the first attempt, whatever it gave."""
        await self._link.start()

    async def stop(self) -> None:
        """Let answers come within the limit, sign off, close."""
        await self._link.stop()

    def health(self) -> Health:
        """Tell the state of the link."""
        return self._link.health()

    async def submit(self, work: Submission) -> Outcome:
        """Send the request; a reversal that an acquirer asks for is undone like any other."""
        if work.transaction.kind in {Kind.REVERSAL, Kind.REVERSAL_ADVICE}:
            return await self.reverse(work)
        try:
            request = build_request(work, self._link.stamp(), self._origin)
        except Refused as refusal:
            return rejected(Reason.FORMAT_ERROR, detail=str(refusal)[:140])
        return await self._exchange(request, work.timeout_s, request_outcome)

    async def reverse(self, work: Submission) -> Outcome:
        """Send 0420 about the transaction; the host answers 00, or 25 if it never had it."""
        try:
            request = build_reversal(work, self._link.stamp(), self._origin)
        except Refused as refusal:
            return rejected(Reason.FORMAT_ERROR, detail=str(refusal)[:140])
        return await self._exchange(request, work.timeout_s, reversal_outcome)

    async def _exchange(
        self,
        request: Message,
        timeout_s: float,
        read: Callable[[Message, datetime], Outcome],
    ) -> Outcome:
        more = {"provider": PROVIDER, "provider_reference": reference_in(request)}
        try:
            response = await self._link.ask(request, timeout_s)
        except NotSent as error:
            return not_sent(str(error)[:140], provider=PROVIDER)
        except Doubt as error:
            return unknown(error.reason, str(error)[:140], **more)
        except Rejected as error:
            return rejected(Reason.FORMAT_ERROR, detail=str(error), **more)
        except Refused as refusal:
            return rejected(Reason.FORMAT_ERROR, detail=str(refusal)[:140], provider=PROVIDER)
        now = datetime.fromtimestamp(self._context.now(), UTC)
        return read(response, now).model_copy(update=more)
