"""What may have been done to each atom of a broken JSON text, and what that costs, in nats."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from structdiff.channel.json_atoms import (
    BEGINS, CLASS, CLOSERS, COLON, COMMA, ENDS, LEFTS, MARK, NAMES, NEW, NEWLINE, OPENERS, QUOTE, RIGHTS, SCALAR, SINGLE, SPACES, STRUCTURE,
    WORD, Row, among, lexed, refined,
)
from structdiff.channel.json_layout import laid_out
from structdiff.channel.json_levels import levels
from structdiff.channel.row import Leaps
from structdiff.channel.rules import Atoms, unnamed
from structdiff.channel.search import FAR, Lattice

# What may be read without an atom; what closes first, so that the bounds settle soon.
INSERTED = "+RBRACE +RBRACK NULL CLOSE CLOSEBARE +COLON OPEN +COMMA +LBRACE +LBRACK"

REMARK = np.float32(2.8)                                               # price of leaving out a comment
CONTENT = among("WORD LITERAL FOREIGN LOOSE ESCAPE BADESCAPE ELLIPSIS")
UNPAIRED = among("QUOTE SINGLE COMMA COLON LBRACE MARK")                # two in a row are one too many
SWAPPED = among("LBRACE RBRACE LBRACK RBRACK COLON COMMA QUOTE SINGLE")
STRINGS = among("QUOTE SINGLE")
DELETION = np.full(len(NAMES), 6.5, np.float32)
DELETION[among("MARK LPAREN RPAREN CONTROL")] = 5.0
DELETION[SINGLE] = 8.5
DELETION[SPACES] = FAR


def atoms(text: str, numbers: dict[str, int]) -> Atoms:
    """Returns the text's atoms, each with its class and the prices of what may have been done to it. numbers: of the classes."""
    row = lexed(text)
    symbol = np.array([numbers.get(name, 0) for name in NAMES], np.int32)[refined(row)]
    jump, jump_price, deletion = *_jumps(row), _deletions(row)
    _unwrap_calls(row, jump, jump_price, deletion)
    insertion = _insertions(row)
    insertion[:-1][jump_price == REMARK, INSERTED.split().index("OPEN")] = 8.0
    lattice = Lattice(symbol, np.zeros(row.n, np.int32), deletion, _swaps(row), insertion, jump, jump_price, levels(row), *unnamed(row.n))
    return Atoms(text, row.begin, lattice, finish=laid_out)


def _deletions(row: Row) -> np.ndarray:
    """Returns Float[n]: a delimiter is cheap where it is one too many; content is dear, by its length."""
    kind, length = row.kind[: row.n], np.diff(row.begin)
    left, right = row.kind[row.before[: row.n]], row.kind[row.after[: row.n]]
    price = DELETION[kind]
    twice = ~SPACES[kind] & ((left == kind) | (right == kind))
    touching = (row.kind[1 : row.n + 1] == kind) | (row.kind[np.arange(row.n) - 1] == kind)
    price[twice] = 5.8
    price[twice & touching & UNPAIRED[kind]] = 4.0
    comma = kind == COMMA
    price[comma & OPENERS[left]] = 4.3
    price[comma & ((left == COMMA) | (right == COMMA))] = 3.5
    price[comma & (RIGHTS[right] | (right == 0))] = 2.3
    price[(kind == MARK) & (right == 0)] = 1.5
    content = CONTENT[kind]
    price[content] = 20.0 + length[content]
    return price


def _swaps(row: Row) -> np.ndarray:
    """Returns Float[n]: two delimiters may have changed places, or a quote and the end of its line; rarely where they would then
    stand as they do in no JSON but in a string."""
    first, second = row.kind[: row.n], row.kind[1 : row.n + 1]
    line = (first == NEWLINE) & (second == QUOTE) & (np.diff(row.begin) == 1)
    odd = LEFTS[second] & ~STRINGS[first] | RIGHTS[first] & ~STRINGS[second] | STRINGS[first] & RIGHTS[second] | LEFTS[first] & STRINGS[second]
    price = np.where(odd, np.float32(7.5), np.float32(5.3))
    return np.where(SWAPPED[first] & SWAPPED[second] & (first != second) | line, price, FAR)


