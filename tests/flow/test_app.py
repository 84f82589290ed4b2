"""The parts are picked by the settings alone; wrong ones are named before anything listens."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.flow.acquirer import Acquirer, request
from tests.flow.conftest import NewHouse
from tests.flow.house import PARTNER, settings_in, until

from msggw.app import build_core, build_gateway, load_policy
from msggw.broker import Item
from msggw.config import Link
from msggw.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: x\ncards:\n  - {name: a, from: ABC, adapter: bogus}\n", "policy"),
        ("- a list\n", "not a mapping"),
        ("a: [\n", "policy"),
    ],
)
def test_wrong_routes(tmp_path: Path, text: str, said: str) -> None:
    """Routes that cannot be meant are refused at the start."""
    settings = settings_in(tmp_path)
    (tmp_path / "routes.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=said):
        load_policy(settings)


def test_absent_policy_file(tmp_path: Path) -> None:
    """A policy file that is not there is named."""
    with pytest.raises((ConfigurationError, FileNotFoundError), match="nowhere"):
        load_policy(settings_in(tmp_path, policy={"routes": "nowhere.yaml"}))


def test_unknown_spec(tmp_path: Path) -> None:
    """A link whose spec nobody knows is a configuration error."""
    link = Link(name="acquirer", partner=PARTNER, port=0, spec="no-such-dialect")
    core = build_core(settings_in(tmp_path, links=(link,)), "gateway")
    with pytest.raises(ConfigurationError, match="no-such-dialect"):
        build_gateway(core)


async def test_what_nobody_can_do_is_parked(new_house: NewHouse) -> None:
    """Work we did not seal ends in the store, where operators look, and in the log."""
    house = await new_house()
    store, broker = house.core.store, house.core.broker
    await broker.publish("pay.bogus.authorisation", [Item("txn_x:submit:1", b"not ours")])

    async def parked() -> list[str]:
        return [one.id for one in await store.parked(10)]

    await until(parked, ["txn_x:submit:1"])
    async with Acquirer(house.ports["acquirer"]) as line:
        assert "00" == (await line.ask(request()))["39"]
