"""Denoisers with random weights, of both noise kernels: whatever is valid coming from them, the constraint made so."""

from __future__ import annotations

import torch
from transformers import (
    BertConfig,
    BertForMaskedLM,
    DiffusionGemmaConfig,
    DiffusionGemmaForBlockDiffusion,
    Gemma4VisionConfig,
    PreTrainedTokenizerFast,
)
from transformers.models.diffusion_gemma.configuration_diffusion_gemma import DiffusionGemmaTextConfig

from structdiff.models.diffusion_gemma import EMBEDDED, DiffusionGemma
from structdiff.models.masked import Masked

SHARPNESS = 40.0       # random weights are nearly flat; this makes the models opinionated, which is harder


def tokenizer(mask: bool = False) -> PreTrainedTokenizerFast:
    """Returns the embedded model's tokenizer, with a mask token if asked."""
    made = PreTrainedTokenizerFast.from_pretrained(EMBEDDED)
    if mask:
        made.add_special_tokens({"mask_token": "<mask>"})
    return made


def uniform(seed: int = 0, canvas: int = 64, window: int = 1024) -> DiffusionGemma:
    """Returns a DiffusionGemma of a hundred thousand random weights."""
    words = tokenizer()
    torch.manual_seed(seed)
    text = DiffusionGemmaTextConfig(
        vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, head_dim=16, global_head_dim=16, num_experts=2, top_k_experts=1, moe_intermediate_size=16,
        layer_types=["sliding_attention", "full_attention"], sliding_window=window, max_position_embeddings=4096,
        pad_token_id=words.pad_token_id, eos_token_id=words.eos_token_id, bos_token_id=words.bos_token_id)
    vision = Gemma4VisionConfig(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1,
                                num_key_value_heads=1, head_dim=8, position_embedding_size=4)
    model = DiffusionGemmaForBlockDiffusion(
        DiffusionGemmaConfig(text_config=text, vision_config=vision, canvas_length=canvas))
    model.generation_config.eos_token_id = words.eos_token_id
    model.generation_config.max_denoising_steps = 12
    with torch.no_grad():
        model.lm_head.weight.mul_(SHARPNESS)
    return DiffusionGemma(model, words)


def absorbing(seed: int = 0, canvas: int = 64) -> Masked:
    """Returns a masked language model of a hundred thousand random weights."""
    words = tokenizer(mask=True)
    torch.manual_seed(seed)
    model = BertForMaskedLM(BertConfig(
        vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=4096))
    with torch.no_grad():
        model.cls.predictions.decoder.weight.mul_(SHARPNESS)
    return Masked(model, words, block_length=canvas)
