"""A DiffusionGemma small enough for vLLM on a CPU, and how to run it."""

import json
import shutil
from pathlib import Path

import structdiff

EMBEDDED = Path(structdiff.__file__).parent / "models" / "tiny"
CANVAS, FORWARDS = 32, 4
MODEL = {"head_dim": 64, "global_head_dim": 64, "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 2,     # vLLM's attention
         "num_key_value_heads": 2, "num_hidden_layers": 2, "layer_types": ["sliding_attention", "full_attention"]}    # takes no smaller heads
ENGINE = {"max_model_len": 256, "max_num_seqs": 4, "max_num_batched_tokens": 256, "dtype": "float32", "enforce_eager": True,
          "limit_mm_per_prompt": {"image": 0, "video": 0}}
PERSON = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 12}, "age": {"type": "integer", "maximum": 150}},
          "required": ["name", "age"], "additionalProperties": False}
COLOURS = {"type": "array", "items": {"enum": ["red", "green", "blue"]}, "minItems": 9, "maxItems": 12}


def save(folder: Path) -> None:
    """Writes a checkpoint of random weights, which prefer no text to another, with the embedded model's tokenizer."""
    import torch
    from transformers import DiffusionGemmaConfig, DiffusionGemmaForBlockDiffusion

    config = json.loads((EMBEDDED / "config.json").read_text())
    config["text_config"] |= MODEL
    torch.manual_seed(0)
    DiffusionGemmaForBlockDiffusion(DiffusionGemmaConfig(**config)).save_pretrained(folder)
    shutil.copy(EMBEDDED / "tokenizer.json", folder)
    copy(folder / "tokenizer_config.json", chat_template="{% for message in messages %}{{ message.content }}{% endfor %}")
    copy(folder / "generation_config.json", max_denoising_steps=FORWARDS)


def copy(file: Path, **changed) -> None:
    file.write_text(json.dumps(json.loads((EMBEDDED / file.name).read_text()) | changed))
