"""Training batches: prompts with their objects, and noisy canvases of the objects' blocks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from structdiff.constraints.json_schema.hint import describe
from tasks.json_extract.data import compact_json, example
from tasks.json_extract.network import HIDDEN
from tasks.markup_repair.training import piece

CANVAS = 32
WIDTHS = (256, 384, 512)        # texts are padded to one of these: few shapes, so that each can be compiled


@dataclass(frozen=True)
class Texts:
    """Prompts with their objects, one a row.

    tokens Int[D, S]: prompt, object, end tokens to the end. prompt, written Int[D]: tokens of the prompt, of the object.
    """

    tokens: Tensor
    prompt: Tensor
    written: Tensor

    def mask(self) -> Tensor:
        """Returns Float[S, S]: HIDDEN where a token may not be seen, what comes later."""
        size = self.tokens.shape[1]
        return torch.full((size, size), HIDDEN).triu(1)

    def predicted(self, begin: Tensor, stop: Tensor) -> Tensor:
        """Returns Bool[D, S]: the positions whose next token is one of `begin` to `stop` (exclusive) of its row."""
        after = torch.arange(1, self.tokens.shape[1] + 1)
        return (after >= begin[:, None]) & (after < stop[:, None])


@dataclass(frozen=True)
class Canvases:
    """K noisy canvases of each document, side by side.

    clean, noisy, positions Int[D, K * CANVAS]; mask Float[D, 1, K * CANVAS, S + K * CANVAS]: 0 or HIDDEN.
    """

    clean: Tensor
    noisy: Tensor
    positions: Tensor
    mask: Tensor


class Batches:
    """An endless stream of texts, the same for the same seed; about `tokens` tokens a batch, padding counted.

    repairs: the share of texts that are a broken piece of a document, with the piece as it was.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerFast, tokens: int, seed: int, repairs: float = 0.0):
        self.tokenizer, self.tokens, self.rng, self.repairs = tokenizer, tokens, random.Random(seed), repairs

    def __iter__(self) -> Iterator[Texts]:
        waiting: dict[int, list] = {width: [] for width in WIDTHS}
        while True:
            row = self.row()
            width = next((width for width in WIDTHS if len(row[0]) + len(row[1]) < width), None)
            if width is None:
                continue
            waiting[width].append(row)
            if len(waiting[width]) * width >= self.tokens:
                yield self.texts(waiting[width], width)
                waiting[width] = []

    def row(self) -> tuple[list[int], list[int]]:
        if self.rng.random() < self.repairs:
            prompt, written = piece(self.rng)
        else:
            drawn = example(self.rng, "train")
            prompt, written = f"{describe(drawn.schema)}\n{drawn.document}\n", compact_json(drawn.target)
        return [self.tokenizer.bos_token_id, *self.encode(prompt)], self.encode(written)

    def encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False)

    def texts(self, rows: list[tuple[list[int], list[int]]], width: int) -> Texts:
        end = self.tokenizer.eos_token_id
        tokens = [[*prompt, *written, *[end] * (width - len(prompt) - len(written))] for prompt, written in rows]
        return Texts(torch.tensor(tokens), torch.tensor([len(prompt) for prompt, _ in rows]),
                     torch.tensor([len(written) for _, written in rows]))


def canvases(texts: Texts, count: int, ramped: float, vocab_size: int, end: int, generator: torch.Generator) -> Canvases:
    """Returns `count` corrupted canvases of each document: its blocks in turn, each time with noise of its own."""
    size = texts.tokens.shape[1]
    block = torch.arange(count) % (texts.written[:, None] // CANVAS + 1)                    # Int[D, K]
    begin = texts.prompt[:, None] + block * CANVAS
    positions = (begin[..., None] + torch.arange(CANVAS)).flatten(1)
    tokens = torch.cat([texts.tokens, torch.full((len(begin), CANVAS), end)], 1)
    clean = tokens.gather(1, positions.clamp(max=size + CANVAS - 1))
    noisy = corrupted(clean.view(-1, CANVAS), ramped, vocab_size, generator).view_as(clean)
    before = torch.arange(size) < begin[..., None]                                          # Bool[D, K, S]
    own = torch.eye(count, dtype=torch.bool).repeat_interleave(CANVAS, 0).repeat_interleave(CANVAS, 1)
    seen = torch.cat([before.repeat_interleave(CANVAS, 1), own.expand(len(begin), -1, -1)], 2)
    return Canvases(clean, noisy, positions, torch.where(seen, 0.0, HIDDEN)[:, None])


def corrupted(clean: Tensor, ramped: float, vocab_size: int, generator: torch.Generator) -> Tensor:
    """Returns Int[N, L]: each token replaced by a uniform random one with probability t.

    One t ~ U(0, 1) a row; in a share `ramped` of the rows t rises from left to right around a random place, as it does
    while a block is denoised: what is sure is kept first, and that is mostly on the left.
    """
    count, length = clean.shape
    level = torch.rand(count, 1, generator=generator)
    middle, width = level * (length + 8) - 4, 0.3 + 4 * torch.rand(count, 1, generator=generator)
    rising = torch.sigmoid((torch.arange(length) - middle) / width)
    level = torch.where(torch.rand(count, 1, generator=generator) < ramped, rising, level)
    noisy = torch.rand(clean.shape, generator=generator) < level
    return torch.where(noisy, torch.randint(vocab_size, clean.shape, generator=generator), clean)
