"""How a family of masked models wants to be called: what its published code does, written down as values.

Sources. LLaDA: ML-GSAI/LLaDA `generate.py` (`model(x).logits`, mask 126336); its mixture of experts: inclusionAI/dInfer (mask 156895).
Dream: `generation_utils.py` of Dream-org/Dream-v0 (attention "full" or Bool[B, 1, N, N]; logits moved right by one), mask 151666.
LLaDA2: `modeling_llada2_moe.py` of inclusionAI/LLaDA2.0 (its `generate` gives a float mask of blocks, 0 or -inf, with position ids; one of
padding alone it would make causal; it takes a cache) and SGLang `srt/dllm/config.py` (blocks of 32, mask 156895).
SDAR: JetAstra/SDAR `generate.py` and `modeling_sdar.py` (Qwen3; blocks of 4 by default; the mask is read as booleans, so that a float one
would be turned round; keys and values are stored on `store_kv`) and SGLang's file (mask 151669).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from structdiff.errors import DenoiserError


class Attention(Protocol):
    """What a model is told about which position may look at which.

    alike: rows must be of one length, because nothing tells the model where a shorter one ends.
    """

    alike: bool

    def arguments(self, there: Tensor, begin: Tensor, block_length: int, dtype: torch.dtype) -> dict[str, Tensor]:
        """Returns arguments of the forward. there Bool[B, N]: what is not padding; begin Int[B]: where the canvas begins."""
        ...


@dataclass(frozen=True)
class Untold:
    """Every position looks at every other, and no mask is given: rows of unlike lengths are read one length after the other."""

    alike = True

    def arguments(self, there: Tensor, begin: Tensor, block_length: int, dtype: torch.dtype) -> dict[str, Tensor]:
        return {}


@dataclass(frozen=True)
class Padding:
    """Every position looks at every token: `attention_mask` Int[B, N] is 0 at padding."""

    alike = False

    def arguments(self, there: Tensor, begin: Tensor, block_length: int, dtype: torch.dtype) -> dict[str, Tensor]:
        return {"attention_mask": there.long()}


@dataclass(frozen=True)
class Pairs:
    """Every position looks at every token: `attention_mask` Bool[B, 1, N, N] is true for the pairs that may."""

    alike = False

    def arguments(self, there: Tensor, begin: Tensor, block_length: int, dtype: torch.dtype) -> dict[str, Tensor]:
        return {"attention_mask": there[:, None, None].expand(-1, 1, there.shape[1], -1)}


@dataclass(frozen=True)
class Blocks:
    """A position looks at its own block and those before it: `attention_mask` [B, 1, N, N], with `position_ids` Int[B, N].

    Blocks are counted from the canvas, in both directions, so that it is one whole block; a prompt begins with a shorter one.
    added: the mask is Float, 0 or -inf, and added to the scores; else Bool, true for the pairs that may.
    """

    added: bool = False
    alike = False

    def arguments(self, there: Tensor, begin: Tensor, block_length: int, dtype: torch.dtype) -> dict[str, Tensor]:
        return self.given(self.pairs(there, begin, block_length), (there.cumsum(-1) - 1).clamp(min=0), dtype)

    def given(self, pairs: Tensor, position: Tensor, dtype: torch.dtype) -> dict[str, Tensor]:
        """Returns the arguments for Bool[B, 1, Q, N], which of N positions each of Q looks at, and Int[B, Q], where those stand."""
        mask = torch.zeros(pairs.shape, dtype=dtype, device=pairs.device).masked_fill(~pairs, -torch.inf) if self.added else pairs
        return {"attention_mask": mask, "position_ids": position}

    def pairs(self, there: Tensor, begin: Tensor, block_length: int) -> Tensor:
        """Returns Bool[B, 1, N, N]: which position looks at which."""
        place = torch.arange(there.shape[1], device=there.device)
        block = (place - begin[:, None]).div(block_length, rounding_mode="floor")
        pairs = (block[:, :, None] >= block[:, None]) & there[:, None]
        return (pairs | (place[:, None] == place))[:, None]     # padding looks at itself: a softmax over nothing is NaN


@dataclass(frozen=True)
class KvCache:
    """What was read is kept as keys and values. stores: the argument that tells the model to add what it reads, if it wants one."""

    stores: str = ""


@dataclass(frozen=True)
class Convention:
    """How a masked model is called. The defaults are a masked language model's (BERT, RoBERTa, ModernBERT).

    shift: the logits of a position predict the token one further. block_length: the canvas, in tokens, and for `Blocks` the blocks the
    model was trained on, where its config does not say. steps: forwards a block at most. mask_token: the id where neither the tokenizer nor
    the config names one. ends: tokens that end a turn, as text, besides the end token of the config and the tokenizer.
    cache: for `Blocks` only, where what was read does not change.

    Raises:
        ValueError: the parts do not go together.
    """

    attention: Attention = Padding()
    shift: bool = False
    block_length: int = 32
    steps: int = 48
    mask_token: int | None = None
    ends: tuple[str, ...] = ()
    cache: KvCache | None = None

    def __post_init__(self) -> None:
        if self.block_length < 1 or self.steps < 1:
            raise ValueError(f"block_length and steps must be at least 1, got {self.block_length} and {self.steps}")
        if self.cache and (self.shift or not isinstance(self.attention, Blocks)):
            raise ValueError("a cache needs attention=Blocks() and shift=False: what was read must not depend on what comes after")


MASKED_LM = Convention()
# Earlier revisions of its code take an attention mask and ignore it, so none is relied on.
LLADA = Convention(Untold(), block_length=128, steps=128, mask_token=126336, ends=("<|eot_id|>",))
DREAM = Convention(Pairs(), shift=True, block_length=128, steps=128, mask_token=151666, ends=("<|im_end|>",))
LLADA2 = Convention(Blocks(added=True), block_length=32, steps=32, mask_token=156895, ends=("<|role_end|>",), cache=KvCache())
SDAR = Convention(Blocks(), block_length=4, steps=4, mask_token=151669, ends=("<|im_end|>",), cache=KvCache("store_kv"))

FAMILIES = {
    "LLaDAModelLM": LLADA,
    "LLaDAMoEModelLM": replace(LLADA, mask_token=156895, ends=("<|role_end|>",)),
    "DreamModel": DREAM,
    "LLaDA2MoeModelLM": LLADA2,
    "SDARForCausalLM": SDAR,
    "SDARMoeForCausalLM": SDAR,
    "FNetForMaskedLM": replace(MASKED_LM, attention=Untold()),       # it mixes all places it is given, padding too
}


def convention_of(architectures: Iterable[str]) -> Convention:
    """Returns the convention of a model class, by its name.

    Raises:
        DenoiserError: it is none that is known.
    """
    names = list(architectures)
    for name in names:
        if name in FAMILIES:
            return FAMILIES[name]
        if name.endswith("ForMaskedLM"):
            return MASKED_LM
    raise DenoiserError(f"no mask-noise model is known as {' or '.join(names) or '(config.json names no architecture)'}; known are "
                        f"{', '.join(FAMILIES)} and every other ...ForMaskedLM. If it is one, pass convention=Convention(...)")
