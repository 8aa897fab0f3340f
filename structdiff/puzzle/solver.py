"""Puzzles solved: a solution, a proof that there is none, or the word that neither was found within the budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from structdiff.errors import InvalidResult
from structdiff.puzzle.network import Network, compile
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.search import EXHAUSTED, FIRST_FAIL, revise, search, settled

MOST = 1_000_000        # guesses
CORE_MOST = 20_000      # guesses of one question while a core is looked for

Guide = Callable[[Network, np.ndarray], np.ndarray]


class Ending(Enum):
    """How solving ended; the value is the message."""

    VALID = "the puzzle is solved"
    UNSATISFIABLE = "the puzzle has no solution"
    UNRESOLVED = "neither a solution nor a proof that there is none was found within the budget"


@dataclass(frozen=True)
class Solution:
    """What became of a puzzle.

    values: of each cell, by name; None unless VALID. text: the puzzle's layout with them. others: further solutions that were asked for.
    complete: there are no others than those given. core: givens that contradict each other, each of
    which is needed for that, and none else; empty where the rules do so alone. nodes: guesses made. forwards: of a denoiser.
    """

    status: Ending
    values: dict[str, int] | None = None
    text: str = ""
    others: tuple[dict[str, int], ...] = field(default=(), repr=False)
    complete: bool = False
    core: tuple[tuple[str, int], ...] = ()
    nodes: int = 0
    forwards: int = 0
    seconds: float = 0.0

    def unwrap(self) -> dict[str, int]:
        """Returns the values.

        Raises:
            InvalidResult: the puzzle was not solved.
        """
        if self.values is None:
            raise InvalidResult(self.reason, self)
        return self.values

    @property
    def unique(self) -> bool | None:
        """Whether `values` is the only solution; None where that was not asked, or not settled."""
        return False if self.others else True if self.values is not None and self.complete else None

    @property
    def reason(self) -> str:
        """Why there is no solution, for people."""
        if self.status is not Ending.UNSATISFIABLE:
            return self.status.value
        told = " ".join(f"{cell}={value}" for cell, value in self.core)
        return f"{self.status.value}: " + (f"these givens contradict each other: {told}" if told else "its rules contradict each other")


def solve(puzzle: Puzzle, *, count: int = 1, guide: Guide | None = None, most: int = MOST, core: bool = True) -> Solution:
    """Returns a solution that every rule accepts, or why there is none.

    count: 2 also says whether there is another. guide: a denoiser's say, log-probabilities Float[N, D] for the network and its domains
    Int[N]; it decides what is tried first, never what is right. most: guesses. core: whether to look for the givens at fault.
    """
    started = time.perf_counter()
    network = compile(puzzle)
    domains = network.domains.copy()
    if settled(network.factors, domains) >= 0:
        return Solution(Ending.UNSATISFIABLE, core=_core(puzzle) if core else (), seconds=time.perf_counter() - started)
    sure = bool((domains & (domains - 1) == 0).all())
    scores = np.zeros((len(domains), len(network.values))) if sure or guide is None else np.ascontiguousarray(guide(network, domains), np.float64)
    found = search(network.factors, domains, scores, FIRST_FAIL, count, most)
    right = [one for one in map(network.values.take, found.solutions) if puzzle.check(one.tolist()).valid]
    forwards, over = int(guide is not None and not sure), found.ended == EXHAUSTED
    if not right:
        status = Ending.UNSATISFIABLE if over else Ending.UNRESOLVED
        return Solution(status, core=_core(puzzle) if core and over else (), nodes=found.nodes, forwards=forwards,
                        seconds=time.perf_counter() - started)
    named = [dict(zip(puzzle.cells, one.tolist())) for one in right]
    return Solution(Ending.VALID, named[0], puzzle.write(right[0].tolist()), tuple(named[1:]), over, (), found.nodes, forwards,
                    time.perf_counter() - started)


def narrowed(puzzle: Puzzle) -> dict[str, tuple[int, ...]] | None:
    """Returns what is left of each cell's domain once each rule has been drawn on alone, over and over; None: nothing is right."""
    network = compile(puzzle)
    domains = network.domains.copy()
    if settled(network.factors, domains) >= 0:
        return None
    return {cell: _values(network, bits) for cell, bits in zip(puzzle.cells, domains.tolist())}


