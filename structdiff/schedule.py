"""Schedules: how noise level and temperature fall from the first forward of a block to the last."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """At most `steps` forwards a block, at a temperature that falls linearly from `hot` to `cold`.

    The defaults are DiffusionGemma's own. The level falls linearly from 1 (pure noise) towards 0.
    """

    steps: int = 48
    hot: float = 0.8
    cold: float = 0.4

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"steps must be at least 1, got {self.steps}: a block needs one forward")
        if not 0 < self.cold <= self.hot:
            raise ValueError(f"temperatures must satisfy 0 < cold <= hot, got cold={self.cold}, hot={self.hot}")

    def levels(self) -> tuple[float, ...]:
        """Returns the noise level before each forward, 1 first; the level after the last is 0."""
        return tuple(1 - step / self.steps for step in range(self.steps))

    def temperature(self, level: float) -> float:
        return self.cold + (self.hot - self.cold) * level
