import re

import pytest

from msggw.canonical import REASONS, Reason, answer_for, reason_of, reason_of_faults
from msggw.errors import Fault, Location, Rule


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_well_formed_row(reason: Reason) -> None:
    """DE 39 of two characters, an action code of three digits, an ISO 20022 code of four."""
    row = answer_for(reason)

    assert REASONS[reason] is row
    assert re.fullmatch(r"[0-9A-Z]{2}", row.de39)
    assert re.fullmatch(r"[0-9]{3}", row.action_code)
    assert row.status in {"ACSC", "ACCP", "ACWC", "PDNG", "RJCT", "CANC"}
    assert row.http in {200, 202, 401, 404, 409, 422, 502, 503, 504}
    # A refusal says why; what is no refusal has nothing to say.
    assert (row.status in {"RJCT", "CANC"}) == bool(re.fullmatch(r"[A-Z0-9]{4}", row.iso20022))


@pytest.mark.parametrize("column", ["de39", "action_code", "iso20022"])
@pytest.mark.parametrize("reason", Reason)
def test_reading_a_code_gives_a_reason_with_that_code(column: str, reason: Reason) -> None:
    """Several reasons may share a code; the first one is read."""
    code = getattr(answer_for(reason), column)
    read = reason_of(column, code, Reason.ERROR)

    assert code == getattr(answer_for(read), column)
    assert Reason.ERROR is reason_of(column, "no such code", Reason.ERROR)


def test_common_codes_are_read_as_what_they_mean() -> None:
    """Shared codes belong to the ordinary reason, not to the gateway's own."""
    read = [reason_of("de39", code, Reason.ERROR) for code in ("00", "05", "57", "91", "94")]

    assert [
        Reason.APPROVED,
        Reason.DO_NOT_HONOUR,
        Reason.NOT_PERMITTED_CARDHOLDER,
        Reason.ISSUER_UNAVAILABLE,
        Reason.DUPLICATE,
    ] == read


def test_a_screening_hit_looks_like_any_refusal() -> None:
    """Anything else would be tipping off."""
    hit, ordinary = answer_for(Reason.SCREENING), answer_for(Reason.DO_NOT_HONOUR)

    assert ordinary[:6] == hit[:6]
    assert "refused" == hit.text


def test_faults_choose_the_answer() -> None:
    """The first fault with a reason of its own counts; else it is a format error."""

    def chosen(*rules: Rule) -> Reason:
        return reason_of_faults(tuple(Fault(Location("x"), rule, "") for rule in rules))

    assert Reason.FORMAT_ERROR is chosen(Rule.LENGTH, Rule.VALUE)
    assert Reason.SECURITY_VIOLATION is chosen(Rule.LENGTH, Rule.SECURITY, Rule.UNSUPPORTED)
    assert Reason.NOT_SUPPORTED is chosen(Rule.UNSUPPORTED)
