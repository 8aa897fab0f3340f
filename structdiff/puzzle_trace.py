"""How a puzzle is solved, deduction by deduction, as a single HTML file that asks nothing of the network."""

from __future__ import annotations

import os
from importlib.resources import files

from structdiff import trace
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.solver import Ending, Solution, explained


def write(path: str | os.PathLike[str], puzzle: Puzzle, solution: Solution) -> None:
    """Leaves the page at `path`; a file that was there is replaced whole or not at all.

    Raises:
        StructdiffError: the file cannot be written.
    """
    trace.replace(path, html(puzzle, solution))


def html(puzzle: Puzzle, solution: Solution) -> str:
    """Returns the page: the board, a slider over the steps, and the rule behind each."""
    skeleton = files("structdiff").joinpath("puzzle_trace.html").read_text("utf-8")
    return skeleton.replace("__TRACE__", trace.embedded(_page(puzzle, solution)), 1)


def _page(puzzle: Puzzle, solution: Solution) -> dict:
    index, givens = {cell: i for i, cell in enumerate(puzzle.cells)}, dict(puzzle.givens)
    start = [[givens[cell]] if cell in givens else domain for cell, domain in zip(puzzle.cells, puzzle.domains)]
    return {
        "title": puzzle.kind, "outcome": solution.status.value if solution.status is Ending.VALID else solution.reason,
        "names": puzzle.cells, "width": max(len(puzzle.symbol(value)) for value in puzzle.values),
        "pieces": [[literal, None if cell is None else index[cell]] for literal, cell in puzzle.pieces()],
        "given": [index[cell] for cell in givens], "start": [list(map(puzzle.symbol, values)) for values in start],
        "steps": [{"cell": index[step.cell], "left": list(map(puzzle.symbol, step.left)), "said": str(step)}
                  for step in explained(puzzle, solution)],
    }

