"""Puzzles solved with or without a model, and read in their usual notations."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from structdiff.errors import ConstraintError
from structdiff.puzzle import solver
from structdiff.puzzle.kinds.kind import Kind
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.solver import MOST, Guide, Solution
from structdiff.rng import Rng

if TYPE_CHECKING:
    from structdiff.puzzle.refine import Refined, Step

RELATIONAL = "relational"


def solve(puzzle: Puzzle, *, model: Any = None, count: int = 1, max_nodes: int = MOST) -> Solution:
    """Returns a solution that every rule accepts, a proof that there is none, or the word that neither was found within `max_nodes` guesses.

    model: whose beliefs say what is tried first: "relational", the small denoiser for puzzles that ships with structdiff; a text model, as
    what `structdiff.load` takes or gives; None: no model. It cannot make a result wrong. count: 2 tells whether the solution is unique.

    Raises:
        ConstraintError: the puzzle is too large, or `puzzle` is none.
    """
    if not isinstance(puzzle, Puzzle):
        raise ConstraintError(f"a Puzzle is solved, not a {type(puzzle).__name__}; structdiff.read_puzzle(kind, text) makes one")
    return solver.solve(puzzle, count=count, guide=_guide(model), most=max_nodes)


def refine(puzzle: Puzzle, *, seed: int = 0, most: int = 24, on_step: Callable[[Step], None] | None = None) -> Refined:
    """Returns where the small denoiser for puzzles gets to without any search: it proposes, and what breaks a rule is noise again.

    most: forwards. on_step: called with the board after each.

    Raises:
        ConstraintError: the puzzle is too large.
    """
    from structdiff.puzzle import network, refine, relational

    return refine.refine(network.compile(puzzle), relational.load(), Rng(seed), refine.Blame(), most, on_step)


@lru_cache(maxsize=4)
def _guide(model: Any) -> Guide | None:
    if model is None:
        return None
    if model == RELATIONAL:
        from structdiff.puzzle import refine, relational

        denoiser = relational.load()
        return lambda network, domains: refine.scores(network, denoiser, domains, Rng(0))
    from structdiff.api import load
    from structdiff.puzzle_text import TextGuide

    return TextGuide(model if hasattr(model, "vocab") else load(None if model == "tiny" else model))


def read_puzzle(kind: str, text: str) -> Puzzle:
    """Returns the puzzle that `text` is in the usual notation of its kind, such as "sudoku" or "kakuro".

    Raises:
        ConstraintError: there is no such kind, or the text is at fault: where, and how.
    """
    return kind_of(kind).parse(text)


def kind_of(name: str) -> Kind:
    """Raises ConstraintError when there is no such kind."""
    from structdiff.puzzle.kinds import KINDS

    if name not in KINDS:
        raise ConstraintError(f"no puzzle is called {name!r}; there are {', '.join(sorted(KINDS))}")
    return KINDS[name]
