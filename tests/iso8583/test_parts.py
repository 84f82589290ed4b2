"""Headers, composites, encodings and types by example: the forms that real hosts send."""

from __future__ import annotations

import copy

import pytest
from tests.iso8583.strategies import CODECS

from msggw.errors import Refused, Rule
from msggw.iso8583 import (
    Codec,
    Composite,
    Message,
    encoding,
    mti_is_repeat,
    mti_is_request,
    mti_is_response,
    repeat_mti,
    response_mti,
)
from msggw.iso8583.header import Vip
from msggw.iso8583.prefix import Prefix
from msggw.values import CardVerificationCode, SecretBytes

VISA, CIS = CODECS["visa-base1"], CODECS["mastercard-cis"]


def test_mti():
    """Responses, repeats and kinds follow the digits."""
    assert ["0110", "0110", "0430", "0430", "1814", "0132"] == [
        response_mti(one) for one in ("0100", "0101", "0420", "0421", "1805", "0122")
    ]
    assert ("0421", "0421") == (repeat_mti("0420"), repeat_mti("0421"))
    assert mti_is_request("0100")
    assert mti_is_response("0110")
    assert mti_is_repeat("0101")
    for wrong in ("0110", "01", "abcd"):
        with pytest.raises(ValueError, match="answered"):
            response_mti(wrong)


def test_visa_header():
    """The header's lengths are set and checked; an answer swaps the stations."""
    header = bytes.fromhex("16010200000123456543210A") + bytes(10)
    data = VISA.encode(Message("0800", {"7": "0101120000"}, header=header))
    read = VISA.decode(data)

    assert len(data) == int.from_bytes(read.header[3:5], "big")
    answer = read.response({"39": "00"})
    assert "654321012345" == answer.header[5:11].hex()
    for wrong in (data[:3] + b"\xff\xff" + data[5:], b"\x17" + data[1:], data[:20]):
        with pytest.raises(Refused):
            VISA.decode(wrong)
    bad_station = data[:5] + b"\xaa" + data[6:]
    with pytest.raises(Refused):
        VISA.decode(bad_station)
    with pytest.raises(Refused):
        VISA.encode(Message("0800", {}, header=b"123"))


def test_visa_reject():
    """A rejected message shows its code; its own header follows."""
    original = VISA.encode(Message("0800", {"7": "0101120000"}))
    total = (26 + len(original)).to_bytes(2, "big")
    data = b"\x1a\x01\x02" + total + bytes(17) + b"\x80\x00\x05\x12" + original
    read = VISA.decode(data)

    assert "0512" == Vip.reject_code(read.header)
    assert Vip.reject_code(original) is None
    assert data == VISA.encode(read.evolve())
    assert 22 == len(VISA.spec.header.answer(read.header))
    with pytest.raises(Refused):
        VISA.decode(data[:26] + b"\x00" + data[27:])


def test_visa_composites():
    """Own bitmaps, datasets and chip data are read by path."""
    fields = {
        "55": {"01": {"9F26": bytes(8)}},
        "62": {"2": "1" * 15, "23": "A "},
        "63.1": "0002",
        "104": {"57": {"01": b"ab"}},
        "126.10": "11 123",
        "136": bytes(8),
    }
    read = VISA.decode(VISA.encode(Message("0100", fields)))

    assert bytes(8) == read["55.01.9F26"]
    assert ("1" * 15, "0002", b"ab") == (read["62.2"], read["63.1"], read["104.57.01"])
    assert isinstance(read["126.10"], SecretBytes)
    assert "***" not in str(read["62"].masked())
    assert isinstance(read["62"], Composite)
    assert "62.2" in read
    assert "62.3" not in read


def test_mastercard_composites():
    """DE 48 with and without its category code, DE 61 in positions, secrets typed."""
    with_code = CIS.decode(CIS.encode(Message("0100", {"48": {"tcc": "R", "92": "123"}})))
    without = CIS.decode(CIS.encode(Message("0800", {"48": {"77": "C07", "99": "??"}})))

    assert ("R", "C07", "??") == (with_code["48.tcc"], without["48.77"], without["48.99"])
    assert isinstance(with_code["48.92"], CardVerificationCode)
    assert "123" not in str(with_code["48"].masked()) + repr(with_code["48"])
    spots = dict(zip(map(str, range(1, 12)), "10251000000", strict=True))
    read = CIS.decode(CIS.encode(Message("0100", {"61": {**spots, "12": "00", "13": "398"}})))
    assert "398" == read["61.13"]
    again = CIS.encode(Message("0100", {"61": read["61"], "48": with_code["48"]}))
    assert read["61"] == CIS.decode(again)["61"]


@pytest.mark.parametrize(
    "fields",
    [
        {"48": {"92": "1", "tcc": "R"}},
        {"48": {"92": "12345"}},
        {"48": {"abc": "1"}},
        {"61": {"2": "1"}},
        {"61": {"1": "1", "99": "1"}},
        {"61": {}},
        {"62": {"1": "1"}},
        {"55": {"9F": b""}},
        {"55": {"72": {"86": 7}}},
    ],
)
def test_parts_that_cannot_be_written(fields):
    """Unknown, misplaced and wrong parts are refused by path."""
    with pytest.raises(Refused):
        CIS.encode(Message("0100", fields))
    with pytest.raises(Refused):
        VISA.encode(Message("0100", {"62": {"9": "1"}}))


