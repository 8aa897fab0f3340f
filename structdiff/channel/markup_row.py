"""A text's pieces in one row with the other ways to cut it, each behind a fork; and the ways round what is no document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from structdiff.channel.markup_atoms import SPACES, TAGS, Piece, pieces
from structdiff.channel.markup_slips import ATTRIBUTE_AHEAD, Slip, Slips

SVG = "http://www.w3.org/2000/svg"
TRIES, STRAY = 3000, 500        # slips of one text, and stray `<` that are looked at, at most
BEGINS = frozenset("TAG EMPTY OPEN VOID VOIDTAG ROOTTAG ROOTOPEN XMLDECL DOCTYPE OLDDOCTYPE MISC".split())
ENDS = frozenset("TAG EMPTY CLOSE VOIDTAG MORE MORE2 SELF FOREIGNSELF MISC".split())


@dataclass
class Row:
    """pieces: with FORKs and BARs, which are read as nothing. A fork is left for the way behind it at the price that `deletion`
    has, or for the piece of `jump`, at that price; a bar for the piece of `jump`.

    before: which piece is before each, -1 for none. plain: the pieces of the text as it stands.
    """

    text: str
    pieces: list[Piece] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    plain: list[int] = field(default_factory=list)
    deletion: dict[int, float] = field(default_factory=dict)
    jump: dict[int, tuple[int, float]] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The last of the plain pieces so far."""
        return self.plain[-1] if self.plain else -1

    def fork(self, begin: int, price: float) -> int:
        self.deletion[len(self.pieces)] = price
        self.pieces.append(Piece("FORK", begin, begin))
        self.before.append(-1)
        return len(self.pieces) - 1

    def add(self, piece: Piece) -> None:
        self.before.append(self.last)
        self.plain.append(len(self.pieces))
        self.pieces.append(piece)

    def detour(self, begin: int, slip: Slip) -> int:
        """Adds another way from `begin` on; returns where its bar is."""
        fork, place = self.fork(begin, slip.price), self.last
        for piece in slip.pieces:
            self.before.append(place)
            place = len(self.pieces)
            self.pieces.append(piece)
        self.pieces.append(Piece("BAR", slip.pieces[-1].end if slip.pieces else begin, slip.end))
        self.before.append(-1)
        self.jump[fork] = (len(self.pieces), 0.0)
        return len(self.pieces) - 1

    def margin(self, opened: int, first: bool) -> str:
        """Returns what an end tag at the very end begins with, as the layout of its start tag has it. first: of those there."""
        end = next((i for i in range(opened, len(self.pieces)) if self.pieces[i].kind in ("TAG", "ROOTTAG", "MORE", "MORE2")), -1)
        if end < 0 or end + 1 >= len(self.pieces) or self.pieces[end + 1].kind != "NEWLINE":
            return ""
        begin = self.pieces[opened].begin
        line = re.compile(r"[ \t]*").match(self.text, self.text.rfind("\n", 0, begin) + 1)[0]
        if first and re.search(r"\n[ \t]*(?:<[/!?]?)?\Z", self.text[-200:]):
            return ""
        return ("\r\n" if "\r\n" in self.text else "\n") + line


def row(text: str, html: bool) -> Row:
    """Returns the row of the text's pieces."""
    found = _refined(list(pieces(text, html)))
    slips = _slips(text, found, html)
    head, tail = _head(text, found), _tail(text, found)
    made, places, bars = Row(text), {}, []
    if head is not None:
        made.fork(0, 0.0)
    for i, piece in enumerate(found):
        if tail is not None and i == tail[0]:
            made.jump[made.fork(piece.begin, 0.0)] = (-1, tail[1])
        for slip in slips.get(i, ()):
            bars.append((made.detour(piece.begin, slip), slip.end))
        places[piece.begin] = len(made.pieces)
        made.add(piece)
    places[len(text)] = len(made.pieces)
    if head is not None:
        made.jump[0] = (places[found[head[0]].begin], head[1])
    for bar, place in bars:
        made.jump[bar] = (places[place], 0.0)
    for at, (place, price) in made.jump.items():
        if place < 0:
            made.jump[at] = (len(made.pieces), price)
    return made


def _refined(found: list[Piece]) -> list[Piece]:
    """Returns the pieces, with a `<` before a tag told from others."""
    for i, (piece, following) in enumerate(zip(found, found[1:])):
        if piece.kind == "LESS" and following.kind in TAGS | {"LESS"}:
            found[i] = piece._replace(kind="LESS2")
    return found


def _slips(text: str, found: Sequence[Piece], html: bool) -> dict[int, list[Slip]]:
    whole = {piece.name for piece in found if piece.kind in ("CLOSE", "TAG", "EMPTY", "VOIDTAG", "ROOTTAG")}
    begun = {piece.name for piece in found if piece.kind in ("OPEN", "VOID", "ROOTOPEN") and ATTRIBUTE_AHEAD.match(text[piece.end : piece.end + 80].lstrip())}
    first = next((i for i, piece in enumerate(found) if piece.kind in TAGS), len(found))
    finder = Slips(text, html, found, frozenset(whole | begun), first, SVG in text, frozenset(piece.begin for piece in found))
    slips: dict[int, list[Slip]] = {}
    stray = 0
    for i, piece in enumerate(found):
        stray += piece.kind in ("LESS", "LESS2")
        if len(slips) < TRIES and (stray < STRAY or piece.kind != "LESS") and (here := finder.at(i)):
            slips[i] = here
    return slips


def _head(text: str, found: Sequence[Piece]) -> tuple[int, float] | None:
    """Returns the piece that a document begins with behind words or a fence, and the price of leaving these out."""
    first = next((i for i, piece in enumerate(found) if piece.kind in BEGINS), 0)
    if not any(piece.kind not in SPACES for piece in found[:first]):
        return None
    before = text[: found[first].begin]
    return first, 3.0 if "```" in before else 4.0 if before.rstrip(" ").endswith("\n") else 5.5


def _tail(text: str, found: Sequence[Piece]) -> tuple[int, float] | None:
    """Returns the piece that words or a fence behind a document begin with, and the price of leaving these out."""
    last = next((i + 1 for i in range(len(found) - 1, -1, -1) if found[i].kind in ENDS), len(found))
    solid = next((i for i in range(last, len(found)) if found[i].kind not in SPACES), None)
    if solid is None:
        return None
    rest = text[found[solid].begin :]
    breaks = [i for i in range(last, solid) if found[i].kind == "NEWLINE"]
    if "```" not in rest and found[solid].kind not in TAGS | {"LESS"} and len(rest) > 2 and (not breaks or "<" in rest):
        return None
    theirs = 0 if rest.strip() == "```" else 1 if rest.startswith("```") else 2
    return (*breaks, solid)[-1 - min(theirs, len(breaks))], 3.0 if "```" in rest else 5.5
