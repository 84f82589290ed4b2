import copy
import json
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from stdnum import luhn
from tests.strategies import digits, pan_digits

from msggw.errors import Refused, Rule
from msggw.values import CardVerificationCode, Pan, PinBlock, Secret, SecretBytes, Track1, Track2
from msggw.values.reveal import reveal

CLEAR = "4761739001010119"
ADAPTERS = [Pan, Track1, Track2, CardVerificationCode, PinBlock, SecretBytes]


class Holder(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)
    pan: Pan
    other: int


def trace_of(pan: Pan) -> str:
    """A traceback that shows the locals."""
    with pytest.raises(TypeError) as caught:
        pickle.dumps(pan)
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    return "".join(shown.format())


def error_of(data: dict[str, object]) -> str:
    """What a model built from parts shows of itself when it is wrong."""
    with pytest.raises(ValidationError) as caught:
        Holder.model_validate(data)
    error = caught.value
    return f"{error} {error!r} {error.errors()} {error.json()}"


@pytest.mark.parametrize(
    "channel",
    [
        str,
        repr,
        format,
        lambda pan: f"{pan:>30}",
        lambda pan: "%s %r" % (pan, pan),  # noqa: UP031 - this channel is the point
        "{0} {0!r}".format,
        lambda pan: repr({"pan": [pan]}),
        lambda pan: json.dumps({"pan": pan}, default=str),
        lambda pan: repr(copy.deepcopy(copy.copy(pan))),
        lambda pan: repr([getattr(pan, name) for name in dir(pan) if name not in {"iin", "_open"}]),
        trace_of,
        lambda pan: repr(Holder(pan=pan, other=1).model_dump()),
        lambda pan: Holder(pan=pan, other=1).model_dump_json(),
        lambda pan: error_of({"pan": pan}),
        lambda pan: error_of({"pan": pan, "other": "x"}),
    ],
)
def test_no_channel_shows_a_pan(channel: object) -> None:
    """Whoever prints, logs, serialises or traces a PAN sees its mask."""
    assert CLEAR not in channel(Pan(CLEAR))


@pytest.mark.parametrize("channel", [pickle.dumps, json.dumps, vars])
def test_some_channels_raise(channel: object) -> None:
    """What would keep the content refuses to."""
    with pytest.raises(TypeError):
        channel(Pan(CLEAR))


def test_a_secret_does_not_change() -> None:
    """So it can be shared and be a key."""
    with pytest.raises(AttributeError, match="immutable"):
        Pan(CLEAR).other = 1


@given(digits(8, 19))
def test_a_mask_keeps_the_length_and_hides_the_middle(clear: str) -> None:
    """First six and last four at most; of short numbers only the last four."""
    pan = Pan(clear)
    shown = pan.mask()

    assert len(clear) == len(shown)
    assert (6 if len(clear) >= 13 else 0) == len(pan.first6)
    assert pan.first6 + "*" * (len(clear) - len(pan.first6) - 4) + pan.last4 == shown
    assert clear.startswith(pan.first6)
    assert clear[:8] == pan.iin


@given(digits(8, 19) | pan_digits())
def test_luhn_agrees_with_stdnum(clear: str) -> None:
    """Another hand's implementation of ISO/IEC 7812-1 annex B says the same."""
    assert luhn.is_valid(clear) == Pan(clear).luhn_valid


@given(st.text(max_size=24))
def test_what_is_no_pan_is_refused_without_a_quote(text: str) -> None:
    """8 to 19 ASCII digits; the refusal states the rule."""
    if text.isascii() and text.isdigit() and 8 <= len(text) <= 19:
        assert text == reveal(Pan(text))
    else:
        with pytest.raises(Refused) as caught:
            Pan(text)
        assert "value:Pan: value: 8 to 19 digits" == str(caught.value)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Pan, "12345678", 12345678),
        (Track1, "%B", ""),
        (Track1, "x" * 104, "x" * 105),
        (Track2, "4761739001010119D2912", "x" * 3),
        (Track2, "1=" + "2" * 38, "1=" + "2" * 39),
        (PinBlock, b"12345678", b"1234567"),
        (PinBlock, b"1" * 16, "1" * 16),
        (CardVerificationCode, "123", "12"),
        (CardVerificationCode, "1234", 1234),
        (SecretBytes, b"", ""),
        (Secret, "", None),
    ],
)
def test_each_type_has_its_rule(kind: type[Secret], good: object, bad: object) -> None:
    """A secret that exists is well formed; text, bytes and numbers are not the same."""
    secret = kind(good)

    assert good == reveal(secret) == reveal(kind(secret))
    with pytest.raises(Refused) as caught:
        kind(bad)
    expected = Rule.VALUE if isinstance(bad, str | bytes) else Rule.CLASS
    assert expected is caught.value.faults[0].rule


@given(st.text(min_size=1, max_size=9), st.text(min_size=1, max_size=9))
def test_secrets_are_equal_if_type_and_content_are(one: str, other: str) -> None:
    """Equal secrets hash alike, other contents and types differ."""
    assert (one == other) == (Track1(one) == Track1(other))
    assert hash(Track1(one)) == hash(Track1(one))
    assert Track1(one) != Secret(one)
    assert Track1(one) != one


def test_other_masks_say_type_or_size() -> None:
    """Nothing of sensitive authentication data is shown."""
    assert "<Track1>" == str(Track1("%B4761739001010119"))
    assert "<SecretBytes 3>" == str(SecretBytes(b"abc"))


@pytest.mark.parametrize("kind", ADAPTERS)
def test_json_and_schema_agree(kind: type[Secret]) -> None:
    """What the schema's pattern allows, JSON carries; bytes are hexadecimal digits there."""
    adapter = TypeAdapter(kind)
    text = "0123456789abcdef" if kind in {PinBlock, SecretBytes} else "476173900101"
    text = "123" if kind is CardVerificationCode else text

    assert "string" == adapter.json_schema()["type"]
    secret = adapter.validate_python(text)
    assert secret is adapter.validate_python(secret)
    with pytest.raises(ValidationError):
        adapter.validate_python("" if kind is not SecretBytes else "0 1")
