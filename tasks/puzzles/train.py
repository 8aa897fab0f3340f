"""Trains the relational denoiser on the solutions of puzzles that have one: cross-entropy on rounds in a row, from a noisy canvas."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from structdiff.puzzle.network import Network
from structdiff.puzzle.refine import scattered
from structdiff.puzzle.relational import ROUNDS, Relational
from structdiff.puzzle.search import settled
from structdiff.rng import Rng
from tasks.puzzles.made import Made, killer, latin, made, neighbours, sudoku
from tasks.puzzles.store import HELD_OUT, stored

LEARNED = 8             # rounds in a row that have gradients; those before have none, which halves the cost
SMALL_FIRST = 0.06      # of the time: small puzzles alone, which are ten times as fast
DEEPEN = 0.3            # of the time: until the rounds are as many as in use
AVERAGE = 0.998         # of the weights, a step


@dataclass(frozen=True)
class Training:
    """puzzles: the folder of `store`. minutes: of wall time, which the schedule follows. rate: the highest. small: the share of batches
    that are no 9x9 Sudoku. every: minutes from checkpoint to checkpoint."""

    puzzles: Path
    checkpoint: Path
    minutes: float = 44.0
    batch: int = 16
    rate: float = 3e-3
    small: float = 0.15
    every: float = 2.0
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Batch:
    """domains Int64[B, N]; canvas, solution Int64[B, N]; level Float[B]."""

    network: Network
    domains: Tensor
    canvas: Tensor
    level: Tensor
    solution: Tensor


class Pool:
    """Puzzles to learn from. `batch` draws one structure, then its rows."""

    def __init__(self, whole: Made, hardest: Made, rng: Rng):
        self._whole, self._hardest, self._rng = whole, hardest, rng
        weight = 1.0 + 2 * (whole.nodes > 0) + 3 * (whole.nodes >= 4)
        self._cumulated = np.cumsum(weight / weight.sum())
        plain = [sudoku(2, 2), sudoku(2, 3), sudoku(3, 2), latin(4), latin(5), latin(6), sudoku(2, 2, True), sudoku(2, 4)]
        told = [killer(2, 2 + (i >= 4), rng) for i in range(16)] + [neighbours(4 + i % 3, rng) for i in range(15)]
        self._small = [made(network, many, rng) for networks, many in ((plain, 1000), (told, 100)) for network in networks]

    def batch(self, size: int, small: float) -> Batch:
        if self._rng.uniform() < small / 2:
            source, rows = self._hardest, self._rng.integers(len(self._hardest), size)
        elif self._rng.uniform() < small:
            source = self._small[int(self._rng.integers(len(self._small)))]
            rows = self._rng.integers(len(source), size * 2)
        else:
            source = self._whole
            rows = np.searchsorted(self._cumulated, self._rng.uniform(size)).clip(max=len(source) - 1)
        return self._noisy(source.network, source.domains[rows], source.solutions[rows])

    def _noisy(self, network: Network, domains: np.ndarray, solutions: np.ndarray) -> Batch:
        """Returns the rows with some more givens in some, narrowed by propagation in some, and a canvas of a uniform level of noise."""
        rng, domains = self._rng, domains.copy()
        extra = np.where(rng.uniform(len(domains)) < 0.4, rng.uniform(len(domains)) * 0.25, 0.0)
        told = rng.uniform(*domains.shape) < extra[:, None]
        domains[told] = np.left_shift(1, solutions[told])
        for i in np.flatnonzero(rng.uniform(len(domains)) < 0.5):
            settled(network.factors, domains[i])
        level = np.sqrt(rng.uniform(len(domains)))           # uniform would be low for half, and a canvas that is nearly right is easy
        noise = rng.uniform(*domains.shape) < level[:, None]
        return Batch(network, torch.from_numpy(domains), torch.from_numpy(scattered(domains, solutions, noise, len(network.values), rng)),
                     torch.from_numpy(level).float(), torch.from_numpy(solutions))


def conditioned(model: Relational, batch: Batch, depth: int, rng: Rng) -> tuple[Batch, Tensor]:
    """Returns the batch with the model's own belief, and for half of the rows with its own proposal as canvas, the least sure of it
    noisy: what it meets in use."""
    with torch.no_grad():
        *_, logits = model.rounds(batch.network, batch.domains, batch.canvas, batch.level, None, depth, depth)
    belief = logits.softmax(-1)
    sharp = torch.from_numpy(rng.uniform(len(logits)) < 0.5)[:, None, None]
    drawn = torch.where(sharp, logits, logits + torch.from_numpy(rng.gumbel(*logits.shape)).float()).argmax(-1)
    unsure = (1 - belief.amax(-1)).numpy() + 0.1 * rng.uniform(*drawn.shape)
    rank = unsure.argsort(1).argsort(1) / unsure.shape[1]
    noise = rank >= 1 - batch.level.numpy()[:, None]
    own = scattered(batch.domains.numpy(), drawn.numpy(), noise, logits.shape[-1], rng)
    swap = torch.from_numpy(rng.uniform(len(logits)) < 0.5)[:, None]
    return Batch(batch.network, batch.domains, torch.where(swap, torch.from_numpy(own), batch.canvas), batch.level, batch.solution), belief


def loss_of(model: Relational, batch: Batch, belief: Tensor | None, blind: int) -> Tensor:
    """Returns the mean cross-entropy of the open cells over the learned rounds."""
    rounds = list(model.rounds(batch.network, batch.domains, batch.canvas, batch.level, belief, blind + LEARNED, blind))[blind:]
    is_open = batch.domains & (batch.domains - 1) != 0
    if not is_open.any():
        return sum(one[~one.isinf()].sum() for one in rounds) * 0.0
    return torch.stack([F.cross_entropy(one[is_open], batch.solution[is_open]) for one in rounds]).mean()


def solved(model: Relational, held: Made, many: int) -> float:
    """Returns the share of puzzles that one forward from noise solves, propagation apart."""
    rng, right = Rng(HELD_OUT), []
    for i in range(0, min(many, len(held)), 64):
        domains = held.domains[i : i + 64]
        canvas = scattered(domains, held.solutions[i : i + 64], np.ones(domains.shape, bool), len(held.network.values), rng)
        with torch.no_grad():
            found = model(held.network, torch.from_numpy(domains), torch.from_numpy(canvas), torch.ones(len(domains)))
        right += (found.argmax(-1).numpy() == held.solutions[i : i + 64]).all(1).tolist()
    return float(np.mean(right))


class _State:
    """The model, its running average and the optimiser, as one thing that is saved and read back."""

    def __init__(self, training: Training):
        torch.manual_seed(training.seed)
        self.model, self.mean = Relational(precision=torch.bfloat16), Relational(precision=torch.bfloat16)
        self.mean.load_state_dict(self.model.state_dict())
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=training.rate, weight_decay=0.01, betas=(0.9, 0.98))
        self.step, self.minutes = 0, 0.0

    def save(self, path: Path) -> None:
        torch.save({"model": self.model.state_dict(), "mean": self.mean.state_dict(), "optimiser": self.optimiser.state_dict(),
                    "step": self.step, "minutes": self.minutes}, path.with_suffix(".new"))
        path.with_suffix(".new").rename(path)
        self.mean.save(path.with_suffix(".safetensors"))

    def restore(self, path: Path) -> None:
        found = torch.load(path)
        self.model.load_state_dict(found["model"])
        self.mean.load_state_dict(found["mean"])
        self.optimiser.load_state_dict(found["optimiser"])
        self.step, self.minutes = found["step"], found["minutes"]

    def learn(self, loss: Tensor, rate: float) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        keep = min(AVERAGE, self.step / (self.step + 10))
        with torch.no_grad():
            for mean, own in zip(self.mean.parameters(), self.model.parameters()):
                mean.lerp_(own, 1 - keep)


def train(training: Training, resume: bool) -> Iterator[str]:
    """Trains, and yields a line at each checkpoint; the checkpoint and, beside it, its averaged weights are then on disk."""
    state, rng = _State(training), Rng(training.seed)
    if resume:
        state.restore(training.checkpoint)
        rng = Rng(training.seed + state.step)
    pool = Pool(stored(training.puzzles), stored(training.puzzles, "hardened"), rng)
    held = made(sudoku(3, 3), 128, Rng(HELD_OUT))
    losses, began, saved = [], time.monotonic() - 60 * state.minutes, state.minutes
    while state.minutes < training.minutes:
        done = state.minutes / training.minutes
        depth = int(10 + (ROUNDS - 10) * min(1.0, done / DEEPEN))
        batch, belief = pool.batch(training.batch, 1.0 if done < SMALL_FIRST else training.small), None
        if rng.uniform() < 0.5:
            batch, belief = conditioned(state.model, batch, 2 * depth // 3, rng)
        blind = round((depth - LEARNED) * math.sqrt(rng.uniform()))
        loss = loss_of(state.model, batch, belief, blind)
        state.learn(loss, training.rate * min(1.0, (state.step + 1) / 100) * (0.02 + 0.49 * (1 + math.cos(math.pi * done))))
        losses.append(float(loss.detach()))
        state.minutes = (time.monotonic() - began) / 60
        if state.minutes - saved >= training.every or state.minutes >= training.minutes:
            saved = state.minutes
            state.save(training.checkpoint)
            yield (f"{state.minutes:5.1f} min, step {state.step}, {depth} rounds, loss {np.mean(losses):.4f}, "
                   f"hard Sudokus in one forward {solved(state.mean, held, 64):.2f}")
            losses.clear()
