"""A whole gateway inside the test's own process, and what the tests ask it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2

from msggw.adapter.bogus import Bogus
from msggw.adapter.bogus import Settings as BogusSettings
from msggw.app import Core, Gateway, Worker, build_core, build_gateway, build_worker
from msggw.canonical import State
from msggw.config import Link, Settings, load_settings
from msggw.lifecycle import running
from msggw.store import JournalRow, LookUp, Stored

PATIENCE_S = 10.0
PARTNER = "demo-acquirer"
ROUTES = """
version: test-1
cards:
  - {name: cards-4, from: "4", adapter: bogus}
  - {name: cards-5, from: "5", adapter: bogus}
transfers:
  - {name: transfers, adapter: bogus}
others:
  - {name: qr, kinds: [qr_payment], adapter: bogus}
"""


class Ledger(Bogus):
    """The bogus provider, which notes every call before it answers."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(BogusSettings(**settings))
        self.calls: list[tuple[str, str]] = []
        self.works: list[Any] = []
        self.before: Callable[[Any], Awaitable[None]] | None = None

    def count(self, operation: str, transaction_id: str | None = None) -> int:
        """How often an operation was asked, of one transaction or of all."""
        wanted = [one for one in self.calls if one[0] == operation]
        return len([one for one in wanted if transaction_id in {None, one[1]}])

    def submitted(self) -> list[str]:
        """The ids of the transactions submitted, in order."""
        return [one for operation, one in self.calls if operation == "submit"]

    def standing(self, transaction_id: str) -> str:
        """The reason the ledger books for a transaction, or nothing."""
        entry = self._ledger.get(transaction_id)
        return "" if entry is None else entry.outcome.reason.value

    async def _note(self, operation: str, work: Any) -> None:
        self.calls.append((operation, work.transaction_id))
        self.works.append(work)
        if self.before is not None:
            await self.before(work)

    async def submit(self, work: Any) -> Any:
        """Note it and answer."""
        await self._note("submit", work)
        return await super().submit(work)

    async def inquire(self, work: Any) -> Any:
        """Note it and tell the truth."""
        await self._note("inquire", work)
        return await super().inquire(work)

    async def reverse(self, work: Any) -> Any:
        """Note it and undo."""
        await self._note("reverse", work)
        return await super().reverse(work)

    async def cancel(self, work: Any) -> Any:
        """Note it and cancel."""
        await self._note("cancel", work)
        return await super().cancel(work)


@dataclass
class House:
    """A running gateway with its worker and its provider."""

    core: Core
    worker_core: Core
    gateway: Gateway
    worker: Worker
    ports: dict[str, int]
    provider: Ledger
    logs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the HTTP side listens."""
        return f"http://127.0.0.1:{self.ports['http']}"

    def http(self, **options: Any) -> httpx2.AsyncClient:
        """A client of the HTTP side; closed by the caller."""
        return httpx2.AsyncClient(base_url=self.url, timeout=PATIENCE_S, **options)

    async def original(self, stan: str, transmission: str = "1121103000") -> Stored | None:
        """The card transaction with this STAN on the first link."""
        link = self.core.settings.links[0]
        key = f"stan|{link.partner}|{link.name}|{stan}|{transmission}"
        return (await self.core.store.look_up(LookUp(originals=(key,)))).originals.get(key)

    async def state(self, transaction_id: str) -> State | None:
        """The state a transaction is in."""
        stored = await self.core.store.load(transaction_id)
        return None if stored is None else stored.state

    async def events(self, transaction_id: str) -> Counter[str]:
        """How often each event stands in a transaction's journal."""
        rows: list[JournalRow] = await self.core.store.timeline(transaction_id)
        return Counter(row.event for row in rows)

    async def reaches(self, transaction_id: str, state: State) -> None:
        """Wait until a transaction is in a state."""
        await until(lambda: self.state(transaction_id), state)

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The log lines of an event."""
        return [line for line in self.logs if line["event"] == event]


async def until(ask: Callable[[], Any], wanted: object = True) -> None:
    """Wait until the answer is the wanted one; the limit is only there so that a failure ends."""
    answer: object = None
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                answer = ask()
                if asyncio.iscoroutine(answer):
                    answer = await answer
                if answer == wanted:
                    return
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"wanted {wanted!r}, at last it was {answer!r}") from None


def settings_in(folder: Path, **overrides: Any) -> Settings:
    """Settings of a gateway that keeps everything in a folder and listens on free ports."""
    routes = folder / "routes.yaml"
    routes.write_text(ROUTES)
    given: dict[str, Any] = {
        "instance": "flow-1",
        "store": {"url": f"sqlite:///{folder}/msggw.db"},
        "broker": {"url": "memory:"},
        "keys": {"file": folder / "keys.json"},
        "policy": {"routes": str(routes)},
        "links": (Link(name="acquirer", partner=PARTNER, port=0),),
        "http": {"port": 0, "open_partner": PARTNER},
        "adapters": {"bogus": {}},
        "drain_timeout_s": 5.0,
    }
    for name, value in overrides.items():
        both = isinstance(value, dict) and isinstance(given.get(name), dict)
        given[name] = {**given[name], **value} if both and name != "adapters" else value
    return load_settings(None, given)


@contextlib.asynccontextmanager
async def house(
    settings: Settings, *, shared: bool = False, idle: bool = False
) -> AsyncIterator[House]:
    """Run gateway and worker: one core for both, or one each as two processes would have.

    `idle`: nobody takes work and no caretaker runs; the test does both by hand.
    """
    logs: list[dict[str, Any]] = []
    core = _core(settings, "gateway", logs)
    worker_core = _core(settings, "worker", logs) if shared else core
    gateway, worker = build_gateway(core), build_worker(worker_core)
    provider = Ledger(**settings.adapters["bogus"])
    worker.adapters["bogus"] = provider  # type: ignore[index]  # a dict, whatever it is called
    async with contextlib.AsyncExitStack() as stack:
        beside = None if shared or idle else worker
        if shared:
            await stack.enter_async_context(running(worker_core, gateway=None, worker=worker))
        ports = await stack.enter_async_context(running(core, gateway=gateway, worker=beside))
        if idle:
            await core.caretaker.stop()
        yield House(core, worker_core, gateway, worker, ports, provider, logs)


def _core(settings: Settings, role: str, logs: list[dict[str, Any]]) -> Core:
    core = build_core(settings, role)

    def log(event: str, **values: Any) -> None:
        logs.append({"event": event, "role": role, **values})
        core.log(event, **values)

    core.caretaker._log = log  # noqa: SLF001 - the tests listen to what it says
    return replace(core, log=log)
