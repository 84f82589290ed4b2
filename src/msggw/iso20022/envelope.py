"""Putting a message together: document, header and wrapper, as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from msggw.iso20022.flatten import build_element, serialise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msggw.iso20022.header import Header

__all__ = ["WRAPPER", "enclose"]

WRAPPER = "BizMsgEnvlp"
"""The root around header and document, where the partner's own is not known."""


def enclose(
    message_name: str,
    fields: Mapping[str, str],
    *,
    header: Header | None = None,
    wrapper: str | None = None,
) -> bytes:
    """Return the XML of a flat document; without a header the document stands alone.

    `fields` are below `Document`; `wrapper` is the Clark name of the root to use.
    """
    document = build_element(fields, message_name, "Document")
    if header is None:
        return serialise(document)
    tag = wrapper or WRAPPER
    namespace = etree.QName(tag).namespace
    root = etree.Element(tag, nsmap={None: namespace} if namespace else None)
    root.append(header.element())
    root.append(document)
    return serialise(root)
