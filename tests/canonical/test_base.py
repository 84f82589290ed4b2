import pytest
from pydantic import ValidationError

from msggw.canonical.base import Flag, Model, Moment, Text4


class Sample(Model):
    at: Moment | None = None
    flag: Flag = False
    text: Text4 | None = None


@pytest.mark.parametrize(
    "data",
    [
        {"at": 1700000000},
        {"at": "1700000000"},
        {"at": "2026-07-14"},
        {"at": "2026-07-14T09:30:00.1234567Z"},
        {"at": "2026-13-14T09:30:00Z"},
        {"flag": 1},
        {"flag": "yes"},
        {"text": ""},
        {"text": "12345"},
        {"text": "a\x00"},
        {"more": 1},
    ],
    ids=repr,
)
def test_nothing_is_turned_into_something_else(data: dict[str, object]) -> None:
    """Numbers are no times, words no flags, and unknown fields no data."""
    with pytest.raises(ValidationError):
        Sample.model_validate(data)


def test_a_model_is_frozen_and_reads_what_it_writes() -> None:
    """With or without a zone, which ISO 20022 leaves to the sender."""
    for at in ("2026-07-14T09:30:00Z", "2026-07-14T09:30:00.123+05:00", "2026-07-14T09:30:00"):
        sample = Sample.model_validate({"at": at, "flag": True, "text": "Ж"})

        assert sample == Sample.model_validate_json(sample.model_dump_json())
        with pytest.raises(ValidationError, match="frozen"):
            sample.flag = False
