"""Masked language models as denoisers: any bidirectional transformer that predicts what its mask token hides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from structdiff.denoiser import Prompt
from structdiff.errors import DenoiserError
from structdiff.models import checkpoint
from structdiff.models.cache import CachedContext
from structdiff.models.convention import Blocks, Convention, convention_of
from structdiff.models.reading import Cached, Rereading, TokenContext
from structdiff.models.tokens import vocab_of
from structdiff.noise import Absorbing
from structdiff.schedule import Schedule

MaskedContext = TokenContext | CachedContext


class Masked:
    """A denoiser with absorbing noise: LLaDA, Dream, LLaDA2, SDAR, or any model with a masked-language-modelling head.

    convention: how the model is called; None: as its family's published code does. block_length: the canvas; None: the convention's.
    schedule: None: the convention's steps at temperature 1.

    Raises:
        DenoiserError: the family is unknown, or the tokenizer cannot be used.
    """

    def __init__(self, model: nn.Module, tokenizer: PreTrainedTokenizerBase, block_length: int | None = None,
                 schedule: Schedule | None = None, convention: Convention | None = None):
        self.model, self.tokenizer = model.eval(), tokenizer
        self.convention = convention or convention_of([type(model).__name__, *(model.config.architectures or ())])
        self.reviews = False
        self.block_length = block_length or _trained_length(model, self.convention)
        self.schedule = schedule or Schedule(self.convention.steps, hot=1.0, cold=1.0)
        size, mask = model.config.vocab_size, _mask_token(model, tokenizer, self.convention)
        self.noise = Absorbing(mask)
        self.vocab = vocab_of(tokenizer, size, _end_tokens(model, tokenizer, self.convention), silent=[mask])
        ends = set(self.vocab.end_tokens)
        self._silent = torch.tensor([i for i, text in enumerate(self.vocab.tokens) if text is None and i not in ends])
        self._opening, closing = ((), ()) if tokenizer.chat_template else _wrapping(tokenizer)
        self._limit, self._closing = _limit(model), len(closing)
        pad = next((i for i in (getattr(model.config, "pad_token_id", None), tokenizer.pad_token_id) if i is not None), 0)
        self._reader = (Cached(model, self.convention, self.block_length, pad) if self.convention.cache
                        else Rereading(model, self.convention, self.block_length, closing, pad))

    @classmethod
    def from_pretrained(cls, name_or_path: str | Path, trust_remote_code: bool = False, block_length: int | None = None,
                        convention: Convention | None = None) -> Masked:
        """Returns the checkpoint of that hub name or folder, on the accelerator when there is one.

        trust_remote_code: run the code that the checkpoint brings, where transformers has none for it. block_length, convention: as above.

        Raises:
            DenoiserError: it is not there, its family is unknown, weights are missing, or it brings code that is not trusted.
        """
        convention = convention or convention_of(checkpoint.config_of(name_or_path).get("architectures") or ())
        model, tokenizer = checkpoint.masked_model(name_or_path, trust_remote_code)
        return cls(model, tokenizer, block_length, convention=convention)

    def encode(self, prompts: Sequence[Prompt]) -> MaskedContext:
        """Raises DenoiserError when a prompt leaves no room for a canvas."""
        rows = [self.prompt_tokens(prompt) for prompt in prompts]
        self._require_room(max(map(len, rows)))
        with torch.inference_mode():
            return self._reader.begin(rows)

    @torch.inference_mode()
    def extend(self, context: MaskedContext, blocks: np.ndarray) -> MaskedContext:
        """Raises DenoiserError when a row leaves no room for another canvas."""
        self._require_room(max(context.lengths) + self.block_length)
        return self._reader.extend(context, blocks)

    @torch.inference_mode()
    def join(self, contexts: Sequence[MaskedContext]) -> MaskedContext:
        return self._reader.join(contexts)

    @torch.inference_mode()
    def __call__(self, canvas: np.ndarray, context: MaskedContext, level: np.ndarray, belief: Sequence[Tensor | None] | None) -> Tensor:
        logits = self._reader.logits(canvas, context)
        # A canvas cannot hold what stands for no text, the mask token least of all: it would count as unknown again.
        return logits.index_fill(-1, self._silent.to(logits.device), -torch.inf)

    def prompt_tokens(self, prompt: Prompt) -> list[int]:
        """Returns a prompt's tokens: a chat turn for an instructed model, else `hint`, text behind what the tokenizer begins with."""
        if self.tokenizer.chat_template:
            asked = f"{prompt.text}\n\nAnswer with JSON only, of this shape: {prompt.hint}" if prompt.hint else prompt.text
            return self.tokenizer.apply_chat_template(
                [{"role": "user", "content": asked}], add_generation_prompt=True, tokenize=True, return_dict=False)
        text = "".join(f"{line}\n" for line in (prompt.hint, prompt.text) if line)
        # Whatever a user writes is text: none of it becomes a special token.
        return [*self._opening, *self.tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)]

    def _require_room(self, longest: int) -> None:
        needed = longest + self.block_length + self._closing
        if self._limit is not None and needed > self._limit:
            raise DenoiserError(f"the model reads at most {self._limit} tokens; the prompt and text so far ({longest}) and a canvas "
                                f"({self.block_length}) need {needed}: shorten the prompt, or pass a smaller block_length or max_tokens")


