"""Makes puzzles with one solution: random whole grids by a randomised search, then holes dug while the solution stays the only one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numba import njit

from structdiff.puzzle.network import Network, compile
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.rules import Adjacent, AllDifferent, Cage, Less, Rule
from structdiff.puzzle.search import FIRST_FAIL, search, settled
from structdiff.rng import Rng

MOST_NODES = 2000       # guesses that a check of one hole may take; a hole that takes more stays filled
MOST_FILL = 20_000


@dataclass(frozen=True, eq=False)
class Made:
    """Puzzles of one structure. domains Int[P, N]: bits, of the givens alone. solutions Int[P, N]: indices of values.
    nodes Int[P]: guesses of the first-fail search; 0: propagation is enough."""

    network: Network
    domains: np.ndarray
    solutions: np.ndarray
    nodes: np.ndarray

    def __len__(self) -> int:
        return len(self.solutions)

    def part(self, which: np.ndarray) -> Made:
        return Made(self.network, self.domains[which], self.solutions[which], self.nodes[which])

    @property
    def givens(self) -> np.ndarray:
        """Int[P]: how many cells are given."""
        return np.array([(row & (row - 1) == 0).sum() for row in self.domains])


def _name(row: int, column: int) -> str:
    return f"r{row + 1}c{column + 1}"


def _lines(size: int) -> list[AllDifferent]:
    span = range(size)
    return [AllDifferent(tuple(_name(i, j) for j in span), f"row {i + 1}") for i in span] + [
        AllDifferent(tuple(_name(i, j) for i in span), f"column {j + 1}") for j in span]


def _boxes(height: int, width: int) -> list[AllDifferent]:
    size = height * width
    return [AllDifferent(tuple(_name(top + i, left + j) for i in range(height) for j in range(width)), f"box {top + 1} {left + 1}")
            for top in range(0, size, height) for left in range(0, size, width)]


def _square(size: int, rules: list) -> Puzzle:
    cells = tuple(_name(i, j) for i, j in product(range(size), range(size)))
    return Puzzle(cells, (tuple(range(1, size + 1)),), tuple(rules))


@lru_cache
def sudoku(height: int, width: int, diagonal: bool = False) -> Network:
    size = height * width
    rules = _lines(size) + _boxes(height, width)
    if diagonal:
        rules += [AllDifferent(tuple(_name(i, i) for i in range(size)), "diagonal"),
                  AllDifferent(tuple(_name(i, size - 1 - i) for i in range(size)), "other diagonal")]
    return compile(_square(size, rules))


@lru_cache
def latin(size: int) -> Network:
    return compile(_square(size, _lines(size)))


def neighbours(size: int, rng: Rng) -> Network:
    """Returns a latin square in which some pairs of cells, as in its first grid, are neighbours in value."""
    return _beside(size, rng, lambda one, low, other, high: Adjacent(one, other) if high - low == 1 else None)


def futoshiki(size: int, rng: Rng) -> Network:
    """Returns a latin square in which of some pairs of cells, as in its first grid, one is less."""
    return _beside(size, rng, lambda one, low, other, high: Less(one, other))


def _beside(size: int, rng: Rng, rule: Callable[[str, int, str, int], Rule | None]) -> Network:
    grid, rules = filled(latin(size), rng).reshape(size, size), []
    for i, j in product(range(size), range(size)):
        for k, m in ((i + 1, j), (i, j + 1)):
            if k < size and m < size and rng.uniform() < 0.6:
                (low, one), (high, other) = sorted(((grid[i, j], _name(i, j)), (grid[k, m], _name(k, m))))
                if found := rule(one, low, other, high):
                    rules.append(found)
    return compile(_square(size, _lines(size) + rules))


def killer(height: int, width: int, rng: Rng) -> Network:
    """Returns a Sudoku cut into cages of two to four cells, whose sums are those of a random grid."""
    size = height * width
    grid = filled(sudoku(height, width), rng).reshape(size, size)
    left, cages = set(product(range(size), range(size))), []
    while left:
        cage = [sorted(left)[int(rng.integers(len(left)))]]
        left.discard(cage[0])
        for _ in range(1 + int(rng.integers(3))):
            beside = sorted((i + a, j + b) for i, j in cage for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))
                            if (i + a, j + b) in left and all(grid[i + a, j + b] != grid[k] for k in cage))
            if beside:
                cage.append(beside[int(rng.integers(len(beside)))])
                left.discard(cage[-1])
        if len(cage) > 1:
            cages.append(Cage(tuple(_name(i, j) for i, j in cage), "+", int(sum(grid[k] + 1 for k in cage)), True))
    return compile(_square(size, _lines(size) + _boxes(height, width) + cages))


def filled(network: Network, rng: Rng) -> np.ndarray:
    """Returns Int[N]: a random solution, as indices of values."""
    start = network.domains.copy()
    if settled(network.factors, start) >= 0:
        raise ValueError(f"a {network.puzzle.kind} without a solution")
    while True:
        found = search(network.factors, start, rng.uniform(len(start), len(network.values)), FIRST_FAIL, 1, MOST_FILL)
        if len(found.solutions):
            return found.solutions[0]


@njit(cache=True)
def _dug(net, whole, solution, order, least, most):
    """Returns Int[N]: domains in which holes are dug in this order while the solution is the only one and `least` are given."""
    domains = np.left_shift(np.int64(1), solution)
    scores = np.zeros((len(whole), len(net.values)))
    given = len(whole)
    for cell in order:
        if given <= least:
            break
        domains[cell] = whole[cell]
        narrowed = domains.copy()
        settled(net, narrowed)
        if narrowed[cell] & (narrowed[cell] - 1):
            found = search(net, narrowed, scores, FIRST_FAIL, 2, most)
            if len(found.solutions) != 1 or found.ended == 2:
                domains[cell] = np.int64(1) << solution[cell]
                continue
        given -= 1
    return domains


@njit(cache=True)
def _nodes(net, domains, most):
    narrowed = domains.copy()
    settled(net, narrowed)
    return search(net, narrowed, np.zeros((len(domains), len(net.values))), FIRST_FAIL, 2, most).nodes


@njit(cache=True)
def _hardened(net, whole, solution, start, orders, most):
    """Returns Int[S, N], Int[S]: puzzles with the same solution, each of which takes no fewer guesses than the one before, and how many.

    A step takes two givens away, gives others where two solutions differ until there is one, and digs again.
    """
    n, kept, levels = len(whole), np.empty((len(orders), len(whole)), np.int64), np.empty(len(orders), np.int64)
    domains, nodes, many = start.copy(), _nodes(net, start, most), 0
    scores = np.zeros((n, len(net.values)))
    for order in orders:
        changed, taken = domains.copy(), 0
        for cell in order:
            if taken < 2 and not changed[cell] & (changed[cell] - 1):
                changed[cell] = whole[cell]
                taken += 1
        while True:
            narrowed = changed.copy()
            settled(net, narrowed)
            found = search(net, narrowed, scores, FIRST_FAIL, 2, most)
            if len(found.solutions) < 2:
                break
            for cell in order[::-1]:
                if found.solutions[0, cell] != found.solutions[1, cell]:
                    changed[cell] = np.int64(1) << solution[cell]
                    break
        if found.ended == 2:
            continue
        changed = _redug(net, whole, solution, changed, order, most)
        reached = _nodes(net, changed, most)
        if nodes <= reached < most:
            domains, nodes = changed, reached
            kept[many], levels[many] = changed, reached
            many += 1
    return kept[:many], levels[:many]


@njit(cache=True)
def _redug(net, whole, solution, domains, order, most):
    scores = np.zeros((len(whole), len(net.values)))
    for cell in order:
        if not domains[cell] & (domains[cell] - 1):
            domains[cell] = whole[cell]
            narrowed = domains.copy()
            settled(net, narrowed)
            found = search(net, narrowed, scores, FIRST_FAIL, 2, most)
            if len(found.solutions) != 1 or found.ended == 2:
                domains[cell] = np.int64(1) << solution[cell]
    return domains


def hardened(made: Made, steps: int, least: int, rng: Rng) -> Made:
    """Returns what the puzzles become in so many steps towards more guesses, all that take `least` or more of them."""
    domains, solutions, nodes = [], [], []
    for start, solution in zip(made.domains, made.solutions):
        orders = np.argsort(rng.uniform(steps, len(solution)), axis=1)
        found, levels = _hardened(made.network.factors, made.network.domains, solution, start, orders, MOST_NODES)
        domains += list(found[levels >= least])
        solutions += [solution] * int((levels >= least).sum())
        nodes += levels[levels >= least].tolist()
    return Made(made.network, np.array(domains), np.array(solutions), np.array(nodes))


def made(network: Network, many: int, rng: Rng, least: int = 0, most: int = 0) -> Made:
    """Returns puzzles with one solution each; holes are dug down to a random number of givens between `least` and `most`,
    or until each given is needed."""
    domains, solutions, nodes = [], [], []
    for _ in range(many):
        solution = filled(network, rng)
        order = np.argsort(rng.uniform(len(solution)))
        down_to = least + int(rng.integers(max(most - least, 0) + 1))
        domains.append(_dug(network.factors, network.domains, solution, order, down_to, MOST_NODES))
        solutions.append(solution)
        nodes.append(_nodes(network.factors, domains[-1], MOST_NODES))
    return Made(network, np.array(domains), np.array(solutions), np.array(nodes))
