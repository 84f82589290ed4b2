"""The manifest: what each schema is, and the hash that shows it is whole."""

from __future__ import annotations

import json
from hashlib import sha256

from tools.xsd.model import Element, Group, Message

NAME = "manifest.json"


def entry(message: Message, text: str) -> dict[str, str]:
    """Describe one schema: `text` is what its file holds."""
    return {
        "message": message.name,
        "namespace": message.namespace,
        "root": message.root,
        "body": _body(message),
        "source": message.source.package,
        "version": message.source.version,
        "sha256": sha256(text.encode()).hexdigest(),
    }


def manifest(entries: list[dict[str, str]]) -> str:
    """Return the manifest as text: a list, sorted by message."""
    return json.dumps(sorted(entries, key=lambda e: e["message"]), indent=2) + "\n"


def _body(message: Message) -> str:
    """The element that names the message: the one child of `Document`, or the header itself."""
    root = message.complex_types[message.root_type]
    if message.root == "Document" and isinstance(root, Group):
        (child,) = root.particles
        if isinstance(child, Element):
            return child.name
    return message.root
