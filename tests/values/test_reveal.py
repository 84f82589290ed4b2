from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import pan_digits

from msggw.values import Pan, SecretBytes
from msggw.values.reveal import reveal


@given(pan_digits(), st.binary())
def test_what_went_in_comes_out(clear: str, raw: bytes) -> None:
    """The one way to open a secret gives back its text or bytes."""
    assert clear == reveal(Pan(clear))
    assert raw == reveal(SecretBytes(raw))
