"""Which denoiser a checkpoint calls for."""

from __future__ import annotations

from pathlib import Path

from structdiff.denoiser import Denoiser
from structdiff.errors import DenoiserError
from structdiff.models.checkpoint import config_of
from structdiff.models.diffusion_gemma import DiffusionGemma
from structdiff.models.masked import Masked


def load(name_or_path: str | Path, trust_remote_code: bool = False) -> Denoiser:
    """Returns the checkpoint of that hub name or folder as the denoiser its config.json calls for.

    Raises:
        DenoiserError: it cannot be loaded.
    """
    try:
        kind = config_of(name_or_path).get("model_type")
    except DenoiserError:
        return DiffusionGemma.from_pretrained(name_or_path)         # whose error says what is wrong
    if kind == "diffusion_gemma":
        return DiffusionGemma.from_pretrained(name_or_path)
    return Masked.from_pretrained(name_or_path, trust_remote_code)
