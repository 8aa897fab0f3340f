"""A stand-in for a LLaDA2 checkpoint: random weights behind remote code that is called as LLaDA2's is."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from tasks import random_models

CODE = '''
import torch
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput


class StandInConfig(PretrainedConfig):
    model_type = "llada2_stand_in"

    def __init__(self, vocab_size=64, hidden_size=32, **rest):
        self.vocab_size, self.hidden_size = vocab_size, hidden_size
        super().__init__(**rest)


class StandInModel(PreTrainedModel):
    config_class = StandInConfig

    def __init__(self, config):
        super().__init__(config)
        self.words = nn.Embedding(config.vocab_size, config.hidden_size)
        self.places = nn.Embedding(1024, config.hidden_size)
        self.block = nn.TransformerEncoderLayer(config.hidden_size, 2, 64, dropout=0.0, batch_first=True)
        self.head = nn.Linear(config.hidden_size, config.vocab_size)
        self.post_init()

    def forward(self, input_ids, attention_mask=None, position_ids=None):
        hidden = self.words(input_ids) + self.places(position_ids)
        padding = torch.zeros(attention_mask.shape).masked_fill(attention_mask == 0, -1e4)
        return CausalLMOutput(logits=8 * self.head(self.block(hidden, src_key_padding_mask=padding)))
'''


def llada2(folder: Path):
    """Returns model and tokenizer of a checkpoint made in `folder`, loaded as a hub's is, its code with it."""
    words = random_models.tokenizer(mask=True)
    words.save_pretrained(folder)
    (folder / "stand_in.py").write_text(CODE)
    (folder / "config.json").write_text(json.dumps({
        "model_type": "llada2_stand_in", "vocab_size": len(words), "architectures": ["StandInModel"],
        "auto_map": {"AutoConfig": "stand_in.StandInConfig", "AutoModelForCausalLM": "stand_in.StandInModel"}}))
    torch.manual_seed(0)
    config = AutoConfig.from_pretrained(folder, trust_remote_code=True)
    AutoModelForCausalLM.from_config(config, trust_remote_code=True).save_pretrained(folder)
    return AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True).eval(), words
