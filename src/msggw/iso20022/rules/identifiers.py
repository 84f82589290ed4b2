"""Rules of identifiers: accounts, agents, countries, references (R01-R04, R08, R63, R66)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msggw.errors import Refused, Rule
from msggw.iso20022.rules.countries import COUNTRIES
from msggw.iso20022.rules.engine import BusinessRule, Finding
from msggw.values import Bic, Code, Iban, Lei, Uetr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msggw.iso20022.rules.engine import View

__all__ = ["RULES"]

_DATE = re.compile(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*")
_IBAN_COUNTRY = slice(0, 2)
_BIC_COUNTRY = slice(4, 6)


def _of_type(view: View, kind: type[Code], *names: str) -> Iterator[Finding]:
    for path, text in view.leaves(*names):
        try:
            kind(text)
        except Refused as refusal:
            yield Finding(path, refusal.faults[0].rule, kind.rule)


def _iban(view: View) -> Iterator[Finding]:
    yield from _of_type(view, Iban, "IBAN")
    for path, text in view.leaves("IBAN"):
        if text[_IBAN_COUNTRY] not in COUNTRIES:
            yield Finding(path, Rule.VALUE, "an IBAN begins with an ISO 3166-1 country")


def _bic(view: View) -> Iterator[Finding]:
    yield from _of_type(view, Bic, "BICFI", "AnyBIC")
    for path, text in view.leaves("BICFI", "AnyBIC"):
        if text[_BIC_COUNTRY] not in COUNTRIES:
            yield Finding(path, Rule.VALUE, "characters 5 and 6 are an ISO 3166-1 country")


def _lei(view: View) -> Iterator[Finding]:
    yield from _of_type(view, Lei, "LEI")


def _country(view: View) -> Iterator[Finding]:
    for path, text in view.leaves("Ctry", "CtryOfRes", "CtryOfBirth"):
        if text not in COUNTRIES:
            yield Finding(path, Rule.UNKNOWN, "a country of ISO 3166-1 alpha-2")


def _uetr(view: View) -> Iterator[Finding]:
    yield from _of_type(view, Uetr, "UETR", "OrgnlUETR")


def _blank(view: View) -> Iterator[Finding]:
    for path, text in view.fields.items():
        if text and not text.strip():
            yield Finding(path, Rule.VALUE, "text that is not blank")


def _plain_date(view: View) -> Iterator[Finding]:
    for path, text in view.leaves("IntrBkSttlmDt", "OrgnlIntrBkSttlmDt", "ReqdColltnDt"):
        if _DATE.fullmatch(text) is None:
            yield Finding(path, Rule.VALUE, "a calendar date without time zone")


_ALL = ("*",)
RULES = (
    BusinessRule(
        "R01",
        "An IBAN has its country's length and right check digits.",
        _ALL,
        "ISO IBAN; ISO 13616",
        _iban,
    ),
    BusinessRule("R02", "A BIC names a country.", _ALL, "ISO BICFI, AnyBIC; ISO 9362", _bic),
    BusinessRule("R03", "An LEI has right check digits.", _ALL, "ISO 17442", _lei),
    BusinessRule("R04", "A country is one of ISO 3166-1.", _ALL, "ISO Country", _country),
    BusinessRule("R08", "A UETR is a UUID version 4.", _ALL, "RFC 9562; CBPR+", _uetr),
    BusinessRule("R63", "A text is not blank.", _ALL, "CBPR Character_Set_Usage; EPC", _blank),
    BusinessRule(
        "R66", "A settlement date is a plain calendar date.", _ALL, "operational", _plain_date
    ),
)
