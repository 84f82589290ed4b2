from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Coroutine

import pytest

from msggw.sandbox import __main__ as command


@pytest.mark.parametrize("system", ["visa-host", "bank"])
def test_it_announces_its_ports_and_ends_on_interrupt(system: str) -> None:
    """One JSON line on stdout, then service until Ctrl-C, and no traceback."""
    with subprocess.Popen(
        [sys.executable, "-m", "msggw.sandbox", system],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        ports = json.loads(process.stdout.readline())
        assert (ports["port"] > 0, ports["admin_port"] > 0) == (True, True)
        process.send_signal(signal.SIGINT)
        assert (0, b"") == (process.wait(10), process.stderr.read())


def test_wrong_arguments_are_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, as for every command."""
    with pytest.raises(SystemExit) as stop:
        command.main(["mastercard-host"])
    assert stop.value.code == 2
    assert "visa-host" in capsys.readouterr().err


@pytest.mark.parametrize("system", ["visa-host", "bank"])
def test_an_interrupt_is_a_clean_end(
    system: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The arguments reach the simulator, which announces its ports before the interrupt comes."""

    def interrupted(service: Coroutine[None, None, None]) -> None:
        async def until_announced() -> None:
            task = asyncio.create_task(service)
            while not capsys.readouterr().out:  # noqa: ASYNC110 - a print sends no event
                await asyncio.sleep(0.001)
            task.cancel()

        runner = asyncio.Runner()
        with runner:
            runner.run(until_announced())
        raise KeyboardInterrupt

    monkeypatch.setattr(command.asyncio, "run", interrupted)
    command.main([system, "--port", "0"])
