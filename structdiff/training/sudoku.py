"""Sudoku as text: 81 digits on one canvas, read off a prompt that has the givens.

A model of this architecture knows the places on its canvas by rotary positions alone, from which a small one learns columns and boxes
slowly. So the prompt draws a map: three lines tell each cell's row, column and box, the fourth its given, and a cell's four marks stand at
the same distances from its place on the canvas, whichever it is.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from structdiff.api import generate_batch
from structdiff.models.diffusion_gemma import DiffusionGemma
from structdiff.puzzle.kinds.sudoku import empty
from structdiff.puzzle.network import Network, compile
from structdiff.puzzle.search import FIRST_FAIL, search, settled
from structdiff.rng import Rng
from structdiff.sampler import EntropyBound
from structdiff.training.task import Example, Score

CELLS = 81
ROW, COLUMN = np.divmod(np.arange(CELLS), 9)
BOX = ROW // 3 * 3 + COLUMN // 3
ORDINARY = 36               # givens, at least, of an ordinary puzzle
GIVENS = (ORDINARY, 48, 60) # of the puzzles that a model is judged by
GROUNDS = 600               # puzzles that training varies; each stands for 3.4 million times 9! others
HELD_OUT = 1_000_000        # seeds from here on are for evaluation
MOST = 2000                 # guesses that the check of one hole may take
STOCK = EntropyBound(0.1, patience=math.inf)      # DiffusionGemma's own rule
BATCH = 16


@dataclass(frozen=True, eq=False)
class Grids:
    """Puzzles with one solution. solutions Int[P, 81]: digits. given Bool[P, 81]."""

    solutions: np.ndarray
    given: np.ndarray

    def __len__(self) -> int:
        return len(self.solutions)


@lru_cache
def _network() -> Network:
    return compile(empty(9))


def dug(many: int, rng: Rng, least: int) -> Grids:
    """Returns random grids with random holes: as many as leave one solution, and `least` givens at least."""
    solutions, given = [], []
    network = _network()
    open_cells = network.domains.copy()
    settled(network.factors, open_cells)
    none = np.zeros((CELLS, 9))
    while len(solutions) < many:
        found = search(network.factors, open_cells, rng.uniform(CELLS, 9), FIRST_FAIL, 1, 10 * MOST).solutions
        if not len(found):
            continue
        told = np.ones(CELLS, dtype=bool)
        for cell in np.argsort(rng.uniform(CELLS)):
            if told.sum() <= least:
                break
            told[cell] = False
            domains = np.where(told, np.left_shift(1, found[0]), network.domains)
            settled(network.factors, domains)
            if domains[cell] & (domains[cell] - 1):
                others = search(network.factors, domains, none, FIRST_FAIL, 2, MOST)
                told[cell] = len(others.solutions) != 1 or others.nodes >= MOST
        solutions.append(found[0] + 1)
        given.append(told)
    return Grids(np.array(solutions), np.array(given))


def told_more(grids: Grids, many: np.ndarray, rng: Rng) -> Grids:
    """Returns the same puzzles with `many` Int[P] givens, or more where they have more."""
    rank = np.where(grids.given, -1.0, rng.uniform(*grids.given.shape)).argsort(1).argsort(1)
    return Grids(grids.solutions, grids.given | (rank < many[:, None]))


def varied(grids: Grids, rng: Rng) -> Grids:
    """Returns for each puzzle one of those that differ from it in names and order alone."""
    solutions, given = np.empty_like(grids.solutions), np.empty_like(grids.given)
    for i, (solution, told) in enumerate(zip(grids.solutions, grids.given)):
        digits = np.argsort(rng.uniform(9)) + 1
        rows, columns = (
            (np.argsort(rng.uniform(3))[:, None] * 3 + np.argsort(rng.uniform(3, 3), axis=1)).ravel() for _ in range(2))
        place = (rows[:, None] * 9 + columns).ravel() if rng.uniform() < 0.5 else (columns * 9 + rows[:, None]).ravel()
        solutions[i], given[i] = digits[solution[place] - 1], told[place]
    return Grids(solutions, given)


def _line(numbers: np.ndarray) -> str:
    return "".join(map(str, numbers))


MAP = "\n".join(_line(part + 1) for part in (ROW, COLUMN, BOX))


def prompt(givens: str) -> str:
    """Returns what a model is asked; givens: 81 digits, and dots for open cells."""
    return f"Solve the sudoku.\n{MAP}\n{givens}"


def written(solution: np.ndarray, given: np.ndarray) -> str:
    return "".join(str(digit) if told else "." for digit, told in zip(solution, given))


@lru_cache
def _grounds(seed: int) -> Grids:
    return dug(GROUNDS, Rng(seed), 0)


@dataclass(frozen=True)
class Sudoku:
    """9x9, one solution each. fewest: givens, from the middle of a run on; it begins with nearly whole grids."""

    seed: int = 0
    fewest: int = 28
    name: str = "sudoku"
    canvas: int = CELLS

    def examples(self, rng: Rng, many: int, progress: float) -> list[Example]:
        grounds = _grounds(self.seed)
        rows = rng.integers(len(grounds), many)
        fewest = round(60 - (60 - self.fewest) * min(1.0, 2 * progress))
        givens = fewest + rng.integers(71 - fewest, many)
        drawn = varied(told_more(Grids(grounds.solutions[rows], grounds.given[rows]), givens, rng), rng)
        return [Example(prompt(written(solution, given)), _line(solution)) for solution, given in zip(drawn.solutions, drawn.given)]

    def scores(self, denoiser: DiffusionGemma, many: int, seed: int) -> list[Score]:
        rng = Rng(HELD_OUT + seed)
        ordinary = dug(many, rng, ORDINARY)
        return [solved(denoiser, told_more(ordinary, np.full(many, givens), rng), f"{givens} givens") for givens in GIVENS]


def solved(denoiser: DiffusionGemma, grids: Grids, of: str) -> Score:
    """Returns how the model does alone: its own sampler, no constraint, nothing held in place."""
    started = time.perf_counter()
    results = []
    for begin in range(0, len(grids), BATCH):
        part = slice(begin, begin + BATCH)
        asked = [prompt(written(*one)) for one in zip(grids.solutions[part], grids.given[part])]
        results += generate_batch(asked, [None] * len(asked), model=denoiser, max_tokens=CELLS, sampler=STOCK,
                                  seed=[begin + i for i in range(len(asked))])
    texts = [result.text.strip() for result in results]
    kept = sum(text[i : i + 1] == str(solution[i]) for text, solution, given in zip(texts, grids.solutions, grids.given)
               for i in np.flatnonzero(given))
    right = sum(text == _line(solution) for text, solution in zip(texts, grids.solutions))
    return Score(of, len(grids), right / len(grids), kept / int(grids.given.sum()),
                 sum(result.forwards for result in results) / len(results), (time.perf_counter() - started) / len(grids))
