"""Judges XML with lxml (libxml2).

Laxer than the specification: it takes the version number `1.`, and any entity where the document type has an external
subset. Stricter: it asks what Namespaces in XML asks of names with colons and of the values of `xmlns`. The encoding
that a document declares is not looked at: a text has none.
"""

from __future__ import annotations

from lxml import etree


def accepts(text: str) -> bool:
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True)
    try:
        etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError:
        return False
    return True
