"""Masked language models as denoisers: any bidirectional transformer that predicts what its mask token hides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from structdiff.denoiser import Prompt
from structdiff.errors import DenoiserError
from structdiff.models.tokens import vocab_of
from structdiff.noise import Absorbing
from structdiff.schedule import Schedule


@dataclass(frozen=True)
class TokenContext:
    """The tokens of each row: a masked model has no cache and reads them again."""

    rows: tuple[tuple[int, ...], ...]

    def select(self, rows: Sequence[int]) -> TokenContext:
        return TokenContext(tuple(self.rows[row] for row in rows))


class Masked:
    """A denoiser with absorbing noise; `model(input_ids, attention_mask, position_ids).logits` scores every position."""

    def __init__(self, model: nn.Module, tokenizer: PreTrainedTokenizerBase, block_length: int = 32,
                 schedule: Schedule = Schedule(hot=1.0, cold=1.0)):
        if tokenizer.mask_token_id is None:
            raise DenoiserError("the tokenizer has no mask token, so it is not a masked model's")
        self.model, self.tokenizer = model.eval(), tokenizer
        self.vocab = vocab_of(tokenizer, model.config.vocab_size, [tokenizer.eos_token_id])
        self.noise = Absorbing(tokenizer.mask_token_id)
        self.block_length, self.schedule = block_length, schedule

    def encode(self, prompts: Sequence[Prompt]) -> TokenContext:
        begin = () if self.tokenizer.bos_token_id is None else (self.tokenizer.bos_token_id,)
        return TokenContext(tuple(
            begin + tuple(self.tokenizer.encode(f"{prompt.hint}\n{prompt.text}\n".lstrip("\n"), add_special_tokens=False,
                                                split_special_tokens=True)) for prompt in prompts))

    def extend(self, context: TokenContext, blocks: np.ndarray) -> TokenContext:
        return TokenContext(tuple(row + tuple(block.tolist()) for row, block in zip(context.rows, blocks)))

    def join(self, contexts: Sequence[TokenContext]) -> TokenContext:
        return TokenContext(tuple(row for context in contexts for row in context.rows))

    @torch.inference_mode()
    def __call__(self, canvas: np.ndarray, context: TokenContext, level: np.ndarray, belief: Sequence[Tensor | None] | None) -> Tensor:
        width = max(map(len, context.rows))
        pads = [width - len(row) for row in context.rows]
        ids = torch.tensor([[self.noise.mask_token] * pad + list(row) + unknown.tolist()
                            for pad, row, unknown in zip(pads, context.rows, canvas)])
        mask = torch.arange(ids.shape[1])[None] >= torch.tensor(pads)[:, None]
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        device = next(self.model.parameters()).device
        logits = self.model(
            input_ids=ids.to(device), attention_mask=mask.long().to(device), position_ids=positions.to(device)).logits
        return logits[:, -canvas.shape[1] :]
