"""A puzzle compiled for the kernels: cells and values as numbers, sets of values as bits, rules as four kinds of factor.

    DIFFERENT   all different
    PAIR        two cells: for each value of one the values of the other that go with it
    DIAGRAM     a layered decision diagram (`structdiff.puzzle.diagram`): sums, products, counts, lines, cages, tables
    LINEAR      a weighted sum that is too wide for a diagram: bounds only
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from structdiff.errors import ConstraintTooLarge
from structdiff.puzzle.diagram import Diagram, diagram, memory
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.rules import AllDifferent, Cage, Linear, Rule, Sum

DIFFERENT, PAIR, DIAGRAM, LINEAR = range(4)
RELATION = {"==": 0, "!=": 1, "<=": 2, ">=": 3}


class Factors(NamedTuple):
    """For the kernels. kind Int[F]; cells Int[E] of factor f are those from scope[f] on, to scope[f + 1]; factors Int[E] of cell c
    those from touched[c] on, edges Int[E] their places among `cells`. pairs Int[F, 2, D]: of a PAIR. layers Int[E + F]: of a DIAGRAM, from scope[f] + f on; after Int[S, D].
    weights Int[E], relation, bound Int[F]: of a LINEAR. values Int[D]."""

    kind: np.ndarray
    scope: np.ndarray
    cells: np.ndarray
    touched: np.ndarray
    factors: np.ndarray
    edges: np.ndarray
    pairs: np.ndarray
    layers: np.ndarray
    after: np.ndarray
    weights: np.ndarray
    relation: np.ndarray
    bound: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class Network:
    """domains Int[N]: bits of the values that each cell may have by its domain, its givens and the rules about it alone.

    rule Int[F]: which of the puzzle's rules a factor is of. index: of each cell by its name. bare: the network of the same puzzle with
    nothing given, the same for all that differ only in that; None where this is it.
    """

    puzzle: Puzzle
    index: dict[str, int]
    factors: Factors
    domains: np.ndarray
    rule: np.ndarray
    bare: Network | None = field(default=None, repr=False)

    @property
    def values(self) -> np.ndarray:
        return self.factors.values

    def bits(self, value: int) -> int:
        return 1 << int(np.searchsorted(self.values, value))

    def read(self, domains: np.ndarray) -> list[int | None]:
        """Returns the value of each cell that has one left."""
        return [int(self.values[int(bits).bit_length() - 1]) if bits and not bits & (bits - 1) else None for bits in domains.tolist()]


@dataclass(frozen=True, eq=False)
class _Factor:
    kind: int
    cells: tuple[int, ...]
    rule: int
    pairs: np.ndarray | None = None
    diagram: Diagram | None = None
    linear: Linear | None = None


def compile(puzzle: Puzzle) -> Network:
    """Returns the puzzle as a network. Puzzles that differ only in what is given are compiled once.

    Raises:
        ConstraintTooLarge: a rule has too many states to remember and is no weighted sum.
    """
    network = _compiled(replace(puzzle, givens=()))
    domains, index = network.domains.copy(), network.index
    for cell, value in puzzle.givens:
        domains[index[cell]] &= network.bits(value)
    return replace(network, puzzle=puzzle, domains=domains, bare=network)


@lru_cache(maxsize=64)
def _compiled(puzzle: Puzzle) -> Network:
    values = puzzle.values
    index = {cell: i for i, cell in enumerate(puzzle.cells)}
    bit = {value: 1 << i for i, value in enumerate(values)}
    domains = np.array([sum(bit[value] for value in domain) for domain in puzzle.domains], np.int64)
    found = []
    for number, rule in enumerate(puzzle.rules):
        cells = tuple(index[cell] for cell in rule.cells)
        own = [puzzle.domains[cell] for cell in cells]
        if len(cells) == 1:
            domains[cells[0]] &= sum(bit[value] for value in own[0] if rule.holds([value]))
        else:
            found += _factors(rule, number, cells, own, values)
    return Network(puzzle, index, _packed(found, len(puzzle.cells), values), domains, np.array([one.rule for one in found], np.int64))


def _factors(rule: Rule, number: int, cells: tuple[int, ...], domains: Sequence[tuple[int, ...]], values: tuple[int, ...]) -> list[_Factor]:
    if isinstance(rule, AllDifferent):
        return [_Factor(DIFFERENT, cells, number)]
    shape = _Shape(rule, tuple(domains), values)
    if len(cells) == 2 and cells[0] != cells[1]:
        return [_Factor(PAIR, cells, number, pairs=_pairs(shape))]
    made = _diagram(shape)
    if made is not None:
        return [_Factor(DIAGRAM, cells, number, diagram=made)]
    match rule:
        case Linear():
            return [_Factor(LINEAR, cells, number, linear=rule)]
        case Cage(named, operation, total, True):
            return [_Factor(DIFFERENT, cells, number), *_factors(Cage(named, operation, total), number, cells, domains, values)]
        case Sum(named, total) | Cage(named, "+", total):
            return [_Factor(LINEAR, cells, number, linear=Linear(named, (1,) * len(named), "==", total))]
    raise ConstraintTooLarge(f"the rule “{rule}” has too many cells and values")


@dataclass(frozen=True)
class _Shape:
    """A rule and its cells' domains; equal to another that differs in no more than the cells' names and its own."""

    rule: Rule = field(compare=False)
    domains: tuple[tuple[int, ...], ...]
    values: tuple[int, ...]
    told: tuple = field(init=False)

    def __post_init__(self) -> None:
        named = ("cells", "one", "other", "name")
        told = (type(self.rule), *(getattr(self.rule, one.name) for one in fields(self.rule) if one.name not in named))
        object.__setattr__(self, "told", told)


@lru_cache(maxsize=4096)
def _diagram(shape: _Shape) -> Diagram | None:
    told = memory(shape.rule, shape.domains)
    return None if told is None else diagram(told, shape.domains, shape.values)


@lru_cache(maxsize=4096)
def _pairs(shape: _Shape) -> np.ndarray:
    """Returns Int[2, D]: of each value of either cell the bits of the values of the other that go with it."""
    pairs = np.zeros((2, len(shape.values)), np.int64)
    for i, one in enumerate(shape.values):
        for j, other in enumerate(shape.values):
            if one in shape.domains[0] and other in shape.domains[1] and shape.rule.holds([one, other]):
                pairs[0, i] |= 1 << j
                pairs[1, j] |= 1 << i
    return pairs


def _packed(found: list[_Factor], cells: int, values: tuple[int, ...]) -> Factors:
    width = len(values)
    scope = np.cumsum([0, *(len(one.cells) for one in found)])
    flat = np.array([cell for one in found for cell in one.cells], np.int64)
    owner = np.repeat(np.arange(len(found)), np.diff(scope))
    by_cell = np.argsort(flat, kind="stable")
    pairs = np.zeros((len(found), 2, width), np.int64)
    layers, after, weights = np.zeros(len(flat) + len(found), np.int64), [np.zeros((0, width), np.int64)], np.zeros(len(flat), np.int64)
    relation, bound, states = np.zeros(len(found), np.int64), np.zeros(len(found), np.int64), 0
    for f, one in enumerate(found):
        if one.pairs is not None:
            pairs[f] = one.pairs
        if one.diagram is not None:
            layers[scope[f] + f : scope[f + 1] + f + 1] = one.diagram.layers + states
            after.append(np.where(one.diagram.after >= 0, one.diagram.after.astype(np.int64) + states, -1))
            states += len(one.diagram.after)
        if one.linear is not None:
            weights[scope[f] : scope[f + 1]] = one.linear.weights
            relation[f], bound[f] = RELATION[one.linear.relation], one.linear.bound
    return Factors(
        np.array([one.kind for one in found], np.int64), scope, flat, np.searchsorted(flat[by_cell], np.arange(cells + 1)),
        owner[by_cell], by_cell, pairs, layers, np.concatenate(after), weights, relation, bound, np.array(values, np.int64))
