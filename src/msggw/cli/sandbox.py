"""`msggw sandbox NAME`: outside systems on their real wire protocols, with faults on demand."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["sandbox"]

VISA_PORT, VISA_ADMIN_PORT, BANK_PORT, BANK_ADMIN_PORT = 8650, 8651, 8660, 8661


@click.group()
def sandbox() -> None:
    """Play an outside system on its real wire protocol."""


def _ready(name: str) -> Callable[[int, int], None]:
    def say(port: int, admin_port: int) -> None:
        click.echo(f"{name} listens on port {port}, faults and ledger on {admin_port}", err=True)

    return say


def _until_stopped(serving: Coroutine[None, None, None]) -> None:
    async def main() -> None:
        task = asyncio.ensure_future(serving)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())


@sandbox.command("visa-host")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=VISA_PORT, show_default=True)
@click.option("--admin-port", default=VISA_ADMIN_PORT, show_default=True)
@click.option("--ledger", type=Path, help="Append every booking to this file (JSON lines).")
def visa_host(host: str, port: int, admin_port: int, ledger: Path | None) -> None:
    """A card scheme host: ISO 8583 over VAP framing."""
    from msggw.sandbox.visa_host import serve_visa_host

    _until_stopped(serve_visa_host(host, port, admin_port, ledger, _ready("visa-host")))


@sandbox.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=BANK_PORT, show_default=True)
@click.option("--admin-port", default=BANK_ADMIN_PORT, show_default=True)
@click.option("--ledger", type=Path, help="Append every booking to this file (JSON lines).")
def bank(host: str, port: int, admin_port: int, ledger: Path | None) -> None:
    """A bank: ISO 20022 over HTTP."""
    from msggw.sandbox.bank import serve_bank

    _until_stopped(serve_bank(host, port, admin_port, ledger, _ready("bank")))
