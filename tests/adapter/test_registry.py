from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints

import pytest
from tests.adapter.submissions import context

from msggw.adapter import registry
from msggw.adapter.bogus import Bogus
from msggw.errors import ConfigurationError


def test_the_installed_adapters_are_found() -> None:
    """Our own distributions declare these three."""
    assert {"bogus", "visa", "bank"} <= set(registry.available())


def test_an_adapter_is_loaded_under_its_name() -> None:
    """The name is the gateway's; the kind says which entry point makes it."""
    adapter = registry.load("second", {"late_s": 1}, context(), kind="bogus")
    assert ("second", Bogus) == (adapter.name, type(adapter))
    assert registry.load("bogus", {}, context()).name == "bogus"


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    """A typing error in a route file must be easy to see."""
    with pytest.raises(ConfigurationError, match=r"'bogsu'.*installed are:.*bogus"):
        registry.load("bogsu", {}, context())


def test_wrong_settings_are_a_configuration_error() -> None:
    """Settings are checked when the adapter is made, not when the first payment comes."""
    with pytest.raises(ConfigurationError, match="late_s"):
        registry.load("bogus", {"late_s": "soon"}, context())


@pytest.mark.parametrize("target", ["no.such.module:create", "msggw.adapter.bogus:absent"])
def test_an_adapter_that_cannot_be_imported_says_so(
    monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """A broken plug-in is our state, reported with its name."""
    point = EntryPoint("shaky", target, registry.GROUP)
    monkeypatch.setattr(
        registry, "entry_points", lambda **where: EntryPoints([point]).select(**where)
    )
    with pytest.raises(ConfigurationError, match="'shaky' cannot be loaded"):
        registry.load("shaky", {}, context())
