"""Trains the embedded model: block diffusion with uniform corruption, exactly as its large original.

Each token of a canvas is replaced by a uniform random token with probability t ~ U(0, 1); the loss is the plain
cross-entropy over every canvas position plus the encoder's next-token loss; half the steps are self-conditioned.
Resumable: run the same command again and it goes on from the last checkpoint.

    python -m tasks.json_extract train --minutes 120 --checkpoint build/json_extract.pt --out structdiff/models/tiny
"""

from __future__ import annotations

import argparse
import random
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

from structdiff.constraints.json_schema.hint import describe
from tasks.json_extract.data import compact_json, example

CANVAS = 32


@dataclass(frozen=True)
class Recipe:
    """What a run depends on; stored in the checkpoint."""

    seed: int = 0
    documents: int = 8              # per step
    canvases: int = 8               # noisy blocks of each document: they share one pass of the encoder
    self_conditioned: float = 0.5   # share of steps
    ramped: float = 0.5             # share of canvases whose noise rises from left to right
    muon_rate: float = 0.02
    adam_rate: float = 3e-3
    warmup: float = 0.01         # of the whole run
    decay: float = 0.3           # the last share of the run, down to zero, linearly


def build_model(tokenizer: PreTrainedTokenizerFast) -> DiffusionGemmaForBlockDiffusion:
    """Returns the tiny DiffusionGemma with random weights."""
    text = DiffusionGemmaTextConfig(
        vocab_size=len(tokenizer), hidden_size=128, intermediate_size=384, num_hidden_layers=4,
        num_attention_heads=4, num_key_value_heads=4, head_dim=32, global_head_dim=32,
        num_experts=2, top_k_experts=2, moe_intermediate_size=32,
        layer_types=["sliding_attention"] * 3 + ["full_attention"], sliding_window=2048, max_position_embeddings=8192,
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id, bos_token_id=tokenizer.bos_token_id,
    )
    vision = Gemma4VisionConfig(
        hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, num_key_value_heads=1,
        head_dim=8, position_embedding_size=4,
    )
    model = DiffusionGemmaForBlockDiffusion(DiffusionGemmaConfig(text_config=text, vision_config=vision, canvas_length=CANVAS))
    model.generation_config = DiffusionGemmaGenerationConfig(
        max_new_tokens=512, max_denoising_steps=48, sampler_config=EntropyBoundSamplerConfig(entropy_bound=0.1),
        t_min=0.4, t_max=0.8, stability_threshold=1, confidence_threshold=0.005,
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id, bos_token_id=tokenizer.bos_token_id,
    )
    return model


@dataclass(frozen=True)
class Batch:
    prompts: Tensor      # Int[D, P], left-padded
    mask: Tensor         # Bool[D, P]
    targets: Tensor      # Int[D, n * CANVAS]: the object, then end tokens to the end
    lengths: Tensor      # Int[D]: tokens of the object


@dataclass(frozen=True)
class Losses:
    canvas: Tensor       # of the decoder, over every position of the noisy canvases
    target: Tensor       # of the encoder, over the clean object and its first end token
    prompt: Tensor       # of the encoder, over the prompt

    def weighed(self) -> Tensor:
        return self.canvas + 0.1 * self.target + 0.05 * self.prompt