# --- which givens contradict each other -------------------------------------------------------------------------------


def _core(puzzle: Puzzle) -> tuple[tuple[str, int], ...]:
    """Returns givens that no solution has together, and has without any one of them as far as `CORE_MOST` guesses tell.

    QuickXplain (Junker, AAAI 2004): halves first, so that few culprits among many givens cost few questions.
    """
    network = compile(puzzle.given({}))

    def refuted(givens: Sequence[tuple[str, int]]) -> bool:
        domains = network.domains.copy()
        for cell, value in givens:
            domains[network.index[cell]] &= network.bits(value)
        if settled(network.factors, domains) >= 0:
            return True
        found = search(network.factors, domains, np.zeros((len(domains), len(network.values))), FIRST_FAIL, 1, CORE_MOST)
        return found.ended == EXHAUSTED and not len(found.solutions)

    def needed(sure: list, fresh: bool, rest: list) -> list:
        if fresh and refuted(sure):
            return []
        if len(rest) == 1:
            return rest
        half = len(rest) // 2
        behind = needed(sure + rest[:half], True, rest[half:])
        return needed(sure + behind, bool(behind), rest[:half]) + behind

    if refuted(()) or not puzzle.givens:
        return ()
    return tuple(needed([], False, list(puzzle.givens)))


# --- why each cell has its value --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deduction:
    """One step of reasoning: `rule` leaves `cell` the values `left`, and took `gone` from it. rule: in words; "a guess" where none
    tells. Nothing is left where the rule cannot hold."""

    cell: str
    left: tuple[int, ...]
    gone: tuple[int, ...]
    rule: str

    def __str__(self) -> str:
        gone = " ".join(map(str, self.gone))
        if len(self.left) == 1:
            return f"{self.cell} = {self.left[0]}: {self.rule}"
        return f"{self.cell} is not {gone}: {self.rule}" if self.left else f"{self.cell} has no value left: {self.rule}"


def explained(puzzle: Puzzle, solution: Solution) -> Iterator[Deduction]:
    """Yields how the rules, one at a time, narrow the cells down to the solution; where they do not, a guess that it confirms. Where the
    puzzle has none: down to the rule that cannot hold, as far as that takes no guess."""
    network = compile(puzzle)
    net, domains = network.factors, network.domains.copy()
    alive = np.zeros(len(net.after) + 1, np.bool_)
    while True:
        moved = False
        for f in range(len(net.kind)):
            before = domains.copy()
            holds = revise(net, f, domains, alive)
            moved |= not np.array_equal(before, domains)
            yield from _deductions(network, before, domains, str(puzzle.rules[network.rule[f]]))
            if not holds:
                return
        if moved:
            continue
        open_cells = np.flatnonzero(domains & (domains - 1))
        if not len(open_cells) or solution.values is None:
            return
        cell = int(min(open_cells, key=lambda one: int(domains[one]).bit_count()))
        before = domains.copy()
        domains[cell] = network.bits(solution.values[puzzle.cells[cell]])
        yield from _deductions(network, before, domains, "a guess; the other values lead nowhere or to another solution")


def _deductions(network: Network, before: np.ndarray, after: np.ndarray, rule: str) -> Iterator[Deduction]:
    for cell in np.flatnonzero(before != after):
        left, gone = _values(network, int(after[cell])), _values(network, int(before[cell] & ~after[cell]))
        yield Deduction(network.puzzle.cells[cell], left, gone, rule)


def _values(network: Network, bits: int) -> tuple[int, ...]:
    return tuple(int(value) for i, value in enumerate(network.values) if bits >> i & 1)
