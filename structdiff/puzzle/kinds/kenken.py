"""KenKen: a Latin square with cages of arithmetic."""

from __future__ import annotations

from structdiff.puzzle.kinds.board import board, flat, latin, layout, padded
from structdiff.puzzle.kinds.cages import Clue, cages, clue
from structdiff.puzzle.kinds.kind import Kind
from structdiff.puzzle.kinds.text import lines
from structdiff.puzzle.puzzle import MOST_VALUES, Puzzle
from structdiff.puzzle.rules import OPERATIONS, Cage, Cells


def kenken(text: str) -> Puzzle:
    """Returns the Latin square in which each cage's operation gives its total.

    The first line is the size; then a line a cage: `12*: r1c1 r1c2 r2c2`, `3-: r2c1 r3c1`, `5: r1c4`.
    """
    first, *rest = lines(text, "the size, then a line a cage, such as 12*: r1c1 r1c2")
    size = first.fields()[0].number(2, MOST_VALUES, "the first line is the size, which")
    if len(first.fields()) > 1:
        raise first.fields()[1].fault("the size stands alone on its line; begin the cages on the next")
    rows = board(size)
    arithmetic = cages([clue(line) for line in rest], rows, _cage)
    return Puzzle(flat(rows), (tuple(range(1, size + 1)),), (*latin(rows), *arithmetic), (), layout(rows), padded(size), "kenken")


def _cage(each: Clue, cells: Cells) -> Cage:
    if each.operation not in OPERATIONS:
        raise each.sign.fault(f"{each.sign.text!r} is no operation; write + - * or / behind the total, or nothing for a single cell")
    if not each.operation and len(cells) > 1:
        raise each.sign.fault(f"a cage of {len(cells)} cells has an operation; write + - * or / behind {each.total}")
    if each.operation in ("-", "/") and len(cells) == 1:
        raise each.sign.fault(f"{each.operation!r} takes two cells or more; write {each.total}: for the single cell {cells[0]}")
    return Cage(cells, each.operation, each.total)


KENKEN = Kind("kenken", kenken, """\
6
11+: r1c1 r2c1
2/: r1c2 r1c3
20*: r1c4 r2c4
6*: r1c5 r1c6 r2c6 r3c6
3-: r2c2 r2c3
3/: r2c5 r3c5
240*: r3c1 r3c2 r4c1 r4c2
6*: r3c3 r3c4
6*: r4c3 r5c3
7+: r4c4 r5c4 r5c5
30*: r4c5 r4c6
6*: r5c1 r5c2
9+: r5c6 r6c6
8+: r6c1 r6c2 r6c3
2/: r6c4 r6c5
""", "Every row and column has each number once, and each cage makes its total. The size, then a line a cage: 12*: r1c1 r1c2.")
