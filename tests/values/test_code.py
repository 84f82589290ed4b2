import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from msggw.errors import Refused, Rule
from msggw.values import Code, Stan, Uetr


@given(st.text())
def test_any_text_but_none_at_all_is_a_code(text: str) -> None:
    """The base has the weakest rule: not empty."""
    if text:
        assert text == Code(text)
    else:
        with pytest.raises(Refused, match="not empty"):
            Code(text)


@pytest.mark.parametrize("value", [None, 5, 5.5, b"000001", ["000001"]])
def test_only_text_is_a_code(value: object) -> None:
    """A number has lost its leading zeros, so it is not turned back into text."""
    with pytest.raises(Refused) as caught:
        Stan(value)

    assert [Rule.CLASS] == [fault.rule for fault in caught.value]


def test_a_code_of_its_type_is_taken_as_it_is() -> None:
    """Nothing is checked twice; another type's value is checked anew."""
    stan = Stan("000001")

    assert Stan(stan) is stan
    assert Stan is type(Stan(Code("000001")))


def test_a_code_is_text_wherever_text_goes() -> None:
    """It compares, copies, pickles and serialises as its text."""
    stan = Stan("000001")
    adapter = TypeAdapter(Stan)

    assert stan == "000001" == copy.deepcopy(stan)
    assert Stan is type(pickle.loads(pickle.dumps(stan)))  # noqa: S301 - our own bytes
    assert stan == adapter.validate_python("000001")
    assert str is type(adapter.dump_python(stan))
    assert b'"000001"' == adapter.dump_json(stan)


def test_a_refusal_never_quotes_the_value() -> None:
    """What was refused may be a card number in the wrong field."""
    with pytest.raises(Refused) as caught:
        Uetr("4111111111111111")

    assert "4111" not in repr(caught.value)
    assert "UUID" in str(caught.value)


def test_the_schema_has_the_pattern() -> None:
    """So that a sender's own tools find what we would refuse."""
    expected = {"type": "string", "pattern": f"^(?:{Stan.pattern.pattern})$"}

    assert expected == TypeAdapter(Stan).json_schema()
