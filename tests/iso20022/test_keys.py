"""Keys that tie a later message to its original."""

from tests.iso20022.messages import incoming

from msggw.canonical import Kind, Original, Transaction
from msggw.iso20022 import match_keys, original_keys


def test_requests_find_the_transfer_they_are_about():
    """Status request, cancellation and return share every key with the transfer."""
    transfer = match_keys(incoming().transactions[0], "DEMOKZKAXXX")

    assert (
        "uetr:7c6f1d0e-52a4-4c1e-9d2b-3f4a5b6c7d8e",
        "tx:DEMOKZKAXXX/TX-0001",
        "msg:DEMOKZKAXXX/DEMO-20261120-0001/INVOICE-2026-118",
    ) == transfer
    for name in ("pacs.028.xml", "camt.056.xml", "pacs.004.xml"):
        assert transfer == original_keys(incoming(name).transactions[0], "DEMOKZKAXXX")


def test_without_references_there_are_no_keys():
    """Nothing is found by nothing."""
    assert () == match_keys(Transaction(kind=Kind.CREDIT_TRANSFER))
    assert () == original_keys(Transaction(kind=Kind.RETURN))
    assert ("msg:/m/",) == original_keys(
        Transaction(kind=Kind.RETURN, original=Original(message_id="m"))
    )
