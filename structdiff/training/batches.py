"""Training batches: prompts, of which the part that all begin with is read once, and noisy canvases of their answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from structdiff.denoiser import Prompt
from structdiff.models.diffusion_gemma import DiffusionGemma
from structdiff.rng import Rng
from structdiff.training.task import Example


@dataclass(frozen=True)
class Batch:
    """prefix Int[P]: what all texts begin with. rest Int[B, S]: of each text, padded on the left; padding Int[B]: so many tokens.
    clean, noisy Int[B * K, L]: K canvases of each text."""

    prefix: Tensor
    rest: Tensor
    padding: Tensor
    clean: Tensor
    noisy: Tensor

    @property
    def each(self) -> int:
        """K: canvases a text."""
        return len(self.clean) // len(self.rest)

    @property
    def sizes(self) -> tuple[int, ...]:
        """P, B, S, B * K, L."""
        return (len(self.prefix), *self.rest.shape, *self.noisy.shape)

    @property
    def mask(self) -> Tensor:
        """Bool[B, P + S]: what of a text is not padding."""
        rest = torch.arange(self.rest.shape[1], device=self.rest.device) >= self.padding[:, None]
        return torch.nn.functional.pad(rest, (len(self.prefix), 0), value=True)

    def to(self, device: torch.device) -> Batch:
        return Batch(*(part.to(device) for part in (self.prefix, self.rest, self.padding, self.clean, self.noisy)))


def batch(denoiser: DiffusionGemma, examples: Sequence[Example], each: int, rng: Rng) -> Batch:
    """Returns `each` noisy canvases of one block of each answer; the blocks before it are read with the prompt, end tokens fill the last."""
    length, end = denoiser.block_length, denoiser.vocab.end_tokens[0]
    texts, blocks = [], []
    for example in examples:
        answer = denoiser.text_tokens(example.answer)
        count = -(-len(answer) // length) or 1
        begin = int(rng.integers(count)) * length
        texts.append(denoiser.prompt_tokens(Prompt(example.prompt, example.hint)) + answer[:begin])
        blocks.append((answer[begin : begin + length] + [end] * length)[:length])
    common = _common(texts)
    width = max(map(len, texts)) - common
    padding = [width + common - len(text) for text in texts]
    rest = [[end] * missing + text[common:] for missing, text in zip(padding, texts)]
    clean = np.repeat(np.array(blocks), each, axis=0)
    return Batch(torch.tensor(texts[0][:common]), torch.tensor(rest), torch.tensor(padding), torch.from_numpy(clean),
                 torch.from_numpy(corrupted(clean, denoiser, rng)))


def _common(texts: Sequence[Sequence[int]]) -> int:
    """Returns how many tokens all begin with; one less than the shortest has, at most, so that each has a rest."""
    shortest = min(map(len, texts)) - 1
    return next((i for i in range(shortest) if len({text[i] for text in texts}) > 1), shortest)


def corrupted(clean: np.ndarray, denoiser: DiffusionGemma, rng: Rng) -> np.ndarray:
    """Returns Int[N, L]: each token replaced by one of the noise with probability t, t ~ U(0, 1) a row."""
    noisy = rng.uniform(*clean.shape) < rng.uniform(len(clean), 1)
    drawn = np.stack([denoiser.noise.draw(clean.shape[1], rng) for _ in clean])
    return np.where(noisy, drawn, clean)