def _insertions(row: Row) -> np.ndarray:
    """Returns Float[n + 1, 10]: what may have been lost before each atom, and at the end, in the order of INSERTED."""
    kind, n = row.kind, row.n
    here, last = kind[: n + 1], np.append([0], kind[:n])
    after, before = row.after[: n + 1], row.before[: n + 1]
    following, previous = np.where(SPACES[here], kind[after], here), kind[before]
    new, end, solid, begin = NEW[here], np.arange(n + 1) == n, ~SPACES[last], ~SPACES[here]
    ends = new | end | CLOSERS[following]
    key = (here == WORD) & (kind[after] == COLON)                       # a word that a colon stands behind
    usual = np.count_nonzero(key & OPENERS[previous]) > 3

    def priced(where: np.ndarray, price: float, *others: tuple[np.ndarray, float]) -> np.ndarray:
        """Returns the price where it may be inserted: that of the last that holds."""
        prices = np.where(where, np.float32(price), FAR)
        for condition, other in others:
            prices[where & condition] = other
        return prices

    between = ENDS[previous] & (BEGINS[following] | key)
    comma = priced(solid, 4.8, (between, 4.2), (SCALAR[previous] & SCALAR[following], 3.2), (new, 3.6), (new & between, 3.0))
    colon = priced(solid, 5.0, (end, 1.5))
    opener = priced(begin, 5.3, (RIGHTS[here], 6.3))
    listed = (previous == COMMA) & SCALAR[here]                         # brackets rarely begin or end between two numbers
    earlier = kind[row.before[before]]
    bracket = priced(begin, 5.3, (listed & (earlier == CLASS["RBRACK"]), 4.3), (listed & SCALAR[earlier], 6.8), (RIGHTS[here], 6.3))
    closer = priced(solid, 5.3, ((here == COMMA) & SCALAR[previous] & SCALAR[kind[after]], 6.8),
                    ((here == COMMA) & SCALAR[previous] & LEFTS[kind[after]], 4.8), (following == 0, 2.5))
    unquoted = priced(
        begin, 4.2, ((here == WORD) & OPENERS[previous] & CLOSERS[kind[after]], 3.6), (key, 3.0), (key & (OPENERS[previous] | NEW[last]), 2.5),
        (key & usual, 0.4), (here == SINGLE, 6.0), (STRUCTURE[here], 7.0))
    close = priced(solid, 6.5, (ends, 4.6), (end, 3.0), (last == SINGLE, 7.0))
    bare = priced(solid, 2.5, (following == QUOTE, 1.5), (ends, 0.8), ((last == WORD) & (here == COLON), 0.1 if usual else 0.4))
    null = priced(begin, 6.5, (end & ((previous == COLON) | (previous == QUOTE) | (previous == WORD)), 1.5),
                  ((previous == COLON) & CLOSERS[following], 3.5))
    stop = ((here == COMMA) | RIGHTS[here]) & (NEW[last] | (last == CLASS["BLANK"]))
    empty = (SPACES[last] | (last == 0)) & (new | stop) & (following > 0)          # blanks that nothing stands on
    for prices in (opener, bracket, closer):
        prices[empty] = 3.0
    return np.stack([closer, closer, null, close, bare, colon, unquoted, comma, opener, bracket], axis=1)


# --- what is left out as a whole --------------------------------------------------------------------------------------

LINE_COMMENT = re.compile(r"(?<![:/\w])//(?!/)|(?:(?<=\s)|\A)\#(?=[ \t#!]|[\r\n]|\Z)")
BLOCK_COMMENT = re.compile(r"/\*(?:[^*/]|\*(?!/)|/(?!\*))*\*/|<!--(?:[^-]|-(?!->))*-->")
LINE_END = re.compile(r"[\r\n]|\Z")
ELLIPSIS = re.compile(r"(?:\.\.\.|…)(?:\s*,[ ]?)?|,\s*(?:\.\.\.|…)(?=\s*[}\]]|\s*\Z)")
CALL = re.compile(r"(?<![\w$.])[A-Za-z_$][\w$.]* ?\(")
BARE_NEWLINE = re.compile(r"(?:\r\n?|\n)(?![ \t])")
JSON_LIKE = re.compile(r"""["{}\[\]]|'\s*[:,]|\A\s*[,:\d]""")
OPENING_FENCE = re.compile(r'\A[^{}\[\]"`]*```[\w+-]*[ \t]*(?:\r\n?|\n)[ \t]*')


