"""Codes of ISO 8583:1987 data elements in words, for people. Unknown codes have no words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msggw.iso8583.tables.responses import RESPONSES_1987, RESPONSES_1993

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["words"]

_TRANSACTIONS: Final = {
    "00": "purchase",
    "01": "cash withdrawal",
    "02": "debit adjustment",
    "03": "cheque guarantee",
    "09": "purchase with cash back",
    "10": "account funding",
    "11": "quasi-cash",
    "17": "cash disbursement",
    "20": "refund",
    "21": "deposit",
    "22": "credit adjustment",
    "26": "original credit",
    "28": "payment or load",
    "30": "available funds inquiry",
    "31": "balance inquiry",
    "38": "mini statement",
    "40": "account transfer",
    "50": "bill payment",
    "90": "card activation",
    "91": "PIN change",
    "92": "PIN unblock",
}
_ACCOUNTS: Final = {
    "00": "default",
    "10": "savings",
    "20": "cheque",
    "30": "credit",
    "40": "universal",
    "50": "investment",
    "60": "stored value",
}
_PAN_ENTRY: Final = {
    "00": "unknown",
    "01": "manual",
    "02": "magnetic stripe",
    "03": "bar or QR code",
    "04": "optical character reading",
    "05": "chip",
    "06": "key entered from file",
    "07": "contactless chip",
    "09": "remote chip data",
    "10": "credential on file",
    "79": "fallback to manual",
    "80": "fallback from chip to stripe",
    "81": "electronic commerce",
    "82": "server-based or wallet",
    "90": "magnetic stripe, full track",
    "91": "contactless stripe",
    "95": "chip, verification value unreliable",
}
_PIN_ENTRY: Final = {
    "0": "unknown",
    "1": "PIN can be entered",
    "2": "no PIN entry",
    "3": "software PIN entry",
    "8": "PIN pad down",
}
_CONDITIONS: Final = {
    "00": "normal",
    "01": "cardholder not present",
    "02": "unattended terminal",
    "03": "merchant suspicious",
    "04": "cash register interface",
    "05": "customer present, card not present",
    "06": "pre-authorised, completion",
    "07": "telephone request",
    "08": "mail or telephone order",
    "09": "security alert",
    "10": "customer identity verified",
    "11": "suspected fraud",
    "12": "security reasons",
    "13": "representment",
    "14": "public utility",
    "15": "customer's own terminal",
    "27": "cash dispenser",
    "42": "card-activated terminal",
    "51": "account verification without authorisation",
    "59": "electronic commerce",
    "71": "card present, stripe unreadable",
}
_FUNCTIONS_1993: Final = {
    "100": "original authorisation, amount accurate",
    "101": "original authorisation, amount estimated",
    "108": "inquiry",
    "200": "original financial request",
    "201": "previously approved, same amount",
    "202": "previously approved, other amount",
    "400": "full reversal",
    "401": "partial reversal",
    "450": "full chargeback",
    "453": "partial chargeback",
    "500": "final reconciliation",
    "501": "checkpoint reconciliation",
    "801": "sign-on",
    "802": "sign-off",
    "811": "key change",
    "821": "cut-over",
    "831": "echo test",
}
_NETWORK: Final = {
    "001": "sign-on",
    "002": "sign-off",
    "061": "sign-on, group",
    "062": "sign-off, group",
    "071": "sign-on",
    "072": "sign-off",
    "101": "key change",
    "161": "key exchange",
    "162": "key request",
    "201": "cut-over",
    "270": "echo test",
    "301": "echo test",
}


def words(path: str, value: str) -> str:
    """Return what the code in a data element means; empty if the standard has no word for it."""
    reader = _READERS.get(path)
    return reader(value) if reader is not None else ""


def _processing(value: str) -> str:
    what = _TRANSACTIONS.get(value[:2], "")
    accounts = [_ACCOUNTS.get(value[2:4], "?"), _ACCOUNTS.get(value[4:6], "?")]
    return f"{what}, account {accounts[0]} to {accounts[1]}" if what else ""


def _entry(value: str) -> str:
    entry, pin = _PAN_ENTRY.get(value[:2], ""), _PIN_ENTRY.get(value[2:3], "?")
    return f"{entry}; {pin}" if entry and len(value) == 3 else ""


def _response(value: str) -> str:
    return RESPONSES_1987.get(value) or RESPONSES_1993.get(value[-3:], "")


def _pin_digits(value: str) -> str:
    return f"PIN of up to {int(value)} digits" if value.isdecimal() and len(value) == 2 else ""


_READERS: Final[dict[str, Callable[[str], str]]] = {
    "3": _processing,
    "22": _entry,
    "24": lambda value: _FUNCTIONS_1993.get(value, ""),
    "25": lambda value: _CONDITIONS.get(value, ""),
    "26": _pin_digits,
    "39": _response,
    "70": lambda value: _NETWORK.get(value, ""),
}
