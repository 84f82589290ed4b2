"""Canonical transaction ↔ the scheme's messages.

The link has a STAN sequence and transmission times of its own (a STAN is unique per sender and day
only), so DE 7 and DE 11 are the link's. What ties our messages to the acquirer's is DE 37: its RRN,
or else one made from its STAN and time, the same each time it is made. The three together are the
`provider_reference`, from which a reversal builds DE 90 even in another process; after a crash
without an outcome DE 37 alone still names the original.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zlib import crc32

from msggw.adapter.answers import rejected, unknown
from msggw.canonical import Kind, Outcome, OutcomeKind, Reason, reason_of
from msggw.errors import Refused, Rule
from msggw.iso8583 import Message
from msggw.iso8583.mapping.converters import (
    AMOUNT,
    EXPIRY,
    LOCAL_DATE,
    LOCAL_TIME,
    code,
    matching,
    secret,
)
from msggw.translate import Context, Iso, Row, Table, row
from msggw.values import (
    ApprovalCode,
    CountryNumeric,
    InstitutionId,
    MerchantCategoryCode,
    MerchantId,
    Pan,
    PinBlock,
    ProcessingCode,
    SecretBytes,
    TerminalId,
    Track1,
    Track2,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msggw.adapter import Submission
    from msggw.canonical import Transaction

__all__ = [
    "ANSWER",
    "KINDS",
    "REQUEST",
    "REVERSAL",
    "Origin",
    "Stamp",
    "build_request",
    "build_reversal",
    "reference_in",
    "reference_of",
    "request_outcome",
    "reversal_outcome",
]

KINDS = {
    Kind.AUTHORISATION: "0100",
    Kind.AUTHORISATION_ADVICE: "0120",
    Kind.FINANCIAL: "0200",
    Kind.REFUND: "0200",
    Kind.FINANCIAL_ADVICE: "0220",
}
"""The message each kind is sent as. Reversals are advices, 0420, whoever asks for them."""

_APPROVED = frozenset({"00", "08", "10", "11", "85"})
_REVERSED = frozenset({"00", "400", "25"})
_NO_ORIGINAL = "0" * 42


def _line(sources: str, path: str, iso: Iso, *, mandatory: bool = False) -> Row:
    names = sources.split()
    clause = "ISO 8583:1987 " + ", ".join(f"DE {name}" for name in names)
    return row(*names, path=path, iso=iso, clause=clause, mandatory=mandatory)


_TWO = matching("n 2", r"[0-9]{2}", "2 digits")
_THREE = matching("n 3", r"[0-9]{3}", "3 digits")
_NAME = matching("ans 40", r"[ -~]{1,40}", "at most 40 printable characters")

_COMMON = (
    _line("2", "card.pan", secret(Pan), mandatory=True),
    _line("3", "processing_code", code(ProcessingCode)),
    _line("4 49", "amount", AMOUNT, mandatory=True),
    _line("12", "references.local_time", LOCAL_TIME),
    _line("13", "references.local_date", LOCAL_DATE),
    _line("14", "card.expiry", EXPIRY),
    _line("18", "merchant.category_code", code(MerchantCategoryCode)),
    _line("19", "acquirer.country", code(CountryNumeric)),
    _line("22", "terminal.entry_mode", _THREE),
    _line("23", "card.sequence", _THREE),
    _line("25", "terminal.condition_code", _TWO),
    _line("32", "acquirer.id", code(InstitutionId)),
    _line("41", "terminal.id", code(TerminalId)),
    _line("42", "merchant.id", code(MerchantId)),
    _line("43", "merchant.name_location", _NAME),
)
_ONLY_REQUEST = (
    _line("26", "terminal.pin_capture_code", _TWO),
    _line("35", "card.track2", secret(Track2)),
    _line("45", "card.track1", secret(Track1)),
    _line("52", "card.pin_block", secret(PinBlock)),
    _line("55", "card.icc", secret(SecretBytes)),
)


def _table(name: str, *rows: Row) -> Table:
    return Table(name=f"visa:{name}", standard="iso8583", rows=rows, prefix="DE")


REQUEST = _table("request", *_COMMON, *_ONLY_REQUEST)
"""0100, 0120, 0200, 0220. Advices carry no PIN and no tracks; the sender has none by then."""

REVERSAL = _table("reversal", *_COMMON)
"""0420: what the original had, without track, PIN block and cryptogram."""

ANSWER = _table(
    "answer",
    _line("38", "approval_code", code(ApprovalCode)),
    _line("39", "response_code", matching("an 2..4", r"[0-9A-Z]{2,4}", "2 to 4"), mandatory=True),
    _line("4 49", "amount", AMOUNT),
)


_ANSWERING = ("4", "38", "39", "49")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the link gives each message: its STAN and its time."""

    stan: str
    now: datetime

    @property
    def transmission(self) -> str:
        """DE 7: MMDDhhmmss in UTC."""
        return self.now.astimezone(UTC).strftime("%m%d%H%M%S")


@dataclass(frozen=True, slots=True)
class Origin:
    """What every message of one link has in common."""

    header: bytes = b""
    acquirer_id: str | None = None
    """DE 32 of a transaction that names no acquirer."""
    forwarder_id: str | None = None
    icc_dataset: str = ""
    """The dataset of DE 55 that holds chip data, where the dialect has datasets there."""


def build_request(work: Submission, stamp: Stamp, origin: Origin) -> Message:
    """Return the message; raise `Refused` for what the scheme has no message for."""
    mti = KINDS.get(work.transaction.kind)
    if mti is None:
        raise Refused.of("canonical", "kind", Rule.UNSUPPORTED, "no message of the scheme has it")
    return _message(mti, REQUEST, work, stamp, origin)


