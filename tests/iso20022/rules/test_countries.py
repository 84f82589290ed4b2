"""The list of countries."""

from msggw.iso20022.rules.countries import COUNTRIES


def test_the_list_is_iso_3166_1_and_kosovo():
    """249 officially assigned codes (2026) and XK."""
    assert len(COUNTRIES) == 250
    assert {"KZ", "DE", "XK"} <= COUNTRIES
    assert all(len(code) == 2 and code.isupper() for code in COUNTRIES)
