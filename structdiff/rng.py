"""The only source of randomness: one independent, seeded stream for each row of a batch."""

from __future__ import annotations

import numpy as np


class Rng:
    """A seeded stream of random numbers; the same seed gives the same stream on every machine.

    Every row of a batch owns one, so a row's result does not depend on its batch-mates.
    """

    def __init__(self, seed: int):
        self._generator = np.random.Generator(np.random.PCG64(seed))

    def uniform(self, *shape: int) -> np.ndarray:
        """Returns Float[shape] in [0, 1)."""
        return self._generator.random(shape)

    def integers(self, high: int, *shape: int) -> np.ndarray:
        """Returns Int[shape] in [0, high)."""
        return self._generator.integers(0, high, shape)

    def gumbel(self, *shape: int) -> np.ndarray:
        """Returns Float[shape], standard Gumbel: argmax of log p + gumbel is a draw from p."""
        return self._generator.gumbel(size=shape)


def streams(seed: int, rows: int) -> list[Rng]:
    """Returns one stream a row: row `i` of a batch draws what a batch of one with `seed + i` would draw."""
    return [Rng(seed + row) for row in range(rows)]
