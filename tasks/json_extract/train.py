"""Trains the embedded model: block diffusion with uniform corruption, exactly as its large original.

Each token of a canvas is replaced by a uniform random token with probability t ~ U(0, 1); the loss is the plain
cross-entropy over every canvas position plus the encoder's next-token loss; half the steps are self-conditioned. The
first share of a run trains the encoder alone, which is where finding and copying values is learnt most cheaply.
Resumable: run the same command again and it goes on from the last checkpoint.

    python -m tasks.json_extract train --minutes 120 --checkpoint build/json_extract.pt --out structdiff/models/tiny
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import (
    DiffusionGemmaConfig, DiffusionGemmaForBlockDiffusion, Gemma4VisionConfig, PreTrainedTokenizerFast,
)
from transformers.models.diffusion_gemma.configuration_diffusion_gemma import DiffusionGemmaTextConfig
from transformers.models.diffusion_gemma.generation_diffusion_gemma import (
    DiffusionGemmaGenerationConfig,
    EntropyBoundSamplerConfig,
)

from tasks.json_extract.batches import CANVAS, Batches, Texts, canvases
from tasks.json_extract.network import Network

LAYERS = ("sliding", "sliding", "full", "sliding", "sliding", "full")
GROWN = (2, 4)                      # the layers that a model of four lacks
BEFORE_GROWTH = tuple(kind for i, kind in enumerate(LAYERS) if i not in GROWN)


@dataclass(frozen=True)
class Recipe:
    """What a run depends on; stored in the checkpoint."""

    seed: int = 0
    tokens: int = 3072              # of documents, a step
    reading: float = 0.5            # share of the run in which the encoder is trained alone
    repairs: float = 0.0            # share of texts that are pieces of broken documents, with these as they were
    canvases: int = 6               # noisy blocks of each document: they share one pass of the encoder
    self_conditioned: float = 0.5   # share of steps
    ramped: float = 0.5             # share of canvases whose noise rises from left to right
    muon_rate: float = 0.02
    adam_rate: float = 3e-3
    warmup: float = 0.01            # of the whole run
    decay: float = 0.4              # the last share of the run, down to zero, linearly


def build_model(tokenizer: PreTrainedTokenizerFast, layers: tuple[str, ...] = LAYERS) -> DiffusionGemmaForBlockDiffusion:
    """Returns the tiny DiffusionGemma with random weights."""
    text = DiffusionGemmaTextConfig(
        vocab_size=len(tokenizer), hidden_size=128, intermediate_size=384, num_hidden_layers=len(layers),
        num_attention_heads=4, num_key_value_heads=4, head_dim=32, global_head_dim=32,
        num_experts=2, top_k_experts=2, moe_intermediate_size=32,
        layer_types=[f"{kind}_attention" for kind in layers], sliding_window=2048, max_position_embeddings=8192,
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id, bos_token_id=tokenizer.bos_token_id,
    )
    vision = Gemma4VisionConfig(
        hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, num_key_value_heads=1,
        head_dim=8, position_embedding_size=4,
    )
    model = DiffusionGemmaForBlockDiffusion(DiffusionGemmaConfig(text_config=text, vision_config=vision, canvas_length=CANVAS,
                                                               reviews=True))
    model.generation_config = DiffusionGemmaGenerationConfig(
        max_new_tokens=512, max_denoising_steps=48, sampler_config=EntropyBoundSamplerConfig(entropy_bound=0.1),
        t_min=0.4, t_max=0.8, stability_threshold=1, confidence_threshold=0.005,
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id, bos_token_id=tokenizer.bos_token_id,
    )
    return model


def warm_start(model: DiffusionGemmaForBlockDiffusion, folder: Path) -> None:
    """Gives `model` the weights in `folder`; the layers these lack begin as identities, so the function is the same."""
    weights = DiffusionGemmaForBlockDiffusion.from_pretrained(folder).state_dict()
    grown = GROWN if f"model.decoder.layers.{len(LAYERS) - 1}.input_layernorm.weight" not in weights else ()
    place = [i for i in range(len(LAYERS)) if i not in grown]
    moved = {}
    for name, value in weights.items():
        before, found, after = name.partition(".layers.")
        number, _, part = after.partition(".")
        moved[f"{before}.layers.{place[int(number)]}.{part}" if found and "vision" not in name else name] = value
    model.load_state_dict(moved, strict=not grown)
    for i in grown:
        layer = model.model.decoder.layers[i]
        for norm in (layer.post_attention_layernorm, layer.post_feedforward_layernorm):
            torch.nn.init.zeros_(norm.weight)


@dataclass(frozen=True)
class Losses:
    """In nats a token. canvas: of the decoder, over every position of the noisy canvases; None: it was not run."""

    canvas: Tensor | None
    target: Tensor       # of the encoder, over the clean object and its first end token
    prompt: Tensor       # of the encoder, over the prompt

    def weighed(self) -> Tensor:
        if self.canvas is None:
            return self.target + 0.05 * self.prompt
        return self.canvas + 2 * self.target + 0.03 * self.prompt


def reading_losses(network: Network, texts: Texts) -> Losses:
    hidden, _ = network(texts.tokens, texts.mask())
    return _encoder_losses(network, texts, hidden, None)


def denoising_losses(network: Network, texts: Texts, recipe: Recipe, end: int, generator: torch.Generator) -> Losses:
    """Returns the losses of one batch: each text is read once, and the noisy canvases of its blocks beside it."""
    vocab_size = network.model.config.text_config.vocab_size
    drawn = canvases(texts, recipe.canvases, recipe.ramped, vocab_size, end, generator)
    shown = (texts.tokens, texts.mask(), drawn.noisy, drawn.mask, drawn.positions)
    belief = None
    if torch.rand((), generator=generator) < recipe.self_conditioned:
        with torch.no_grad():
            belief = network.logits(network(*shown)[1])
    hidden, denoised = network(*shown, belief)
    canvas = F.cross_entropy(network.logits(denoised).flatten(0, 1), drawn.clean.flatten())
    return _encoder_losses(network, texts, hidden, canvas)


def _encoder_losses(network: Network, texts: Texts, hidden: Tensor, canvas: Tensor | None) -> Losses:
    object_begin, object_end = texts.prompt, texts.prompt + texts.written + 1
    following = texts.tokens.roll(-1, 1)

    def mean(where: Tensor) -> Tensor:
        return F.cross_entropy(network.logits(hidden[where]), following[where])

    return Losses(canvas, mean(texts.predicted(object_begin, object_end)),
                  mean(texts.predicted(torch.ones_like(object_begin), object_begin)))


class Optimizers:
    """Muon for the matrices inside the layers, AdamW for all else; one schedule for both."""

    def __init__(self, model: torch.nn.Module, recipe: Recipe):
        named = [(name, p) for name, p in model.named_parameters() if "vision" not in name]
        inner = [p for name, p in named if p.ndim == 2 and "embed_tokens" not in name and "lm_head" not in name]
        outer = [p for _, p in named if not any(p is q for q in inner)]
        self.all = [
            torch.optim.Muon(inner, lr=recipe.muon_rate, momentum=0.95, weight_decay=0.01),
            torch.optim.AdamW(outer, lr=recipe.adam_rate, betas=(0.9, 0.98), weight_decay=0.0),
        ]
        self.rates = [recipe.muon_rate, recipe.adam_rate]
        self.recipe = recipe

    def step(self, progress: float) -> None:
        scale = min(1.0, progress / self.recipe.warmup + 1e-3, max(0.0, (1 - progress) / self.recipe.decay))
        for optimizer, rate in zip(self.all, self.rates):
            for group in optimizer.param_groups:
                group["lr"] = rate * scale
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def state(self) -> list[dict]:
        return [optimizer.state_dict() for optimizer in self.all]

    def load(self, states: list[dict]) -> None:
        for optimizer, state in zip(self.all, states):
            optimizer.load_state_dict(state)


def train(tokenizer_path: Path, checkpoint: Path, out: Path, minutes: float, recipe: Recipe, warm: Path | None) -> None:
    """Trains for `minutes` in all, over as many runs as it takes, and leaves the model in `out`.

    warm: a folder whose weights a run without a checkpoint begins from; None: random ones.
    """
    tokenizer = PreTrainedTokenizerFast.from_pretrained(tokenizer_path)
    torch.manual_seed(recipe.seed)
    model = build_model(tokenizer)
    if warm is not None:
        warm_start(model, warm)
    optimizers = Optimizers(model, recipe)
    step, spent = 0, 0.0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizers.load(saved["optimizers"])
        step, spent = saved["step"], saved["spent"]
    batches = iter(Batches(tokenizer, recipe.tokens, recipe.seed * 1_000_003 + step, recipe.repairs))
    generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
    model.train()
    network = Network(model)
    network.compile_layers()
    started, log, mean = time.monotonic(), checkpoint.with_suffix(".log").open("a"), {}
    while (elapsed := spent + (time.monotonic() - started) / 60) < minutes:
        texts = next(batches)
        if elapsed < recipe.reading * minutes:
            loss = reading_losses(network, texts)
        else:
            loss = denoising_losses(network, texts, recipe, tokenizer.eos_token_id, generator)
        loss.weighed().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizers.step(elapsed / minutes)
        for name, value in vars(loss).items():
            if value is not None:
                mean[name] = 0.98 * mean.get(name, value.item()) + 0.02 * value.item()
        step += 1
        if step % 100 == 0:
            log.write(f"{step} {elapsed:.2f} {' '.join(f'{name} {value:.4f}' for name, value in mean.items())}\n")
            log.flush()
        if step % 500 == 0:
            save(checkpoint, model, optimizers, step, spent + (time.monotonic() - started) / 60, recipe)
    save(checkpoint, model, optimizers, step, minutes, recipe)
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)


def save(checkpoint: Path, model, optimizers: Optimizers, step: int, spent: float, recipe: Recipe) -> None:
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    partial = checkpoint.with_suffix(".partial")
    torch.save({"model": model.state_dict(), "optimizers": optimizers.state(), "step": step, "spent": spent,
                "recipe": asdict(recipe)}, partial)
    partial.replace(checkpoint)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tasks.json_extract train", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--tokenizer", type=Path, default=Path("structdiff/models/tiny"))
    parser.add_argument("--checkpoint", type=Path, default=Path("build/json_extract.pt"))
    parser.add_argument("--out", type=Path, default=Path("structdiff/models/tiny"))
    parser.add_argument("--warm", type=Path, default=None, help="begin from the weights in this folder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repairs", type=float, default=0.0, help="share of texts that are broken pieces of documents, to be mended")
    parser.add_argument("--reading", type=float, default=Recipe.reading, help="share of the run in which the encoder is trained alone")
    parser.add_argument("--rates", type=float, default=1.0, help="the learning rates, as a multiple of the recipe's")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    options.checkpoint.parent.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(seed=options.seed, repairs=options.repairs, reading=options.reading,
                    muon_rate=Recipe.muon_rate * options.rates, adam_rate=Recipe.adam_rate * options.rates)
    train(options.tokenizer, options.checkpoint, options.out, options.minutes, recipe, options.warm)


if __name__ == "__main__":
    main()