def _trained_length(model: nn.Module, convention: Convention) -> int:
    """Returns the canvas length: for a model of blocks, what its config says it was trained on."""
    named = getattr(model.config, "block_size", None) if isinstance(convention.attention, Blocks) else None
    return named or convention.block_length


def _mask_token(model: nn.Module, tokenizer: PreTrainedTokenizerBase, convention: Convention) -> int:
    named = (tokenizer.mask_token_id, getattr(model.config, "mask_token_id", None), convention.mask_token)
    mask = next((token for token in named if token is not None), None)
    if mask is None:
        raise DenoiserError("no mask token is named by the tokenizer or the config: it is not a masked model's, or pass "
                            "convention=Convention(mask_token=...)")
    if not 0 <= mask < model.config.vocab_size:
        raise DenoiserError(f"mask token {mask} is outside the model's vocabulary of {model.config.vocab_size} tokens; "
                            "pass convention=Convention(mask_token=...)")
    return mask


def _end_tokens(model: nn.Module, tokenizer: PreTrainedTokenizerBase, convention: Convention) -> list[int]:
    """Returns every token that ends a text, the one the model fills a canvas up with first; a BERT has but its separator."""
    sources = (model.config, getattr(model, "generation_config", None), tokenizer)
    named = [getattr(source, "eos_token_id", None) for source in sources]
    ids = [token for one in named for token in (one if isinstance(one, list) else [one]) if token is not None]
    added = tokenizer.get_added_vocab()
    ends = [*(ids or [tokenizer.sep_token_id]), *(added.get(text) for text in convention.ends)]
    return [token for token in ends if token is not None and token < model.config.vocab_size]


def _wrapping(tokenizer: PreTrainedTokenizerBase) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Returns the special tokens that the tokenizer puts before and behind a text, such as [CLS] and [SEP]."""
    bare, whole = (tokenizer.encode("a", add_special_tokens=wrapped) for wrapped in (False, True))
    begin = next(i for i in range(len(whole)) if whole[i : i + len(bare)] == bare)
    return tuple(whole[:begin]), tuple(whole[begin + len(bare) :])


def _limit(model: nn.Module) -> int | None:
    """Returns how many tokens the model can read, None where nothing says.

    RoBERTa and its kin count positions from behind the index of their padding token, so their table has that many fewer for text.
    """
    limits = [getattr(model.config, name, None) for name in ("max_position_embeddings", "max_sequence_length")]
    limits += [table.num_embeddings - (0 if table.padding_idx is None else table.padding_idx + 1)
               for name, table in model.named_modules() if name.endswith("position_embeddings") and isinstance(table, nn.Embedding)]
    return min((limit for limit in limits if limit and limit > 0), default=None)
