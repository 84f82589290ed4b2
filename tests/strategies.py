"""Hypothesis strategies for values and transactions. Every card number is made up."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st
from stdnum import luhn

from msggw.canonical import (
    Account,
    Acquirer,
    Address,
    Agent,
    Amounts,
    Card,
    Customer,
    ExchangeRate,
    Fee,
    Kind,
    Merchant,
    Original,
    Party,
    Purpose,
    References,
    Residue,
    Settlement,
    Terminal,
    Transaction,
)
from msggw.values import (
    ApprovalCode,
    Asset,
    Bic,
    CardVerificationCode,
    Code,
    Country,
    CountryNumeric,
    Currency,
    Iban,
    InstitutionId,
    Lei,
    MerchantCategoryCode,
    MerchantId,
    Money,
    Pan,
    PinBlock,
    ProcessingCode,
    Rrn,
    SecretBytes,
    Stan,
    TerminalId,
    Track1,
    Track2,
    Uetr,
)
from msggw.values.money import MINOR_DIGITS_MAX

CURRENCIES = [Currency.of(code) for code in ("KZT", "USD", "EUR", "JPY", "BHD", "CLF")]
IBANS = ["GB82WEST12345698765432", "DE89370400440532013000", "KZ86125KZT5004100100"]
LEIS = ["529900T8BM49AURSDO55", "5493001KJTIIGC8Y1R12"]


def text(length_max: int) -> st.SearchStrategy[str]:
    """Text without control characters and lone surrogates."""
    alphabet = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
    return st.text(alphabet, min_size=1, max_size=min(length_max, 12))


def digits(length_min: int, length_max: int | None = None) -> st.SearchStrategy[str]:
    """ASCII digits."""
    return st.text("0123456789", min_size=length_min, max_size=length_max or length_min)


def codes(kind: type[Code]) -> st.SearchStrategy[Code]:
    """Values of an identifier type whose pattern is its whole rule."""
    return st.from_regex(kind.pattern, fullmatch=True).map(kind)


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    """The value or nothing."""
    return st.none() | strategy


def pan_digits(length_min: int = 13, length_max: int = 19) -> st.SearchStrategy[str]:
    """Digits with a right Luhn check digit."""
    body = digits(length_min - 1, length_max - 1)
    return body.map(lambda number: number + luhn.calc_check_digit(number))


assets = st.builds(Asset, st.sampled_from(["USDT", "ETH", "BTC", "X.1"]), st.integers(0, 18))
units = st.sampled_from(CURRENCIES) | assets
minors = st.integers(0, 10**12) | st.integers(0, 10**MINOR_DIGITS_MAX - 1)
money = st.builds(Money, minors, units)
pans = pan_digits().map(Pan)
dates = st.dates().map(lambda date: date.isoformat())
zones = st.sampled_from([UTC, timezone(timedelta(hours=5)), None])
moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).flatmap(  # noqa: DTZ001 - zones follow
    lambda moment: zones.map(lambda zone: moment.replace(tzinfo=zone))
)
bics = codes(Bic)
ibans = st.sampled_from(IBANS).map(Iban)
leis = st.sampled_from(LEIS).map(Lei)
countries = codes(Country)
currency_codes = st.sampled_from([currency.code for currency in CURRENCIES])

addresses = st.builds(
    Address,
    street=maybe(text(70)),
    town=maybe(text(35)),
    country=maybe(countries),
    lines=st.lists(text(70), max_size=3).map(tuple),
)
parties = st.builds(
    Party,
    name=maybe(text(140)),
    address=maybe(addresses),
    bic=maybe(bics),
    lei=maybe(leis),
    country_of_residence=maybe(countries),
)
agents = st.builds(Agent, bic=maybe(bics), lei=maybe(leis), member_id=maybe(text(35)))
accounts = st.builds(Account, iban=ibans, currency=maybe(currency_codes)) | st.builds(
    Account, other=maybe(text(34)), scheme=maybe(text(35)), name=maybe(text(70))
)
rates = st.builds(
    ExchangeRate,
    rate=st.from_regex(r"[0-9]{1,11}(\.[0-9]{1,10})?", fullmatch=True),
    from_currency=maybe(currency_codes),
    to_currency=maybe(currency_codes),
)
fees = st.builds(Fee, amount=money, credit=st.booleans(), agent=maybe(agents))
amounts = st.builds(
    Amounts,
    settlement=maybe(money),
    instructed=maybe(money),
    fees=st.lists(fees, max_size=2).map(tuple),
    exchange_rate=maybe(rates),
)
references = st.builds(
    References,
    stan=maybe(codes(Stan)),
    rrn=maybe(codes(Rrn)),
    approval_code=maybe(codes(ApprovalCode)),
    transmission_at=maybe(moments),
    local_date=maybe(dates),
    created_at=maybe(moments),
    message_id=maybe(text(35)),
    end_to_end_id=maybe(text(35)),
    uetr=maybe(codes(Uetr)),
)
originals = st.builds(
    Original, stan=maybe(codes(Stan)), rrn=maybe(codes(Rrn)), uetr=maybe(codes(Uetr))
)
open_cards = st.builds(
    Card,
    expiry=maybe(st.from_regex(r"[0-9]{4}-(0[1-9]|1[0-2])", fullmatch=True)),
    sequence=maybe(digits(3)),
    service_code=maybe(digits(3)),
)
"""Cards with nothing secret on them."""
secret_cards = st.builds(
    Card,
    pan=maybe(pans),
    track1=maybe(text(104).map(Track1)),
    track2=maybe(pan_digits(13, 19).map(lambda number: Track2(f"{number}=29121010000"))),
    track3=maybe(text(104).map(Track1)),
    pin_block=maybe(st.binary(min_size=8, max_size=8).map(PinBlock)),
    verification_code=maybe(digits(3, 4).map(CardVerificationCode)),
    icc=maybe(st.binary(max_size=40).map(SecretBytes)),
)


residues = st.builds(
    Residue,
    standard=st.just("iso8583"),
    fields=st.dictionaries(digits(1, 3), text(99), max_size=3),
)
secret_residues = st.builds(
    Residue,
    standard=st.just("iso8583"),
    secrets=st.dictionaries(digits(1, 3), st.binary(max_size=20).map(SecretBytes), max_size=2),
)


def _transactions(
    cards: st.SearchStrategy[Card], residues: st.SearchStrategy[Residue]
) -> st.SearchStrategy[Transaction]:
    return st.builds(
        Transaction,
        kind=st.sampled_from(Kind),
        repeat=st.booleans(),
        amount=maybe(money),
        amounts=maybe(amounts),
        processing_code=maybe(codes(ProcessingCode)),
        card=maybe(cards),
        merchant=maybe(
            st.builds(Merchant, id=codes(MerchantId), category_code=codes(MerchantCategoryCode))
        ),
        terminal=maybe(st.builds(Terminal, id=maybe(codes(TerminalId)))),
        acquirer=maybe(
            st.builds(Acquirer, id=codes(InstitutionId), country=maybe(codes(CountryNumeric)))
        ),
        references=references,
        original=maybe(originals),
        debtor=maybe(parties),
        debtor_account=maybe(accounts),
        creditor=maybe(parties),
        creditor_account=maybe(accounts),
        creditor_agent=maybe(agents),
        intermediary_agents=st.lists(agents, max_size=2).map(tuple),
        settlement=maybe(st.builds(Settlement, date=maybe(dates))),
        purpose=maybe(st.builds(Purpose, unstructured=st.lists(text(140), max_size=2).map(tuple))),
        customer=maybe(st.builds(Customer, kyc_level=maybe(st.integers(0, 3)))),
        residue=maybe(residues),
        note=maybe(text(99)),
    )


transactions = _transactions(open_cards, residues)
"""Transactions without secrets: what their JSON says is all there is."""
secret_transactions = _transactions(secret_cards, secret_residues)
