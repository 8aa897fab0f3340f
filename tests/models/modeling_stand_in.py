"""Small transformers that are called as LLaDA, Dream, LLaDA2 and SDAR are called, for checkpoints that bring their own code.

Each forward has the published one's arguments and reads its mask as the published one does (the sources are named in
`structdiff/models/convention.py`). `calls` keeps what each forward was given.
"""

from types import SimpleNamespace

import torch
import torch.nn.functional as F
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel


class _Layer(nn.Module):
    def __init__(self, size: int, heads: int, index: int):
        super().__init__()
        self.heads, self.index = heads, index
        self.mixed, self.out = nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.before, self.between = nn.LayerNorm(size), nn.LayerNorm(size)
        self.wide, self.narrow = nn.Linear(size, 2 * size), nn.Linear(2 * size, size)

    def forward(self, x, position, mask, cache):
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in self.mixed(self.before(x)).chunk(3, -1))
        query, key = _turned(query, position), _turned(key, position)
        if cache is not None:
            key, value = cache.update(key, value, self.index)
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = x + self.out(seen.transpose(1, 2).flatten(-2))
        return x + self.narrow(F.gelu(self.wide(self.between(x))))


def _turned(x, position):
    """Returns x Float[B, H, N, D] turned by its position (RoPE)."""
    half = x.shape[-1] // 2
    angle = position[:, None, :, None] / 100 ** (torch.arange(half) / half)
    first, second = x.chunk(2, -1)
    return torch.cat([first * angle.cos() - second * angle.sin(), second * angle.cos() + first * angle.sin()], -1)


class StandInConfig(PretrainedConfig):
    hidden_size = 32
    num_layers = 2
    vocab_size = 64


class _StandIn(PreTrainedModel):
    config_class = StandInConfig

    def __init__(self, config):
        super().__init__(config)
        size = config.hidden_size
        self.embed, self.head = nn.Embedding(config.vocab_size, size), nn.Linear(size, config.vocab_size, bias=False)
        self.norm = nn.LayerNorm(size)
        self.layers = nn.ModuleList(_Layer(size, 2, index) for index in range(config.num_layers))
        self.calls = []
        self.post_init()

    def _init_weights(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=1.0 if module is getattr(self, "head", None) else 0.3)

    def _scores(self, input_ids, mask, position_ids=None, cache=None):
        self.calls.append(SimpleNamespace(ids=input_ids, mask=mask, position=position_ids))
        position = torch.arange(input_ids.shape[1])[None] if position_ids is None else position_ids
        x = self.embed(input_ids)
        for layer in self.layers:
            x = layer(x, position, mask, cache)
        return SimpleNamespace(logits=self.head(self.norm(x)))


class LLaDAConfig(StandInConfig):
    model_type = "llada"


class LLaDAModelLM(_StandIn):
    """Takes an attention mask and, as its earlier revisions, pays it no heed."""

    config_class = LLaDAConfig

    def forward(self, input_ids, inputs_embeds=None, attention_mask=None, attention_bias=None, past_key_values=None, use_cache=None):
        return self._scores(input_ids, None)


class DreamConfig(StandInConfig):
    model_type = "Dream"


class DreamModel(_StandIn):
    config_class = DreamConfig

    def forward(self, input_ids, attention_mask=None, position_ids=None, past_key_values=None, use_cache=None):
        assert attention_mask == "full" or (attention_mask.dtype == torch.bool and attention_mask.dim() == 4)
        return self._scores(input_ids, None if isinstance(attention_mask, str) else attention_mask, position_ids)


class LLaDA2Config(StandInConfig):
    model_type = "llada2_moe"


class LLaDA2MoeModelLM(_StandIn):
    config_class = LLaDA2Config

    def forward(self, input_ids, attention_mask=None, position_ids=None, past_key_values=None, use_cache=None):
        assert attention_mask.is_floating_point() and attention_mask.dim() == 4
        return self._scores(input_ids, attention_mask, position_ids, past_key_values)


class SDARConfig(StandInConfig):
    model_type = "sdar"


class SDARForCausalLM(_StandIn):
    config_class = SDARConfig

    def forward(self, input_ids, attention_mask=None, position_ids=None, past_key_values=None, use_cache=None, store_kv=False):
        assert store_kv or past_key_values is None, "what is read would not be kept"
        return self._scores(input_ids, attention_mask.bool(), position_ids, past_key_values)