def chip(data):
    """Faults of a DE 55 with these bytes."""
    codec = CODECS["iso87-ascii"]
    wire = codec.encode(Message("0100", {"55": b"\x95\x05" + bytes(5)}))
    text = data.hex().upper().encode()
    wire = wire[:-17] + b"%03d" % len(text) + text
    with pytest.raises(Refused) as caught:
        codec.decode(wire)
    return {(one.where.path, one.rule) for one in caught.value.faults}


def test_hostile_chip_data():
    """Lengths beyond the data, endless tags, indefinite forms and depth are refused by place."""
    assert {("DE55.95", Rule.SYNTAX)} == chip(bytes.fromhex("9584FFFFFFFF"))
    assert {("DE55.95", Rule.SYNTAX)} == chip(bytes.fromhex("9580AA0000"))
    assert {("DE55.95", Rule.LENGTH)} == chip(bytes.fromhex("9505AA"))
    assert {("DE55.95", Rule.SYNTAX)} == chip(bytes.fromhex("95"))
    assert {("DE55", Rule.SYNTAX)} == chip(bytes.fromhex("9F8181818101"))
    assert {("DE55", Rule.SYNTAX)} == chip(bytes.fromhex("9F"))
    nested = b""
    for _ in range(20):
        nested = b"\x72" + bytes([len(nested)]) + nested
    ((path, rule),) = chip(nested)
    assert (Rule.LIMIT, 6) == (rule, path.count("72"))


def test_chip_data_keep_everything():
    """Repeated tags, unknown tags, long lengths and filler survive."""
    codec = CODECS["iso87-ascii"]
    data = bytes.fromhex("9F3601019F360102C10199728103860100") + b"\x00\x00\xff"
    wire = codec.encode(Message("0100", {"55": data}))
    for _ in range(70):
        read = codec.decode(wire)
        assert wire == codec.encode(read.evolve())
    tree = read.tree("55")
    assert ("9F36", "9F36", "C1", "72") == tuple(name for name, _ in tree.pairs())
    assert (b"\x01", 3) == (tree["9F36"], len(tree))
    with pytest.raises(KeyError):
        read.tree("3")
    with pytest.raises(TypeError):
        copy.copy(tree).__reduce_ex__(2)


def test_packed_forms():
    """Signed amounts, odd digits and tracks in packed digits."""
    codec = CODECS["iso87-binary"]
    fields = {"28": "C00000100", "22": "051", "35": "4111111111111111=2512", "2": "4" * 19}
    read = codec.decode(codec.encode(Message("0200", fields)))

    assert ("C00000100", "051") == (read["28"], read["22"])
    for wrong in ({"28": "X00000100"}, {"22": "0A1"}, {"35": b"x"}):
        with pytest.raises(Refused):
            codec.encode(Message("0200", wrong))


def test_cp1047():
    """The code page of open systems differs in the brackets and the caret."""
    open_systems, host = encoding.of("cp1047"), encoding.of("cp037")

    assert bytes.fromhex("ad5fbd") == open_systems.write("[^]", 3, "ans")
    assert "[^]" == open_systems.read(bytes.fromhex("ad5fbd"), 3, "ans")
    assert open_systems.write("AB 12", 5, "ans") == host.write("AB 12", 5, "ans")
    with pytest.raises(KeyError):
        encoding.of("morse")
    for value in ("ж", b"bytes"):
        with pytest.raises(ValueError, match=r"expected|outside"):
            open_systems.write(value, 1, "ans")


def test_large_prefixes():
    """Prefixes too large for a table are computed, within the same bounds."""
    for kind, width in (("ascii", 6), ("binary", 4), ("bcd", 3)):
        prefix = Prefix(kind, width)
        table = prefix.table(1, 20_000)
        assert 20_000 == table.get(prefix.write(20_000))
        assert table.get(prefix.write(20_001)) is None
        assert table.get(b"") is None
        assert 50 == prefix.table(0, 20_000, "hex-digits").get(prefix.write(100))
        assert prefix.table(0, 20_000, "hex-digits").get(prefix.write(101)) is None
        assert 200 == prefix.table(0, 20_000, "packed-bytes").get(prefix.write(100))
    with pytest.raises(ValueError, match="at most"):
        Prefix("ascii", 2).write(100)
    assert "ascii:2" == str(Prefix("ascii", 2))


def test_hand_built_messages():
    """Values are checked at once, and paths reach into parts."""
    one = Message("0100", {"48.26": "x", "48.42.01": "212", "2": "4111111111111111"})
    assert ("x", "212") == (one["48.26"], one["48.42.01"])
    assert "<2 parts>" == one.masked()["48"]
    assert ("x", "") == (one.get("48.26"), one.get("49", ""))
    assert 7 not in one
    assert one != "0100"
    assert 2 == len(one) == len(one.fields)
    with pytest.raises(KeyError):
        one.fields["48.26"]
    for wrong in ({"2": "12"}, {"4": 1050}, {"x": "1"}, {"48": "a", "48.1": "b"}):
        with pytest.raises(Refused):
            Message("0100", wrong)


def test_texts():
    """Several values come at once as text, whatever level read the message."""
    codec = Codec(CODECS["iso87-binary"].spec, hits_before_shape=2)
    built = Message("0100", {"2": "4111111111111111", "11": "7", "41": "T1", "52": bytes(8)})
    data = codec.encode(built)
    for _ in range(3):
        read = codec.decode(data)
        assert ("000007", "T1      ", "") == read.texts(("11", "41", "37"))
        assert read.texts(("2", "64")) == read.texts(("2", "64"))
        assert "4111" not in str(read.texts(("2", "52")))
    for n in range(20):
        assert ("000007",) * (n + 1) == read.texts(("11",) * (n + 1))
