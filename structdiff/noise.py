"""Noise kernels: what an unknown position of the canvas holds.

Both kernels of discrete diffusion are here: uniform (D3PM, arXiv 2107.03006: a random token) and absorbing (MDLM,
arXiv 2406.07524: the mask token, so that every other position is known and must be copied).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from structdiff.rng import Rng


class Noise(Protocol):
    def draw(self, length: int, rng: Rng) -> np.ndarray:
        """Returns Int[length]: what unknown positions hold."""
        ...

    def known(self, canvas: np.ndarray) -> np.ndarray:
        """Returns Bool[L]: the positions whose token the denoiser must copy."""
        ...


@dataclass(frozen=True)
class Uniform:
    """An unknown position holds a uniform random token; nothing tells it from a known one."""

    vocab_size: int

    def draw(self, length: int, rng: Rng) -> np.ndarray:
        return rng.integers(self.vocab_size, length)

    def known(self, canvas: np.ndarray) -> np.ndarray:
        return np.zeros(canvas.shape, dtype=bool)


@dataclass(frozen=True)
class Absorbing:
    """An unknown position holds the mask token; every other position is known."""

    mask_token: int

    def draw(self, length: int, rng: Rng) -> np.ndarray:
        return np.full(length, self.mask_token)

    def known(self, canvas: np.ndarray) -> np.ndarray:
        return canvas != self.mask_token
