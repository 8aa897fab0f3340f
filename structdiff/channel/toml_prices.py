"""What may have been done to each atom of a broken TOML text, and what that costs, in nats."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from structdiff.channel.edits import Edit
from structdiff.channel.row import Leaps
from structdiff.channel.rules import Atoms, unnamed
from structdiff.channel.search import FAR, Lattice
from structdiff.channel.toml_atoms import (
    BEGINS, BLANK, CLASS, CLOSERS, COLON, COMMA, DOT, ENDS, EQUALS, LINES, NAMES, NEWLINE, OPENERS, QUOTE, QUOTES, SCALAR, SINGLE, STRUCTURE,
    WORDY, Row, among, lexed, refined,
)

INSERTED = "+RBRACE +RBRACK NOTHING CLOSE CLOSEBARE CLOSEMULTI +EQUALS OPEN +COMMA +LBRACE +LBRACK +HASH +NEWLINE"

SPACES = among(f"BLANK {LINES}")
CONTENT = WORDY | SCALAR | among("ESCAPE BADESCAPE")
UNPAIRED = among("QUOTE SINGLE COMMA COLON EQUALS LBRACE SEMI DOT")      # two in a row are one too many
SWAPPED = among("LBRACE RBRACE LBRACK RBRACK EQUALS COMMA QUOTE SINGLE")
SWAPPED_BLANK = among("LBRACE RBRACE LBRACK RBRACK EQUALS QUOTE SINGLE")
LEFTS, RIGHTS = among("LBRACE LBRACK"), among("RBRACE RBRACK")
STRINGS = among("QUOTE SINGLE")
DELETION = np.full(len(NAMES), 6.5, np.float32)
DELETION[among("SEMI LPAREN RPAREN CONTROL COLON")] = 5.0
DELETION[among("TRIPLE TRIPLET")] = 9.0
DELETION[SPACES] = FAR


def atoms(text: str, numbers: dict[str, int]) -> Atoms:
    """Returns the text's atoms, each with its class and the prices of what may have been done to it. numbers: of the classes."""
    row = lexed(text)
    symbol = np.array([numbers.get(name, 0) for name in NAMES], np.int32)[refined(row)]
    lattice = Lattice(symbol, np.zeros(row.n, np.int32), _deletions(row), _swaps(row), _insertions(row), *_jumps(row),
                      np.full(row.n, -1, np.int32), *unnamed(row.n))
    return Atoms(text, row.begin, lattice, finish=_ended, margin=lambda opened, first: _margin(row, opened))


