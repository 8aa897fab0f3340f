"""DiffusionGemma as a denoiser: the 26B checkpoint, the embedded one, or any of its architecture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count, repeat
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import AutoTokenizer, Cache, DiffusionGemmaForBlockDiffusion, DynamicCache, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from structdiff.denoiser import Prompt
from structdiff.errors import DenoiserError
from structdiff.models.cache import CachedContext, Extension, aside
from structdiff.models.groups import READ, Grouped, Read, joined, width_of
from structdiff.models.tokens import vocab_of
from structdiff.noise import Uniform
from structdiff.schedule import Schedule

EMBEDDED = Path(__file__).parent / "tiny"
LEAST = 8               # rows for which a thread is worth its while


class DiffusionGemma:
    """A denoiser with uniform noise, a KV cache that is extended block by block, and self-conditioning.

    reviews: as the checkpoint's config says; no other than the embedded model's does. Set it to have what any model wrote reviewed.

    On a CPU a row's logits are the same to the last bit whatever rows are beside it (`structdiff.models.groups`).
    """

    def __init__(self, model: DiffusionGemmaForBlockDiffusion, tokenizer: PreTrainedTokenizerBase):
        self.model, self.tokenizer = model.eval(), tokenizer
        text = model.config.text_config
        if model.device.type == "cpu" and text.top_k_experts < text.num_experts:
            model.set_experts_implementation("batched_mm")      # else the tokens of all rows at an expert are one product
        self._cores, self._threads = 1, None
        size = text.vocab_size
        generation = model.generation_config
        ends = generation.eos_token_id if generation.eos_token_id is not None else tokenizer.eos_token_id
        self.vocab = vocab_of(tokenizer, size, [ends] if isinstance(ends, int) else ends or [])
        self.noise = Uniform(size)
        self.block_length = model.config.canvas_length
        self.reviews = getattr(model.config, "reviews", False)
        self.schedule = Schedule(generation.max_denoising_steps or 48, generation.t_max or 0.8, generation.t_min or 0.4)

    def spread(self, cores: int) -> None:
        """Has the rows of a batch denoised on so many cores, a thread each; torch itself has one thread in this process from then on.

        A small model's products are too small to be shared between cores; the rows of a batch are not.
        """
        torch.set_num_threads(1)
        self._cores, self._threads = cores, ThreadPoolExecutor(cores, "forward") if cores > 1 else None

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
    def encode(self, prompts: Sequence[Prompt]) -> Grouped:
        rows = [self.prompt_tokens(prompt) for prompt in prompts]
        widths = [width_of(len(row), READ) for row in rows]
        read: dict[int, Iterator[tuple[CachedContext, int]]] = {}
        for width in dict.fromkeys(widths):
            own = self._read_prompts([row for row, wide in zip(rows, widths) if wide == width], width)
            read[width] = zip(repeat(own), count())
        return Read(tuple(next(read[width]) for width in widths)).select(range(len(rows)))

    def extend(self, context: Grouped, blocks: np.ndarray) -> Grouped:
        return self._read_on(context, blocks)[0].select(range(len(blocks)))

    def review(self, context: Grouped, blocks: np.ndarray) -> tuple[Read, Tensor]:
        extended, states = self._read_on(context, blocks)
        return extended, torch.stack(self._each(self._told, states))

    def _read_on(self, context: Grouped, blocks: np.ndarray) -> tuple[Read, list[Tensor]]:
        """Returns the rows with their blocks read, and of each the states Float[L, H] that come before its tokens."""
        extended: list[tuple[Extension, int] | None] = [None] * len(blocks)
        before: list[Tensor | None] = [None] * len(blocks)
        parts = [part for number in range(len(context.groups)) for part in self._parts(context, number)]
        for (_, rows), (extension, states) in zip(parts, self._each(lambda part: self._extension(part[0], blocks[part[1]]), parts)):
            for place, (row, own) in enumerate(zip(rows, states)):
                extended[row], before[row] = (extension, place), own
        return Read(tuple(extended)), before

    @torch.inference_mode()
    def _extension(self, context: CachedContext, blocks: np.ndarray) -> tuple[Extension, Tensor]:
        """Returns the context with the blocks read, and the states Float[B, L, H] that come before their tokens."""
        ids = torch.as_tensor(blocks, device=self.model.device)
        mask = F.pad(context.mask, (0, ids.shape[1]), value=True)
        cache, added = aside(context.cache)
        states = self._read(ids, cache, mask, self._ahead(context.position, ids.shape[1]))
        extension = Extension(context, added, states[:, -1])
        return extension, torch.cat([context.last[:, None], states[:, :-1]], 1)

    def _each(self, work: Callable[[Any], Any], parts: list[Any]) -> list[Any]:
        """Returns what becomes of each part; they are spread over the cores."""
        return list(map(work, parts) if self._threads is None or len(parts) == 1 else self._threads.map(work, parts))

    def join(self, contexts: Sequence[Grouped]) -> Grouped:
        return joined(contexts)

    @torch.inference_mode()
    def __call__(self, canvas: np.ndarray, context: Grouped, level: np.ndarray, belief: Sequence[Tensor | None] | None) -> Tensor:
        beliefs = [None] * len(canvas) if belief is None else belief
        logits: list[Tensor | None] = [None] * len(canvas)
        parts = [part for number in range(len(context.groups)) for part in self._parts(context, number)]
        work = [(canvas[rows], group, [beliefs[row] for row in rows]) for group, rows in parts]
        for (_, rows), own in zip(parts, self._each(lambda one: self._logits(*one), work)):
            for row, belief in zip(rows, own):
                logits[row] = belief
        return torch.stack(logits)

    def _parts(self, context: Grouped, number: int) -> Iterator[tuple[CachedContext, list[int]]]:
        """Yields the rows of a group in parts that are denoised at once, on a CPU each by a thread."""
        group, members = context.groups[number], context.members(number)
        size = len(members) if self._threads is None else max(LEAST, -(-len(members) // self._cores))
        for begin in range(0, len(members), size):
            places = range(begin, min(begin + size, len(members)))
            yield group.select(places), members[begin : begin + size]

    @torch.inference_mode()
    def _logits(self, canvas: np.ndarray, context: CachedContext, beliefs: Sequence[Tensor | None]) -> Tensor:
        ids = torch.as_tensor(canvas, device=self.model.device)
        told = [belief is not None for belief in beliefs]
        conditioning = None
        if any(told):
            nothing = torch.zeros_like(next(belief for belief in beliefs if belief is not None))
            conditioning = torch.stack([nothing if belief is None else belief for belief in beliefs])
        return self.model(
            decoder_input_ids=ids,
            past_key_values=context.cache,
            self_conditioning_logits=conditioning,
            self_conditioning_mask=None if all(told) or conditioning is None else torch.tensor(told, device=ids.device),
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
            told = self._told(states[begin - 1 : end - 1]).log_softmax(-1)
            sums.append(float(told.gather(1, row[begin:end, None]).sum()))
        return sums

    @torch.inference_mode()
    def _told(self, states: Tensor) -> Tensor:
        """Returns the encoder's logits Float[L, V] for the tokens that come after those with these states Float[L, H]."""
        logits = self.model.lm_head(states).float()
        cap = self.model.final_logit_softcapping
        return logits if cap is None else torch.tanh(logits / cap) * cap

    def text_tokens(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)

    def _read_prompts(self, rows: list[list[int]], width: int) -> CachedContext:
        mask = torch.tensor([[False] * (width - len(row)) + [True] * len(row) for row in rows], device=self.model.device)
        ids = torch.tensor([[self._pad] * (width - len(row)) + row for row in rows], device=self.model.device)
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        cache = DynamicCache(config=self.model.config.get_text_config())
        states = self._read(ids, cache, mask, positions)
        return CachedContext(cache, mask, positions[:, -1] + 1, states[:, -1])

    def _read(self, ids: Tensor, cache: Cache, mask: Tensor, positions: Tensor) -> Tensor:
        """Returns the states Float[B, L, H] of those tokens, by which the cache is extended."""
        return self.model.model.encoder(
            input_ids=ids, attention_mask=mask, past_key_values=cache, position_ids=positions).last_hidden_state

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