def build_reversal(work: Submission, stamp: Stamp, origin: Origin) -> Message:
    """Return 0420, or 0421 from the second attempt on, about the work's transaction."""
    transaction = work.transaction
    mti = "0420" if work.attempt == 1 else "0421"
    message = _message(mti, REVERSAL, work, stamp, origin)
    _, stan, transmission = _told(work.provider_reference)
    original = KINDS.get(transaction.kind) or _named_mti(transaction)
    institutions = (str(message.get(de, "")).rjust(11, "0") for de in ("32", "33"))
    more = {"90": original + stan + transmission + "".join(institutions)}
    if work.approval_code is not None:
        more["38"] = work.approval_code
    amounts = transaction.amounts
    if amounts is not None and amounts.replacement is not None and transaction.amount is not None:
        # Raises if the two are of different currencies, or if more is left than there was.
        _ = transaction.amount - amounts.replacement
        more["95"] = f"{amounts.replacement.minor:012d}" + "0" * 30
    return message.evolve(fields=more)


def reference_of(work: Submission) -> str:
    """Return DE 37: what was sent before, the acquirer's RRN, or YDDDhh and a STAN.

    The last is how the scheme itself makes one. Without the acquirer's STAN and time, the
    gateway's own id gives them: its first 48 bits are its time (RFC 9562, UUID version 7), and a
    checksum of it stands for the STAN.
    """
    refs, original = work.transaction.references, work.transaction.original
    named = refs.rrn or (None if original is None else original.rrn)
    sent_before, _, _ = _told(work.provider_reference)
    if sent_before or named:
        return sent_before or str(named)
    if refs.stan is not None and refs.transmission_at is not None:
        return _made(refs.transmission_at, refs.stan[-6:])
    born_ms = int(work.transaction_id.removeprefix("txn_")[:12], 16)
    number = f"{crc32(work.transaction_id.encode()) % 1_000_000:06d}"
    return _made(datetime.fromtimestamp(born_ms / 1000, UTC), number)


def reference_in(request: Message) -> str:
    """Return what a later reversal needs to know of a request: DE 37, DE 11 and DE 7."""
    return f"{request['37']}/{request['11']}/{request['7']}"


def request_outcome(response: Message, now: datetime) -> Outcome:
    """Read the answer to a request. What cannot be read is UNKNOWN, never a guess."""
    values = _read(response, now)
    if isinstance(values, Outcome):
        return values
    answer = values["response_code"]
    more: dict[str, Any] = {"response_code": answer, "at": now}
    if answer == "09":
        return unknown(Reason.IN_PROGRESS, "the host is still at it", **more)
    if answer not in _APPROVED:
        return rejected(reason_of("de39", answer, Reason.DO_NOT_HONOUR), **more)
    if answer == "10":
        if "amount" not in values:
            return unknown(Reason.FORMAT_ERROR, "a partial approval without an amount", **more)
        more["amount"] = values["amount"]
    reason = reason_of("de39", answer, Reason.APPROVED)
    approval = values.get("approval_code")
    return Outcome(kind=OutcomeKind.ACCEPTED, reason=reason, approval_code=approval, **more)


def reversal_outcome(response: Message, now: datetime) -> Outcome:
    """Read the answer to a reversal: undone, or there was nothing to undo."""
    values = _read(response, now)
    if isinstance(values, Outcome):
        return values
    answer = values["response_code"]
    more: dict[str, Any] = {"response_code": answer, "at": now}
    if answer in _REVERSED:
        return Outcome(kind=OutcomeKind.ACCEPTED, reason=Reason.APPROVED, **more)
    return rejected(reason_of("de39", answer, Reason.ERROR), **more)


def _read(response: Message, now: datetime) -> dict[str, Any] | Outcome:
    try:
        told = {de: response[de] for de in _ANSWERING if de in response}
        return ANSWER.get(told, Context(now)).values
    except Refused as refusal:
        return unknown(Reason.FORMAT_ERROR, str(refusal)[:140], at=now)


def _message(mti: str, table: Table, work: Submission, stamp: Stamp, origin: Origin) -> Message:
    values: Mapping[str, Any] = work.transaction  # type: ignore[assignment]  # read by attribute
    fields = table.put(values, {}, Context(stamp.now))
    fields["7"] = stamp.transmission
    fields["11"] = stamp.stan
    fields["37"] = reference_of(work)
    if origin.acquirer_id is not None:
        fields.setdefault("32", origin.acquirer_id)
    if origin.forwarder_id is not None:
        fields["33"] = origin.forwarder_id
    if origin.icc_dataset and "55" in fields:
        fields[f"55.{origin.icc_dataset}"] = fields.pop("55")
    return Message(mti, fields, header=origin.header)


def _told(provider_reference: str | None) -> tuple[str, str, str]:
    parts = (provider_reference or "").split("/")
    if [len(part) for part in parts] == [12, 6, 10]:
        return parts[0], parts[1], parts[2]
    return "", _NO_ORIGINAL[:6], _NO_ORIGINAL[:10]


def _named_mti(transaction: Transaction) -> str:
    named = None if transaction.original is None else transaction.original.mti
    return named or "0100"


def _made(at: datetime, number: str) -> str:
    utc = at.astimezone(UTC)
    return f"{utc.year % 10}{utc.timetuple().tm_yday:03d}{utc.hour:02d}{number}"