def _ended(text: str, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Returns the edits, and a line's end behind what they put behind that of the text."""
    if edits and edits[-1].begin == len(text) and text.endswith("\n"):
        return (*edits[:-1], replace(edits[-1], new=edits[-1].new + "\n"))
    return tuple(edits)


def _margin(row: Row, opened: int) -> str:
    """Returns what stands before the bracket that closes the one at atom `opened`, at the end of the text."""
    return "\n" if row.kind[row.after[opened]] == NEWLINE and row.kind[row.n - 1] != NEWLINE else ""


def _deletions(row: Row) -> np.ndarray:
    """Returns Float[n]: a delimiter is cheap where it is one too many; content is dear, by its length."""
    kind, length = row.kind[: row.n], np.diff(row.begin)
    left, right = row.kind[row.before[: row.n]], row.kind[row.after[: row.n]]
    price = DELETION[kind]
    touching = (row.kind[1 : row.n + 1] == kind) | (row.kind[np.arange(row.n) - 1] == kind)
    price[~SPACES[kind] & ((left == kind) | (right == kind))] = 5.8
    price[touching & UNPAIRED[kind]] = 4.0
    price[touching & LEFTS[kind]] = 4.2
    price[touching & RIGHTS[kind]] = 4.3
    for i in _half_headers(row):
        price[i] = 6.5
    comma, ended = (kind == COMMA) | (kind == CLASS["SEMI"]), (right == NEWLINE) | (right == 0) | (right == CLASS["HASH"])
    price[comma & OPENERS[left]] = 4.3
    price[comma & (left == COMMA)] = 3.5
    price[comma & (ended | RIGHTS[right])] = 2.3
    price[(kind == DOT) & ended] = 2.8
    content = CONTENT[kind]
    price[content] = 12.0 + length[content]
    return price


HALF_HEADER = re.compile(r"^[ \t]*(?:\[\[([^\[\]\n]+)\]|\[([^\[\]\n]+)\]\])(?=[ \t]*\r?(?:[#/][^\n]*)?$)", re.MULTILINE)
TABLES = re.compile(r"^[ \t]*\[\[([^\[\]\n]+)\]\]", re.MULTILINE)
USUAL = {"bin", "test", "bench", "example"}        # arrays of tables, in files of packages


def _half_headers(row: Row) -> Iterator[int]:
    """Yields the brackets of lines that begin with two and end with one, or the reverse, where two of each are the likelier."""
    if "[[" in row.text or "]]" in row.text:
        known = USUAL | {match[1] for match in TABLES.finditer(row.text)}
        for match in HALF_HEADER.finditer(row.text):
            if (match[1] or match[2]) in known:
                yield from range(*np.searchsorted(row.begin, match.span()).tolist())


def _swaps(row: Row) -> np.ndarray:
    """Returns Float[n]: two delimiters may have changed places, or one and the end of its line or a blank; rarely where they
    would then stand as they do in no TOML but in a string."""
    first, second = row.kind[: row.n], row.kind[1 : row.n + 1]
    single = np.diff(row.begin) == 1
    blank = single & SPACES[first] & SWAPPED_BLANK[second]
    odd = LEFTS[second] & ~STRINGS[first] & (first != BLANK) | RIGHTS[first] & ~STRINGS[second] | STRINGS[first] & RIGHTS[second] | (
        LEFTS[first] & STRINGS[second])
    turned = RIGHTS[first] & STRINGS[second] | STRINGS[first] & LEFTS[second]
    parting = (first == COMMA) & STRINGS[second] & SPACES[np.append(row.kind[2 : row.n + 1], [0])[: row.n]]
    price = np.select([odd, turned | parting], [np.float32(7.5), np.float32(4.3)], np.float32(5.3))
    return np.where(SWAPPED[first] & SWAPPED[second] & (first != second) | blank, price, FAR)


def _insertions(row: Row) -> np.ndarray:
    """Returns Float[n + 1, 13]: what may have been lost before each atom, and at the end, in the order of INSERTED."""
    kind, n = row.kind, row.n
    here, last = kind[: n + 1], np.append([0], kind[:n])
    after, before = row.after[: n + 1], row.before[: n + 1]
    following, previous = np.where(here == BLANK, kind[after], here), kind[before]
    new, end, solid, begin = here == NEWLINE, np.arange(n + 1) == n, last != BLANK, here != BLANK
    start = (previous == NEWLINE) | (previous == 0)
    over = CLOSERS[following] & (following != EQUALS) & (following != COLON)
    key = WORDY[here] & ((kind[after] == EQUALS) | (kind[after] == COLON))
    wide = (last == BLANK) & (np.append([0], np.diff(row.begin)) > 1)
    empty = new & (previous == NEWLINE)                                 # a line that nothing stands on
    first = empty & (kind[row.before[before]] != NEWLINE)

    def priced(where: np.ndarray, price: float, *others: tuple[np.ndarray, float]) -> np.ndarray:
        """Returns the price where it may be inserted: that of the last that holds."""
        prices = np.where(where, np.float32(price), FAR)
        for condition, other in others:
            prices[where & condition] = other
        return prices

    between = (ENDS[previous] | WORDY[previous]) & (BEGINS[following] | WORDY[following])
    comma = priced(solid, 4.8, (between, 4.2), (SCALAR[previous] & SCALAR[following], 3.2), (new, 3.6))
    equals = priced(solid, 5.0, (end, 1.5))
    opener = priced(begin, 5.3, (new & (previous == EQUALS), 3.0), (start & ~new, 4.8))
    brace = priced(begin, 5.3, (wide & (previous == EQUALS), 3.0))
    closer = priced(solid, 5.3, (new | end, 4.5), ((here == BLANK) & (following == NEWLINE), 3.2), (empty, 3.0), (first, 2.9),
                    (end, 4.6), (end & OPENERS[kind[row.before[before]]], 4.4), (end & (last != NEWLINE), 2.5))
    unquoted = priced(begin, 4.2, (key, 3.0), (WORDY[here] & (previous == EQUALS), 3.3),
                      (SCALAR[here], 6.0), (here == SINGLE, 6.0), (STRUCTURE[here], 7.0))
    close = priced(solid, 6.5, (over, 4.6), (new, 3.8), (end, 3.0), (last == SINGLE, 7.0))
    bare = priced(solid, 2.5, (following == QUOTE, 1.5), (over, 0.8), (WORDY[last] & (following == EQUALS), 0.2))
    multi = priced(solid & (new | end), 6.0, (empty, 4.5), (end, 4.0))
    nothing = priced(begin, 7.0, (end, 1.5), ((previous == EQUALS) & new, 4.5))
    hash = np.where(begin & ~new, 7.0 + start + 3.0 * np.minimum(_marks_ahead(row), 12), FAR).astype(np.float32)
    line = priced(solid & ~new & ~end, 4.5)
    return np.stack([closer, closer, nothing, close, bare, multi, equals, unquoted, comma, brace, opener, hash, line], axis=1)


def _marks_ahead(row: Row) -> np.ndarray:
    """Returns Int[n + 1]: how many delimiters stand from each atom to the end of its line."""
    kind = row.kind[: row.n + 1]
    counted = np.append([0], np.cumsum(STRUCTURE[kind] | QUOTES[kind]))
    ends = np.flatnonzero((kind == NEWLINE) | (kind == 0))
    return counted[ends[np.searchsorted(ends, np.arange(row.n + 1))]] - counted[:-1]


# --- what is left out as a whole --------------------------------------------------------------------------------------

LINE = re.compile(r"[^\n]*(?:\n|\Z)")
TOML_LIKE = re.compile(r"""[ \t]*(?:[#=\[\]{}"'\d]"""
                       r"""|[\w.-]+[ \t]*[=:]?[ \t]*["'\[{\d]|[\w.-]+[ \t]*:[ \t]+\S|[^\s=]+[ \t]*=|[^\n]*["'\]}=,][ \t]*$|[\w.-]+[ \t]*$)""", re.MULTILINE)
FENCE = re.compile(r"^[ \t]*```[\w+-]*[ \t]*\r?$", re.MULTILINE)


def _jumps(row: Row) -> tuple[np.ndarray, np.ndarray]:
    """Returns where the text around a document ends, as atoms, and the price of leaving it out."""
    leaps, text = Leaps(row), row.text
    fences = [match.span() for match in FENCE.finditer(text)]
    first, last = _outer(text)
    if fences and not any(TOML_LIKE.match(line) for line in text[: fences[0][0]].splitlines() if line.strip()):
        leaps.add(0, min(fences[0][1] + 1, len(text)), 3.0)
    if fences and fences[-1][0] > first:
        leaps.add(fences[-1][0], len(text), 3.0 + 0.2 * len(text[fences[-1][1] :]) ** 0.5)
    leaps.add(0, first, 5.5)
    leaps.add(last, len(text), 5.5)
    return leaps.jump, leaps.price


def _outer(text: str) -> tuple[int, int]:
    """Returns where the first line begins that looks like TOML, and where the last one ends."""
    lines = [match.span() for match in LINE.finditer(text) if match.end() > match.start()]
    like = [span for span in lines if TOML_LIKE.match(text, *span)]
    return (like[0][0], like[-1][1]) if like else (0, len(text))
