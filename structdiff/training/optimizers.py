"""What moves the weights: Muon for the matrices inside the layers and AdamW for all else, or AdamW alone for adapters; one schedule.

Neither minds the scale of its gradients, only how they differ from those before: so the bound on a step's gradients is told in multiples of
what is usual in the run, not in units of the loss.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

OUTER = 0.15            # AdamW's rate in shares of Muon's, where both are at work
BOUND = 1.5             # of a step's gradients, in multiples of the usual norm
MEMORY = 0.98           # of the usual norm, from step to step


@dataclass(frozen=True)
class Pace:
    """The rate over a run, in shares of the highest: up for `warmup` of it, level, down to nothing for the last `decay`."""

    warmup: float = 0.02
    decay: float = 0.6

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
        self._trained, self._usual = list(trained.values()), 0.0

    def step(self, scale: float) -> None:
        self._clip()
        for optimizer, rate in zip(self._all, self._rates):
            for group in optimizer.param_groups:
                group["lr"] = rate * scale
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def state(self) -> dict:
        return {"all": [optimizer.state_dict() for optimizer in self._all], "usual": self._usual}

    def load(self, state: dict) -> None:
        for optimizer, own in zip(self._all, state["all"]):
            optimizer.load_state_dict(own)
        self._usual = state["usual"]

    def _clip(self) -> None:
        """Bounds the gradients' norm, and remembers what it was after that."""
        norm = nn.utils.get_total_norm([p.grad for p in self._trained if p.grad is not None])
        bound = BOUND * (self._usual or norm.item())
        nn.utils.clip_grads_with_norm_(self._trained, bound, norm)
        self._usual = MEMORY * (self._usual or norm.item()) + (1 - MEMORY) * min(norm.item(), bound)
