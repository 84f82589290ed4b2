"""EMV tags that DE 55 usually carries (EMV 4.3 Book 3 annex A; scheme tags from public manuals).

`b` data are shown as they are. Card data are marked: 5A is a PAN, 57, 9F6B and 56 are track data,
99 is PIN data.
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["EMV_TAGS", "EmvTag"]


class EmvTag(NamedTuple):
    """A name, the format EMV gives the data, and what may be seen of them."""

    name: str
    format: str
    sensitivity: str = "none"


EMV_TAGS: Final[dict[str, EmvTag]] = {
    "42": EmvTag("Issuer identification number", "n 6"),
    "4F": EmvTag("Application identifier (card)", "b 5-16"),
    "50": EmvTag("Application label", "ans 1-16"),
    "56": EmvTag("Track 1 data", "ans ..76", "secret"),
    "57": EmvTag("Track 2 equivalent data", "b ..19", "secret"),
    "5A": EmvTag("Application PAN", "cn ..19", "secret"),
    "5F20": EmvTag("Cardholder name", "ans 2-26", "private"),
    "5F24": EmvTag("Application expiration date", "n 6"),
    "5F25": EmvTag("Application effective date", "n 6"),
    "5F28": EmvTag("Issuer country code", "n 3"),
    "5F2A": EmvTag("Transaction currency code", "n 3"),
    "5F30": EmvTag("Service code", "n 3"),
    "5F34": EmvTag("PAN sequence number", "n 2"),
    "71": EmvTag("Issuer script template 1", "b"),
    "72": EmvTag("Issuer script template 2", "b"),
    "77": EmvTag("Response message template", "b"),
    "82": EmvTag("Application interchange profile", "b 2"),
    "84": EmvTag("Dedicated file name", "b 5-16"),
    "86": EmvTag("Issuer script command", "b"),
    "8A": EmvTag("Authorisation response code", "an 2"),
    "8E": EmvTag("CVM list", "b"),
    "91": EmvTag("Issuer authentication data", "b 8-16"),
    "95": EmvTag("Terminal verification results", "b 5"),
    "99": EmvTag("Transaction PIN data", "b", "secret"),
    "9A": EmvTag("Transaction date", "n 6"),
    "9B": EmvTag("Transaction status information", "b 2"),
    "9C": EmvTag("Transaction type", "n 2"),
    "9F02": EmvTag("Amount, authorised", "n 12"),
    "9F03": EmvTag("Amount, other", "n 12"),
    "9F06": EmvTag("Application identifier (terminal)", "b 5-16"),
    "9F07": EmvTag("Application usage control", "b 2"),
    "9F08": EmvTag("Application version number (card)", "b 2"),
    "9F09": EmvTag("Application version number (terminal)", "b 2"),
    "9F0B": EmvTag("Cardholder name, extended", "ans 27-45", "private"),
    "9F10": EmvTag("Issuer application data", "b ..32"),
    "9F1A": EmvTag("Terminal country code", "n 3"),
    "9F1E": EmvTag("Interface device serial number", "an 8"),
    "9F1F": EmvTag("Track 1 discretionary data", "ans", "secret"),
    "9F20": EmvTag("Track 2 discretionary data", "cn", "secret"),
    "9F21": EmvTag("Transaction time", "n 6"),
    "9F26": EmvTag("Application cryptogram", "b 8"),
    "9F27": EmvTag("Cryptogram information data", "b 1"),
    "9F33": EmvTag("Terminal capabilities", "b 3"),
    "9F34": EmvTag("CVM results", "b 3"),
    "9F35": EmvTag("Terminal type", "n 2"),
    "9F36": EmvTag("Application transaction counter", "b 2"),
    "9F37": EmvTag("Unpredictable number", "b 4"),
    "9F39": EmvTag("POS entry mode", "n 2"),
    "9F40": EmvTag("Additional terminal capabilities", "b 5"),
    "9F41": EmvTag("Transaction sequence counter", "n 4-8"),
    "9F53": EmvTag("Transaction category code", "b"),
    "9F5B": EmvTag("Issuer script results", "b"),
    "9F63": EmvTag("Offline counter", "b"),
    "9F66": EmvTag("Terminal transaction qualifiers", "b 4"),
    "9F6B": EmvTag("Track 2 data, contactless", "b ..19", "secret"),
    "9F6C": EmvTag("Card transaction qualifiers", "b 2"),
    "9F6E": EmvTag("Form factor or third-party data", "b"),
    "9F7C": EmvTag("Customer exclusive data", "b"),
}
