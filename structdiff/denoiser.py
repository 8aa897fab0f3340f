"""The protocol a denoiser fulfils: beliefs about a canvas, given a context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from torch import Tensor

from structdiff.noise import Noise
from structdiff.schedule import Schedule
from structdiff.vocab import Vocab


@dataclass(frozen=True)
class Prompt:
    """What the user wrote, and one line on the shape of the answer (empty when there is none). Half of a surrogate pair, which no
    tokenizer takes, is a question mark."""

    text: str
    hint: str = ""

    def __post_init__(self) -> None:
        for name in ("text", "hint"):
            object.__setattr__(self, name, getattr(self, name).encode("utf-8", "replace").decode())


class Context(Protocol):
    """What a denoiser has read so far, for each row; a value that is never changed."""

    def select(self, rows: Sequence[int]) -> Context:
        """Returns the context of those rows alone, in that order."""
        ...


class Denoiser(Protocol):
    """Owns no request state: contexts go in and come out.

    block_length: the canvas length L. schedule: the one the model was trained for. reviews: what it wrote is to be read again
    (`Reviewer`).
    """

    vocab: Vocab
    noise: Noise
    block_length: int
    schedule: Schedule
    reviews: bool

    def encode(self, prompts: Sequence[Prompt]) -> Context:
        """Returns the context of a batch of prompts, one row each."""
        ...

    def extend(self, context: Context, blocks: np.ndarray) -> Context:
        """Returns `context` with finished blocks Int[B, L] committed; what was read before is not read again."""
        ...

    def join(self, contexts: Sequence[Context]) -> Context:
        """Returns one context of the rows of all of them, in order."""
        ...

    def __call__(self, canvas: np.ndarray, context: Context, level: np.ndarray, belief: Sequence[Tensor | None] | None) -> Tensor:
        """Returns logits Float[B, L, V] for the canvases Int[B, L], each at its own noise level Float[B].

        belief: for each row what the last forward of its block is told to have believed, as logits Float[L, V] (self-conditioning);
        None on a block's first forward, and None in all where no row has any.
        """
        ...


class Reviewer(Denoiser, Protocol):
    """A denoiser whose encoder was also trained to tell the next token of a finished text, and so can judge one."""

    def review(self, context: Context, blocks: np.ndarray) -> tuple[Context, Tensor]:
        """Returns what `extend` does, from which the rows that are wanted are to be selected; and logits Float[B, L, V]: what the encoder
        expects at each position of the blocks after all that stands before it."""
        ...
