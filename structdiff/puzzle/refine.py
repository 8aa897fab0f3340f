"""The refinement loop: a denoiser proposes, the rules judge, and the cells that are party to a broken rule are noise again.

No search: a proposal is one pass over the cells and takes nothing back, and nothing is known of a proposal later but what stays
on the canvas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numba import njit
from torch import Tensor

from structdiff.puzzle.network import Network
from structdiff.puzzle.search import propagate, revise, settled
from structdiff.rng import Rng

FORWARDS = 48


class Denoiser(Protocol):
    def __call__(self, network: Network, domains: Tensor, canvas: Tensor, level: Tensor, belief: Tensor | None = None) -> Tensor:
        """Returns logits Float[B, N, D], as `relational.Relational.forward`."""
        ...


class Proposal(NamedTuple):
    """values Int[N]: indices of values. doubted Bool[N]: cells to be noise again if the values break a rule."""

    values: np.ndarray
    doubted: np.ndarray


class Policy(Protocol):
    def start(self, network: Network) -> np.ndarray:
        """Returns Int[N]: the domains that the denoiser is told of and that proposals are from."""
        ...

    def propose(self, network: Network, domains: np.ndarray, logits: np.ndarray, rng: Rng) -> Proposal: ...


@dataclass(frozen=True)
class Refined:
    """values: in the order of the puzzle's cells; not a solution unless `valid`. forwards: of the denoiser."""

    values: tuple[int, ...]
    valid: bool
    forwards: int


@dataclass(frozen=True)
class Step:
    """The canvas after a forward. values: proposed, in the order of the puzzle's cells. kept: which of them stay; the others are noise
    again. broken: cell -> a rule that its value breaks."""

    forward: int
    values: tuple[int, ...]
    kept: tuple[bool, ...]
    broken: Mapping[str, str]


@dataclass(frozen=True)
class Blame:
    """Takes the model's own proposal, and doubts the cells of broken rules of which it is less sure than `sure`, at least one.

    warmth: of the draw; 0: the likeliest value. afresh: how often all cells are doubted, so that a wrong answer in which few rules are
    broken is left.
    """

    sure: float = 0.95
    warmth: float = 0.7
    afresh: float = 0.1

    def __post_init__(self) -> None:
        _validate(self.warmth, sure=self.sure, afresh=self.afresh)

    def start(self, network: Network) -> np.ndarray:
        return network.domains

    def propose(self, network: Network, domains: np.ndarray, logits: np.ndarray, rng: Rng) -> Proposal:
        values = _warmed(logits, self.warmth, rng).argmax(1)
        parties = party(network, broken(network.factors, values)) & _open(domains)
        belief = _share(logits, values)
        doubted = parties & (belief < self.sure)
        if not doubted.any() and parties.any():
            doubted[np.where(parties, belief, np.inf).argmin()] = True
        return Proposal(values, _open(domains) if rng.uniform() < self.afresh else doubted)


@dataclass(frozen=True)
class Condition:
    """Takes the cells one by one, the surest first, gives each a draw from what the ones before leave to it, and propagates.

    A cell whose draw leaves another cell nothing is passed over, and doubted. Of `passes`, each with its own draws, the first that passes
    over the fewest cells is proposed. sure: cells less sure than this are not drawn: they get the likeliest of what is left to them.
    warmth: of the draws. stray: the share of the other open cells that are doubted as well; below 1 a nearly right canvas is kept,
    and a denoiser that was trained on fewer of these than it is shown believes in it too much.
    """

    passes: int = 8
    sure: float = 0.0
    warmth: float = 1.0
    stray: float = 1.0

    def __post_init__(self) -> None:
        _validate(self.warmth, sure=self.sure, stray=self.stray)
        if self.passes < 1:
            raise ValueError(f"passes must be at least 1, got {self.passes}")

    def start(self, network: Network) -> np.ndarray:
        narrowed = network.domains.copy()
        return narrowed if settled(network.factors, narrowed) < 0 else network.domains

    def propose(self, network: Network, domains: np.ndarray, logits: np.ndarray, rng: Rng) -> Proposal:
        narrowed, passed = self._best(network, domains, logits, rng)
        alive = narrowed[:, None] >> np.arange(logits.shape[1]) & 1 == 1
        values = np.where(alive, logits, -np.inf).argmax(1)
        return Proposal(values, passed | _open(domains) & (rng.uniform(len(values)) < self.stray))

    def _best(self, network: Network, domains: np.ndarray, logits: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
        best = None
        for _ in range(self.passes):
            found = conditioned(network.factors, domains, logits, _warmed(logits, self.warmth, rng), self.sure)
            if best is None or found[1].sum() < best[1].sum():
                best = found
            if not best[1].any():
                break
        return best


def _validate(warmth: float, **shares: float) -> None:
    if not warmth >= 0:
        raise ValueError(f"warmth must not be negative, got {warmth}")
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"{name} is a share from 0 to 1, got {share}")


