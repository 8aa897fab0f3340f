"""Judges HTML with html5lib, strict: a text that begins with a document type as a document, any other as a fragment.

Laxer than the specification: it takes unknown and obsolete elements, block elements in phrasing content (but not in
`p`), text in tables, and all of `head`, `noscript` and the like in any order. Stricter: it reports every `&` before a
letter that begins no named reference, and `--` in comments; and it does not know `template` in `head` and in tables.
"""

from __future__ import annotations

import re

import html5lib
from html5lib.html5parser import ParseError

_DOCUMENT = re.compile(r"(?:[ \t\n\f\r]|<!--.*?-->)*<!doctype", re.IGNORECASE | re.DOTALL)


def accepts(text: str) -> bool:
    parser = html5lib.HTMLParser(strict=True)
    try:
        if _DOCUMENT.match(text):
            parser.parse(text)
        else:
            parser.parseFragment(text)
    except ParseError:
        return False
    return True
