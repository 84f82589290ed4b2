import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msggw.canonical.strict_json import DEPTH_MAX, SIZE_BYTES_MAX, loads
from msggw.errors import Refused, Rule

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab/~", max_size=3), inner),
    max_leaves=20,
)


@given(plain)
def test_plain_data_comes_through(value: object) -> None:
    """What has no float, no surrogate and no NUL is read as any parser reads it."""
    assert value == loads(json.dumps(value).encode())
    assert value == loads(json.dumps(value, ensure_ascii=False).encode())


@given(st.binary(max_size=60) | st.text('{}[]"\\:,0eE.-ntu ', max_size=30).map(str.encode))
def test_garbage_is_only_ever_refused(data: bytes) -> None:
    """No other exception, and nothing that `json` does not read as well."""
    try:
        value = loads(data)
    except Refused:
        return
    assert json.loads(data) == value


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"1.5", Rule.CLASS),
        (b'{"a": [1e3]}', Rule.CLASS),
        (b"1e400", Rule.CLASS),
        (b"NaN", Rule.CLASS),
        (b"-Infinity", Rule.CLASS),
        (b'{"a": 1, "a": 1}', Rule.DUPLICATE),
        (b'{"x": [{"a": 1, "\\u0061": 2}]}', Rule.DUPLICATE),
        (b"\xef\xbb\xbf{}", Rule.SYNTAX),
        (b"\xff", Rule.CHARSET),
        ("{}".encode("utf-16"), Rule.CHARSET),
        (b'"\\ud800"', Rule.CHARSET),
        (b'{"\\udfff": 1}', Rule.CHARSET),
        (b'["a\\u0000"]', Rule.CHARSET),
        (b"9223372036854775808", Rule.LIMIT),
        (b"1" * 5000, Rule.LIMIT),
        (b"-" + b"1" * 20, Rule.LIMIT),
        (b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1), Rule.LIMIT),
        (b'{"a":' * 100_00, Rule.LIMIT),
        (b" " * (SIZE_BYTES_MAX + 1), Rule.LIMIT),
        (b"", Rule.SYNTAX),
        (b"{'a': 1}", Rule.SYNTAX),
        (b'"\n"', Rule.SYNTAX),
        (b"[1,]", Rule.SYNTAX),
    ],
    ids=repr,
)
def test_what_others_let_through_is_refused(data: bytes, rule: Rule) -> None:
    """Each by the rule it breaks, and never quoted."""
    with pytest.raises(Refused) as caught:
        loads(data)

    assert [("", rule)] == [(fault.where.path, fault.rule) for fault in caught.value]


def test_the_limits_are_exact() -> None:
    """As deep and as large as allowed is allowed; brackets inside of strings do not nest."""
    assert [] != loads(b"[" * DEPTH_MAX + b"]" * DEPTH_MAX)
    assert "[[[[" == loads(b'"[[[["', depth_max=1)
    assert 12 == loads(b"12", size_bytes_max=2)
    with pytest.raises(Refused):
        loads(b"123", size_bytes_max=2)


def test_an_unclosed_string_costs_no_more_than_its_size() -> None:
    """Quadratic work on these 256 KiB would take minutes: the suite's own time limit decides."""
    started = time.process_time()

    with pytest.raises(Refused):
        loads(b'"' + b'\\"' * ((SIZE_BYTES_MAX - 1) // 2))

    assert 30 > time.process_time() - started
