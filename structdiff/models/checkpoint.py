"""A masked model's checkpoint: its config.json read as data, and the class, weights and tokenizer it calls for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import transformers
from torch import cuda, nn
from transformers import CONFIG_MAPPING, AutoTokenizer, PreTrainedConfig, PreTrainedTokenizerBase
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES
from transformers.utils import logging as transformers_logging

from structdiff.errors import DenoiserError

HEADS = ("AutoModelForMaskedLM", "AutoModelForCausalLM", "AutoModel")


def config_of(name_or_path: str | Path) -> dict[str, Any]:
    """Returns config.json; none of the checkpoint's code is run.

    Raises:
        DenoiserError: there is none.
    """
    with _said_as_ours(name_or_path):
        return PreTrainedConfig.get_config_dict(name_or_path)[0]


def masked_model(name_or_path: str | Path, trust_remote_code: bool = False) -> tuple[nn.Module, PreTrainedTokenizerBase]:
    """Returns the model that scores every position, with all its weights, and its tokenizer.

    Raises:
        DenoiserError: it is not there, weights are missing, or it brings code that is not trusted.
    """
    described = config_of(name_or_path)
    brought, kind = described.get("auto_map", {}), described.get("model_type")
    foreign = kind not in CONFIG_MAPPING
    if foreign and not any(head in brought for head in HEADS):
        raise DenoiserError(f"{str(name_or_path)!r} is of a model type, {kind!r}, that the installed transformers lacks; it brings no code")
    if foreign and not trust_remote_code:
        raise DenoiserError(f"{str(name_or_path)!r} brings its own code, which would run on this machine: read it, then "
                            "load it with structdiff.load(..., trust_remote_code=True)")
    offered = brought if foreign else [HEADS[0]] if kind in MODEL_FOR_MASKED_LM_MAPPING_NAMES else HEADS[1:]
    head = next(head for head in HEADS if head in offered)
    with _said_as_ours(name_or_path):
        tokenizer = AutoTokenizer.from_pretrained(name_or_path, trust_remote_code=trust_remote_code)
        model, report = getattr(transformers, head).from_pretrained(
            name_or_path, dtype="auto", trust_remote_code=foreign, output_loading_info=True)
    if report["missing_keys"]:
        raise DenoiserError(f"{str(name_or_path)!r} has no weights for {sorted(report['missing_keys'])[0]}: it was saved without the head "
                            "that predicts tokens, or for another architecture")
    return model.to("cuda" if cuda.is_available() else "cpu"), tokenizer


@contextmanager
def _said_as_ours(name_or_path: str | Path) -> Iterator[None]:
    """Turns what transformers raises into a DenoiserError, and its progress bars off."""
    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    except (OSError, ValueError, ImportError, KeyError) as error:
        raise DenoiserError(f"cannot load a masked model from {str(name_or_path)!r}: {error}") from error
    finally:
        if bars:
            transformers_logging.enable_progress_bar()
