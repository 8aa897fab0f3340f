"""Other ways to cut a few letters of broken markup into pieces, where a delimiter was lost, swapped, or took another's place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html.entities import html5
from typing import NamedTuple

from structdiff.channel.names import slips_between
from structdiff.channel.html import KNOWN, OPTIONAL, VOID
from structdiff.channel.markup_atoms import FIRST_NAME, NAME, Piece, pieces

AHEAD = 160             # letters of a text that are cut anew
LONGEST_NAME = 60       # letters of a name that words are looked through for
LONGEST = 1000          # letters of a section whose marks are broken
SVG_ROOT = ("svg",)
ENDLESS = (*sorted(VOID), *sorted(OPTIONAL))       # elements of HTML that need no end tag
BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[0-9])(?=[a-z]{3})")     # where a word may begin within another
LONG_NAMES = tuple(sorted(name for name in KNOWN - VOID - OPTIONAL if len(name) > 3))       # a slip in a shorter one could be another name
AFTER_NAME = re.compile(rf"\s*/?>|\s+{NAME}\s*=")
TAG_AHEAD = re.compile(rf"(/?)({NAME})(?:\s*/?>|\s+{NAME}\s*=)")
ATTRIBUTE_AHEAD = re.compile(rf"{NAME}\s*=")
ENTITY_AHEAD = re.compile(r"#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*")
XML_ENTITIES = frozenset(("amp", "lt", "gt", "quot", "apos"))
HTML_ENTITIES = frozenset(name.rstrip(";") for name in html5)


class Slip(NamedTuple):
    """pieces: what may be read, at a price, instead of the pieces up to the one that begins at `end`."""

    price: float
    end: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Slips:
    """Finds the slips of a text. found: its pieces. attested: the names of its tags. first: the first piece that is a tag. svg: its root is.
    begins: where pieces begin."""

    text: str
    html: bool
    found: Sequence[Piece]
    attested: frozenset[str]
    first: int
    svg: bool
    begins: frozenset[int]

    def at(self, i: int) -> list[Slip]:
        """Returns the slips that begin with piece `i`, cheapest first."""
        finder = FINDERS.get(self.found[i].kind)
        if finder is None:
            return []
        slips = [slip for slip in finder(self, i) if slip is not None]
        return sorted(slips, key=lambda slip: slip.price)[:3] if len(slips) > 1 else slips

    def kind(self, i: int) -> str:
        return self.found[i].kind if 0 <= i < len(self.found) else ""

    def respelled(self, i: int, begin: int, end: int, new: str, price: float) -> Slip | None:
        """Returns the reading of the text from piece `i` on with [begin, end) as `new`, up to where pieces begin as they did."""
        text, first = self.text, self.found[i].begin
        before, after = begin - first, begin - first + len(new)
        changed = text[first:begin] + new + text[end : end + AHEAD]

        def place(at: int) -> int:
            return first + at if at <= before else min(begin + at - before, end) if at < after else end + at - after

        read: list[Piece] = []
        for piece in pieces(changed, self.html):
            a, b = place(piece.begin), place(piece.end)
            touched = piece.begin < after and piece.end > before or a == b
            read.append(Piece(piece.kind, a, b, piece.name, changed[piece.begin : piece.end] if touched else None))
            if piece.end >= after and piece.end < len(changed) - 20 * (len(text) > end + AHEAD) + 1 and (b in self.begins or b == len(text)):
                return Slip(price, b, tuple(read))
        return None


Finder = Callable[[Slips, int], Iterator["Slip | None"]]


def _word(slips: Slips, i: int) -> Iterator[Slip | None]:
    """A tag that lost its `<`: `b>`, `wordb>`, `b class=`; its `>`, behind a bare value: `value=3Word`. A word whose end stands for an `=`:
    `class:"`, `class-"`."""
    piece, text = slips.found[i], slips.text
    word = text[piece.begin : piece.end]
    if slips.kind(i - 1) == "EQUALS" and (border := BORDER.search(word)):
        yield slips.respelled(i, piece.begin + border.start(), piece.begin + border.start(), ">", 4.2)
    if AFTER_NAME.match(text, piece.end) and (slips.kind(i - 1) not in ("OPEN", "LESS", "CUT", "AMPERSAND")):
        for at in range(max(0, len(word) - LONGEST_NAME), len(word)):
            name = word[at:].lower() if slips.html else word[at:]
            if name in slips.attested or at == 0 and (i < slips.first or slips.html and name in VOID):
                yield slips.respelled(i, piece.begin + at, piece.begin + at, "<", 4.5 if at == 0 else 5.0)
    if word[-1] in ":-" and text[piece.end : piece.end + 1] in ('"', "'") and text[piece.end :]:
        yield slips.respelled(i, piece.end - 1, piece.end, "=", 3.5)


def _slash(slips: Slips, i: int) -> Iterator[Slip | None]:
    """An end tag that lost its `<`: `/b>`; two that changed places: `/<b>`, `/">`."""
    piece, text = slips.found[i], slips.text
    ahead = FIRST_NAME.match(text, piece.end)
    if ahead and text[ahead.end() : ahead.end() + 1] == ">" and _name(slips, ahead[0]) in slips.attested:
        yield slips.respelled(i, piece.begin, piece.begin, "<", 4.5)
    if text.startswith("<", piece.end):
        yield slips.respelled(i, piece.begin, piece.end + 1, "</", 3.5)
    if text[piece.end : piece.end + 2] in ('">', "'>"):
        yield slips.respelled(i, piece.begin, piece.end + 1, text[piece.end] + "/", 4.5)


def _open(slips: Slips, i: int) -> Iterator[Slip | None]:
    """A tag without its `>`: `<bword`, `</bword`, `<b)`; a void tag's name with a slip; `<?xml` without its `?`."""
    piece, text = slips.found[i], slips.text
    if piece.name not in slips.attested:
        begin = piece.end - len(FIRST_NAME.search(text[piece.begin : piece.end])[0])
        for length in range(min(len(piece.name), LONGEST_NAME) - 1, 0, -1):
            if piece.name[:length] in slips.attested or slips.html and piece.name[:length] in VOID:
                yield slips.respelled(i, begin + length, begin + length, ">", 4.8)
                break
        if piece.kind != "CUT":
            yield slips.respelled(i, piece.begin, piece.begin + 1, "&lt;", 6.5)
    if text[piece.end : piece.end + 1] and text[piece.end] in ")}]":
        yield slips.respelled(i, piece.end, piece.end + 1, ">", 3.5)
    if text.startswith("<>", piece.end):
        yield slips.respelled(i, piece.end, piece.end + 2, "><", 4.5)
    if piece.kind != "CUT":
        yield from _mistyped(slips, i)
    yield from _section(slips, i)


