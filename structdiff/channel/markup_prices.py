"""What each kind of damage to markup costs, in nats: a text's pieces as a lattice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from structdiff.channel.html import AT_END, IMPLIED_BY, KNOWN, OPTIONAL, implied_by_end, misplaced
from structdiff.channel.markup_atoms import ENDED, SPACES, TAGS, Piece
from structdiff.channel.markup_row import Row
from structdiff.channel.markup_slips import ATTRIBUTE_AHEAD
from structdiff.channel.names import slips_between
from structdiff.channel.search import FAR

NAMES = 250                     # at most so many names have prices of their own, the most frequent
FIRST_LINES = 12                # show how depth is indented; later ones may be off behind what is missing
TEXT_NAME = "#text"
SVG_NAMES = frozenset("""a circle clipPath defs desc ellipse filter g image line linearGradient marker mask metadata path pattern
    polygon polyline radialGradient rect stop style svg symbol text title tspan use""".split())
ROOT_WITHOUT_LESS = re.compile(r"(?:[^<]*<!doctype[^<>]*>)?\s*html(?:\s[^<>]*)?>", re.I)
INSERTED = ("+MORE", "+END", "+EQUALS", "+QUOTE", "+UNQUOTE", "+UNQUOTEBARE", "+VALUE", "+SPACE", "+DOCTYPE")
DELIMITERS = frozenset("LESS LESS2 MORE MORE2 DOUBLE SINGLE EQUALS ASSIGN SLASH SELF CLOSE".split())
SWAPPED = frozenset((a, b) for quote in ("DOUBLE", "SINGLE") for a, b in (("MORE", quote), ("MORE2", quote), (quote, "EQUALS"), (quote, "ASSIGN")))
WORDS = frozenset("WORD KEY NAMESPACE TEXT ENTITY REPEATED".split())
STARTS = frozenset("TAG OPEN VOID VOIDTAG ROOTTAG ROOTOPEN EMPTY".split())
MARKUP = TAGS | {"MISC", "CDATA", "RAW"}


class Names:
    """The names of a text's tags, numbered: none, text, and by how often they are there. size: of those with prices of their own."""

    def __init__(self, pieces: Sequence[Piece], html: bool, svg: bool) -> None:
        counts = Counter(piece.name for piece in pieces if piece.name)
        often = [name for name, _ in counts.most_common()]
        self.listed, self.twins = ["", TEXT_NAME, *often[: NAMES - 50]], []
        self._number = {name: i for i, name in enumerate(self.listed)}
        self._rest = often[NAMES - 50 :]
        opened = Counter(piece.name for piece in pieces if piece.kind in ("TAG", "OPEN"))
        closed = Counter(piece.name for piece in pieces if piece.kind == "CLOSE")
        self.known = {name for name in counts if opened[name] and closed[name] or counts[name] > 2} | (KNOWN if html else SVG_NAMES if svg else set())
        self.svg = svg and not html

    def twin(self, name: str, others: list[str]) -> int:
        """Returns the number of a name that may as well be one of the others; 0 where there are too many of them."""
        if len(self.twins) + len(self._number) >= NAMES or not {name, *others} <= self._number.keys():
            return 0
        self.twins.append((name, others))
        return len(self._number) + len(self.twins) - 1

    def settle(self) -> None:
        """Numbers the rest of the names behind those that have prices."""
        self.listed += [name for name, _ in self.twins]
        self.size = len(self.listed)
        for name in self._rest:
            self._number[name] = len(self.listed)
            self.listed.append(name)

    def number(self, name: str) -> int:
        return self._number[name]


def named(row: Row, names: Names) -> np.ndarray:
    """Returns Int[n]: the pieces' names; the first of a run of text has that of text; end tags side by side may be each other's."""
    pieces, numbers = row.pieces, np.zeros(len(row.pieces), np.int32)
    beside: dict[int, list[str]] = {}
    before = _solid(row)
    for i, (piece, last) in enumerate(zip(pieces, before)):
        if piece.kind == "CLOSE" and last >= 0 and pieces[last].kind == "CLOSE" and pieces[last].name != piece.name:
            beside.setdefault(last, []).append(piece.name)
            beside.setdefault(i, []).append(pieces[last].name)
    twins = {i: names.twin(pieces[i].name, others) for i, others in beside.items()}
    names.settle()
    for i, (piece, last) in enumerate(zip(pieces, before)):
        if piece.name:
            numbers[i] = twins.get(i) or names.number(piece.name)
        elif piece.kind in WORDS and last >= 0 and pieces[last].kind in ENDED:
            numbers[i] = 1
    return numbers


