"""`msggw iso8583`: messages in hexadecimal, base64 or raw, from files and from standard input."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from tests.cli.command import EXAMPLES, msggw

HEX = EXAMPLES / "0100.hex"
WIRE = bytes.fromhex(HEX.read_text())
MTI_AND_BITMAP = 4 + 16
PAN = b"4111111111111111"


def test_build_gives_the_bytes_of_the_example() -> None:
    """As digits, as bytes, in JSON, and in a frame: always the same message."""
    source = EXAMPLES / "0100.json"
    framed = msggw("iso8583", "build", source, "--framing", "binary-2", "--raw")

    assert WIRE.hex() + "\n" == msggw("iso8583", "build", source).out
    assert WIRE == msggw("iso8583", "build", source, "--raw").raw
    assert {"hex": WIRE.hex(), "bytes": len(WIRE)} == msggw(
        "iso8583", "build", "-", "--raw", "--json", stdin=source.read_bytes()
    ).json()
    assert len(WIRE).to_bytes(2, "big") + WIRE == framed.raw


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"mti": "0100", "fields": {"4": "x"}}', b"{"])
def test_build_refuses_what_is_no_message(data: bytes) -> None:
    """A document that describes no message ends with 3 and names no value."""
    done = msggw("iso8583", "build", "-", "--json", stdin=data)

    assert 3 == done.code
    assert done.problem()["errors"]


@pytest.mark.parametrize(
    "data", [HEX.read_bytes(), WIRE.hex().upper().encode(), base64.b64encode(WIRE), WIRE]
)
def test_describe_reads_any_form(data: bytes) -> None:
    """Digits, base64 and bytes describe alike, and show no card number."""
    done = msggw("iso8583", "describe", "-", stdin=data)

    assert 0 == done.code
    assert msggw("iso8583", "describe", HEX).out == done.out
    assert "411111******1111" in done.out
    assert PAN.decode() not in done.out


def test_describe_takes_digits_for_what_can_be_read() -> None:
    """A raw message of nothing but hexadecimal digits is not taken for hexadecimal."""
    sent = b'{"mti": "0800", "fields": {"7": "1121103000", "11": "000001", "70": "301"}}'
    raw = msggw("iso8583", "build", "-", "--raw", stdin=sent).raw

    for data in (raw, raw.hex().encode()):
        done = msggw("iso8583", "describe", "-", "--json", stdin=data)
        assert (0, "0800") == (done.code, done.json()["messages"][0]["mti"])


def test_describe_reads_frames() -> None:
    """With a framing, each message has its offset in the input."""
    frame = len(WIRE).to_bytes(2, "big") + WIRE
    done = msggw("iso8583", "describe", "-", "--framing", "binary-2", "--json", stdin=frame * 2)

    assert 0 == done.code
    assert [2, len(frame) + 2] == [one["offset"] for one in done.json()["messages"]]


def test_describe_names_the_broken_byte() -> None:
    """A letter in DE 4 ends with 3; the fault names element and byte, and quotes nothing."""
    place = MTI_AND_BITMAP + 2 + 16 + 6
    broken = WIRE[:place] + b"X" + WIRE[place + 1 :]
    done = msggw("iso8583", "describe", "-", "--json", stdin=broken.hex().encode())
    shown = msggw("iso8583", "describe", "-", stdin=broken)

    assert 3 == done.code
    assert [("DE4", place)] == [
        (fault["path"], fault["offset"]) for fault in done.json()["messages"][0]["faults"]
    ]
    assert 3 == shown.code
    assert f"iso8583:DE4@{place}" in shown.out


def test_describe_refuses_more_than_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Input is bounded, from a file and from standard input alike."""
    monkeypatch.setattr("msggw.cli.output.INPUT_BYTES_MAX", 10)

    assert 3 == msggw("iso8583", "describe", HEX).code
    assert 3 == msggw("iso8583", "describe", "-", stdin=WIRE).code


def test_a_spec_file_serves_as_a_dialect(tmp_path: Path) -> None:
    """A dialect may be a file of one's own; one that is wrong is a configuration error."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("name: mine\nextends: iso87-ascii\n")
    bad.write_text("name: mine\nextends: iso87-ascii\nno_such_key: 1\n")
    wrong = msggw("iso8583", "describe", HEX, "--spec", bad, "--json")

    assert "mine" == msggw("iso8583", "describe", HEX, "--spec", good, "--json").json()["spec"]
    assert 2 == wrong.code
    assert "no_such_key" in json.dumps(wrong.problem())


@pytest.mark.parametrize("data", [WIRE, HEX.read_bytes()])
def test_guess_finds_dialect_and_framing(data: bytes) -> None:
    """The best guess reads the message without a fault; a frame is recognised as one."""
    plain = msggw("iso8583", "guess", "-", "--json", stdin=data).json()["guesses"][0]
    frame = len(WIRE).to_bytes(2, "big") + WIRE
    framed = msggw("iso8583", "guess", "-", "--json", stdin=frame).json()["guesses"]
    fitting = [(one["spec"], one["framing"]) for one in framed if one["score"] == 1]

    assert ("", 1.0) == (plain["framing"], plain["score"])
    assert ("iso87-ascii", "binary-2") in fitting


def test_guess_says_when_nothing_fits() -> None:
    """Bytes that are no message in any dialect end with 3."""
    done = msggw("iso8583", "guess", "-", stdin=b"?")

    assert (3, "nothing fits\n") == (done.code, done.out)
    assert msggw("iso8583", "guess", HEX).out.startswith("1.000  ")


def test_spec_lint_names_every_fault(tmp_path: Path) -> None:
    """What comes with the gateway is sound; a wrong file ends with 3 and names its key."""
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: mine\nextends: iso87-ascii\nno_such_key: 1\n")
    told = msggw("iso8583", "spec", "lint", bad, "--json")
    both = msggw("iso8583", "spec", "lint", "iso87-ascii", bad)

    assert (0, "iso87-ascii: sound\n") == (
        msggw("iso8583", "spec", "lint", "iso87-ascii").code,
        msggw("iso8583", "spec", "lint", "iso87-ascii").out,
    )
    assert (3, False) == (told.code, told.json()["sound"])
    assert "no_such_key" in json.dumps(told.json()["faults"])
    assert 3 == both.code
    assert f"{bad}: 1 fault(s)" in both.out
    assert 2 == msggw("iso8583", "spec", "lint", "no-such-spec").code


def test_spec_show_is_the_field_book() -> None:
    """Each element is a row, in text and in JSON."""
    told = msggw("iso8583", "spec", "show", "iso87-ascii", "--json").json()
    shown = msggw("iso8583", "spec", "show", "iso87-ascii").out.splitlines()

    assert "iso87-ascii" == told["spec"] == shown[0]
    assert [row["number"] for row in told["fields"]] == [line.split()[0] for line in shown[1:]]
    assert "pan" == next(row["sensitivity"] for row in told["fields"] if row["number"] == "2")


def test_spec_diff_names_what_differs() -> None:
    """A dialect does not differ from itself; another encoding is named element by element."""
    told = msggw("iso8583", "spec", "diff", "iso87-ascii", "iso87-binary", "--json").json()

    assert "no difference\n" == msggw("iso8583", "spec", "diff", "iso87-ascii", "iso87-ascii").out
    assert "2" in [row["number"] for row in told]
    assert all(row["left"] != row["right"] for row in told)
