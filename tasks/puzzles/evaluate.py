"""What the denoiser is worth: alone, with rules that judge it, and as the guide of a search. Three figures, never mixed.

*model alone*: forwards with stock entropy-bound acceptance, no rule is ever checked; right iff it is the solution.
*refinement*: `structdiff.puzzle.refine`, with each policy; and, as a control, the same policy under beliefs that know nothing.
*solve*: the complete search; guesses and milliseconds under uniform scores and under the denoiser's.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from structdiff.puzzle.network import Network
from structdiff.puzzle.refine import Blame, Condition, Denoiser, Policy, refine, scattered, scores
from structdiff.puzzle.search import FIRST_FAIL, GUIDED, search, settled
from structdiff.rng import Rng
from tasks.puzzles.made import Made, futoshiki, killer, made, sudoku
from tasks.puzzles.store import HELD_OUT

BOUND = 0.1             # nats: DiffusionGemma's entropy bound
FORWARDS = 48
MOST_NODES = 1_000_000


@dataclass(frozen=True)
class Uniform:
    """A denoiser that believes all values of a domain alike: what the rules and the dice do without a model."""

    def __call__(self, network: Network, domains: Tensor, canvas: Tensor, level: Tensor, belief: Tensor | None = None) -> Tensor:
        alive = (domains[..., None] >> torch.arange(len(network.values)) & 1).bool()
        return torch.zeros(alive.shape).masked_fill(~alive, -torch.inf)


@dataclass(frozen=True)
class Score:
    """right: the share of puzzles. forwards, milliseconds, nodes: means of a puzzle; most: of the nodes."""

    right: float
    forwards: float = 0.0
    milliseconds: float = 0.0
    nodes: float = 0.0
    most: int = 0

    def __str__(self) -> str:
        guesses = f", {self.nodes:.1f} guesses (at most {self.most})" if self.most or self.nodes else ""
        return f"{self.right:7.1%}, {self.forwards:.1f} forwards, {self.milliseconds:.1f} ms{guesses}"


def ordinary(many: int) -> Made:
    return made(sudoku(3, 3), many, Rng(HELD_OUT + 1), 36, 45)


def hard(many: int) -> Made:
    """Returns puzzles with 24 to 30 givens, of which propagation alone solves none."""
    found = made(sudoku(3, 3), 4 * many, Rng(HELD_OUT + 2), 24, 30)
    return found.part(np.flatnonzero((found.givens >= 24) & (found.givens <= 30) & (found.nodes > 0))[:many])


def listed(file: Path, many: int) -> Made | None:
    """Returns puzzles from all over a list with columns `puzzle` and `solution`; None where there is no such file."""
    if not file.exists():
        return None
    with file.open() as lines:
        rows = list(csv.DictReader(lines))
    rows = rows[:: max(1, len(rows) // many)][:many]
    puzzles, solutions = (np.array([[int(sign) for sign in row[name]] for row in rows]) for name in ("puzzle", "solution"))
    network = sudoku(3, 3)
    return Made(network, np.where(puzzles > 0, 1 << np.maximum(puzzles - 1, 0), network.domains), solutions - 1, np.zeros(len(rows), int))


def given(made: Made, i: int) -> Network:
    """Returns the puzzle's own network: its givens in its domains, and in the puzzle that judges."""
    puzzle, row = made.network.puzzle, made.domains[i]
    told = {cell: puzzle.values[int(bits).bit_length() - 1] for cell, bits in zip(puzzle.cells, row) if not bits & (bits - 1)}
    return replace(made.network, puzzle=puzzle.given(told), domains=row)


def alone(puzzles: Made, denoiser: Denoiser) -> tuple[np.ndarray, np.ndarray]:
    """Returns Int[P, N], each puzzle's likeliest values once all cells are accepted and nothing changes any more, and Int[P], the
    forwards until then. Row `i` has a stream of its own."""
    domains, width, many = puzzles.domains, len(puzzles.network.values), len(puzzles)
    is_open, streams = domains & (domains - 1) != 0, [Rng(i) for i in range(many)]
    canvas, noise, best = np.log2(domains & -domains).astype(np.int64), is_open, np.zeros(domains.shape, np.int64)
    belief, forwards, going = torch.zeros(*domains.shape, width), np.zeros(many, np.int64), np.arange(many)
    for forward in range(FORWARDS):
        for i in going:
            canvas[i] = scattered(domains[i], canvas[i], noise[i], width, streams[i])
        level = torch.from_numpy(noise.sum(1) / np.maximum(is_open.sum(1), 1)).float()
        with torch.no_grad():
            logits = denoiser(puzzles.network, *(torch.from_numpy(one[going]) for one in (domains, canvas)), level[going],
                              belief[going] if forward else None)
        belief[going] = logits.softmax(-1)
        forwards[going] += 1
        ended = []
        for i in going:
            likeliest, canvas[i], noise[i] = _accepted(belief[i].double().numpy(), is_open[i], streams[i])
            ended.append(forward > 0 and not noise[i].any() and (likeliest == best[i]).all())
            best[i] = likeliest
        going = going[~np.array(ended)]
        if not len(going):
            break
    return best, forwards


