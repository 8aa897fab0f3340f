"""The depth of brackets that the indentation of a JSON text shows."""

from __future__ import annotations

import numpy as np

from structdiff.channel.json_atoms import CLASS, COLON, LEFTS, NEWLINE, QUOTE, RIGHTS, WORD, Row, among

REGULAR = 0.75              # of the lines, at least, must be indented as their brackets say
TWOFOLD = 0.2               # of the lines that open, at least, must open twice for a deeper line to be two levels deeper
LINE_BEGINS = among("QUOTE SINGLE LBRACE RBRACE LBRACK RBRACK LPAREN RPAREN LITERAL FOREIGN LOOSE COMMA COLON")     # other lines are of texts


def levels(row: Row) -> np.ndarray:
    """Returns Int[n]: for the newlines of a text that is indented by its structure, the depth that the next line is at.

    -1 elsewhere, and everywhere in a text most of whose lines are not indented so.
    """
    kind, level = row.kind, np.full(row.n, -1, np.int32)
    following = kind[1 : row.n + 1]
    named = np.isin(kind[row.after[1 : row.n + 1]], (COLON, QUOTE)) & (following == WORD)
    begins = LINE_BEGINS[following] | named | LEFTS[kind[row.before[: row.n]]]
    lines = np.flatnonzero((kind[: row.n] == NEWLINE) & begins)
    widths = np.array([0, *(len(row.piece(i).lstrip("\r\n").expandtabs(4)) for i in lines)])
    deeper, opens, closes = np.diff(widths), LEFTS[kind[lines - 1]], RIGHTS[kind[lines + 1]]
    regular = np.where(opens == closes, deeper == 0, np.where(opens, deeper > 0, deeper < 0))
    if widths.max() == 0 or regular.mean() < REGULAR:
        return level
    gained, opening = _gained(row, lines), opens & (deeper > 0) & ~np.append([False], closes[:-1])
    steps = np.clip(gained, 1, 2) if opening.any() and (gained[opening] > 1).mean() > TWOFOLD else np.ones(len(lines), np.int64)
    first = int(np.argmax(LEFTS[kind] | (kind == CLASS["LPAREN"])))
    blocks, inner, left = [(_base(row, lines, widths, first), 0)], None, []       # width, depth
    for i, width, opening, closing, step in zip(lines.tolist(), widths[1:].tolist(), opens.tolist(), closes.tolist(), steps.tolist()):
        if i < first:
            continue
        if width > blocks[-1][0]:
            back = [] if opening else [block for block in left if block[0] <= width]       # a line that was out of line
            blocks += back if back else [(width, blocks[-1][1] + step if inner is None else inner)]
        inner, left = None, []
        while len(blocks) > 1 and blocks[-1][0] > width:
            left.insert(0, blocks.pop())
            inner = left[0][1]
        depth = blocks[-1][1]
        level[i] = depth if not closing else depth + 1 if inner is None else inner
        inner = inner if closing else None                             # what a line that closes and opens goes on with
    return level


def _base(row: Row, lines: np.ndarray, widths: np.ndarray, first: int) -> int:
    """Returns the width of the line of the first bracket; 0 where a blank line before it hints at one that was lost."""
    at = int(np.searchsorted(lines, first))
    return 0 if at and row.kind[lines[at - 1] - 1] in (0, NEWLINE) else int(widths[at])


def _gained(row: Row, lines: np.ndarray) -> np.ndarray:
    """Returns Int[L]: how many brackets more are opened than closed in the line that each newline ends."""
    opened = np.cumsum(LEFTS[row.kind].astype(np.int64) - RIGHTS[row.kind])
    at = opened[lines]
    return np.diff(at, prepend=0)