class Batches:
    """An endless stream of training batches, the same for the same seed."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, recipe: Recipe, seed: int):
        self.tokenizer, self.recipe, self.rng = tokenizer, recipe, random.Random(seed)

    def row(self) -> tuple[list[int], list[int]]:
        drawn = example(self.rng, "train")
        prompt = [self.tokenizer.bos_token_id, *self.encode(f"{describe(drawn.schema)}\n{drawn.document}\n")]
        return prompt, self.encode(compact_json(drawn.target))

    def encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False)

    def next(self) -> Batch:
        rows = [self.row() for _ in range(self.recipe.documents)]
        width = max(len(prompt) for prompt, _ in rows)
        room = max(len(target) for _, target in rows) // CANVAS * CANVAS + CANVAS
        pad, end = self.tokenizer.pad_token_id, self.tokenizer.eos_token_id
        prompts = torch.tensor([[pad] * (width - len(prompt)) + prompt for prompt, _ in rows])
        targets = torch.tensor([target + [end] * (room - len(target)) for _, target in rows])
        return Batch(prompts, prompts != pad, targets, torch.tensor([len(target) for _, target in rows]))


def losses(model: DiffusionGemmaForBlockDiffusion, batch: Batch, recipe: Recipe, generator: torch.Generator) -> Losses:
    """Returns the losses of one batch, in nats a token.

    The encoder reads each prompt and its clean object once, as it does when blocks are committed; so its keys and
    values serve every block of the object, each of which sees only what comes before it.
    """
    width, room = batch.prompts.shape[1], batch.targets.shape[1]
    mask = F.pad(batch.mask, (0, room), value=True)
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    encoded = model.model.encoder(
        input_ids=torch.cat([batch.prompts, batch.targets], 1), attention_mask=mask, position_ids=positions)
    hidden = encoded.last_hidden_state
    written = torch.arange(room) <= batch.lengths[:, None]
    target = F.cross_entropy(head(model, hidden[:, width - 1 : -1][written]), batch.targets[written])
    prompt = F.cross_entropy(head(model, hidden[:, : width - 1][batch.mask[:, :-1]]), batch.prompts[:, 1:][batch.mask[:, :-1]])

    blocks = batch.lengths // CANVAS + 1
    block = torch.arange(recipe.canvases) % blocks[:, None]                       # Int[D, K]
    within = block[..., None] * CANVAS + torch.arange(CANVAS)                     # Int[D, K, CANVAS]
    clean = batch.targets.gather(1, within.flatten(1))
    vocab_size = model.config.text_config.vocab_size
    canvas = corrupted(clean.view(-1, CANVAS), recipe.ramped, vocab_size, generator).view_as(clean)
    before = mask[:, None] & (torch.arange(width + room) < width + block[..., None] * CANVAS)
    attended = _canvas_mask(before)
    inputs = dict(
        decoder_input_ids=canvas,
        past_key_values=encoded.past_key_values,
        decoder_attention_mask=dict.fromkeys(("full_attention", "sliding_attention"), attended),
        decoder_position_ids=positions[:, width - 1 : width] + 1 + within.flatten(1),
    )
    belief = None
    if torch.rand((), generator=generator) < recipe.self_conditioned:
        with torch.no_grad():
            belief = head(model, model.model.decoder(**inputs).last_hidden_state)
    denoised = model.model.decoder(**inputs, self_conditioning_logits=belief).last_hidden_state
    return Losses(F.cross_entropy(head(model, denoised).flatten(0, 1), clean.flatten()), target, prompt)


def _canvas_mask(before: Tensor) -> Tensor:
    """Returns Bool[D, 1, K * CANVAS, P + K * CANVAS]: each of a document's K canvases sees itself and what is before it.

    before Bool[D, K, P].
    """
    count = before.shape[1]
    own = torch.eye(count, dtype=torch.bool).repeat_interleave(CANVAS, 0).repeat_interleave(CANVAS, 1)
    own = own.expand(len(before), -1, -1)
    return torch.cat([before.repeat_interleave(CANVAS, 1), own], 2)[:, None]


def corrupted(clean: Tensor, ramped: float, vocab_size: int, generator: torch.Generator) -> Tensor:
    """Returns Int[N, L]: each token replaced by a uniform random one with probability t.

    One t ~ U(0, 1) a row; in a share `ramped` of the rows t rises from left to right around a random place, as it does
    while a block is denoised: what is sure is kept first, and that is mostly on the left.
    """
    count, length = clean.shape
    level = torch.rand(count, 1, generator=generator)
    middle, width = level * (length + 8) - 4, 0.3 + 4 * torch.rand(count, 1, generator=generator)
    ramp = torch.sigmoid((torch.arange(length) - middle) / width)
    level = torch.where(torch.rand(count, 1, generator=generator) < ramped, ramp, level)
    noisy = torch.rand(clean.shape, generator=generator) < level
    return torch.where(noisy, torch.randint(vocab_size, clean.shape, generator=generator), clean)


def head(model: DiffusionGemmaForBlockDiffusion, hidden: Tensor) -> Tensor:
    cap = model.final_logit_softcapping
    return torch.tanh(model.lm_head(hidden).float() / cap) * cap


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
        model.load_state_dict(DiffusionGemmaForBlockDiffusion.from_pretrained(warm).state_dict())
    optimizers = Optimizers(model, recipe)
    step, spent = 0, 0.0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizers.load(saved["optimizers"])
        step, spent = saved["step"], saved["spent"]
    batches = Batches(tokenizer, recipe, recipe.seed * 1_000_003 + step)
    generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
    model.train()
    started, log, mean = time.monotonic(), checkpoint.with_suffix(".log").open("a"), [0.0] * 3
    while (elapsed := spent + (time.monotonic() - started) / 60) < minutes:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = losses(model, batches.next(), recipe, generator)
        loss.weighed().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizers.step(elapsed / minutes)
        now = [loss.canvas.item(), loss.target.item(), loss.prompt.item()]
        mean = [0.98 * m + 0.02 * x if any(mean) else x for m, x in zip(mean, now)]
        step += 1
        if step % 50 == 0:
            log.write(f"{step} {elapsed:.2f} canvas {mean[0]:.4f} target {mean[1]:.4f} prompt {mean[2]:.4f}\n")
            log.flush()
        if step % 250 == 0:
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
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    options.checkpoint.parent.mkdir(parents=True, exist_ok=True)
    train(options.tokenizer, options.checkpoint, options.out, options.minutes,
          Recipe(seed=options.seed), options.warm)


if __name__ == "__main__":
    main()