def _solid(row: Row) -> list[int]:
    """Returns for each piece which piece that is no blank is before it; -1 for none."""
    solid: list[int] = []
    for place in row.before:
        solid.append(solid[place] if place >= 0 and row.pieces[place].kind in SPACES else place)
    return solid


def distances(names: Names) -> np.ndarray:
    """Returns Float[N, N]: the price of an end tag of one name for an element of another."""
    listed, known = names.listed[: names.size], names.known
    prices = np.full((names.size, names.size), 11.0, np.float32)
    np.fill_diagonal(prices, 0.0)
    for i, one in enumerate(listed[2:], 2):
        for j, other in enumerate(listed[2:], 2):
            if one == other:
                prices[i, j] = 0.0
            elif one not in known or other not in known:
                slips = slips_between(one, other)
                prices[i, j] = min(4.5 + 3.0 * (slips - 1) + 1.5 * (slips >= len(one)), 11.0) if slips < 3 else 11.0
    first = names.size - len(names.twins)
    for i, (_, others) in enumerate(names.twins, first):
        for other in others:
            prices[i, names.number(other)] = 2.3
    return prices


def nesting(row: Row, names: Names, html: bool) -> np.ndarray:
    """Returns Float[N, N]: the price of an element, or text, in another: where that is an error, or unlike the rest of the text."""
    size, listed = names.size, names.listed
    prices = np.zeros((size, size), np.float32)
    pairs, children = families([row.pieces[i] for i in row.plain])
    root = "svg" if names.svg else next((piece.name for piece in reversed(row.pieces) if piece.kind in ("CLOSE", "CUT")), "")
    whole = html and any(piece.name == "body" for piece in row.pieces)
    for j, child in enumerate(listed[1:size], 1):
        known = child == TEXT_NAME or not html or child in KNOWN
        if not html and child != TEXT_NAME:
            prices[0, j] = 0.0 if child == root else 3.0 + 6.0 * names.svg
        for i, parent in enumerate(listed[:size]):
            if html:
                prices[i, j] = misplaced(parent, child, whole)
            if not prices[i, j] and children[child] > 1 and parent and known and not (html and parent not in KNOWN):
                prices[i, j] = _unlike(pairs[parent, child], children[child], parent == child) * (0.5 if html else 1.0)
    return prices


def _unlike(pairs: int, children: int, itself: bool) -> float:
    """Returns the price of an element in another where it is seen `pairs` times, and `children` times anywhere."""
    if pairs > 1:
        return 0.0
    return (0.7 if children < 4 else 1.5) + itself if pairs else 2.5 + itself


def families(pieces: Sequence[Piece]) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """Returns how often an element, or text, stands in another; and how often it is there at all.

    Only tags side by side say so, so that one that is missing misleads about one pair: `<p><c>`, `</c></p>`, and `</c><d>`
    where `c` stands in `p`.
    """
    direct, beside, children = Counter(), Counter(), Counter()
    opened, ended, last = "", "", ""                        # the element that the last tag began, or ended
    for kind, _, _, name, _ in pieces:
        if kind in STARTS:
            children[name] += 1
            if opened:
                direct[opened, name] += 1
            elif ended:
                beside[ended, name] += 1
            opened, ended = ("", name) if kind in ("EMPTY", "VOID", "VOIDTAG") else (name, "")
        elif kind == "CLOSE":
            if ended and ended != name:
                direct[name, ended] += 1
            opened, ended = "", name
        elif kind in ("SELF", "FOREIGNSELF"):
            opened, ended = "", opened or ended
        elif kind in WORDS and opened and last in ENDED:
            direct[opened, TEXT_NAME] += 1
            children[TEXT_NAME] += 1
        if kind not in SPACES:
            last = kind
    pairs = direct.copy()
    behind: dict[str, list[tuple[str, int]]] = {}
    for (one, other), often in beside.items():
        behind.setdefault(one, []).append((other, often))
    for (parent, child), many in direct.items():
        for other, often in behind.get(child, ()):
            if parent not in (child, other):
                pairs[parent, other] += min(many, often)
    return pairs, children


