from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msggw.ingress.apikey import authenticate, new_key
from msggw.keys import FileKeys
from msggw.store import ApiKey

KEYS = FileKeys({1: b"1" * 32}, 1)


class Shelf:
    """The one method of the store that is asked."""

    def __init__(self, *stored: ApiKey) -> None:
        self.stored = {key.id: key for key in stored}

    async def api_key(self, key_id: str) -> ApiKey | None:
        """Return the key of that id."""
        return self.stored.get(key_id)


@pytest.mark.parametrize("mode", ["test", "live"])
async def test_a_key_names_its_partner(mode: str) -> None:
    """It is shown once; only its HMAC and a hint are stored."""
    text, stored = new_key("acme", KEYS, 7, mode=mode)

    assert "acme" == await authenticate(text, Shelf(stored), KEYS)
    assert text.startswith(f"mg_{mode}_{stored.id}_")
    assert (text[-4:], 7) == (stored.hint, stored.created_at_us)
    assert text.split("_")[3] not in repr(stored)


async def test_no_other_key_opens() -> None:
    """Unknown, revoked, under another pepper, of another secret, or with a typing error."""
    text, stored = new_key("acme", KEYS, 0)
    other, _ = new_key("acme", KEYS, 0)
    wrong = text[:-1] + ("0" if text[-1] != "0" else "1")
    revoked = replace(stored, revoked_at_us=1)
    stranger = FileKeys({1: b"2" * 32}, 1)

    assert await authenticate(text, Shelf(), KEYS) is None
    assert await authenticate(text, Shelf(revoked), KEYS) is None
    assert await authenticate(text, Shelf(stored), stranger) is None
    assert await authenticate(other, Shelf(stored), KEYS) is None
    assert await authenticate(wrong, Shelf(stored), KEYS) is None


@given(st.text())
async def test_garbage_is_nobody(text: str) -> None:
    """Whatever stands in the header."""
    assert await authenticate(text, Shelf(), KEYS) is None
