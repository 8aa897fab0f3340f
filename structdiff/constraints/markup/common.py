"""What is written where a constraint leaves it open: few names, so that a view of them reaches further.

A text that is checked may have all that its format has.
"""

from __future__ import annotations

import re

MOST_SHOWN = 12            # names of elements in a prompt, and of attributes
MOST_WORDS = 3
SVG_NAMESPACE = "http://www.w3.org/2000/svg"
_TAG = re.compile(r"<([A-Za-z_][\w.-]*)(?![\w.:-])", re.ASCII)
_ATTRIBUTE = re.compile(r"\s([A-Za-z_][\w.-]*)=[\"']", re.ASCII)
_WORD = re.compile(r"(?<![\w.:-])[A-Za-z_][\w-]{3,30}(?![\w:])", re.ASCII)

Elements = dict[str, tuple[str, ...]]

XML_ROOT = "document"
XML_NAMES = ("item", "name", "value")


def xml_elements(prompt: str) -> Elements:
    """Returns the elements that a prompt shows, the root first, with the attributes it shows; if none, those its words name."""
    shown = _names(_TAG.findall(prompt))
    if shown:
        return dict.fromkeys(shown, _names(_ATTRIBUTE.findall(prompt)))
    return dict.fromkeys(_names([XML_ROOT, *_WORD.findall(prompt)[:MOST_WORDS], *XML_NAMES]), ())


def _names(found: list[str]) -> tuple[str, ...]:
    allowed = (name for name in found if not name.lower().startswith("xml"))
    return tuple(dict.fromkeys(allowed))[:MOST_SHOWN]


_INLINE = "(text | a | strong | em | code)*"
_BODY = "(h1 | h2 | h3 | p | ul | ol | table | section | pre | img)*"
HTML_CONTENT = {
    "html": "head, body", "head": "meta?, title", "title": "text", "body": _BODY, "section": _BODY,
    "h1": "text", "h2": "text", "h3": "text", "p": "(text | a | strong | em | code | br)*", "pre": "text",
    "ul": "li+", "ol": "li+", "li": _INLINE, "table": "tr+", "tr": "(th | td)+", "th": "text", "td": _INLINE,
    "a": "text", "strong": "text", "em": "text", "code": "text", "br": "empty", "img": "empty", "meta": "empty",
}
HTML_ATTRIBUTES = {"html": ("lang",), "meta": ("charset",), "a": ("href",), "img": ("src", "alt")}
HTML_REQUIRED = {"meta": ("charset",), "a": ("href",), "img": ("src", "alt")}
HTML_FIXED = {("meta", "charset"): "utf-8"}
STRUCTURE = ("html", "head", "body")                     # of every page, whether or not its tags are there

_DRAWN = "(rect | circle | ellipse | line | polyline | polygon | path | text | g)*"
SVG_CONTENT = {
    "svg": _DRAWN, "g": _DRAWN, "text": "text",
    **dict.fromkeys(("rect", "circle", "ellipse", "line", "polyline", "polygon", "path"), "empty"),
}
_PAINT = ("fill", "stroke")
SVG_ATTRIBUTES = {
    "svg": ("xmlns", "width", "height", "viewBox"), "g": _PAINT, "text": ("x", "y", "fill"),
    "rect": ("x", "y", "width", "height", *_PAINT), "circle": ("cx", "cy", "r", *_PAINT),
    "ellipse": ("cx", "cy", "rx", "ry", *_PAINT), "line": ("x1", "y1", "x2", "y2", "stroke"),
    "polyline": ("points", *_PAINT), "polygon": ("points", *_PAINT), "path": ("d", *_PAINT),
}
SVG_REQUIRED = {name: tuple(key for key in keys if key not in _PAINT) for name, keys in SVG_ATTRIBUTES.items() if name != "svg"}
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_URL = "[A-Za-z0-9:/?#.,_~%=+@-]*"
SHAPES = {
    **dict.fromkeys(("x", "y", "width", "height", "cx", "cy", "r", "rx", "ry", "x1", "y1", "x2", "y2"), _NUMBER),
    "viewBox": f"{_NUMBER}(?: {_NUMBER}){{3}}", "points": f"{_NUMBER},{_NUMBER}(?: {_NUMBER},{_NUMBER})*",
    "d": "M[MmLlHhVvCcSsQqTtAaZz0-9 .,-]*", "fill": "[a-z]+|#[0-9a-fA-F]{6}", "stroke": "[a-z]+|#[0-9a-fA-F]{6}",
    "id": "[A-Za-z0-9_.-]+", "lang": "[a-z]{2}(?:-[A-Z]{2})?", "href": _URL, "src": _URL,
}