def _mistyped(slips: Slips, i: int) -> Iterator[Slip | None]:
    """A start tag's name with a slip, where no end tag need tell, or its end tag may be missing too."""
    piece = slips.found[i]
    if piece.name in KNOWN or not piece.name:
        return
    for name in (*ENDLESS, *LONG_NAMES) if slips.html else SVG_ROOT if i == slips.first and slips.svg else ():
        if slips_between(name, piece.name.lower()) <= 1:
            price = 3.8 if name in VOID else 4.3 if name in OPTIONAL or not slips.html else 5.0
            yield slips.respelled(i, piece.begin + 1, piece.begin + 1 + len(piece.name), name, price)


def _tag(slips: Slips, i: int) -> Iterator[Slip | None]:
    yield from _mistyped(slips, i)
    yield from _more(slips, i)


def _self(slips: Slips, i: int) -> Iterator[Slip | None]:
    """The end of a bare value that ends with a slash, as addresses do: `href=http://x/>`."""
    piece = slips.found[i]
    if slips.kind(i - 1) in ("WORD", "TEXT", "SLASH"):
        middle = piece.begin + 1
        yield Slip(0.5, piece.end, (Piece("SLASH", piece.begin, middle), Piece("MORE", middle, piece.end)))


def _less(slips: Slips, i: int) -> Iterator[Slip | None]:
    """`<\\b>` and `<|b>` for `</b>`; `<>b` for `><b`; the marks of a section, one letter short."""
    piece, text = slips.found[i], slips.text
    if text[piece.end : piece.end + 1] in ("\\", "|") and FIRST_NAME.match(text, piece.end + 1):
        yield slips.respelled(i, piece.end, piece.end + 1, "/", 4.5)
    if text.startswith(">", piece.end):
        yield slips.respelled(i, piece.begin, piece.end + 1, "><", 4.5)
    if piece.begin > len(text) - 3 and text[piece.begin :] in ("<", "</", "<!", "<?"):
        yield Slip(2.0, len(text), ())
    yield from _section(slips, i)