def _accepted(share: np.ndarray, is_open: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the likeliest values, a draw, and which cells of the draw are noise again: those past the entropy bound."""
    logs = np.log(np.maximum(share, 1e-30))
    entropy = -(share * logs).sum(1)
    order, noise = np.argsort(entropy, kind="stable"), np.zeros(len(share), bool)
    noise[order] = np.cumsum(entropy[order]) - entropy[order] > BOUND
    return share.argmax(1), (logs + rng.gumbel(*share.shape)).argmax(1), noise & is_open


def model_alone(puzzles: Made, denoiser: Denoiser) -> Score:
    began = time.perf_counter()
    values, forwards = alone(puzzles, denoiser)
    return _score(len(puzzles), int((values == puzzles.solutions).all(1).sum()), began, int(forwards.sum()))


def refinement(puzzles: Made, denoiser: Denoiser, policy: Policy) -> Score:
    right, forwards, began = 0, 0, time.perf_counter()
    for i in range(len(puzzles)):
        found = refine(given(puzzles, i), denoiser, Rng(i), policy, FORWARDS)
        right += found.valid
        forwards += found.forwards
    return _score(len(puzzles), right, began, forwards)


def solve(puzzles: Made, how: int, guide: Callable[[Network, np.ndarray, Rng], np.ndarray], forwards: int) -> Score:
    """Returns how a search for one solution does; milliseconds without those of the forwards, which are the same for all."""
    nodes, spent, right = [], 0.0, 0
    for i in range(len(puzzles)):
        factors, narrowed = puzzles.network.factors, puzzles.domains[i].copy()
        settled(factors, narrowed)
        told = guide(puzzles.network, narrowed, Rng(i))
        began = time.perf_counter()
        found = search(factors, narrowed, told, how, 1, MOST_NODES)
        spent += time.perf_counter() - began
        nodes.append(found.nodes)
        right += len(found.solutions) == 1
    return Score(right / len(puzzles), forwards, 1000 * spent / len(puzzles), float(np.mean(nodes)), max(nodes))


def _score(many: int, right: int, began: float, forwards: int) -> Score:
    return Score(right / many, forwards / many, 1000 * (time.perf_counter() - began) / many)


def evaluate(denoiser: Denoiser, puzzles: Made) -> Iterator[str]:
    """Yields a line for each figure."""
    def unguided(network: Network, narrowed: np.ndarray, rng: Rng) -> np.ndarray:
        return np.zeros((len(narrowed), len(network.values)))

    def guided(network: Network, narrowed: np.ndarray, rng: Rng) -> np.ndarray:
        return scores(network, denoiser, narrowed, rng)

    yield f"model alone                      {model_alone(puzzles, denoiser)}"
    yield f"refinement, Blame                {refinement(puzzles, denoiser, Blame())}"
    yield f"refinement, Condition            {refinement(puzzles, denoiser, Condition())}"
    yield f"  control: Condition, no model   {refinement(puzzles, Uniform(), Condition())}"
    yield f"solve, first-fail, uniform       {solve(puzzles, FIRST_FAIL, unguided, 0)}"
    yield f"solve, first-fail, by the model  {solve(puzzles, FIRST_FAIL, guided, 4)}"
    yield f"solve, guided by the model       {solve(puzzles, GUIDED, guided, 4)}"


def sets(many: int, lists: Path) -> Iterator[tuple[str, Made | None]]:
    """Yields each set of puzzles by its name; None in place of a list that is not there."""
    yield "ordinary (36 givens and more)", ordinary(many)
    yield "hard (24 to 30 givens)", hard(many)
    rng = Rng(HELD_OUT + 3)
    yield "killer 6x6 (other cages than trained on)", made(killer(2, 3, rng), many, rng)
    yield "futoshiki 6x6 (never trained on)", made(futoshiki(6, rng), many, rng)
    for name in ("clues17", "top1465", "hardest"):
        yield name, listed(lists / f"{name}.csv", many)
