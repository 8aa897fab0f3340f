"""One forward of a batch: canvases denoised given the texts before them, by transformers' own modules or, faster, side by side."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import DiffusionGemmaForBlockDiffusion, DynamicCache

from structdiff.training.batches import Batch

PRODUCTS = torch.bfloat16      # what matrix products are taken in, side by side


def plain(model: DiffusionGemmaForBlockDiffusion, batch: Batch, belief: Tensor | None) -> Tensor:
    """Returns logits Float[B * K, L, V]. belief: the same, for self-conditioning. Any checkpoint, with adapters or without."""
    cache = DynamicCache(config=model.config.get_text_config())
    if len(batch.prefix):
        cache = model.model.encoder(input_ids=batch.prefix[None], past_key_values=cache).past_key_values
        _repeated(cache, len(batch.rest))
    mask = batch.mask
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    cache = model.model.encoder(input_ids=batch.rest, attention_mask=mask, past_key_values=cache,
                                position_ids=positions[:, len(batch.prefix) :]).past_key_values
    _repeated(cache, batch.each)
    ahead = positions[:, -1:] + 1 + torch.arange(batch.noisy.shape[1], device=mask.device)
    return model(
        decoder_input_ids=batch.noisy, past_key_values=cache, self_conditioning_logits=belief,
        decoder_attention_mask=F.pad(mask.repeat_interleave(batch.each, 0), (0, batch.noisy.shape[1]), value=True),
        decoder_position_ids=ahead.repeat_interleave(batch.each, 0)).logits


def _repeated(cache: DynamicCache, times: int) -> None:
    for layer in cache.layers:
        layer.keys, layer.values = layer.keys.repeat_interleave(times, 0), layer.values.repeat_interleave(times, 0)


class SideBySide(nn.Module):
    """What `plain` computes, for a model that uses all its experts and texts of one length, in fewer and larger products.

    A DiffusionGemma's encoder and decoder share their layers: they differ in what a token may attend to, and in the self-conditioning at
    the decoder's input. So all tokens go through each layer in one list. The functions read the weights of transformers' modules.
    """

    def __init__(self, model: DiffusionGemmaForBlockDiffusion):
        super().__init__()
        self.model, self.decoder, self.kinds = model, model.model.decoder, model.config.text_config.layer_types
        self.layer = _layer

    @staticmethod
    def takes(model: DiffusionGemmaForBlockDiffusion, batch: Batch) -> bool:
        text = model.config.text_config
        plain_heads = text.num_key_value_heads == text.num_attention_heads
        return (text.top_k_experts == text.num_experts and plain_heads and model.device.type == "cpu" and not batch.padding.any()
                and len(batch.prefix) + batch.rest.shape[1] + batch.noisy.shape[1] <= text.sliding_window)

    def compile_layers(self) -> None:
        """Compiles the layers' one function, for each shape that it meets; that takes a minute or two."""
        self.layer = torch.compile(_layer, dynamic=False)

    def forward(self, batch: Batch, belief: Tensor | None) -> Tensor:
        sizes = batch.sizes
        read = self.embed(torch.cat([batch.prefix, batch.rest.flatten()]))
        x = torch.cat([read, self.conditioned(self.embed(batch.noisy), belief).flatten(0, 1)])
        angles = {kind: self.decoder.rotary_emb(x, _positions(sizes)[None], kind) for kind in set(self.kinds)}
        for layer, kind in zip(self.decoder.layers, self.kinds):
            cos, sin = angles[kind]
            x = self.layer(layer, x, cos[0], sin[0], sizes)
        hidden = _norm(self.decoder.norm, x[-batch.noisy.numel() :])
        cap = self.model.final_logit_softcapping
        return (torch.tanh(_linear(hidden, self.model.lm_head.weight).float() / cap) * cap).view(*batch.noisy.shape, -1)

    def embed(self, tokens: Tensor) -> Tensor:
        return F.embedding(tokens, self.decoder.embed_tokens.weight) * self.decoder.embed_tokens.scalar_embed_scale

    def conditioned(self, x: Tensor, belief: Tensor | None) -> Tensor:
        part = self.decoder.self_conditioning
        if belief is None:
            soft = torch.zeros_like(x)
        else:
            table = self.decoder.embed_tokens
            soft = (belief.softmax(-1).to(PRODUCTS) @ table.weight.to(PRODUCTS)).float() * table.scalar_embed_scale
        return _norm(part.post_norm, x + _gated(part, _norm(part.pre_norm, soft)))