def _text(slips: Slips, i: int) -> Iterator[Slip | None]:
    """`(b>` for `<b>`, `")` for `">`, `\\>` for `/>`, `2em>` for `2<em>`, ‘=`x’ for `="x`; and sections."""
    piece, text = slips.found[i], slips.text
    for at in range(piece.begin, min(piece.end, piece.begin + 8)):
        letter = text[at]
        if letter in "({[" and (ahead := TAG_AHEAD.match(text, at + 1)) and (i < slips.first or _name(slips, ahead[2]) in slips.attested):
            yield slips.respelled(i, at, at + 1, "<", 3.5)
        if letter in ")}]" and (slips.kind(i - 1) in ("DOUBLE", "SINGLE", "SLASH", "WORD", "KEY", "NAMESPACE") or slips.kind(i - 2) == "EQUALS"):
            yield slips.respelled(i, at, at + 1, ">", 4.0)
        if letter in "\\|" and text.startswith(">", at + 1):
            yield slips.respelled(i, at, at + 1, "/", 4.0)
        if letter in "`”’“‘" and (slips.kind(i - 1) == "EQUALS" or re.match(rf"\s*/?>|\s+{NAME}\s*=|[?]>", text[at + 1 : at + 80])):
            for quote in "\"'":
                yield slips.respelled(i, at, at + 1, quote, 3.8)
        if letter in "!?":
            yield from _section(slips, i, at)
        if letter in ":-" and text[at + 1 : at + 2] in ('"', "'"):
            yield slips.respelled(i, at, at + 1, "=", 3.5)
    if text[piece.begin].isdigit():
        yield from _word(slips, i)


def _more(slips: Slips, i: int) -> Iterator[Slip | None]:
    """`>/` for `/>`, behind attributes or a name."""
    piece, text = slips.found[i], slips.text
    if re.match(r"/(?=[\s<]|\Z)", text[piece.end : piece.end + 2]) and not (slips.html and piece.name and piece.name not in VOID):
        yield slips.respelled(i, piece.end - 1, piece.end + 1, "/>", 4.0)


def _blank(slips: Slips, i: int) -> Iterator[Slip | None]:
    """A blank and the quote behind it that changed places: `"x "id=`."""
    piece, text = slips.found[i], slips.text
    if slips.kind(i + 1) in ("DOUBLE", "SINGLE") and ATTRIBUTE_AHEAD.match(text, piece.end + 1):
        yield slips.respelled(i, piece.end - 1, piece.end + 1, text[piece.end] + text[piece.end - 1], 3.0)


def _ampersand(slips: Slips, i: int) -> Iterator[Slip | None]:
    """An entity that lost its semicolon."""
    piece, text = slips.found[i], slips.text
    ahead = ENTITY_AHEAD.match(text[piece.end : piece.end + 40])
    if ahead is not None:
        names = HTML_ENTITIES if slips.html else XML_ENTITIES
        for length in range(len(ahead[0]), 1, -1):
            if ahead[0][0] == "#" or ahead[0][:length] in names:
                place = piece.end + length
                yield slips.respelled(i, place, place, ";", 1.5)
                return


