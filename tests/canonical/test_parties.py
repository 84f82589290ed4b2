import pytest

from msggw.canonical import Account, Card, build
from msggw.errors import Refused
from msggw.values import Pan


def test_an_account_has_one_identification() -> None:
    """An IBAN or another one, or none at all, never both."""
    assert Account() == build(Account, {})
    with pytest.raises(Refused):
        build(Account, {"iban": "GB82WEST12345698765432", "other": "1"})


def test_a_card_keeps_a_pan_in_its_type() -> None:
    """However it came, clear digits become a `Pan` at once."""
    pan = Pan("4761739001010119")

    assert pan == Card(pan=pan).pan == build(Card, {"pan": "4761739001010119"}).pan
