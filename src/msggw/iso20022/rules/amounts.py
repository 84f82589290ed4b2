"""Rules of amounts, rates and charges (R05-R07, R12, R13, R18-R24)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from msggw.errors import Refused, Rule
from msggw.iso20022.mapping.converters import decimal_text
from msggw.iso20022.rules.engine import BusinessRule, Finding, Profile
from msggw.values import Currency

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msggw.iso20022.rules.engine import View

__all__ = ["RULES"]

_METALS = frozenset({"XAU", "XAG", "XPD", "XPT"})
_UNITS = {
    # family: repeated element, settlement amount, total in the group header
    "pacs.008": ("CdtTrfTxInf", "IntrBkSttlmAmt", "GrpHdr/TtlIntrBkSttlmAmt"),
    "pacs.009": ("CdtTrfTxInf", "IntrBkSttlmAmt", "GrpHdr/TtlIntrBkSttlmAmt"),
    "pacs.003": ("DrctDbtTxInf", "IntrBkSttlmAmt", "GrpHdr/TtlIntrBkSttlmAmt"),
    "pacs.004": ("TxInf", "RtrdIntrBkSttlmAmt", "GrpHdr/TtlRtrdIntrBkSttlmAmt"),
}


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(decimal_text(text))
    except Refused:
        return None


def _currency(code: str) -> Currency | None:
    try:
        return Currency.of(code)
    except Refused:
        return None


def _registered(view: View) -> Iterator[Finding]:
    for path, code in view.leaves("@Ccy", "Ccy"):
        if _currency(code) is None:
            yield Finding(path, Rule.UNKNOWN, "a currency of ISO 4217")


def _decimals(view: View) -> Iterator[Finding]:
    for path, code in view.leaves("@Ccy"):
        amount = path.removesuffix("/@Ccy")
        currency = _currency(code)
        fraction = view.fields[amount].strip().partition(".")[2].rstrip("0")
        if currency is not None and len(fraction) > currency.exponent:
            detail = f"at most {currency.exponent} decimals in this currency (ISO 4217)"
            yield Finding(amount, Rule.VALUE, detail)


def _positive(view: View) -> Iterator[Finding]:
    unit, name, _ = _UNITS[view.family]
    for path in view.units(unit):
        amount = f"{path}/{name}"
        number = _number(view.fields.get(amount, "1"))
        if number is not None and number == 0:
            yield Finding(amount, Rule.VALUE, "an interbank amount above zero")
        if view.fields.get(f"{amount}/@Ccy") in _METALS:
            yield Finding(f"{amount}/@Ccy", Rule.VALUE, "no precious metal as settlement currency")


def _total(view: View) -> Iterator[Finding]:
    unit, name, total = _UNITS[view.family]
    if total not in view.fields:
        return
    amounts = [_number(view.fields[f"{path}/{name}"]) for path in view.units(unit)]
    known = [amount for amount in amounts if amount is not None]
    if len(known) == len(amounts) and _number(view.fields[total]) != sum(known, Decimal(0)):
        yield Finding(total, Rule.CONFLICT, "the sum of the interbank settlement amounts")


def _control_sum(view: View) -> Iterator[Finding]:
    unit, name, _ = _UNITS[view.family]
    if "GrpHdr/CtrlSum" not in view.fields:
        return
    amounts = [_number(view.fields[f"{path}/{name}"]) or Decimal(0) for path in view.units(unit)]
    if _number(view.fields["GrpHdr/CtrlSum"]) != sum(amounts, Decimal(0)):
        yield Finding("GrpHdr/CtrlSum", Rule.CONFLICT, "the sum of the interbank amounts")


def _total_currency(view: View) -> Iterator[Finding]:
    unit, name, total = _UNITS[view.family]
    currency = view.fields.get(f"{total}/@Ccy")
    for path in view.units(unit) if currency is not None else ():
        if view.fields.get(f"{path}/{name}/@Ccy") != currency:
            yield Finding(f"{path}/{name}/@Ccy", Rule.CONFLICT, "the currency of the group total")


def _rate_needed(view: View) -> Iterator[Finding]:
    for path, instructed, settled in _pairs(view):
        if instructed is not None and instructed != settled and not _rate(view, path):
            detail = "XchgRate, since InstdAmt is in another currency than IntrBkSttlmAmt"
            yield Finding(path, Rule.MISSING, detail)


def _rate_same_currency(view: View) -> Iterator[Finding]:
    for path, instructed, settled in _pairs(view):
        if instructed == settled and _rate(view, path):
            yield Finding(f"{path}/XchgRate", Rule.CONFLICT, "no rate between equal currencies")


def _rate_alone(view: View) -> Iterator[Finding]:
    for path, instructed, _ in _pairs(view):
        if instructed is None and _rate(view, path):
            yield Finding(f"{path}/XchgRate", Rule.CONFLICT, "no rate without InstdAmt")


def _charges_alone(view: View) -> Iterator[Finding]:
    for path, instructed, _ in _pairs(view):
        if instructed is None and view.has(f"{path}/ChrgsInf"):
            yield Finding(path, Rule.MISSING, "InstdAmt, since there is ChrgsInf")


def _charges_creditor(view: View) -> Iterator[Finding]:
    for path in view.units("CdtTrfTxInf"):
        bearer = view.fields.get(f"{path}/ChrgBr")
        if bearer == "CRED" and not view.has(f"{path}/ChrgsInf"):
            yield Finding(path, Rule.MISSING, "ChrgsInf, since the creditor bears the charges")


def _charges_debtor(view: View) -> Iterator[Finding]:
    for path in view.units("CdtTrfTxInf"):
        bearer = view.fields.get(f"{path}/ChrgBr")
        if bearer == "DEBT" and view.has(f"{path}/ChrgsInf[2]"):
            yield Finding(
                f"{path}/ChrgsInf[2]", Rule.CONFLICT, "at most one ChrgsInf when the debtor pays"
            )


def _charges_difference(view: View) -> Iterator[Finding]:
    for path, instructed, settled in _pairs(view):
        if instructed != settled or view.has(f"{path}/ChrgsInf"):
            continue
        before = _number(view.fields[f"{path}/InstdAmt"])
        if before != _number(view.fields[f"{path}/IntrBkSttlmAmt"]):
            yield Finding(
                path, Rule.MISSING, "ChrgsInf, since InstdAmt differs from the settled one"
            )


def _pairs(view: View) -> Iterator[tuple[str, str | None, str | None]]:
    for path in view.units(_UNITS[view.family][0]):
        instructed = view.fields.get(f"{path}/InstdAmt/@Ccy")
        yield path, instructed, view.fields.get(f"{path}/IntrBkSttlmAmt/@Ccy")


def _rate(view: View, path: str) -> bool:
    return f"{path}/XchgRate" in view.fields


_ALL = ("*",)
_SETTLED = ("pacs.003.*", "pacs.004.*", "pacs.008.*", "pacs.009.*")
_CUSTOMER = ("pacs.003.*", "pacs.008.*")
_CREDIT = ("pacs.008.*",)
_CBPR = frozenset({Profile.CBPR})
RULES = (
    BusinessRule(
        "R05", "A currency is registered.", _ALL, "ISO ActiveOrHistoricCurrency", _registered
    ),
    BusinessRule(
        "R06", "An amount has no more decimals than its currency.", _ALL, "ISO 4217", _decimals
    ),
    BusinessRule(
        "R07",
        "An interbank amount is above zero and in money.",
        _SETTLED,
        "CBPR Interbank_Settlement_Currency",
        _positive,
    ),
    BusinessRule(
        "R11", "The control sum is the sum of the amounts.", _SETTLED, "operational", _control_sum
    ),
    BusinessRule(
        "R12",
        "The group total is the sum of the amounts.",
        _SETTLED,
        "ISO TotalInterbankSettlementAmountAndSumRule",
        _total,
    ),
    BusinessRule(
        "R13",
        "All amounts have the currency of the group total.",
        _SETTLED,
        "ISO TotalInterbankSettlementAmountRule",
        _total_currency,
    ),
    BusinessRule(
        "R18",
        "A conversion has a rate.",
        _CUSTOMER,
        "ISO InstructedAmountAndExchangeRate1Rule",
        _rate_needed,
    ),
    BusinessRule(
        "R19",
        "Equal currencies have no rate.",
        _CUSTOMER,
        "ISO InstructedAmountAndExchangeRate2Rule",
        _rate_same_currency,
    ),
    BusinessRule(
        "R20",
        "A rate needs an instructed amount.",
        _CUSTOMER,
        "ISO InstructedAmountAndExchangeRate3Rule",
        _rate_alone,
    ),
    BusinessRule(
        "R21",
        "Charges need an instructed amount.",
        _CUSTOMER,
        "ISO ChargesInformationAndInstructedAmountRule",
        _charges_alone,
    ),
    BusinessRule(
        "R22",
        "A creditor who bears charges is told them.",
        _CREDIT,
        "ISO ChargeBearerAndChargesInformationRule",
        _charges_creditor,
    ),
    BusinessRule(
        "R23",
        "A debtor who bears charges pays one.",
        _CREDIT,
        "CBPR DEBT",
        _charges_debtor,
        profiles=_CBPR,
    ),
    BusinessRule(
        "R24",
        "A difference in one currency is explained by charges.",
        _CREDIT,
        "CBPR DEBT_Rule_1",
        _charges_difference,
        profiles=_CBPR,
    ),
)
