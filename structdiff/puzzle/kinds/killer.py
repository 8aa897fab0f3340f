"""Killer Sudoku: cages with sums."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from math import isqrt

from structdiff.puzzle.kinds.board import board
from structdiff.puzzle.kinds.cages import Clue, cages, clue
from structdiff.puzzle.kinds.kind import Kind
from structdiff.puzzle.kinds.sudoku import BOXES, empty, of_grid
from structdiff.puzzle.kinds.text import lines
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.rules import Cage, Cells


def killer_sudoku(text: str) -> Puzzle:
    """Returns the Sudoku whose cages sum to their totals without a repeat.

    A line a cage, `15: r1c1 r1c2 r2c1`; before them, a grid of givens where there are any. Without a grid the board is the
    smallest that has all cells of the cages.
    """
    found = lines(text, "a line a cage, such as 15: r1c1 r1c2")
    clues = [clue(line) for line in found if ":" in line.text]
    grid = [line for line in found if ":" not in line.text]
    plain = of_grid(grid) if grid else empty(_size(clues))
    sums = cages(clues, board(isqrt(len(plain.cells))), _sum)
    return replace(plain, rules=(*plain.rules, *sums), kind="killer-sudoku")


def _sum(each: Clue, cells: Cells) -> Cage:
    if each.operation not in ("", "+"):
        raise each.sign.fault(f"the cages of a killer sudoku are sums; write {each.total}: without the {each.sign.text!r}")
    return Cage(cells, "+", each.total, distinct=True)


def _size(clues: Sequence[Clue]) -> int:
    """Returns the smallest size that has all cells; the largest, where none has."""
    numbers = (int(number) for each in clues for cell in each.cells for number in re.findall("[0-9]{1,3}", cell.text))
    needed = max(numbers, default=0)
    return next((size for size in BOXES if size >= needed), max(BOXES))


KILLER = Kind("killer-sudoku", killer_sudoku, """\
3: r1c1 r1c2
15: r1c3 r1c4 r1c5
22: r1c6 r2c5 r2c6 r3c5
4: r1c7 r2c7
16: r1c8 r2c8
15: r1c9 r2c9 r3c9 r4c9
25: r2c1 r2c2 r3c1 r3c2
17: r2c3 r2c4
9: r3c3 r3c4 r4c4
8: r3c6 r4c6 r5c6
20: r3c7 r3c8 r4c7
6: r4c1 r5c1
14: r4c2 r4c3
17: r4c5 r5c5 r6c5
17: r4c8 r5c7 r5c8
13: r5c2 r5c3 r6c2
20: r5c4 r6c4 r7c4
12: r5c9 r6c9
27: r6c1 r7c1 r8c1 r9c1
6: r6c3 r7c2 r7c3
20: r6c6 r7c6 r7c7
6: r6c7 r6c8
10: r7c5 r8c4 r8c5 r9c4
14: r7c8 r7c9 r8c8 r8c9
8: r8c2 r9c2
16: r8c3 r9c3
15: r8c6 r8c7
13: r9c5 r9c6 r9c7
17: r9c8 r9c9
""", "A Sudoku whose cages sum to their totals without a repeat. A line a cage, 15: r1c1 r1c2; before them a grid of givens, if any.")
