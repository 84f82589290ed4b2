"""`msggw translate`: there and back gives the same, and what is lost is named."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from tests.cli.command import EXAMPLES, msggw

from msggw.iso20022 import validate
from msggw.iso20022.intake import read_fields

HEX, XML = EXAMPLES / "0100.hex", EXAMPLES / "pacs.008.xml"
DIGITS = HEX.read_text().strip()
PACS008 = "iso20022:pacs.008.001.08"

pytestmark = pytest.mark.usefixtures("folder")


def test_iso8583_comes_back_byte_by_byte(folder: Path) -> None:
    """A 0100 becomes canonical JSON without a clear card number, and then the same bytes."""
    there = msggw("translate", HEX, "--from", "iso8583:iso87-ascii", "--to", "canonical")
    (folder / "0100.canonical.json").write_bytes(there.raw)
    back = msggw(
        *("translate", "0100.canonical.json"),
        *("--from", "canonical", "--to", "iso8583:iso87-ascii"),
    )

    assert (0, "") == (there.code, there.err)
    assert "authorisation" == json.loads(there.out)["kind"]
    assert "4111111111111111" not in there.out
    assert (0, DIGITS + "\n", "") == (back.code, back.out, back.err)


@pytest.mark.parametrize("data", [bytes.fromhex(DIGITS), base64.b64encode(bytes.fromhex(DIGITS))])
def test_the_form_of_the_input_is_found(data: bytes) -> None:
    """Bytes and base64 translate as the digits do, and what is no XML or JSON is ISO 8583."""
    assert DIGITS + "\n" == msggw("translate", "-", "--to", "iso8583", stdin=data).out


def test_another_dialect_writes_its_own_bytes() -> None:
    """From ASCII to packed digits and back gives the first message; JSON says what it is."""
    there = msggw("translate", HEX, "--to", "iso8583:iso87-binary", "--json").json()
    packed = there["result"].encode()
    back = msggw(
        "translate", "-", "--from", "iso8583:iso87-binary", "--to", "iso8583", stdin=packed
    )

    assert ("iso8583:iso87-ascii", "iso8583:iso87-binary") == (there["from"], there["to"])
    assert len(packed) < len(DIGITS)
    assert DIGITS + "\n" == back.out


def test_iso20022_comes_back_as_an_equal_document() -> None:
    """A pacs.008 becomes canonical and a pacs.008 again: valid, and the document says the same."""
    there = msggw("translate", XML, "--to", "canonical")
    back = msggw("translate", "-", "--from", "canonical", "--to", PACS008, stdin=there.raw)

    assert 0 == there.code
    assert 0 == back.code
    assert () == validate(back.raw, schema_only=True)
    assert read_fields(XML.read_bytes())[2] == read_fields(back.raw)[2]


def test_several_transactions_are_a_list() -> None:
    """A message of two transactions becomes a list of two, and one message again."""
    one = json.loads(msggw("translate", XML, "--to", "canonical").out)
    other = json.loads(json.dumps(one))
    other["references"] |= {"transaction_id": "TX-0002", "instruction_id": "INSTR-0002"}
    other["references"]["uetr"] = "7c6f1d0e-52a4-4c1e-9d2b-3f4a5b6c7d8f"
    pair = json.dumps([one, other]).encode()
    done = msggw("translate", "-", "--to", "canonical", stdin=pair)

    assert 0 == done.code
    assert 2 == len(json.loads(done.out))


def test_what_is_lost_is_reported(folder: Path) -> None:
    """Losses go to stderr, to a file, or into the one JSON document; the result to --out."""
    canonical = msggw("translate", XML, "--to", "canonical").raw
    to = ("--from", "canonical", "--to", PACS008)
    done = msggw(
        *("translate", "-", *to, "--out", "out.xml", "--loss", "loss.json"), stdin=canonical
    )
    report = json.loads((folder / "loss.json").read_text())

    assert (0, "") == (done.code, done.out)
    assert ["references.business_message_id"] == [entry["source"] for entry in report]
    assert "loss: dropped references.business_message_id" in done.err
    assert () == validate((folder / "out.xml").read_bytes().strip(), schema_only=True)
    assert report == msggw("translate", "-", *to, "--json", stdin=canonical).json()["loss"]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (HEX, PACS008),
        (XML, "iso8583:iso87-ascii"),
        (XML, "iso20022:pacs.002.001.10"),
        (EXAMPLES / "pacs.008-invalid.xml", "canonical"),
    ],
)
def test_what_cannot_be_said_ends_with_3(source: Path, target: str) -> None:
    """A message the target has no words for, or an invalid one, is refused with its faults."""
    done = msggw("translate", source, "--to", target, "--json")

    assert 3 == done.code
    assert done.problem()["errors"]


def test_nothing_is_written_where_nothing_can_be() -> None:
    """An output that cannot be written is wrong usage, not a defect and not the network."""
    assert 2 == msggw("translate", HEX, "--to", "canonical", "--out", "no/such/folder").code
    assert 2 == msggw("translate", HEX, "--to", "canonical", "--out", ".").code


def test_a_byte_order_mark_is_xml() -> None:
    """XML is recognised with a byte order mark in front, and what follows decides."""
    done = msggw("translate", "-", "--to", "canonical", "--json", stdin=b"\xef\xbb\xbf<no")

    assert 3 == done.code