def _jumps(row: Row) -> tuple[np.ndarray, np.ndarray]:
    """Returns where comments, ellipses, fences and the text around a document end, as atoms, and the price of leaving them out."""
    leaps, text = Leaps(row), row.text
    for begin, end in _comments(text):
        leaps.add(*_with_its_blanks(text, begin, end), REMARK)
    if "..." in text or "…" in text:
        for match in ELLIPSIS.finditer(text):
            leaps.add(match.start(), match.end(), 1.5)
    _around(row, leaps)
    return leaps.jump, leaps.price


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """Yields where there would be comments, were it not for the strings they are in."""
    starts = [match.start() for match in LINE_COMMENT.finditer(text)]
    if starts:
        stops = np.array([match.start() for match in LINE_END.finditer(text)])
        yield from zip(starts, stops[np.searchsorted(stops, starts)].tolist())
    if "*/" in text or "-->" in text:
        yield from (match.span() for match in BLOCK_COMMENT.finditer(text))


def _with_its_blanks(text: str, begin: int, end: int) -> tuple[int, int]:
    """Returns the comment's span with its whole line where it is alone there, the blanks before it where it ends a line, else those behind."""
    before, after = begin, end
    while before > 0 and text[before - 1] in " \t":
        before -= 1
    while after < len(text) and text[after] in " \t":
        after += 1
    starts, stops = before == 0 or text[before - 1] in "\r\n", after == len(text) or text[after] in "\r\n"
    if starts and stops:
        return (before - 1 - (text[max(0, before - 2) : before] == "\r\n"), after) if before else (0, end)
    return (before, after) if stops else (begin, after)


def _around(row: Row, leaps: Leaps) -> None:
    """A fence and what is outside of it is left out; so is what stands before the first bracket and behind the last, dearly where
    it looks like JSON. The newline that ends a document of several lines stays."""
    text = row.text
    openers, closers = np.flatnonzero(LEFTS[row.kind]), np.flatnonzero(RIGHTS[row.kind])
    first = row.begin[openers[0]] if len(openers) else 0
    last = row.begin[closers[-1] + 1] if len(closers) else len(text)
    lines = "\n" in text[first:last]
    if fence := OPENING_FENCE.match(text):
        leaps.add(0, fence.end(), 3.0)
    leaps.add(0, first, _prose_price(text[:first]))
    if (fenced := text.rfind("```", first + 1)) > 0:
        end = len(text[:fenced].rstrip())
        newline = BARE_NEWLINE.match(text, end) if lines else None
        leaps.add(newline.end() if newline else end, len(text), 3.0)
    if last < len(text):
        blank = len(text) - last - len(text[last:].lstrip("\r\n"))
        leaps.add(row.begin[closers[-1] + 1 + (lines and blank > 2)], len(text), _prose_price(text[last:]))


def _prose_price(text: str) -> float:
    return 12.0 + 0.3 * len(text) if JSON_LIKE.search(text) else 5.5


def _unwrap_calls(row: Row, jump: np.ndarray, jump_price: np.ndarray, deletion: np.ndarray) -> None:
    """Makes it cheap to leave out `name(` and the parenthesis that closes it."""
    called = np.searchsorted(row.begin, [match.end() - 1 for match in CALL.finditer(row.text)])
    called = {i: at for i in called.tolist() if row.kind[at := int(row.before[i])] == WORD and CALL.match(row.text, row.begin[at])}
    if not called:
        return
    opened: list[int] = []
    left, right = CLASS["LPAREN"], CLASS["RPAREN"]
    for i in np.flatnonzero((row.kind == left) | (row.kind == right)).tolist():
        if row.kind[i] == left:
            opened.append(i)
        elif opened and (begun := opened.pop()) in called:
            jump[called[begun]], jump_price[called[begun]] = begun + 1, 2.5
            deletion[i] = 0.5
