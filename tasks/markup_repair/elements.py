"""Elements with attributes and children, and how they are written down."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
OPTIONAL = frozenset("li dt dd p tr td th tbody thead option colgroup".split())     # whose end tags HTML lets one leave out

FLOWING = frozenset("pre script style textarea title".split())                      # whose blanks are to stay


@dataclass(frozen=True)
class Raw:
    """Markup written as it stands: a comment, a CDATA section, an instruction, a script's text."""

    text: str


@dataclass(frozen=True)
class Element:
    name: str
    attributes: tuple[tuple[str, str | None], ...]
    children: tuple[Element | Raw | str, ...]


def tag(name: str, *children: Element | Raw | str, attributes: dict[str, str | None] | None = None) -> Element:
    return Element(name, tuple((attributes or {}).items()), children)


@dataclass(frozen=True)
class Style:
    """How markup is laid out. indent: None writes all in one line. html: void elements stand alone, none closes itself."""

    indent: str | None
    quote: str = '"'
    closing: str = "/>"                 # of an empty element: "/>", " />" or "" for a pair of tags
    html: bool = False
    lazy: bool = False                  # optional end tags and the quotes of plain attribute values are left out
    wrap: bool = False                  # one attribute a line, where there are many


def drawn_style(rng: random.Random, html: bool) -> Style:
    indent = rng.choice(["  ", "  ", "  ", "    ", "\t", "", None])
    return Style(indent, "'" if rng.random() < 0.1 else '"', rng.choice(["/>", "/>", " />", ""]), html,
                 html and rng.random() < 0.15,
                 not html and rng.random() < 0.1)


def written(node: Element | Raw | str, style: Style, margin: str = "") -> str:
    """Returns the markup of the node; blocks on lines of their own, text and what stands in it on one."""
    if isinstance(node, Raw):
        return node.text
    if isinstance(node, str):
        return escaped(node)
    opening = f"<{node.name}{_attributes(node, style, margin)}"
    if style.html and node.name in VOID:
        return opening + (" />" if style.closing == " />" and not style.lazy else ">")
    if not node.children and not style.html and style.closing:
        return opening + style.closing
    closing = "" if style.lazy and node.name in OPTIONAL else f"</{node.name}>"
    return f"{opening}>{_inside(node, style, margin)}{closing}"


def _inside(node: Element, style: Style, margin: str) -> str:
    flowing = node.name in FLOWING or any(isinstance(child, str) for child in node.children)
    if style.indent is None or flowing or not node.children:
        plain = Style(None, style.quote, style.closing, style.html, style.lazy)
        return "".join(written(child, plain) for child in node.children)
    inner = margin + style.indent
    return "".join(f"\n{inner}{written(child, style, inner)}" for child in node.children) + f"\n{margin}"


def _attributes(node: Element, style: Style, margin: str) -> str:
    between = f"\n{margin}{style.indent or ' '}    " if style.wrap and len(node.attributes) > 3 else " "
    return "".join(between + _attribute(name, value, style) for name, value in node.attributes)


def _attribute(name: str, value: str | None, style: Style) -> str:
    if value is None:
        return name
    if style.lazy and re.fullmatch(r"[\w.-]+", value):
        return f"{name}={value}"
    quoted = escaped(value).replace(style.quote, "&quot;" if style.quote == '"' else "&#39;")
    return f"{name}={style.quote}{quoted}{style.quote}"


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
