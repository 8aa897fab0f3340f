"""Low-rank adapters on a checkpoint's linear layers, through PEFT (which is an extra: pip install 'structdiff[train]')."""

from __future__ import annotations

from structdiff.models.diffusion_gemma import DiffusionGemma

ADAPTED = r".*(encoder\.language_model|decoder)\.layers\.\d+\..*(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"


def adapt(denoiser: DiffusionGemma, rank: int) -> None:
    """Puts adapters of this rank into the model; only they are trained from here on, and only they are saved.

    Encoder and decoder share their weights, not their adapters: PEFT knows modules, not the tensors in them.
    """
    from peft import LoraConfig

    denoiser.model.add_adapter(LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=ADAPTED,
                                          base_model_name_or_path=denoiser.model.name_or_path))