def _repeated(slips: Slips, i: int) -> Iterator[Slip | None]:
    """An attribute that its tag has already; without it."""
    ahead = re.compile(rf"{NAME}\s*=\s*(?:\"[^\"<]*\"|'[^'<]*')\s*").match(slips.text, slips.found[i].begin)
    if ahead is not None and ahead.end() in slips.begins:
        yield Slip(4.0, ahead.end(), ())


def _shortened(mark: str) -> str:
    """Returns the pattern of `mark` without one of its letters, the longest first."""
    return "|".join(re.escape(one) for one in dict.fromkeys(mark[:k] + mark[k + 1 :] for k in range(len(mark))))


BODY = rf"((?:(?!-->|<!--|\]\]>)[\s\S]){{0,{LONGEST}}}?)"
SECTIONS = tuple((re.compile(pattern), kind, opening, closing) for pattern, kind, opening, closing in (
    (rf"(?!<!--)(?:{_shortened('<!--')}){BODY}-->", "MISC", "<!--", "-->"),
    (rf"<!--{BODY}(?:->|--(?!>)(?=\s*(?:<|\Z)))", "MISC", "<!--", "-->"),
    (rf"<!--{BODY}-->", "MISC", "<!--", "-->"),
    (rf"(?!<!\[CDATA\[)(?:{_shortened('<![CDATA[')}){BODY}\]\]>", "CDATA", "<![CDATA[", "]]>"),
    (rf"<!\[CDATA\[{BODY}(?:\]>|\]\])", "CDATA", "<![CDATA[", "]]>"),
    (rf"[?<]({NAME}[^<>?]{{0,300}})\?>", "PI", "<?", "?>"),
    (rf"<\?({NAME}[^<>?]{{0,300}})(?:>|\?(?=\s*<))", "PI", "<?", "?>"),
    (r"(?:<|!|<!)(?i:doctype)([^<>\[]{0,300}?)(?:\s*>|(?=\s*<))", "DOCTYPE", "<!DOCTYPE", ">"),
))


def _section(slips: Slips, i: int, at: int | None = None) -> Iterator[Slip | None]:
    """A comment, a CDATA section, an instruction or the doctype, of whose marks one letter is missing."""
    begin = slips.found[i].begin if at is None else at
    for pattern, kind, opening, closing in SECTIONS:
        found = pattern.match(slips.text, begin)
        if found is None or found.end() not in slips.begins and found.end() != len(slips.text):
            continue
        body = found[1]
        if kind == "MISC":
            body = body.replace("--", "- -")
        if kind == "PI":
            kind = "XMLDECL" if re.match(r"xml\s", body) else "MISC"
        if not (slips.html and kind in ("CDATA", "XMLDECL")) and begin == slips.found[i].begin:
            if kind == "DOCTYPE":
                opening = slips.text[begin:][: found.start(1) - begin]
                opening = "<!" + opening.lstrip("<!")
            yield Slip(4.5 if kind in ("MISC", "CDATA") else 3.5, found.end(), (Piece(kind, begin, found.end(), "", opening + body + closing),))
            return


FINDERS: dict[str, Finder] = {
    "WORD": _word, "KEY": _word, "NAMESPACE": _word, "SLASH": _slash, "OPEN": _open, "CUT": _open, "TAG": _tag, "MORE": _more, "MORE2": _more, "VOIDTAG": _more,
    "VOID": _open, "ROOTOPEN": _open, "ROOTTAG": _more, "LESS": _less, "TEXT": _text, "BLANK": _blank, "NEWLINE": _blank, "AMPERSAND": _ampersand, "REPEATED": _repeated, "SELF": _self,
}


def _name(slips: Slips, name: str) -> str:
    return name.lower() if slips.html else name
