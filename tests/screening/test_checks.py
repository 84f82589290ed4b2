import pytest
from hypothesis import given
from tests.strategies import secret_transactions

from msggw.canonical import Customer, Kind, Party, Reason, Transaction
from msggw.screening import (
    NameList,
    Rulebook,
    check_amount,
    check_kyc,
    check_names,
    check_velocity,
)
from msggw.values import Money

BOOK = Rulebook.build(
    {
        "version": "t",
        "amounts": [{"name": "a", "kinds": ["refund"], "max": {"KZT": "10.00"}}],
        "kyc": [{"name": f"k{n}", "kyc_level": n, "max": {"KZT": f"{n + 1}.00"}} for n in (0, 1)],
        "windows": [
            {"name": "other", "kinds": ["return"], "window_s": 9, "count_max": 0},
            {"name": "w", "window_s": 60, "count_max": 3, "amount_max": {"KZT": "10.00"}},
        ],
    },
    NameList("demo", [("R1", "Ivan Sanctionov")]),
)


def refund(amount: str | None = "10.00", code: str = "KZT", **parts: object) -> Transaction:
    """A refund."""
    money = None if amount is None else Money.parse(amount, code)
    return Transaction(kind=Kind.REFUND, amount=money, **parts)


@pytest.mark.parametrize(
    ("transaction", "reason"),
    [
        (refund("10.00"), None),
        (refund("10.01"), Reason.AMOUNT_LIMIT),
        (refund("999", "JPY"), None),
        (refund(None), None),
        (refund("99").model_copy(update={"kind": Kind.RETURN}), None),
    ],
)
def test_the_amount_limit_is_exact(transaction: Transaction, reason: Reason | None) -> None:
    """The limit itself is allowed, one minor unit more is not; other kinds and currencies are."""
    assert reason is check_amount(transaction, BOOK).reason


@pytest.mark.parametrize(
    ("amount", "level", "reason"),
    [
        ("1.00", None, None),
        ("1.01", None, Reason.KYC_LEVEL),
        ("1.01", 0, Reason.KYC_LEVEL),
        ("1.01", 1, None),
        ("2.01", 1, Reason.KYC_LEVEL),
        ("9.99", 2, None),
    ],
)
def test_the_kyc_limit_is_exact(amount: str, level: int | None, reason: Reason | None) -> None:
    """A customer without a level has the lowest; a level without a limit has none."""
    assert reason is check_kyc(refund(amount, customer=Customer(kyc_level=level)), BOOK).reason


def test_without_customer_or_amount_there_is_no_kyc_check() -> None:
    """Card schemes know their customers themselves."""
    assert check_kyc(refund("99"), BOOK).reason is None
    assert check_kyc(refund(None, customer=Customer()), BOOK).reason is None


@pytest.mark.parametrize(
    ("amount", "usage", "reason"),
    [
        ("1.00", {}, None),
        ("1.00", {"w": (2, 0)}, None),
        ("1.00", {"w": (3, 0)}, Reason.FREQUENCY_LIMIT),
        ("1.00", {"w": (0, 900)}, None),
        ("1.01", {"w": (0, 900)}, Reason.AMOUNT_LIMIT),
        (None, {"w": (0, 10_000)}, None),
        ("1.00", {"other": (99, 0)}, None),
    ],
)
def test_windows_are_exact(
    amount: str | None, usage: dict[str, tuple[int, int]], reason: Reason | None
) -> None:
    """This one counts too; only windows of its kind that were looked up are held against it."""
    assert reason is check_velocity(refund(amount), usage, BOOK).reason


def test_a_window_knows_nothing_of_other_currencies() -> None:
    """Minor units of two currencies do not add up."""
    assert check_velocity(refund("99", "USD"), {"w": (0, 9999)}, BOOK).reason is None


@pytest.mark.parametrize(
    "role", ["debtor", "creditor", "ultimate_debtor", "ultimate_creditor", "customer"]
)
def test_every_role_is_screened(role: str) -> None:
    """The evidence says who by role and digest, not by name."""
    party = (
        Customer(name="Ivan Sanctionov") if role == "customer" else Party(name="Ivan Sanctionov")
    )
    finding = check_names(refund(**{role: party}), BOOK)

    assert Reason.SCREENING is finding.reason
    assert (role, "R1", 100) == tuple(finding.evidence[k] for k in ("role", "reference", "score"))
    assert "Sanctionov" not in str(finding)


@given(secret_transactions)
def test_a_finding_is_the_same_every_time(transaction: Transaction) -> None:
    """The checks are pure, and a pass has evidence of what was in force."""
    for check in (check_amount, check_kyc, check_names):
        assert check(transaction, BOOK) == check(transaction, BOOK)
    assert BOOK.names.version == check_names(transaction, BOOK).evidence["list_version"]