def refine(network: Network, denoiser: Denoiser, rng: Rng, policy: Policy = Condition(), most: int = FORWARDS,
           on_step: Callable[[Step], None] | None = None) -> Refined:
    """Returns the first proposal that `network.puzzle.check` accepts, or the last after `most` forwards, which is none.

    on_step: called after each forward. Starts from a canvas that is all noise, and afresh, without its last belief, whenever all cells are doubted.

    Raises:
        ValueError: `most` is no positive number.
    """
    if most < 1:
        raise ValueError(f"a proposal takes a forward, so most must be at least 1, got {most}")
    domains = policy.start(network)
    doubted, belief, canvas, level = _open(domains), None, _lowest(domains), 1.0
    for forwards in range(1, most + 1):
        canvas = scattered(domains, canvas, doubted, len(network.values), rng)
        with torch.no_grad():
            logits = denoiser(network, *_tensors(domains, canvas, level), belief)
        proposal = policy.propose(network, domains, logits[0].double().numpy(), rng)
        values, failed = tuple(network.values[proposal.values].tolist()), broken(network.factors, proposal.values)
        valid = not failed.any() and network.puzzle.check(values).valid
        if on_step is not None:
            kept = np.ones_like(proposal.doubted) if valid else ~proposal.doubted
            on_step(Step(forwards, values, tuple(kept.tolist()), _named(network, failed)))
        if valid:
            return Refined(values, True, forwards)
        canvas, doubted = proposal.values, proposal.doubted
        level = doubted.sum() / max(_open(domains).sum(), 1)
        belief = logits.softmax(-1) if level < 1 else None
    return Refined(values, False, most)


def scores(network: Network, denoiser: Denoiser, domains: np.ndarray, rng: Rng, forwards: int = 4) -> np.ndarray:
    """Returns Float[N, D]: log-beliefs for a search to try values by, the mean of forwards from canvases that are all noise.

    domains Int[N]: bits, none of them empty."""
    canvas = np.array([scattered(domains, _lowest(domains), _open(domains), len(network.values), rng) for _ in range(forwards)])
    with torch.no_grad():
        logits = denoiser(network, torch.from_numpy(np.tile(domains, (forwards, 1))), torch.from_numpy(canvas), torch.ones(forwards))
    return logits.softmax(-1).mean(0).double().clamp(min=1e-12).log().numpy()


def scattered(domains: np.ndarray, canvas: np.ndarray, noise: np.ndarray, width: int, rng: Rng) -> np.ndarray:
    """Returns the canvas with a uniform value of its domain in each noisy cell. Works on rows of puzzles as well."""
    alive = domains[..., None] >> np.arange(width) & 1
    return np.where(noise, (rng.uniform(*alive.shape) * alive).argmax(-1), canvas)


def _named(network: Network, failed: np.ndarray) -> dict[str, str]:
    """Returns cell -> rule, for the cells of these factors."""
    puzzle, factors = network.puzzle, network.factors
    return {puzzle.cells[cell]: str(puzzle.rules[network.rule[f]])
            for f in np.flatnonzero(failed) for cell in factors.cells[factors.scope[f] : factors.scope[f + 1]]}


