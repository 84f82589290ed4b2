import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from msggw import resources
from msggw.canonical import Agent, Card, Kind, Transaction
from msggw.errors import Refused
from msggw.routing import RouteTable
from msggw.values import Asset, Bic, Money, Pan

CARDS = [
    {"name": "six", "from": "476173", "adapter": "a"},
    {"name": "eight", "from": "50000001", "to": "50000003", "adapter": "b"},
]
TRANSFERS = [
    {"name": "bic", "bic_prefix": "BANK", "scheme": "SEPA", "adapter": "c"},
    {"name": "euro", "currency": "EUR", "adapter": "d"},
]
OTHERS = [{"name": "coin", "kinds": ["crypto_transfer"], "asset": "ETH", "adapter": "a"}]
TABLE = RouteTable.build({"version": 7, "cards": CARDS, "transfers": TRANSFERS, "others": OTHERS})


def chosen(transaction: Transaction, table: RouteTable = TABLE) -> str | None:
    """The adapter."""
    route = table.choose(transaction)
    return None if route is None else route.adapter


def card(pan: str, kind: Kind = Kind.AUTHORISATION) -> Transaction:
    """A card transaction."""
    return Transaction(kind=kind, card=Card(pan=Pan(pan)))


@pytest.mark.parametrize(
    ("pan", "adapter"),
    [
        ("4761729999999999", None),
        ("4761730000000000", "a"),
        ("4761739999999999", "a"),
        ("4761740000000000", None),
        ("50000000", None),
        ("50000001", "b"),
        ("5000000399999999999", "b"),
        ("5000000400000000", None),
        ("10000000", None),
    ],
)
def test_ranges_are_exact_at_both_ends(pan: str, adapter: str | None) -> None:
    """Six or eight digits of the issuer, the last one inclusive."""
    assert adapter == chosen(card(pan))


def test_cards_are_chosen_for_card_kinds_and_clear_pans_only() -> None:
    """A transfer that mentions a card is no card payment."""
    assert chosen(card("4761739001010119", Kind.CREDIT_TRANSFER)) is None
    assert chosen(Transaction(kind=Kind.REFUND)) is None
    assert chosen(Transaction(kind=Kind.REFUND, card=Card())) is None


@pytest.mark.parametrize(
    ("bic", "scheme", "code", "adapter"),
    [
        ("BANKKZKA", "SEPA", "KZT", "c"),
        ("BANKKZKA", None, "KZT", None),
        ("MSGGKZKA", "SEPA", "KZT", None),
        (None, "SEPA", "EUR", "d"),
        ("BANKKZKA", "SEPA", "EUR", "c"),
    ],
)
def test_transfers_go_by_agent_scheme_and_currency(
    bic: str | None, scheme: str | None, code: str, adapter: str | None
) -> None:
    """Every condition of a row must hold; the first row that does wins."""
    agent = Agent(bic=None if bic is None else Bic(bic))
    transfer = Transaction(
        kind=Kind.CREDIT_TRANSFER,
        creditor_agent=agent,
        scheme=scheme,
        amount=Money.parse("1", code),
    )

    assert adapter == chosen(transfer)


def test_others_go_by_kind_and_asset() -> None:
    """An asset is no currency, and a row for one kind takes no other."""
    ether = Money(1, Asset("ETH", 18))

    assert "a" == chosen(Transaction(kind=Kind.CRYPTO_TRANSFER, amount=ether))
    assert chosen(Transaction(kind=Kind.QR_PAYMENT, amount=ether)) is None
    assert chosen(Transaction(kind=Kind.CRYPTO_TRANSFER)) is None


def test_a_route_says_why() -> None:
    """The row and the version of the table."""
    why = [TABLE.choose(card("4761739001010119")).why]
    why.append(TABLE.choose(Transaction(kind=Kind.RETURN, amount=Money.parse("1", "EUR"))).why)

    assert ["IIN range six (7)", "euro (7)"] == why
    assert ("a", "b", "c", "d") == TABLE.adapters


@pytest.mark.parametrize("name", ["default", "bogus"])
def test_the_tables_we_ship_load(name: str) -> None:
    """And route an ordinary card."""
    text = resources.find(f"specs/routes/{name}.yaml").read_text("utf-8")
    table = RouteTable.build(yaml.safe_load(text))

    assert chosen(card("4761739001010119"), table) in {"visa", "bogus"}


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"version": 1, "card": []},
        {"version": 1, "cards": None},
        *(
            {"version": 1, "cards": rows}
            for rows in (
                [{"from": 4, "adapter": "a"}],
                [{"from": "", "adapter": "a"}],
                [{"from": "²", "adapter": "a"}],
                [{"from": "\uff14", "adapter": "a"}],
                [{"from": "123456789", "adapter": "a"}],
                [{"from": "55", "to": "51", "adapter": "a"}],
                [{"from": "4"}],
                [{"from": "4", "adapter": "a", "too": "5"}],
                [{"from": "4", "adapter": "a"}, {"from": "41", "adapter": "b"}],
                [{"from": "41", "adapter": "a"}, {"from": "40", "to": "41", "adapter": "b"}],
            )
        ),
        {"version": 1, "transfers": [{"name": "x"}]},
        {"version": 1, "transfers": [{"name": "x", "adapter": "a", "bic": "B"}]},
        {"version": 1, "others": [{"name": "x", "adapter": "a", "kinds": ["gift"]}]},
        {"version": 1, "others": [5]},
    ],
    ids=str,
)
def test_rows_that_cannot_be_meant_are_refused(data: object) -> None:
    """Overlaps, ends in the wrong order, numbers for text, misspelt keys."""
    with pytest.raises(Refused):
        RouteTable.build(data)


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=4), st.integers(0, 99))
def test_ranges_are_what_a_search_of_all_rows_finds(
    ends: list[tuple[int, int]], start: int
) -> None:
    """Either the table is refused or at most one row holds, and it is found."""
    rows = [
        {"name": str(n), "from": f"{a:02}", "to": f"{b:02}", "adapter": f"r{n}"}
        for n, (a, b) in enumerate(ends)
    ]
    try:
        table = RouteTable.build({"version": 1, "cards": rows})
    except Refused:
        return
    found = [f"r{n}" for n, (a, b) in enumerate(ends) if a <= start <= b]

    assert (found or [None]) == [chosen(card(f"{start:02}00000000000"), table)]
