"""A vLLM plugin: structured outputs for DiffusionGemma, which vLLM itself refuses.

`register` is the entry point of `vllm.general_plugins`, `endpoints` that of `vllm.endpoint_plugins`; `Admission` is for offline use.
Nothing of vLLM is patched: the model is registered in its place, and the routes replace those of the same path, both as vLLM documents.
docs/vllm.md says how to use it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from structdiff.errors import DenoiserError

if TYPE_CHECKING:
    from structdiff.integrations.vllm.admission import Admission

__all__ = ["SUPPORTED", "Admission", "endpoints", "register"]

SUPPORTED = ("0.32",)   # vLLM's model state and sampler are not a stable interface: each release is tried before it is named here
ARCHITECTURE = "DiffusionGemmaForBlockDiffusion"


def register() -> None:
    """Makes vLLM load its DiffusionGemma with structured outputs. vLLM calls this in each of its processes.

    Raises:
        DenoiserError: this version of vLLM is not supported.
    """
    import vllm

    require_supported(vllm.__version__)
    vllm.ModelRegistry.register_model(ARCHITECTURE, f"{__name__}.model:ConstrainedDiffusionGemma")


def endpoints() -> Any:
    """Returns the plugin of vLLM's server that reads `response_format` and `structured_outputs`."""
    from structdiff.integrations.vllm.endpoints import Endpoints

    return Endpoints()


def require_supported(version: str) -> None:
    """Raises DenoiserError when the plugin was not tried with this version of vLLM."""
    if ".".join(version.split(".")[:2]) not in SUPPORTED:
        raise DenoiserError(
            f"structdiff's plugin supports vLLM {' and '.join(SUPPORTED)}, and this is vLLM {version}: install a supported version, "
            "or start vLLM without the plugin by naming in VLLM_PLUGINS only those that you want")


def __getattr__(name: str) -> Any:
    if name == "Admission":                                  # needs vLLM
        from structdiff.integrations.vllm.admission import Admission

        return Admission
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
