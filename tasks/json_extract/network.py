"""The embedded model's encoder and decoder as one network, arranged for training on CPU.

A DiffusionGemma's encoder and decoder share their layers: they differ in what a token may attend to, and in the
self-conditioning at the decoder's input. So documents and noisy canvases go through each layer side by side, in one
matrix product. The functions read the weights of transformers' own modules, compute what these compute, and compile.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import DiffusionGemmaForBlockDiffusion

PRODUCTS = torch.bfloat16      # what matrix products are taken in
HIDDEN = -1e9                  # added to the attention score of what may not be seen


class Network(nn.Module):
    """`model`, one pass over clean texts and the noisy canvases of their blocks. All experts are used for every token."""

    def __init__(self, model: DiffusionGemmaForBlockDiffusion):
        super().__init__()
        text = model.config.text_config
        if text.top_k_experts != text.num_experts:
            raise ValueError("the training network is dense: top_k_experts must equal num_experts")
        self.model, self.decoder, self.kinds = model, model.model.decoder, text.layer_types
        self.layer = _layer

    def compile_layers(self) -> None:
        """Compiles the layers' one function, anew for each shape that it meets."""
        torch._dynamo.config.recompile_limit = 64
        self.layer = torch.compile(_layer, dynamic=False)

    def forward(self, texts: Tensor, text_mask: Tensor, canvases: Tensor | None = None, canvas_mask: Tensor | None = None,
                canvas_positions: Tensor | None = None, belief: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Returns the last hidden states of the texts Float[D, S, H] and of the canvases Float[D, K, H].

        texts Int[D, S], position 0 first; text_mask Float[S, S] and canvas_mask Float[D, 1, K, S + K]: 0 or HIDDEN;
        canvases Int[D, K], all the canvases of a document in a row, at canvas_positions Int[D, K]; belief
        Float[D, K, V]: logits for self-conditioning.
        """
        x = self.embed(texts)
        positions = torch.arange(texts.shape[1])[None]
        size = texts.shape[1]
        if canvases is not None:
            x = torch.cat([x, self.conditioned(self.embed(canvases), belief)], 1)
            positions = torch.cat([positions.expand(len(texts), -1), canvas_positions], 1)
        angles = {kind: self.decoder.rotary_emb(x, positions, kind) for kind in set(self.kinds)}
        for layer, kind in zip(self.decoder.layers, self.kinds):
            x = self.layer(layer, x, angles[kind], size, text_mask, canvas_mask)
        x = _norm(self.decoder.norm, x)
        return x[:, :size], x[:, size:] if canvases is not None else None

    def embed(self, tokens: Tensor) -> Tensor:
        return F.embedding(tokens, self.decoder.embed_tokens.weight) * self.decoder.embed_tokens.scalar_embed_scale

    def conditioned(self, x: Tensor, belief: Tensor | None) -> Tensor:
        part = self.decoder.self_conditioning
        if belief is None:
            soft = torch.zeros_like(x)
        else:
            table = self.decoder.embed_tokens
            soft = belief.softmax(-1).to(PRODUCTS) @ table.weight.to(PRODUCTS) * table.scalar_embed_scale
        return _norm(part.post_norm, x + _gated(part, _norm(part.pre_norm, soft)))

    def logits(self, hidden: Tensor) -> Tensor:
        cap = self.model.final_logit_softcapping
        return torch.tanh(_linear(hidden, self.model.lm_head.weight).float() / cap) * cap


def _layer(layer: nn.Module, x: Tensor, angles: tuple[Tensor, Tensor], size: int, text_mask: Tensor,
           canvas_mask: Tensor | None) -> Tensor:
    attended = _attention(layer.self_attn, _norm(layer.input_layernorm, x), angles, size, text_mask, canvas_mask)
    x = x + _norm(layer.post_attention_layernorm, attended)
    dense = _norm(layer.post_feedforward_layernorm_1, _gated(layer.mlp, _norm(layer.pre_feedforward_layernorm, x)))
    mixed = _norm(layer.post_feedforward_layernorm_2, _experts(layer, x, _norm(layer.pre_feedforward_layernorm_2, x)))
    return x + _norm(layer.post_feedforward_layernorm, dense + mixed)


def _attention(part: nn.Module, x: Tensor, angles: tuple[Tensor, Tensor], size: int, text_mask: Tensor,
               canvas_mask: Tensor | None) -> Tensor:
    count, length, _ = x.shape
    heads = (count, length, -1, part.head_dim)
    keys = _linear(x, part.k_proj.weight).view(heads)
    values = keys if part.v_proj is None else _linear(x, part.v_proj.weight).view(heads)
    q = _rotated(_norm(part.q_norm, _linear(x, part.q_proj.weight).view(heads)), angles).transpose(1, 2)
    k = _rotated(_norm(part.k_norm, keys), angles).transpose(1, 2)
    v = _norm(part.v_norm, values).transpose(1, 2)
    seen = _attend(q[:, :, :size], k[:, :, :size], v[:, :, :size], text_mask)
    if canvas_mask is not None:
        seen = torch.cat([seen, _attend(q[:, :, size:], k, v, canvas_mask)], 2)
    return _linear(seen.transpose(1, 2).reshape(count, length, -1), part.o_proj.weight)


def _attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    q, k, v = (part.to(PRODUCTS) for part in (q, k, v))
    scores = (q @ k.transpose(2, 3)).float() + mask
    return scores.softmax(-1).to(PRODUCTS) @ v


def _rotated(x: Tensor, angles: tuple[Tensor, Tensor]) -> Tensor:
    cos, sin = (part[:, :, None] for part in angles)
    half = x.shape[-1] // 2
    return x * cos + torch.cat([-x[..., half:], x[..., :half]], -1) * sin


def _gated(part: nn.Module, x: Tensor) -> Tensor:
    gate = F.gelu(_linear(x, part.gate_proj.weight).float(), approximate="tanh")
    return _linear(gate * _linear(x, part.up_proj.weight).float(), part.down_proj.weight)


def _experts(layer: nn.Module, residual: Tensor, x: Tensor) -> Tensor:
    """Returns the experts' outputs, weighed by the router: all of them at once, side by side."""
    router, experts = layer.router, layer.experts
    scores = (_norm(router.norm, residual) * router.scale * router.scalar_root_size) @ router.proj.weight.T
    share = scores.softmax(-1) * router.per_expert_scale
    count, wide, hidden = experts.gate_up_proj.shape
    gate, up = _linear(x, experts.gate_up_proj.view(-1, hidden)).float().unflatten(-1, (count, 2, wide // 2)).unbind(-2)
    inner = F.gelu(gate, approximate="tanh") * up * share[..., None]
    return _linear(inner.flatten(-2), experts.down_proj.transpose(0, 1).reshape(hidden, -1))


def _linear(x: Tensor, weight: Tensor) -> Tensor:
    return F.linear(x.to(PRODUCTS), weight.to(PRODUCTS))


def _norm(norm: nn.Module, x: Tensor) -> Tensor:
    x = x.float()
    x = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + norm.eps)
    return x * norm.weight if norm.with_scale else x
