"""Judges HTML with html5lib, strict: a text that begins with a document type as a document, any other as a fragment.

Laxer than the specification: it takes unknown and obsolete elements, block elements in phrasing content (but not in `p`
and headings), text in tables, and elements such as `legend` and `source` anywhere. Stricter: it reports every `&`
before a letter that begins no named reference, and `--` in comments; and it knows no `template` in `head` and tables.
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
