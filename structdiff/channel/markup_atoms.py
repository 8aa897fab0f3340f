"""The pieces of XML and HTML that are read at once: tags, the parts of tags, words, sections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from structdiff.channel.html import BOOLEAN, FOREIGN, RAW, VOID

NAME = r"(?:[^\W\d]|:)[\w:.\-]*"
ATOM = re.compile(rf"""
    (?P<MARK><!--|<!\[CDATA\[|<\?|<![dD][oO][cC][tT][yY][pP][eE]\b)
  | (?P<TAG><{NAME}\s*>) | (?P<EMPTY><{NAME}\s*/>) | (?P<OPEN><{NAME})
  | (?P<CLOSE></{NAME}\s*>) | (?P<CUT></+\s*{NAME}(?:\s*>)?) | (?P<APART><[ \t]+{NAME}(?=\s*/?>|\s+{NAME}\s*=)) | (?P<LESS><)
  | (?P<SELF>/>) | (?P<MORE>>) | (?P<DOUBLE>") | (?P<SINGLE>') | (?P<EQUALS>=)
  | (?P<ENTITY>&(?:[A-Za-z][A-Za-z0-9]*|\#\d+|\#[xX][0-9a-fA-F]+);) | (?P<AMPERSAND>&) | (?P<SLASH>/)
  | (?P<NEWLINE>(?:\r\n?|\n)[ \t]*) | (?P<BLANK>[ \t\f]+)
  | (?P<WORD>{NAME}) | (?P<CONTROL>[\x00-\x08\x0b\x0e-\x1f\ufffe\uffff\ud800-\udfff])
  | (?P<TEXT>\d[\w.,\-]*|[^\s<>"'=&/\w:\x00-\x1f\ufffe\uffff\ud800-\udfff]+|.)
""", re.VERBOSE | re.DOTALL)
FIRST_NAME = re.compile(NAME)
KEY = re.compile(r"""\s*=|["'](?=[^\s>/]|/[^>])""")             # what is behind it; the quote, where the `=` is lost or behind that
NAMESPACE = re.compile(r"xmlns(?::|\Z)")
DOCTYPE = re.compile(r"<!doctype[^<>\[]*>", re.IGNORECASE)
SUBSET = re.compile(r"<!doctype[^<>\[]*\[[^\]]*\]\s*>", re.IGNORECASE)
PLAIN_DOCTYPE = re.compile(r"<!doctype\s+html\s*(?:SYSTEM\s+([\"'])about:legacy-compat\1\s*)?>", re.IGNORECASE)
UNMARKED = RAW | {"title", "textarea"}         # in HTML no tag but their own end is markup in these
SPACES = frozenset(("BLANK", "NEWLINE"))
NAMED = frozenset(("TAG", "EMPTY", "OPEN", "CLOSE", "CUT", "APART"))
TAGS = frozenset(("TAG", "EMPTY", "OPEN", "CLOSE", "CUT", "VOID", "VOIDTAG", "ROOTTAG", "ROOTOPEN"))
ENDED = TAGS - {"OPEN", "VOID", "ROOTOPEN"} | {"MORE", "MORE2", "SELF", "FOREIGNSELF"}      # behind these is content


class Piece(NamedTuple):
    """A piece of the text. kind: its symbol. name: of a tag, in small letters for HTML. written: what it is read as instead, or none."""

    kind: str
    begin: int
    end: int
    name: str = ""
    written: str | None = None


class Sections:
    """Finds the ends of comments, CDATA sections, instructions and the doctype, asked from left to right; in linear time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._next: dict[str, int] = {}
        self._subset = True

    def find(self, mark: str, begin: int) -> int:
        """Returns where `mark` is next, or the text's length."""
        if self._next.get(mark, -1) < begin:
            place = self.text.find(mark, begin)
            self._next[mark] = place if place >= 0 else len(self.text)
        return self._next[mark]

    def end(self, begin: int, mark: str) -> tuple[str, int]:
        """Returns the kind and the end of the section that begins with `mark` at `begin`; a `<` alone where it is broken."""
        text = self.text
        if mark == "<!--":
            dashes = self.find("--", begin + 4)
            if text[dashes + 2 : dashes + 3] == ">" and text[begin + 4] != ">":
                return "MISC", dashes + 3
        elif mark == "<![CDATA[":
            closed = self.find("]]>", begin + 9)
            if closed < len(text) and text.find("<![CDATA[", begin + 9, closed) < 0:
                return "CDATA", closed + 3
        elif mark == "<?":
            closed = self.find("?>", begin + 2)
            if closed < len(text) and text.find("<", begin + 2, closed) < 0 and FIRST_NAME.match(text, begin + 2):
                return "XMLDECL" if re.match(r"xml\s", text[begin + 2 : begin + 6]) else "MISC", closed + 2
        elif match := DOCTYPE.match(text, begin):
            return "DOCTYPE", match.end()
        elif self._subset:
            self._subset = False
            if match := SUBSET.match(text, begin):
                return "DOCTYPE", match.end()
        return "LESS", begin + 1


def pieces(text: str, html: bool) -> Iterator[Piece]:
    """Cuts the text into pieces, without regard to damage."""
    sections, at, inside, seen = Sections(text), 0, "", set()
    while at < len(text):
        found = ATOM.match(text, at)
        kind, end, name, raw, apart = found.lastgroup, found.end(), "", "", None
        if kind == "MARK":
            kind, end = sections.end(at, found[0])
            if html and kind in ("XMLDECL", "MISC", "DOCTYPE"):
                kind = _html_section(text[at:end], kind)
        elif kind in NAMED:
            name = FIRST_NAME.search(found[0])[0]
            if kind == "APART":
                kind, apart = "OPEN", name
            if html:
                name = name.lower()
                if kind == "EMPTY":
                    kind, end = "OPEN", at + 1 + len(name)
                raw = name if kind == "TAG" and name in UNMARKED else ""
                kind = _html_tag(kind, name)
            inside = name if kind not in ENDED else ""
            seen.clear()
        elif kind == "MORE":
            kind = "MORE" if inside else "TEXT" if text[at - 1 : at].isspace() else "MORE2"
            raw, inside = inside if html and inside in UNMARKED else "", ""
        elif kind == "SELF":
            kind, inside = "FOREIGNSELF" if html and inside in FOREIGN else "SELF", ""
        elif kind == "WORD":
            if KEY.match(text, end) and text[at - 1] in " \t\r\n\"'":
                kind = "REPEATED" if inside and found[0] in seen else "KEY"
                if kind == "KEY" and not html and NAMESPACE.match(found[0]):
                    kind = "NAMESPACE"
                seen.add(found[0])
            elif html and inside and found[0].lower() in BOOLEAN:
                kind = "KEY"
        elif kind == "EQUALS" and text[end : end + 1] in ('"', "'"):
            kind = "ASSIGN"
        elif kind == "AMPERSAND" and html and text[end : end + 1] in (" ", "\n", "\t", "\r", "<", "&", ""):
            kind = "TEXT"
        yield Piece(kind, at, end, name, None if apart is None else f"<{apart}")
        at = end
        if raw and end < (closed := sections.find(f"</{raw}", end)) < len(text) and _unmarked(text, raw, end, closed):
            yield Piece("RAW", end, closed)
            at = closed


def _unmarked(text: str, name: str, begin: int, end: int) -> bool:
    """Whether [begin, end), up to the next end tag of that name, is the element's text and has what would be markup elsewhere."""
    return name in RAW or text.find("<", begin, end) >= 0 and text.find(f"<{name}", begin, end) < 0


def _html_tag(kind: str, name: str) -> str:
    if name in VOID:
        return {"TAG": "VOIDTAG", "OPEN": "VOID"}.get(kind, kind)
    if name == "html":
        return {"TAG": "ROOTTAG", "OPEN": "ROOTOPEN"}.get(kind, kind)
    return kind


def _html_section(text: str, kind: str) -> str:
    if kind == "DOCTYPE":
        return "DOCTYPE" if PLAIN_DOCTYPE.fullmatch(text) else "OLDDOCTYPE"
    return "MISC" if text.startswith("<!--") else "BOGUS"