def party(network: Network, failed: np.ndarray) -> np.ndarray:
    """Returns Bool[N]: the cells of these factors. failed Bool[F]."""
    factors = network.factors
    cells = np.zeros(len(network.domains), bool)
    cells[factors.cells[np.repeat(failed, np.diff(factors.scope))]] = True
    return cells


@njit(cache=True)
def broken(net, values):
    """Returns Bool[F]: the factors that do not hold. values Int[N]: indices of values."""
    failed = np.zeros(len(net.kind), np.bool_)
    alive = np.zeros(len(net.after) + 1, np.bool_)
    domains = np.empty(len(values), np.int64)
    for f in range(len(net.kind)):
        for e in range(net.scope[f], net.scope[f + 1]):
            domains[net.cells[e]] = np.int64(1) << values[net.cells[e]]
        failed[f] = not revise(net, f, domains, alive)
    return failed


@njit(cache=True)
def conditioned(net, domains, logits, warmed, sure):
    """Returns the domains after one pass of draws, and Bool[N], the cells that were passed over.

    warmed Float[N, D]: logits with the draw's noise, so that the highest that is left is a draw from what is left.
    """
    many = len(domains)
    narrowed, passed = domains.copy(), np.zeros(many, np.bool_)
    queue, waiting = np.zeros(max(len(net.kind), 1), np.int64), np.zeros(len(net.kind), np.bool_)
    alive = np.zeros(len(net.after) + 1, np.bool_)
    while True:
        cell = _surest(narrowed, logits, passed, sure)
        if cell < 0:
            return narrowed, passed
        drawn = narrowed.copy()
        drawn[cell] = np.int64(1) << _highest(narrowed[cell], warmed[cell])
        size = 0
        for t in range(net.touched[cell], net.touched[cell + 1]):
            queue[size] = net.factors[t]
            waiting[net.factors[t]] = True
            size += 1
        if propagate(net, drawn, queue, waiting, size, alive) < 0:
            narrowed = drawn
        else:
            passed[cell] = True


@njit(cache=True)
def _surest(domains, logits, passed, sure):
    """Returns the open cell, not passed over, whose likeliest value is the surest; -1 where none is as sure as asked."""
    best, highest = -1, sure
    for cell in range(len(domains)):
        bits = domains[cell]
        if bits & (bits - 1) and not passed[cell]:
            top, total = logits[cell, _highest(bits, logits[cell])], 0.0
            for value in range(logits.shape[1]):
                if bits >> value & 1:
                    total += np.exp(logits[cell, value] - top)
            if 1.0 / total >= highest:
                best, highest = cell, 1.0 / total
    return best


@njit(cache=True)
def _highest(bits, row):
    best = -1
    for value in range(len(row)):
        if bits >> value & 1 and (best < 0 or row[value] > row[best]):
            best = value
    return best


def _warmed(logits: np.ndarray, warmth: float, rng: Rng) -> np.ndarray:
    return logits + warmth * rng.gumbel(*logits.shape)


def _lowest(domains: np.ndarray) -> np.ndarray:
    """Returns the index of each cell's lowest value: the only one of a cell that is given."""
    return np.log2(domains & -domains).astype(np.int64)


def _open(domains: np.ndarray) -> np.ndarray:
    return domains & (domains - 1) != 0


def _share(logits: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Returns Float[N]: the probability of each cell's value."""
    weights = np.exp(logits - logits.max(1, keepdims=True))
    return np.take_along_axis(weights, values[:, None], 1)[:, 0] / weights.sum(1)


def _tensors(domains: np.ndarray, canvas: Sequence[int], level: float) -> tuple[Tensor, Tensor, Tensor]:
    return torch.from_numpy(domains[None]), torch.from_numpy(np.asarray(canvas)[None]), torch.tensor([level], dtype=torch.float32)
