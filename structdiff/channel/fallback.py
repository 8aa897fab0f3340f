"""The last resort: a valid text that keeps the content, where no reading is valid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape

from structdiff.channel.markup_atoms import NAME

SVG = 'xmlns="http://www.w3.org/2000/svg"'
XML_NAME = r"[A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u0400-\u1fff][\w.\-]*"
PART = re.compile(rf"""
    (?P<comment><!--(?:(?!--)[^<])*-->) | (?P<section><!\[CDATA\[(?P<data>[^\]]*)\]\]>) | (?P<left><\?[^<>]*\?> | <!doctype[^<>\[]*>)
  | <(?P<close>/?)(?P<name>{XML_NAME}(?::{XML_NAME})?)(?P<rest>(?:[^<>"']|"[^"<]*"|'[^'<]*')*>)? | (?P<text>[^<]+|<)
""", re.VERBOSE | re.IGNORECASE)
ATTRIBUTE = re.compile(rf"(?<![^\s\"'])({XML_NAME}(?::{XML_NAME})?)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
ROOT = re.compile(rf"\s*(?:<!--[^<]*-->\s*)*<({XML_NAME}(?::{XML_NAME})?)")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
ROUNDS = 4                      # a tree that is written and read again may want mending again


def fallback(text: str, format: str) -> str | None:
    """Returns a text that is mostly valid, with the content of `text`; format: xml, svg or html."""
    return _html(text) if format == "html" else _xml(text, format == "svg")


# --- XML --------------------------------------------------------------------------------------------------------------


def _xml(text: str, svg: bool) -> str:
    """Returns XML of the tags that can be read, each ended, in a root of their own where there is more than one; all else is text."""
    parts, open_names, tops, used, bound = [], [], 0, set(), None
    for part in PART.finditer(CONTROL.sub("", text)):
        name = part["name"]
        if name is None:
            written = part["comment"] or _escaped(part["data"] if part["section"] else part["text"] or "", bool(part["section"]))
            tops += 2 * (not open_names and part["comment"] is None and bool(written.strip()))
            parts.append(written)
        elif part["close"]:
            parts += _ended(open_names, name)
        else:
            tops += not open_names
            attributes = _attributes(part["rest"] or "")
            used |= {one.partition(":")[0] for one in (name, *attributes) if ":" in one}
            bound = bound if bound is not None else {one[6:] for one in attributes if one.startswith("xmlns:")}
            empty = (part["rest"] or "").endswith("/>")
            if not empty:
                open_names.append(name)
            parts.append(f"<{name}{''.join(f' {key}={value}' for key, value in attributes.items())}{'/' if empty else ''}>")
    body = "".join([*parts, *(f"</{name}>" for name in reversed(open_names))])
    alone = tops == 1 and ROOT.match(body)
    unbound = sorted(used - {"xml", "xmlns"} - (bound if alone and bound else set()))
    declared = "".join(f' xmlns:{prefix}="urn:{prefix}"' for prefix in unbound)
    if alone and (not svg or alone[1] == "svg"):
        return body[: alone.end()] + declared + body[alone.end() :]
    return f"<svg {SVG}{declared}>{body}</svg>" if svg else f"<root{declared}>{body}</root>"


def _ended(open_names: list[str], name: str) -> Iterator[str]:
    """Yields the end tags up to that of `name`; none where it is not open."""
    if name in open_names[-64:]:
        while (last := open_names.pop()) != name:
            yield f"</{last}>"
        yield f"</{name}>"


def _attributes(text: str) -> dict[str, str]:
    """Returns the attributes that can be read, quoted; the first of each name, and of each behind a prefix."""
    found: dict[str, str] = {}
    local: set[str] = set()
    for key, value in ATTRIBUTE.findall(text):
        bare = value[1:-1] if value[0] in "\"'" else value.removesuffix("/")
        if key.startswith("xmlns"):
            bare = bare.strip().partition(" ")[0]
        elif ":" in key:
            if key.partition(":")[2] in local:
                continue
            local.add(key.partition(":")[2])
        if not (key.startswith("xmlns") and (not bare or key in ("xmlns:xml", "xmlns:xmlns") or ":" not in bare)):
            found.setdefault(key, '"' + _escaped(bare, False).replace('"', "&quot;") + '"')
    return found


def _escaped(text: str, raw: bool) -> str:
    """Returns the text with its entities decoded, unless it is raw, and escaped anew."""
    return escape(CONTROL.sub("", text if raw else unescape(text)), quote=False)


# --- HTML -------------------------------------------------------------------------------------------------------------


def _html(text: str) -> str:
    """Returns html5lib's tree, written with all its tags, until it reads it without a fault; then its text alone."""
    import html5lib

    text = CONTROL.sub("", text)
    for _ in range(ROUNDS):
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        tree = parser.parse(text)
        if not parser.errors:
            return text
        for element in tree.iter():
            for key in [key for key in element.attrib if not re.fullmatch(NAME, str(key))]:
                del element.attrib[key]
        text = "<!DOCTYPE html>\n" + html5lib.serialize(
            tree, omit_optional_tags=False, quote_attr_values="always", minimize_boolean_attributes=False, escape_lt_in_attrs=True)
    words = "".join(one for one in tree.itertext())
    return f"<!DOCTYPE html>\n<html><head><title></title></head><body><p>{escape(words, quote=False)}</p></body></html>"
