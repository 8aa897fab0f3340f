"""What moves the weights: Muon for the matrices inside the layers and AdamW for all else, or AdamW alone for adapters; one schedule."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

OUTER = 0.15            # AdamW's rate in shares of Muon's, where both are at work


@dataclass(frozen=True)
class Pace:
    """The rate over a run, in shares of the highest: up for `warmup` of it, level, down to nothing for the last `decay`."""

    warmup: float = 0.02
    decay: float = 0.3

    def __call__(self, progress: float) -> float:
        return min(1.0, progress / self.warmup + 1e-2, max(0.0, (1 - progress) / self.decay))


class Optimizers:
    def __init__(self, trained: dict[str, nn.Parameter], rate: float, adapters: bool):
        inner = [] if adapters else [p for name, p in trained.items() if p.ndim == 2 and ".layers." in name]
        outer = [p for p in trained.values() if not any(p is q for q in inner)]
        self._all, self._rates = [torch.optim.AdamW(outer, betas=(0.9, 0.98), weight_decay=0.0)], [rate if adapters else OUTER * rate]
        if inner:
            self._all.append(torch.optim.Muon(inner, momentum=0.95, weight_decay=0.01))
            self._rates.append(rate)

    def step(self, scale: float) -> None:
        for optimizer, rate in zip(self._all, self._rates):
            for group in optimizer.param_groups:
                group["lr"] = rate * scale
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def state(self) -> list[dict]:
        return [optimizer.state_dict() for optimizer in self._all]

    def load(self, states: list[dict]) -> None:
        for optimizer, state in zip(self._all, states):
            optimizer.load_state_dict(state)
