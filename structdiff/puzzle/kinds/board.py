"""Square boards: the names of their cells, their rows and columns, and how a grid is read and laid out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from itertools import chain
from math import isqrt

from structdiff.errors import ConstraintError
from structdiff.puzzle.kinds.text import Piece
from structdiff.puzzle.rules import AllDifferent, Cells

BLANKS = frozenset("0._*-xX")
DIGITS = "123456789ABCDEFG"
RULE = r"[-+=|\s]+"                                      # a line that is drawn between rows
CERTAIN_RULE = rf"(?=.*[+=]){RULE}"                      # one that is no row of empty cells written as dashes
SHOWN = 16              # widths in a message


def board(size: int) -> tuple[Cells, ...]:
    """Returns the names of the cells, row by row: r1c1, r1c2 and so on."""
    return tuple(tuple(f"r{row}c{column}" for column in range(1, size + 1)) for row in range(1, size + 1))


def flat(rows: Iterable[Cells]) -> Cells:
    return tuple(chain.from_iterable(rows))


def latin(rows: Sequence[Cells]) -> tuple[AllDifferent, ...]:
    """Returns the rules that no row and no column has a value twice."""
    return tuple(AllDifferent(tuple(cells), f"{line} {number}") for line, lines in (("row", rows), ("column", zip(*rows)))
                 for number, cells in enumerate(lines, 1))


def diagonals(rows: Sequence[Cells]) -> tuple[tuple[str, Cells], ...]:
    """Returns the two diagonals, each with its name."""
    falling = tuple(row[i] for i, row in enumerate(rows))
    return ("falling diagonal", falling), ("rising diagonal", tuple(row[-1 - i] for i, row in enumerate(rows)))


def layout(rows: Iterable[Cells]) -> str:
    """Returns the layout with a blank between cells, and a line a row."""
    return "\n".join(" ".join(f"{{{cell}}}" for cell in row) for row in rows)


def padded(most: int) -> tuple[tuple[int, str], ...]:
    """Returns symbols for 1 to most that are all as wide as the widest."""
    width = len(str(most))
    return tuple((value, str(value).rjust(width)) for value in range(1, most + 1) if len(str(value)) < width)


def square(lines: Sequence[Piece], sizes: Container[int], mark: str = r"[^\s|]", hint: str = "") -> list[Piece]:
    """Returns the marks of a square grid, row by row, wherever its lines break. What is drawn around the cells is left out.

    mark: the pattern of a cell. hint: which numbers of cells there may be, for the message.

    Raises:
        ConstraintError: there are not as many cells as one of the sizes asks for.
    """
    for rule in RULE, CERTAIN_RULE:
        rows = [line.find(mark) for line in lines if not re.fullmatch(rule, line.text)]
        marks = list(chain.from_iterable(rows))
        size = isqrt(len(marks))
        if size * size == len(marks) and size in sizes and not _other_shape(rows, size, sizes):
            return marks
    raise _odd_line(rows, lines).fault(f"the grid has {len(marks)} cells in {_widths(rows)}; {hint}")


def givens(cells: Iterable[str], marks: Iterable[Piece], read: Callable[[Piece], int]) -> tuple[tuple[str, int], ...]:
    """Returns the cells whose marks are not blank, with what they read as."""
    return tuple((cell, read(mark)) for cell, mark in zip(cells, marks) if mark.text not in BLANKS)


def digit(mark: Piece, size: int) -> int:
    """Returns the value of a digit, of which the sixteenth is G."""
    value = DIGITS.find(mark.text.upper()) + 1
    if not 1 <= value <= size:
        raise mark.fault(f"{mark.text!r} is no digit of a {size} by {size} grid; write 1 to {DIGITS[size - 1]}, or . for an empty cell")
    return value


def on_board(cell: Piece, rows: Sequence[Cells]) -> str:
    """Returns the name of the cell.

    Raises:
        ConstraintError: it is no cell of the board.
    """
    if not (place := re.fullmatch("(?i)r0*([0-9]{1,3})c0*([0-9]{1,3})", cell.text)):
        raise cell.fault(f"{cell.text!r} names no cell; write r1c2 for row 1, column 2")
    if not all(1 <= int(number) <= len(rows) for number in place.groups()):
        raise cell.fault(f"{cell.text} is not on the board of {len(rows)} by {len(rows)}")
    return f"r{place[1]}c{place[2]}"


def _other_shape(rows: Sequence[Sequence[Piece]], size: int, sizes: Container[int]) -> bool:
    """Whether the lines look like rows of another size: four rows of nine are not six rows of six."""
    widths = {len(row) for row in rows}
    return len(rows) > 1 and len(widths) == 1 and not widths <= {size} and any(width in sizes for width in widths)


def _odd_line(rows: Sequence[Sequence[Piece]], lines: Sequence[Piece]) -> Piece:
    """Returns the first mark of the line that is not as long as most are; of the grid, where all are."""
    usual = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    return next((row[0] for row in rows if row and len(row) != usual), lines[0])


def _widths(rows: Sequence[Sequence[Piece]]) -> str:
    widths = [str(len(row)) for row in rows]
    return f"lines of {', '.join(widths[:SHOWN]) or 'none'}{' and so on' if len(widths) > SHOWN else ''}"
