"""The hardened parser: what it lets through and how it refuses the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.iso20022.messages import sample

from msggw.errors import Refused, Rule
from msggw.iso20022.parser import LIMITS, Limits, parse

DEEP = b"<a>" * 65 + b"</a>" * 65
DEEPER = b"<a>" * 300 + b"</a>" * 300
ATTACKS = {
    "external entity": (
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
        Rule.SECURITY,
        1,
    ),
    "parameter entity": (
        b'<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY % x SYSTEM "http://h/x"> %x;]><a/>',
        Rule.SECURITY,
        2,
    ),
    "external DTD": (b'<!DOCTYPE a SYSTEM "http://h/x.dtd"><a/>', Rule.SECURITY, 1),
    "internal entity": (b'<!DOCTYPE a [<!ENTITY x "9">]><a>1&x;00</a>', Rule.SECURITY, 1),
    "billion laughs": (
        b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>',
        Rule.SECURITY,
        1,
    ),
    "XInclude": (
        b'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="x"/></a>',
        Rule.SECURITY,
        1,
    ),
    "depth": (DEEP, Rule.LIMIT, 1),
    "more depth than libxml2 takes": (DEEPER, Rule.SYNTAX, 1),
    "size": (b"<a>" + b"x" * 262_144 + b"</a>", Rule.LIMIT, None),
    "attributes": (
        b"<a\n" + b"".join(b" a%d='%d>'" % (n, n) for n in range(33)) + b"/>",
        Rule.LIMIT,
        1,
    ),
    "namespaces": (
        b"".join(b'<a xmlns:n%d="u:%d"/>' % (n, n) for n in range(1001)).join((b"<b>", b"</b>")),
        Rule.LIMIT,
        None,
    ),
    "UTF-16": ("<a/>".encode("utf-16"), Rule.CHARSET, 1),
    "UTF-16 without mark": ("<a/>".encode("utf-16-le"), Rule.CHARSET, 1),
    "UTF-32": ("<a/>".encode("utf-32-be"), Rule.CHARSET, 1),
    "EBCDIC": ("<a/>".encode("cp500"), Rule.CHARSET, 1),
    "declared Latin 1": (
        b'<?xml version="1.0" encoding="ISO-8859-1"?><a>x</a>',
        Rule.CHARSET,
        1,
    ),
    "Latin 1": ("<a>\n\u00e9</a>".encode("latin-1"), Rule.CHARSET, 2),
    "UTF-7": (b"<?xml version='1.0' encoding='UTF-7'?>+ADw-a+AD4-", Rule.CHARSET, 1),
    "NUL": (b"<a>\x00</a>", Rule.CHARSET, 1),
    "two marks": (b"\xef\xbb\xbf\xef\xbb\xbf<a/>", Rule.SYNTAX, 1),
    "second root": (b"<a/>\n<b/>", Rule.SYNTAX, 2),
    "XML 1.1": (b'<?xml version="1.1"?><a>&#1;</a>', Rule.SYNTAX, 1),
    "no version": (b'<?xml encoding="UTF-8"?><a/>', Rule.SYNTAX, 1),
    "control character": (b"<a>&#1;</a>", Rule.SYNTAX, 1),
    "truncated": (b"<a><b>", Rule.SYNTAX, 1),
    "undefined entity": (b"<a>&x;</a>", Rule.SYNTAX, 1),
    "nothing": (b"", Rule.SYNTAX, 1),
    "retyped": (
        b'<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<b xsi:type="c"/></a>',
        Rule.SECURITY,
        2,
    ),
    "nil": (
        b'<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>',
        Rule.SECURITY,
        1,
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_is_refused_with_its_fault(name):
    """Each known attack ends in one fault of the right rule, at its line."""
    data, rule, line = ATTACKS[name]
    with pytest.raises(Refused) as refused:
        parse(data)

    assert [(rule, line)] == [(fault.rule, fault.where.line) for fault in refused.value]


@given(st.binary(max_size=200))
def test_garbage_is_only_ever_refused(data):
    """Bytes give a tree or a refusal."""
    try:
        root = parse(data)
    except Refused:
        root = None

    assert root is None or isinstance(root.tag, str)


@given(st.integers(0, len(sample())), st.binary(min_size=1, max_size=3))
def test_a_damaged_message_is_only_ever_refused(position, damage):
    """Any bytes put anywhere into a message give a tree or a refusal."""
    data = sample()
    try:
        root = parse(data[:position] + damage + data[position:])
    except Refused:
        root = None

    assert root is None or isinstance(root.tag, str)


def test_no_fault_quotes_the_message():
    """libxml2 quotes names and values; the fault has its number only."""
    with pytest.raises(Refused) as refused:
        parse(b"<a>4111111111111111</b4111111111111111>")

    assert "4111" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "text", [b"10<!-- x -->00", b"10<?x y?>00", b"<![CDATA[10]]>00", b"1&#48;00"]
)
def test_a_text_is_one_text(text):
    """Comments, instructions and sections do not cut an amount."""
    root = parse(b"<a>%b</a>" % text)

    assert root.text == "1000"
    assert len(root) == 0


def test_a_mark_and_a_declaration_are_accepted():
    """UTF-8 may say that it is UTF-8."""
    root = parse('\ufeff<?xml version="1.0" encoding="utf-8" standalone="yes"?><a>é</a>'.encode())

    assert root.text == "é"


def test_limits_are_arguments():
    """Every limit can be set, and holds exactly."""
    small = Limits(size_bytes_max=40, depth_max=2, attributes_max=1, namespaces_max=1)

    assert parse(b'<a x="1"><b/></a>', small).tag == "a"
    assert parse(b"<a>" * 64 + b"</a>" * 64, LIMITS).tag == "a"
    for data in (b"<a>" + b" " * 40 + b"</a>", b"<a><b><c/></b></a>", b'<a x="1" y="2"/>'):
        with pytest.raises(Refused):
            parse(data, small)


def test_a_document_type_is_also_looked_for_in_the_tree(monkeypatch):
    """The byte check is not trusted alone."""
    monkeypatch.setattr("msggw.iso20022.parser._FORBIDDEN", {})
    with pytest.raises(Refused) as refused:
        parse(b"<!DOCTYPE a []><a/>")

    assert refused.value.faults[0].rule is Rule.SECURITY


def test_no_file_is_opened(monkeypatch, tmp_path):
    """Even without the byte check an external entity brings nothing in."""
    monkeypatch.setattr("msggw.iso20022.parser._FORBIDDEN", {})
    secret = tmp_path / "secret"
    secret.write_text("canary")
    with pytest.raises(Refused):
        parse(b'<!DOCTYPE a [<!ENTITY x SYSTEM "%b">]><a>&x;</a>' % str(secret).encode())


def test_nothing_else_parses():
    """Our samples are read alike by the plain parser of lxml: hardening changes no message."""
    plain = etree.fromstring(sample(), etree.XMLParser(remove_comments=True))

    assert etree.tostring(plain) == etree.tostring(parse(sample()))
