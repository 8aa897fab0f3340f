"""DiffusionGemma as a denoiser: the 26B checkpoint, the embedded one, or any of its architecture."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import AutoTokenizer, Cache, DiffusionGemmaForBlockDiffusion, DynamicCache, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from structdiff.denoiser import Prompt
from structdiff.errors import DenoiserError
from structdiff.models.tokens import vocab_of
from structdiff.noise import Uniform
from structdiff.schedule import Schedule

EMBEDDED = Path(__file__).parent / "tiny"


@dataclass(frozen=True)
class CachedContext:
    """The encoder's keys and values for each row; rows are padded on the left.

    mask Bool[B, P]: what is not padding. position Int[B]: where the next token stands.
    """

    cache: Cache
    mask: Tensor
    position: Tensor

    def select(self, rows: Sequence[int]) -> CachedContext:
        if list(rows) == list(range(len(self.mask))):
            return self
        index = torch.tensor(list(rows), device=self.mask.device)
        cache = _shallow(self.cache)
        for layer in cache.layers:
            layer.keys, layer.values = layer.keys[index], layer.values[index]
        return CachedContext(cache, self.mask[index], self.position[index])


def _shallow(cache: Cache) -> Cache:
    """Returns a cache that shares its tensors with `cache` until it is extended."""
    copied = copy.copy(cache)
    copied.layers = [copy.copy(layer) for layer in cache.layers]
    return copied


def _side_by_side(rows: list[Tensor]) -> Tensor:
    """Returns keys or values Float[B, H, P, D] of several batches as one; the shorter are padded on the left."""
    longest = max(row.shape[-2] for row in rows)
    return torch.cat([F.pad(row, (0, 0, longest - row.shape[-2], 0)) for row in rows])


class DiffusionGemma:
    """A denoiser with uniform noise, a KV cache that is extended block by block, and self-conditioning."""

    def __init__(self, model: DiffusionGemmaForBlockDiffusion, tokenizer: PreTrainedTokenizerBase):
        self.model, self.tokenizer = model.eval(), tokenizer
        size = model.config.text_config.vocab_size
        generation = model.generation_config
        ends = generation.eos_token_id if generation.eos_token_id is not None else tokenizer.eos_token_id
        self.vocab = vocab_of(tokenizer, size, [ends] if isinstance(ends, int) else ends or [])
        self.noise = Uniform(size)
        self.block_length = model.config.canvas_length
        self.schedule = Schedule(generation.max_denoising_steps or 48, generation.t_max or 0.8, generation.t_min or 0.4)

    @classmethod
    def from_pretrained(cls, name_or_path: str | Path = EMBEDDED) -> DiffusionGemma:
        """Returns the checkpoint of that hub name or folder, on the accelerator when there is one.

        Raises:
            DenoiserError: it is not there, or is not a DiffusionGemma.
        """
        device = "cuda" if torch.cuda.is_available() else "cpu"
        bars = transformers_logging.is_progress_bar_enabled()
        transformers_logging.disable_progress_bar()
        try:
            tokenizer = AutoTokenizer.from_pretrained(name_or_path)
            model = DiffusionGemmaForBlockDiffusion.from_pretrained(name_or_path, dtype="auto")
        except (OSError, ValueError) as error:
            raise DenoiserError(f"cannot load a DiffusionGemma from {str(name_or_path)!r}: {error}") from error
        finally:
            if bars:
                transformers_logging.enable_progress_bar()
        return cls(model.to(device), tokenizer)

    @torch.inference_mode()
    def encode(self, prompts: Sequence[Prompt]) -> CachedContext:
        rows = [self.prompt_tokens(prompt) for prompt in prompts]
        width = max(map(len, rows))
        mask = torch.tensor([[False] * (width - len(row)) + [True] * len(row) for row in rows], device=self.model.device)
        ids = torch.tensor([[self._pad] * (width - len(row)) + row for row in rows], device=self.model.device)
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        empty = DynamicCache(config=self.model.config.get_text_config())
        return self._read(ids, empty, mask, positions)

    @torch.inference_mode()
    def extend(self, context: CachedContext, blocks: np.ndarray) -> CachedContext:
        ids = torch.as_tensor(blocks, device=self.model.device)
        mask = F.pad(context.mask, (0, ids.shape[1]), value=True)
        return self._read(ids, _shallow(context.cache), mask, self._ahead(context.position, ids.shape[1]))

    @torch.inference_mode()
    def join(self, contexts: Sequence[CachedContext]) -> CachedContext:
        if len(contexts) == 1:
            return contexts[0]
        width = max(context.mask.shape[1] for context in contexts)
        cache = _shallow(max(contexts, key=lambda context: context.mask.shape[1]).cache)    # its counters are the joint ones
        for layer, parts in zip(cache.layers, zip(*(context.cache.layers for context in contexts))):
            layer.keys, layer.values = _side_by_side([part.keys for part in parts]), _side_by_side([part.values for part in parts])
        mask = torch.cat([F.pad(context.mask, (width - context.mask.shape[1], 0), value=False) for context in contexts])
        return CachedContext(cache, mask, torch.cat([context.position for context in contexts]))

    @torch.inference_mode()
    def __call__(self, canvas: np.ndarray, context: CachedContext, level: np.ndarray, belief: Sequence[Tensor | None] | None) -> Tensor:
        ids = torch.as_tensor(canvas, device=self.model.device)
        told = [False] * len(ids) if belief is None else [one is not None for one in belief]
        beliefs = None
        if any(told):
            nothing = torch.zeros_like(next(one for one in belief if one is not None))
            beliefs = torch.stack([nothing if one is None else one for one in belief])
        return self.model(
            decoder_input_ids=ids,
            past_key_values=context.cache,
            self_conditioning_logits=beliefs,
            self_conditioning_mask=None if all(told) or beliefs is None else torch.tensor(told, device=ids.device),
            decoder_attention_mask=F.pad(context.mask, (0, ids.shape[1]), value=True),
            decoder_position_ids=self._ahead(context.position, ids.shape[1]),
        ).logits

    @torch.inference_mode()
    def log_likelihood(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Returns the log-probability, in nats, that the encoder gives each text after its prompt.

        The encoder is trained to read finished text token by token (its next-token loss), so this is one forward.
        """
        rows = [(self.prompt_tokens(Prompt(prompt.removesuffix("\n"))), self.text_tokens(text)) for prompt, text in zip(prompts, texts)]
        width = max(len(prompt) + len(text) for prompt, text in rows)
        ids = torch.tensor([[*prompt, *text, *[self._pad] * (width - len(prompt) - len(text))] for prompt, text in rows],
                           device=self.model.device)
        hidden = self.model.model.encoder(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        sums = []
        for (prompt, text), row, states in zip(rows, ids, hidden):
            begin, end = len(prompt), len(prompt) + len(text)
            logits = self.model.lm_head(states[begin - 1 : end - 1]).float()
            cap = self.model.final_logit_softcapping
            logits = logits if cap is None else torch.tanh(logits / cap) * cap
            sums.append(float(logits.log_softmax(-1).gather(1, row[begin:end, None]).sum()))
        return sums

    def text_tokens(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)

    def _read(self, ids: Tensor, cache: Cache, mask: Tensor, positions: Tensor) -> CachedContext:
        read = self.model.model.encoder(
            input_ids=ids, attention_mask=mask, past_key_values=cache, position_ids=positions).past_key_values
        return CachedContext(read, mask, positions[:, -1] + 1)

    def _ahead(self, position: Tensor, length: int) -> Tensor:
        return position[:, None] + torch.arange(length, device=position.device)

    def prompt_tokens(self, prompt: Prompt) -> list[int]:
        """Returns a prompt's tokens: a chat turn for an instructed model, `hint`, text for the embedded one."""
        if self.tokenizer.chat_template:
            asked = f"{prompt.text}\n\nAnswer with JSON only, of this shape: {prompt.hint}" if prompt.hint else prompt.text
            return self.tokenizer.apply_chat_template(
                [{"role": "user", "content": asked}], add_generation_prompt=True, tokenize=True, return_dict=False)
        lines = [prompt.hint, prompt.text] if prompt.hint else [prompt.text]
        text = "".join(f"{line}\n" for line in lines)
        begin = [self.tokenizer.bos_token_id] if self.tokenizer.bos_token_id is not None else []
        # Whatever a user writes is text: none of it becomes a special token.
        return begin + self.text_tokens(text)

    @property
    def _pad(self) -> int:
        return self.tokenizer.pad_token_id if self.tokenizer.pad_token_id is not None else 0
