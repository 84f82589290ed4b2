"""Sample messages and how tests change them."""

from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from msggw.iso20022 import read
from msggw.iso20022.content import content_of
from msggw.iso20022.flatten import flatten
from msggw.iso20022.message import local_name, open_message

NOW = datetime(2026, 11, 21, 3, 4, 5, 678901, UTC)
HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
SAMPLES = (
    EXAMPLES / "pacs.008.xml",
    HERE / "samples" / "pacs.008-three.xml",
    EXAMPLES / "pacs.004.xml",
    HERE / "samples" / "pacs.004-group.xml",
    EXAMPLES / "pacs.028.xml",
    HERE / "samples" / "pacs.028-groups.xml",
    EXAMPLES / "camt.056.xml",
    HERE / "samples" / "camt.056-many.xml",
)
"""Every message here is valid."""


def sample(name="pacs.008.xml"):
    """Return the bytes of a sample by its file name."""
    return next(path for path in SAMPLES if path.name == name).read_bytes()


def changed(old, new, name="pacs.008.xml"):
    """Return a sample with one text replaced, wherever it stands."""
    data = sample(name)
    assert old.encode() in data
    return data.replace(old.encode(), new.encode())


def incoming(name="pacs.008.xml"):
    """Read a sample."""
    return read(sample(name), now=NOW)


def fields_of(data):
    """Return the flat body of a message."""
    message = open_message(data)
    content = content_of(message.message_name).children[local_name(message.body)].content
    return flatten(message.body, content)


def values(data, name):
    """Return the texts of every element with a local name, in document order."""
    root = etree.fromstring(data)
    return [node.text for node in root.iter("{*}" + name)]


def bare(data):
    """Return the Document of a message alone."""
    return etree.tostring(open_message(data).document)
