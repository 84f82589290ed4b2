import base64
import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import digits

from msggw.errors import ConfigurationError, Refused, Rule
from msggw.keys import FileKeys, Purpose
from msggw.keys.file import unpadded
from msggw.values import Pan

ONE, TWO = b"1" * 32, b"2" * 32
KEYS = FileKeys({1: ONE}, 1)
ROTATED = FileKeys({1: ONE, 2: TWO}, 2)
purposes = st.sampled_from(Purpose)


@given(purposes, st.binary(max_size=99), st.binary(max_size=9))
def test_opening_undoes_sealing(purpose: Purpose, clear: bytes, context: bytes) -> None:
    """Also after a rotation; and no two sealings are alike."""
    sealed = KEYS.seal(purpose, clear, context)

    assert clear == KEYS.open(purpose, sealed, context) == ROTATED.open(purpose, sealed, context)
    assert sealed != KEYS.seal(purpose, clear, context)


@given(st.binary(max_size=20), st.integers(0, 200), st.integers(1, 255))
def test_one_changed_byte_is_found(clear: bytes, place: int, change: int) -> None:
    """Wherever it is: version, key number, nonce, content or tag."""
    sealed = bytearray(KEYS.seal(Purpose.BODY, clear, b"c"))
    sealed[place % len(sealed)] ^= change

    with pytest.raises(Refused) as caught:
        KEYS.open(Purpose.BODY, bytes(sealed), b"c")
    assert [Rule.SECURITY] == [fault.rule for fault in caught.value]


@given(st.binary(max_size=40))
def test_what_was_never_sealed_is_refused(data: bytes) -> None:
    """Whatever its length."""
    with pytest.raises(Refused):
        KEYS.open(Purpose.BODY, data, b"")


def test_purpose_context_and_key_are_bound() -> None:
    """What was sealed for one purpose or context opens for no other, and not by older keys."""
    sealed = ROTATED.seal(Purpose.BODY, b"x", b"c")

    for keys, purpose, context in (
        (ROTATED, Purpose.TRANSIT, b"c"),
        (ROTATED, Purpose.BODY, b"d"),
        (KEYS, Purpose.BODY, b"c"),
    ):
        with pytest.raises(Refused):
            keys.open(purpose, sealed, context)


@given(purposes, st.binary())
def test_a_mac_outlives_rotation(purpose: Purpose, data: bytes) -> None:
    """Tokens and fingerprints must stay comparable."""
    assert KEYS.mac(purpose, data) == ROTATED.mac(purpose, data)
    assert 32 == len(KEYS.mac(purpose, data))
    assert len(Purpose) == len({KEYS.mac(each, data) for each in Purpose})


@given(digits(8, 19))
def test_a_sealed_pan_shows_no_more_than_a_mask(clear: str) -> None:
    """One PAN, one token; of a short one only the last four digits are kept in clear."""
    sealed = KEYS.seal_pan(Pan(clear))

    assert Pan(clear) == KEYS.open_pan(sealed) == ROTATED.open_pan(sealed)
    assert sealed.token == ROTATED.seal_pan(Pan(clear)).token
    assert clear not in sealed.model_dump_json()
    assert ("" if len(clear) < 13 else clear[:6]) == sealed.first6


@pytest.mark.parametrize(
    "part",
    [
        {"token": "0" * 32},
        {"first6": "000000"},
        {"first6": ""},
        {"last4": "0000"},
        {"sealed": "A" * 60},
        {"sealed": "A" * 17},
    ],
)
def test_parts_of_two_sealed_pans_do_not_mix(part: dict[str, str]) -> None:
    """Every part is bound to the ciphertext."""
    sealed = KEYS.seal_pan(Pan("4761739001010119")).model_copy(update=part)

    with pytest.raises(Refused):
        KEYS.open_pan(sealed)


@given(st.binary())
def test_base64url_needs_no_padding(raw: bytes) -> None:
    """And garbage is refused, not skipped."""
    text = base64.urlsafe_b64encode(raw).decode().rstrip("=")

    assert raw == unpadded(text)
    for bad in ("A", "A.AA", "Ж"):
        with pytest.raises(Refused):
            unpadded(text + bad if bad == "A.AA" else bad)


@pytest.mark.parametrize(
    ("roots", "current"),
    [({}, 1), ({1: ONE}, 2), ({1: b"short"}, 1), ({256: ONE}, 256), ({-1: ONE, 1: ONE}, 1)],
)
def test_wrong_roots_are_refused(roots: dict[int, bytes], current: int) -> None:
    """The current key is there, each has 32 bytes, and its number fits a byte."""
    with pytest.raises(ConfigurationError, match="numbered 0 to 255"):
        FileKeys(roots, current)


def test_a_file_is_made_once_for_its_owner(tmp_path: Path) -> None:
    """Mode 0600, nothing left beside it, and the second start reads what the first one made."""
    path = tmp_path / "new" / "keys.json"
    sealed = FileKeys.load_or_create(path).seal(Purpose.BODY, b"x", b"")

    assert b"x" == FileKeys.load_or_create(path).open(Purpose.BODY, sealed, b"")
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert [path] == list(path.parent.iterdir())


def test_two_processes_start_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of the quicker one counts, and the slower one reads it whole."""
    path = tmp_path / "keys.json"
    FileKeys.load_or_create(path)
    first = path.read_bytes()
    answers = iter([False, True])
    monkeypatch.setattr(Path, "exists", lambda _: next(answers))
    FileKeys.load_or_create(path)

    assert first == path.read_bytes()
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"current": 1}',
        '{"current": 1, "keys": []}',
        '{"current": 1, "keys": {"1": "secret"}}',
        '{"current": 1, "keys": {"x": ""}}',
        '{"current": 1, "keys": {"1": 5}}',
        '{"current": 1, "keys": {"1": "ж"}}',
        json.dumps({"current": 2, "keys": {"1": base64.b64encode(ONE).decode()}}),
    ],
)
def test_another_form_is_a_wrong_setting(tmp_path: Path, text: str) -> None:
    """The error names the file or the rule and never quotes a key."""
    path = tmp_path / "keys.json"
    path.write_text(text, "utf-8")

    with pytest.raises(ConfigurationError, match="key file") as caught:
        FileKeys.load(path)
    assert "secret" not in str(caught.value)


def test_an_absent_file_is_a_wrong_setting(tmp_path: Path) -> None:
    """It says what the system said."""
    with pytest.raises(ConfigurationError, match="No such file"):
        FileKeys.load(tmp_path / "none")