def _positions(sizes: tuple[int, ...]) -> Tensor:
    prefix, texts, rest, canvases, length = sizes
    return torch.cat([torch.arange(prefix), (prefix + torch.arange(rest)).repeat(texts),
                      (prefix + rest + torch.arange(length)).repeat(canvases)])


def _layer(layer: nn.Module, x: Tensor, cos: Tensor, sin: Tensor, sizes: tuple[int, ...]) -> Tensor:
    attended = _attention(layer.self_attn, _norm(layer.input_layernorm, x), cos, sin, sizes)
    x = x + _norm(layer.post_attention_layernorm, attended.float())
    dense = _norm(layer.post_feedforward_layernorm_1, _gated(layer.mlp, _norm(layer.pre_feedforward_layernorm, x)))
    mixed = _norm(layer.post_feedforward_layernorm_2, _experts(layer, x, _norm(layer.pre_feedforward_layernorm_2, x)))
    return x + _norm(layer.post_feedforward_layernorm, dense + mixed)


def _attention(part: nn.Module, x: Tensor, cos: Tensor, sin: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Texts attend to what is before them, a canvas to its text and to all of itself."""
    prefix, texts, rest, canvases, length = sizes
    heads = (len(x), -1, part.head_dim)
    keys = _linear(x, part.k_proj.weight).view(heads)
    values = keys if part.v_proj is None else _linear(x, part.v_proj.weight).view(heads)
    q = _rotated(_norm(part.q_norm, _linear(x, part.q_proj.weight).view(heads)), cos, sin).to(PRODUCTS)
    k = _rotated(_norm(part.k_norm, keys), cos, sin).to(PRODUCTS)
    v = _norm(part.v_norm, values).to(PRODUCTS)

    def parts(of: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        first, second, third = of.split([prefix, texts * rest, canvases * length])
        return (first[None].transpose(1, 2), second.unflatten(0, (texts, rest)).transpose(1, 2),
                third.unflatten(0, (canvases, length)).transpose(1, 2))

    (q0, q1, q2), (k0, k1, k2), (v0, v1, v2) = parts(q), parts(k), parts(v)
    k1, v1 = (torch.cat([a.expand(texts, -1, -1, -1), b], 2) for a, b in ((k0, k1), (v0, v1)))
    k2, v2 = (torch.cat([a.repeat_interleave(canvases // texts, 0), b], 2) for a, b in ((k1, k2), (v1, v2)))
    seen = torch.ones(rest, prefix + rest, dtype=torch.bool).tril(prefix)
    outputs = [F.scaled_dot_product_attention(q0, k0, v0, is_causal=True, scale=1.0)] if prefix else []
    outputs += [F.scaled_dot_product_attention(q1, k1, v1, attn_mask=seen, scale=1.0),
                F.scaled_dot_product_attention(q2, k2, v2, scale=1.0)]
    joined = torch.cat([one.transpose(1, 2).flatten(0, 1).flatten(1) for one in outputs])
    return _linear(joined, part.o_proj.weight)


def _rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    half = x.shape[-1] // 2
    return x * cos[:, None] + torch.cat([-x[..., half:], x[..., :half]], -1) * sin[:, None]


def _gated(part: nn.Module, x: Tensor) -> Tensor:
    gate = F.gelu(_linear(x, part.gate_proj.weight), approximate="tanh")
    return _linear(gate * _linear(x, part.up_proj.weight), part.down_proj.weight)


def _experts(layer: nn.Module, residual: Tensor, x: Tensor) -> Tensor:
    """Returns the experts' outputs, weighed by the router: all of them at once, side by side."""
    router, experts = layer.router, layer.experts
    scores = (_norm(router.norm, residual) * router.scale * router.scalar_root_size) @ router.proj.weight.T
    share = scores.softmax(-1) * router.per_expert_scale
    count, wide, hidden = experts.gate_up_proj.shape
    gate, up = _linear(x, experts.gate_up_proj.view(-1, hidden)).unflatten(-1, (count, 2, wide // 2)).unbind(-2)
    inner = F.gelu(gate, approximate="tanh") * up * share[..., None]
    return _linear(inner.flatten(-2), experts.down_proj.transpose(0, 1).reshape(hidden, -1))


def _linear(x: Tensor, weight: Tensor) -> Tensor:
    return F.linear(x.to(PRODUCTS), weight.to(PRODUCTS))


def _norm(norm: nn.Module, x: Tensor) -> Tensor:
    x = x.float()
    x = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + norm.eps)
    return x * norm.weight if norm.with_scale else x
