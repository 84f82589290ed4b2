"""The spec language: every mistake is named with its place, and nothing unknown is ignored."""

from __future__ import annotations

import pytest

from msggw.errors import ConfigurationError, Refused
from msggw.iso8583 import Codec, speclang

GOOD = {"name": "x", "title": "x", "fields": {"3": {"name": "x", "format": "n 6"}}}


def faults(**changes):
    """The paths of the faults of a spec with changes."""
    with pytest.raises(Refused) as caught:
        speclang.parse({**GOOD, **changes})
    return {one.where.path for one in caught.value.faults}


def field(**entry):
    """A spec's fields with one entry."""
    return {"44": {"name": "x", "format": "ans..25", **entry}}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"colour": "red"}, "colour"),
        ({"name": ""}, "name"),
        ({"header": "fixed:0"}, "header"),
        ({"mti": "morse"}, "mti"),
        ({"bitmap": {"encoding": "ascii"}}, "bitmap.encoding"),
        ({"bitmap": {"secondary": "never"}}, "bitmap.secondary"),
        ({"bitmap": {"size": 8}}, "bitmap.size"),
        ({"bitmap": []}, "bitmap"),
        ({"encodings": {"colour": "red"}}, "encodings.colour"),
        ({"encodings": {"prefix": "morse"}, "fields": field()}, "encodings.prefix"),
        ({"fields": {}}, "fields"),
        ({"fields": {"1": {}}}, "fields.1"),
        ({"fields": {"003": {}}}, "fields.003"),
        ({"fields": {"3": []}}, "fields.3"),
        ({"fields": field(format="q 6")}, "fields.44.format"),
        ({"fields": field(name=None)}, "fields.44.name"),
        ({"fields": field(colour=1)}, "fields.44.colour"),
        ({"fields": field(encoding="morse")}, "fields.44.encoding"),
        ({"fields": field(encoding="bcd")}, "fields.44.encoding"),
        ({"fields": field(encoding="binary")}, "fields.44.encoding"),
        ({"fields": field(prefix="ascii:9")}, "fields.44.prefix"),
        ({"fields": field(prefix="none")}, "fields.44.prefix"),
        ({"fields": field(prefix="ascii:1")}, "fields.44"),
        ({"fields": field(min=99)}, "fields.44.min"),
        ({"fields": field(counts="sheep")}, "fields.44.counts"),
        ({"fields": field(sensitivity="shy")}, "fields.44.sensitivity"),
        ({"fields": field(composite={"kind": "heap"})}, "fields.44.composite"),
        ({"fields": field(composite={"kind": "tlv"})}, "fields.44.composite.id"),
        (
            {
                "fields": field(
                    composite={
                        "kind": "tlv",
                        "id": "ascii:2",
                        "length": "ascii:2",
                        "other": {"format": "q 6"},
                    }
                )
            },
            "fields.44.composite.other.format",
        ),
        (
            {"fields": field(composite={"kind": "bitmap", "colour": 1})},
            "fields.44.composite.colour",
        ),
        (
            {"fields": field(composite={"kind": "positional", "parts": {"1": {}}})},
            "fields.44.composite.parts.1.format",
        ),
    ],
)
def test_mistakes(changes, place):
    """Each mistake is reported at its place."""
    assert place in faults(**changes)


def test_depth_of_composites_is_limited():
    """Composites within composites end somewhere."""
    entry = {"name": "x", "format": "ans..99"}
    for _ in range(6):
        entry = {
            "name": "x",
            "format": "ans..99",
            "composite": {"kind": "positional", "parts": {"1": entry}},
        }
    with pytest.raises(Refused):
        speclang.parse({**GOOD, "fields": {"44": entry}})


def test_files(tmp_path):
    """Specs extend one another across files; null takes a field away."""
    base = tmp_path / "base.yaml"
    base.write_text("name: b\ntitle: b\nextends: iso87-ascii\nfields:\n  44: null\n")
    more = tmp_path / "more.yml"
    more.write_text('name: m\ntitle: m\nextends: base\nfields:\n  "39": {format: an 3}\n')
    codec = Codec.load(more)

    assert "44" not in codec.spec.fields
    assert "an 3" == codec.spec.fields["39"].format
    assert "Response code" == codec.spec.fields["39"].name


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "- 1\n", "a: [\n", "extends: 7\n"])
def test_broken_files(tmp_path, text):
    """YAML that is none, or that hides something, is refused."""
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(Refused):
        speclang.load(path)


def test_limits(tmp_path, monkeypatch):
    """A spec may not extend itself, nor be huge."""
    path = tmp_path / "x.yaml"
    path.write_text("extends: x\n")
    with pytest.raises(Refused):
        speclang.load(path)
    monkeypatch.setattr("msggw.iso8583.speclang._FILE_BYTES_MAX", 3)
    with pytest.raises(Refused):
        speclang.load(path)


def test_missing_specs(tmp_path):
    """A spec that does not exist is a matter of configuration; the message names the others."""
    with pytest.raises(ConfigurationError, match="iso87-ascii"):
        speclang.load("nothing")
    with pytest.raises(ConfigurationError):
        speclang.load("some/thing")
    with pytest.raises(ConfigurationError):
        speclang.load(tmp_path / "nothing.yaml")


@pytest.mark.parametrize("name", speclang.names())
def test_shipped_specs(name):
    """Every shipped spec loads, and says of each field what it is called."""
    spec = speclang.load(name)

    assert name == spec.name
    assert all(one.name and one.format for one in spec.fields.values())