def levels(row: Row, html: bool) -> np.ndarray:
    """Returns Int[n]: for a tag that begins a line, the depth that its indentation shows; -1 where it shows none."""
    level = np.full(len(row.pieces), -1, np.int32)
    pieces, before = row.pieces, row.before
    lines = [i for i, piece in enumerate(pieces) if piece.kind in MARKUP and before[i] >= 0 and pieces[before[i]].kind == "NEWLINE"]
    breaks = [pieces[before[i]] for i in lines]
    widths = [len(row.text[one.begin : one.end].lstrip("\r\n").expandtabs(4)) for one in breaks]
    steps = [abs(a - b) for a, b in zip(widths, widths[1:]) if a != b]
    if not steps:
        return level
    unit, depths = Counter(steps).most_common(1)[0][0], _depths(row, html)
    shown = [width // unit for width in widths]
    shifts = [s - depths[i] for s, i in zip(shown, lines)][:FIRST_LINES]
    shift = Counter(shifts).most_common(1)[0][0] if html else shifts[0]
    if sum(abs(one - shift) < 2 for one in shifts) < 0.6 * len(shifts) or not -2 <= shift <= 1:
        return level
    for i, width, one in zip(lines, widths, shown):
        if width % unit == 0:
            level[i] = max(0, one - shift + (pieces[i].kind in ("CLOSE", "CUT")))
    return level


def _depths(row: Row, html: bool) -> list[int]:
    """Returns for each piece how many elements are open before it, and but one before an end tag, as far as that is clear."""
    depths, stack, plain = [], ["html"] if html and ROOT_WITHOUT_LESS.match(row.text) else [], set(row.plain)
    open_names = Counter(stack)
    for i, (kind, _, _, name, _) in enumerate(row.pieces):
        if i not in plain:
            depths.append(len(stack))
            continue
        if kind in ("CLOSE", "CUT") and open_names[name]:
            while (last := stack.pop()) != name:
                open_names[last] -= 1
            open_names[name] -= 1
        elif kind in ("SELF", "FOREIGNSELF") and stack and not (html and kind == "SELF"):
            open_names[stack.pop()] -= 1
        elif html and kind in STARTS:
            while stack and name in IMPLIED_BY.get(stack[-1], ()):
                open_names[stack.pop()] -= 1
        depths.append(len(stack))
        if kind in ("TAG", "OPEN", "ROOTTAG", "ROOTOPEN") and not (html and name == "doctype"):
            stack.append(name)
            open_names[name] += 1
    return depths


def implying(pieces: Sequence[Piece], names: Names, html: bool) -> np.ndarray:
    """Returns Int[n + 1]: a start tag's name, an end tag's behind all these, and one more for the end of the text; see `implied`."""
    numbers = np.zeros(len(pieces) + 1, np.int32)
    if html:
        for i, piece in enumerate(pieces):
            if piece.name and (number := names.number(piece.name)) < names.size:
                numbers[i] = number + names.size * (piece.kind in ("CLOSE", "CUT"))
        numbers[-1] = 2 * names.size
    return numbers


def implied(pieces: Sequence[Piece], names: Names, html: bool) -> np.ndarray:
    """Returns Bool[N, 2 N + 1]: whether the end of an element is implied before the tags of `implying`."""
    size, closed = names.size, {piece.name for piece in pieces if piece.kind == "CLOSE"} | {"html", "body"}
    table = np.zeros((size, 2 * size + 1), np.bool_)
    if html:
        for i, one in enumerate(names.listed[:size]):
            if one in OPTIONAL:
                table[i, :size] = [other in IMPLIED_BY.get(one, ()) for other in names.listed[:size]]
                table[i, size:-1] = [implied_by_end(one, other) for other in names.listed[:size]]
                table[i, -1] = one in AT_END and one not in closed
    return table


def deletions(text: str, pieces: Sequence[Piece]) -> np.ndarray:
    prices = []
    for i, (kind, begin, end, _, _) in enumerate(pieces):
        if kind in ("LESS2", "MORE2"):
            price = 4.0
        elif kind in SPACES:
            price = 3.0 if i == 0 else FAR
        elif kind in DELIMITERS:
            piece = text[begin:end]
            doubled = i > 0 and text[pieces[i - 1].begin : begin] == piece or text.startswith(piece, end)
            price = 4.0 if doubled else 5.5
        elif kind == "CONTROL":
            price = 2.0
        else:
            price = FAR if kind == "BAR" else 9.0 + 0.8 * (end - begin)
        prices.append(price)
    return np.array(prices, np.float32).reshape(-1)


def swaps(pieces: Sequence[Piece]) -> np.ndarray:
    prices = [3.8 if (a.kind, b.kind) in SWAPPED and a.end == b.begin else FAR
              for a, b in zip(pieces, pieces[1:])]
    return np.array([*prices, FAR][: len(pieces)], np.float32)


def insertions(row: Row) -> np.ndarray:
    """Returns Float[n + 1, 9]: what may have been lost before each piece, and at the end; see INSERTED."""
    rows: dict[tuple[str, str, bool, bool, bool, bool], int] = {}
    templates: list[list[float]] = []
    pieces, numbers = row.pieces, np.empty(len(row.pieces) + 1, np.int64)
    inside = _before_its_end(row)
    for i, place in enumerate([*row.before, row.last]):
        here, last = pieces[i].kind if i < len(pieces) else "", pieces[place].kind if place >= 0 else ""
        attribute = here in SPACES and (ATTRIBUTE_AHEAD.match(row.text, pieces[i].end) is not None or i + 1 < len(pieces) and pieces[i + 1].kind in ("KEY", "NAMESPACE"))
        blank_line = last in SPACES and pieces[place].end - pieces[place].begin > 1
        twice = last == "NEWLINE" and row.before[place] >= 0 and pieces[row.before[place]].kind == "NEWLINE"
        key = (here, last, attribute, blank_line, twice, inside[i])
        if key not in rows:
            rows[key] = len(templates)
            templates.append(_lost(*key))
        numbers[i] = rows[key]
    return np.array(templates, np.float32)[numbers]


def _before_its_end(row: Row) -> list[bool]:
    """Returns for each piece, and the end, whether the next tag's end is nearer than the next tag."""
    inside, ended = [False], False
    for piece in reversed(row.pieces):
        if piece.kind in ("MORE", "MORE2", "SELF", "FOREIGNSELF"):
            ended = True
        elif piece.kind in MARKUP or piece.kind in ("LESS", "LESS2"):
            ended = False
        inside.append(ended)
    return inside[::-1]


def _lost(here: str, last: str, attribute: bool, blank_line: bool, twice: bool, inside: bool) -> list[float]:
    """Returns the prices of INSERTED between two pieces. attribute: behind a blank one follows. blank_line: `last` is more than a break.
    twice: it is a second break. inside: a tag's end comes before the next tag."""
    row = [float(FAR)] * len(INSERTED)
    if here in ("FORK", "BAR"):
        return row
    tag = here in MARKUP or here in ("LESS", "")
    border = attribute or here in ("MORE", "MORE2", "SELF", "FOREIGNSELF", "")
    row[8] = 6.0
    if last not in SPACES:
        row[0] = 4.5 if tag or here == "NEWLINE" else 8.0 if attribute else 5.0 if last in ("OPEN", "DOUBLE", "SINGLE", "VOID", "ROOTOPEN") else 6.0
        row[0] += 2.5 * inside
        empty = last in ("TAG", "MORE") and here in STARTS
        row[1] = 2.0 if not here else 4.5 if here in ("CLOSE", "CUT") else 4.8 if last == "CLOSE" else 5.0 + empty if tag or here == "NEWLINE" else 7.0
        row[2] = 4.5
        row[4] = 4.5 if border else 6.0
        row[5] = 0.8 if border else 3.0
        row[6] = 6.0
        if last in ("DOUBLE", "SINGLE") and here in ("WORD", "KEY", "NAMESPACE"):
            row[7] = 4.0
    elif not here:
        row[1] = 5.0 if twice else 2.5
    elif here == "NEWLINE" and last == "NEWLINE":
        row[1] = 3.2 if blank_line else 3.8
    elif tag and last == "NEWLINE":
        row[1] = 6.0
    if here not in SPACES:
        row[3] = 8.0 if here in ("EQUALS", "ASSIGN") else 3.4 if last in ("EQUALS", "ASSIGN") else 4.2
    return row
