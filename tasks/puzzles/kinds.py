"""The denoiser on every kind of puzzle, most of which it was never trained on: alone, and under the rules, without any search."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from structdiff.puzzle.network import Network, compile
from structdiff.puzzle.refine import Blame, Condition, Denoiser, Policy, refine
from structdiff.rng import Rng
from tasks.puzzles.evaluate import Uniform, alone
from tasks.puzzles.instances import RECIPES, Instance, instances
from tasks.puzzles.made import Made

MOST = 24               # forwards of a refinement
WAYS: dict[str, Policy] = {"Blame": Blame(), "Condition": Condition()}


@dataclass
class Tally:
    right: int = 0
    forwards: int = 0
    seconds: float = 0.0
    many: int = 0
    began: float = field(default_factory=time.perf_counter)

    def take(self, right: bool, forwards: int) -> None:
        self.right += right
        self.forwards += forwards
        self.many += 1
        self.seconds = time.perf_counter() - self.began

    def __str__(self) -> str:
        return f"{self.right / self.many:6.1%}, {self.forwards / self.many:4.1f} forwards, {1000 * self.seconds / self.many:6.1f} ms"


def table(denoiser: Denoiser, many: int, kinds: tuple[str, ...] = tuple(RECIPES)) -> Iterator[str]:
    """Yields a line a kind."""
    for kind in kinds:
        drawn = list(instances(kind, many, seed=20261127))
        networks = [compile(one.puzzle) for one in drawn]
        told = [f"model alone {_alone(drawn, networks, denoiser)}"]
        told += [f"{name} {_refined(networks, denoiser, policy)}" for name, policy in WAYS.items()]
        yield f"{kind:14} " + " | ".join([*told, f"no model, Condition {_refined(networks, Uniform(), Condition())}"])


def _alone(drawn: list[Instance], networks: list[Network], denoiser: Denoiser) -> Tally:
    tally = Tally()
    for one, network in zip(drawn, networks):
        values, forwards = alone(Made(network, network.domains[None], _indices(one, network)[None], np.zeros(1, int)), denoiser)
        tally.take(bool((values[0] == _indices(one, network)).all()), int(forwards[0]))
    return tally


def _refined(networks: list[Network], denoiser: Denoiser, policy: Policy) -> Tally:
    tally = Tally()
    for seed, network in enumerate(networks):
        found = refine(network, denoiser, Rng(seed), policy, MOST)
        tally.take(found.valid, found.forwards)
    return tally


def _indices(one: Instance, network: Network) -> np.ndarray:
    """Returns Int[N]: where each cell's value stands among the values."""
    return np.searchsorted(network.values, [one.solution[cell] for cell in one.puzzle.cells])
