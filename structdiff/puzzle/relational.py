"""A denoiser whose messages run along a puzzle's rules, with the same few weights for every cell, value and rule.

The state is a vector for each literal (cell, value). It knows no cell by its place and no value by its name, so that one set of
weights plays every kind and size, and a puzzle whose cells or values are renamed gets the same beliefs, renamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from structdiff.puzzle.beliefs import hints
from structdiff.puzzle.network import DIFFERENT, Network

ROUNDS = 24
FEATURES = 8
SHIPPED = Path(__file__).with_name("relational.safetensors")
FLATTEN = 0.25          # of the rules' log shares, so that they are of the size of the state


class Wiring(NamedTuple):
    """The all-different rules as matrices. An edge is a cell of such a rule.

    others Float[E, N]: the other cells of the edge's rule. back Float[N, E]: the edges of a cell. full Int[E]: 1 where the rule has as
    many cells as values, so that each value is somewhere. tells: some rule is of another kind.
    """

    others: Tensor
    back: Tensor
    full: Tensor
    tells: bool


class Given(NamedTuple):
    """What does not change from round to round. alive Bool[N, B, D]; inputs Float[N, B, D, H]."""

    wiring: Wiring
    alive: Tensor
    inputs: Tensor


class Relational(nn.Module):
    """Believes in values from domains, a noisy canvas and its own last belief.

    width: of a literal's state. talk, aside: of what it sends along all-different rules, and to the values of its cell. hidden: of the
    update. precision: bfloat16 is several times as fast where the processor multiplies it.
    """

    def __init__(self, width: int = 32, talk: int = 32, aside: int = 16, hidden: int = 96, precision: torch.dtype = torch.float32):
        super().__init__()
        self.precision = precision
        self.read = nn.Linear(FEATURES, hidden)
        self.speak = nn.Linear(width, talk)
        self.heard = nn.Parameter(torch.zeros(2, talk))
        self.whisper = nn.Linear(width, aside)
        self.mix = nn.Linear(width + talk + aside + 2, hidden, bias=False)
        self.update = nn.Linear(hidden, width)
        self.believe = nn.Linear(width, 1, bias=False)

    @property
    def weights(self) -> int:
        return sum(one.numel() for one in self.parameters())

    def forward(self, network: Network, domains: Tensor, canvas: Tensor, level: Tensor, belief: Tensor | None = None) -> Tensor:
        """Returns logits Float[B, N, D], -inf for values outside the domains.

        domains Int64[B, N]: bits. canvas Int[B, N]: indices of values, -1: none. level Float[B]: the share of noise on the canvas.
        belief Float[B, N, D]: of the forward before.
        """
        *_, logits = self.rounds(network, domains, canvas, level, belief)
        return logits

    def rounds(self, network: Network, domains: Tensor, canvas: Tensor, level: Tensor, belief: Tensor | None = None,
               many: int = ROUNDS, blind: int = 0) -> Iterator[Tensor]:
        """Yields the logits of each round, as `forward`'s. The first `blind` rounds have no gradients."""
        given = self._given(network, domains, canvas, level, belief)
        state = torch.zeros(*given.alive.shape, self.speak.in_features, dtype=self.precision)
        scores = torch.zeros(given.alive.shape).masked_fill(~given.alive, -torch.inf)
        for round in range(many):
            with torch.set_grad_enabled(torch.is_grad_enabled() and round >= blind):
                state = self._round(network, given, state, scores)
                scores = self._linear(self.believe, state)[..., 0].float().masked_fill(~given.alive, -torch.inf)
            yield scores.transpose(0, 1)

    def _given(self, network: Network, domains: Tensor, canvas: Tensor, level: Tensor, belief: Tensor | None) -> Given:
        width = len(network.values)
        alive = (domains.t()[..., None] >> torch.arange(width) & 1).bool()
        one = alive.sum(-1, keepdim=True) == 1
        shown = F.one_hot(canvas.t().long() + 1, width + 1)[..., 1:]
        before = torch.zeros(alive.shape) if belief is None else belief.transpose(0, 1)
        noise = level[None, :, None]
        features = (alive, one & alive, alive.float().mean(-1, keepdim=True), shown, noise, shown * (1 - noise), before,
                    torch.tensor(float(belief is not None)))
        stacked = torch.stack([one.to(self.precision).expand(alive.shape) for one in features], -1)
        return Given(_wiring(network.bare or network, self.precision), alive, self._linear(self.read, stacked))

    def _round(self, network: Network, given: Given, state: Tensor, scores: Tensor) -> Tensor:
        """Returns the literals' states after one exchange of messages."""
        wiring, alive = given.wiring, given.alive[..., None]
        belief = scores.softmax(-1).nan_to_num(0.0)
        hints = _hints(network, belief) if wiring.tells else torch.zeros_like(belief)
        aside = self._linear(self.whisper, state) * alive
        heard = (aside.sum(2, keepdim=True) - aside).relu()
        seen = torch.stack([belief, hints], -1).to(self.precision)
        mixed = self._linear(self.mix, torch.cat([state, self._along_rules(wiring, alive, state), heard, seen], -1))
        return F.layer_norm(state + self._linear(self.update, (mixed + given.inputs).relu()), state.shape[-1:])

    def _along_rules(self, wiring: Wiring, alive: Tensor, state: Tensor) -> Tensor:
        """Returns Float[N, B, D, T]: of each all-different rule about the cell the sum of what its other cells say of the value, bent,
        then summed over the rules."""
        said = self._linear(self.speak, state) * alive
        bias = self.heard.to(self.precision)[wiring.full][:, None, None]
        edges = ((wiring.others @ said.flatten(1)).view(-1, *said.shape[1:]) + bias).relu()
        return (wiring.back @ edges.flatten(1)).view(said.shape)

    def _linear(self, layer: nn.Linear, x: Tensor) -> Tensor:
        bias = None if layer.bias is None else layer.bias.to(self.precision)
        return F.linear(x, layer.weight.to(self.precision), bias)

    def save(self, path: Path) -> None:
        save_file(self.state_dict(), path)


@lru_cache(maxsize=4)
def load(path: Path = SHIPPED, precision: torch.dtype = torch.float32) -> Relational:
    """Returns the trained denoiser, the one of the package unless told otherwise; do not train it."""
    model = Relational(precision=precision)
    model.load_state_dict(load_file(path))
    return model.eval().requires_grad_(False)


def _hints(network: Network, belief: Tensor) -> Tensor:
    """Returns Float[N, B, D]: what the other rules tell under these beliefs."""
    found = hints(network.factors, np.ascontiguousarray(belief.detach().transpose(0, 1).numpy()))
    return FLATTEN * torch.from_numpy(found).transpose(0, 1)


@lru_cache(maxsize=64)
def _wiring(network: Network, precision: torch.dtype) -> Wiring:
    factors, cells = network.factors, len(network.domains)
    others, back, full = [], [], []
    for f in np.flatnonzero(factors.kind == DIFFERENT):
        scope = factors.cells[factors.scope[f] : factors.scope[f + 1]]
        for cell in scope:
            others.append(np.isin(np.arange(cells), scope[scope != cell]))
            back.append(np.arange(cells) == cell)
            full.append(len(scope) == len(network.values))
    others, back = (torch.tensor(np.array(rows).reshape(-1, cells), dtype=precision) for rows in (others, back))
    return Wiring(others, back.t().contiguous(), torch.tensor(full, dtype=torch.long), bool((factors.kind != DIFFERENT).any()))
