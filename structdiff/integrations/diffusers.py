"""Constraints for diffusers: schedulers whose pipelines write text that satisfies them, the last canvas too.

    scheduler = ConstraintScheduler(Invoice, tokenizer, gen_length=256)
    pipe = DiffusionGemmaPipeline(model=model, scheduler=scheduler, processor=processor)
    output = pipe(prompt="...", gen_length=256)
    invoice = scheduler.results(output.sequences)[0].unwrap()

`ConstraintScheduler` is for `DiffusionGemmaPipeline`, `ConstraintRefinementScheduler` for `LLaDA2Pipeline`. Give the scheduler the
`gen_length` of the pipeline's call: text and end token have their place within it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from diffusers import BlockRefinementScheduler, EntropyBoundScheduler
from diffusers.schedulers.scheduling_block_refinement import BlockRefinementSchedulerOutput
from diffusers.schedulers.scheduling_entropy_bound import EntropyBoundSchedulerOutput
from torch import Generator, Tensor

from structdiff.integrations.guided import Guide, GuidedRow, Look, shown, vocab_with
from structdiff.noise import Absorbing, Uniform
from structdiff.policy import Condition, Policy
from structdiff.result import Result
from structdiff.sampler import EntropyBound
from structdiff.schedule import Schedule

GEN_LENGTH = 256            # of DiffusionGemmaPipeline, by default
LLADA2_GEN_LENGTH = 2048    # of LLaDA2Pipeline


class ConstraintScheduler(EntropyBoundScheduler):
    """An `EntropyBoundScheduler` of the posterior's marginals, which commits the most probable text that satisfies the constraint.

    constraint: what `structdiff.generate` takes, for all rows, or a list of these, one a row; None: that row is sampled as
    usual. end_tokens: by default the tokenizer's. prompts: what a grounded constraint copies from, for all rows or one a row.
    policy: its lookahead is that of the posterior. patience: for how many steps in a row the model's likeliest tokens stay the
    same until a canvas is settled.

    Raises:
        ConstraintError: a constraint is at fault, or none of its texts fits the budget; when it is made, or, where
            the number of constraints is not that of the rows, in the first step.
        InvalidResult: in a step, where no satisfying text was found.
    """

    def __init__(self, constraint: Any, tokenizer: Any, *, gen_length: int = GEN_LENGTH, end_tokens: Sequence[int] = (),
                 prompts: str | Sequence[str] = "", entropy_bound: float = 0.1, t_max: float = 0.8, t_min: float = 0.4,
                 num_inference_steps: int = 48, patience: float = EntropyBound().patience, policy: Policy = Condition(), seed: int = 0):
        super().__init__(entropy_bound=entropy_bound, t_max=t_max, t_min=t_min, num_inference_steps=num_inference_steps)
        self.guide = _guide(constraint, tokenizer, end_tokens, prompts, gen_length, Schedule(num_inference_steps, t_max, t_min),
                            patience, policy, seed)
        self._rows: list[GuidedRow | None] = []
        self._looks: list[Look | None] = []

    def set_timesteps(self, num_inference_steps: int, device: str | torch.device | None = None) -> None:
        super().set_timesteps(num_inference_steps, device)
        self._rows = []                                  # a pipeline's call begins with this

    def step(self, model_output: Tensor, timestep: int | Tensor, sample: Tensor, *, entropy_bound: float | None = None,
             generator: Generator | None = None, return_dict: bool = True) -> EntropyBoundSchedulerOutput | tuple:
        """As its base's, where a row has no constraint."""
        step = int(timestep)
        if step == 0:
            self._begin(sample)
        temperature = self.config.t_min + (self.config.t_max - self.config.t_min) * (1 - step / self.num_inference_steps)
        last, size = step + 1 == self.num_inference_steps, len(self.guide.vocab)
        looks = [None if row is None else self._look(i, logits[:, :size], sample[i], temperature, last)
                 for i, (row, logits) in enumerate(zip(self._rows, model_output))]
        beliefs = torch.stack([logits.float() if look is None else shown(look, logits, temperature)
                               for look, logits in zip(looks, model_output)])
        stepped = super().step(beliefs, step, sample, entropy_bound=entropy_bound, generator=generator)
        for i, look in enumerate(looks):
            if look is not None and look.settled:
                stepped.prev_sample[i] = torch.as_tensor(look.canvas, device=sample.device)
        self._looks = looks
        return stepped if return_dict else stepped.to_tuple()

    def results(self, sequences: Tensor) -> list[Result]:
        """Returns what became of each row of a pipeline's call, judged by its tokens alone."""
        return self.guide.results(sequences.tolist(), self._rows)

    def _begin(self, sample: Tensor) -> None:
        if not self._rows:
            self._rows = self.guide.rows(len(sample), sample.shape[1], Uniform(len(self.guide.vocab)))
        else:
            for row, look in zip(self._rows, self._looks):
                if row is not None:
                    row.take(look.canvas)
        self._looks = [None] * len(sample)

    def _look(self, i: int, logits: Tensor, sample: Tensor, temperature: float, last: bool) -> Look:
        row, seen = self._rows[i], self._looks[i]
        if seen is not None and not seen.accused and np.array_equal(sample.cpu().numpy(), seen.canvas):
            row.settled = True                           # the pipeline has taken it for finished, and frozen it
        return row.look(logits, temperature, last)


class ConstraintRefinementScheduler(BlockRefinementScheduler):
    """A `BlockRefinementScheduler` whose tokens are of one joint draw of the posterior, or at temperature 0 of its mode.

    Tokens are committed by their posterior probability, and edited where the model's belief in another passes
    `editing_threshold` and a satisfying text has it there. What a checker accuses is masked again. For the rest see `ConstraintScheduler`.
    """

    def __init__(self, constraint: Any, tokenizer: Any, *, gen_length: int = LLADA2_GEN_LENGTH, end_tokens: Sequence[int] = (),
                 prompts: str | Sequence[str] = "", block_length: int = 32, num_inference_steps: int = 32, threshold: float = 0.95,
                 editing_threshold: float | None = None, minimal_topk: int = 1, policy: Policy = Condition(), seed: int = 0):
        super().__init__(block_length=block_length, num_inference_steps=num_inference_steps, threshold=threshold,
                         editing_threshold=editing_threshold, minimal_topk=minimal_topk)
        self.guide = _guide(constraint, tokenizer, end_tokens, prompts, gen_length, Schedule(num_inference_steps, 1.0, 1.0),
                            math.inf, policy, seed)
        self._rows: list[GuidedRow | None] = []
        self._canvases: list[np.ndarray] = []

    def set_timesteps(self, num_inference_steps: int, device: str | torch.device | None = None, block_length: int | None = None) -> None:
        super().set_timesteps(num_inference_steps, device, block_length)
        self._rows = []                                  # a pipeline's call begins with this

    def step(self, model_output: Tensor, timestep: int | Tensor, sample: Tensor, *, mask_token_id: int | None = None,
             temperature: float = 0.0, top_p: float | None = None, top_k: int | None = None, sampling_method: str = "auto",
             threshold: float | None = None, editing_threshold: float | None = None, minimal_topk: int | None = None,
             prompt_mask: Tensor | None = None, generator: Generator | None = None,
             return_dict: bool = True) -> BlockRefinementSchedulerOutput | tuple:
        """As its base's, where a row has no constraint.

        Raises:
            ValueError: top_p or top_k would cut off tokens that the constraint may need; or there is no mask token.
        """
        if top_p is not None or top_k is not None:
            raise ValueError("top_p and top_k cut off tokens that a constraint may need; leave them None")
        if mask_token_id is None:
            raise ValueError("this scheduler is for models with a mask token; for DiffusionGemma use ConstraintScheduler")
        stepped = super().step(model_output, timestep, sample, mask_token_id=mask_token_id, temperature=temperature,
                               sampling_method=sampling_method, threshold=threshold, editing_threshold=editing_threshold,
                               minimal_topk=minimal_topk, prompt_mask=prompt_mask, generator=generator)
        begin, step = 0 if prompt_mask is None else int(prompt_mask.sum()), int(timestep)
        before = sample[:, begin:].cpu().numpy()
        if step == 0:
            self._begin(before, mask_token_id)
        edited = self.config.editing_threshold if editing_threshold is None else editing_threshold
        refinement = Refinement(mask_token_id, self.num_inference_steps - step, 0.0 if sampling_method == "greedy" else temperature,
                                self.config.threshold if threshold is None else threshold, edited or math.inf)
        for i, row in enumerate(self._rows):
            if row is not None:
                self._canvases[i] = refinement.of(row, model_output[i, begin:, : len(self.guide.vocab)], before[i])
                _write(stepped, i, begin, before[i], self._canvases[i], mask_token_id)
        return stepped if return_dict else stepped.to_tuple()

    def results(self, sequences: Tensor) -> list[Result]:
        """Returns what became of each row of a pipeline's call, judged by its tokens alone."""
        return self.guide.results(sequences.tolist(), self._rows)

    def _begin(self, canvases: np.ndarray, mask_token: int) -> None:
        if not self._rows:
            self._rows = self.guide.rows(len(canvases), canvases.shape[1], Absorbing(mask_token))
        else:
            for row, canvas in zip(self._rows, self._canvases):
                if row is not None:                      # the first block may be shorter: it begins within the prompt
                    row.denoiser = replace(row.denoiser, block_length=canvases.shape[1])
                    row.take(canvas)
        self._canvases = list(canvases)


@dataclass(frozen=True)
class Refinement:
    """One step of block refinement. left: steps, this one among them. temperature: 0 takes the mode."""

    mask_token: int
    left: int
    temperature: float
    threshold: float
    editing_threshold: float

    def of(self, row: GuidedRow, logits: Tensor, before: np.ndarray) -> np.ndarray:
        """Returns the canvas Int[L] after the step; what it knows always has a satisfying text about it."""
        masked = before == self.mask_token
        unknown = masked | self._open_to_edits(logits, before)
        row.canvas = np.where(unknown, self.mask_token, before)
        look = row.look(logits, self.temperature or 1.0, last=False)
        if look.settled or not masked.any() and not look.accused:
            return look.canvas
        if not masked.any():
            return before
        if self.left > 1:
            return self._kept(row, look, before, unknown)
        if look.accused:
            row.canvas = np.full(len(before), self.mask_token)
            look = row.look(logits, self.temperature or 1.0, last=True)
        return look.canvas

    def _open_to_edits(self, logits: Tensor, before: np.ndarray) -> np.ndarray:
        """Returns Bool[L]: where the model believes in another token than the one there by more than the threshold."""
        if self.editing_threshold >= 1:
            return np.zeros(len(before), dtype=bool)
        surest = torch.softmax(logits.float() / (self.temperature or 1.0), dim=-1).max(dim=-1)
        return (surest.values > self.editing_threshold).cpu().numpy() & (surest.indices.cpu().numpy() != before)

    def _kept(self, row: GuidedRow, look: Look, before: np.ndarray, unknown: np.ndarray) -> np.ndarray:
        """Returns `before` with the surest of a joint proposal; a proposal's edits are taken together, or it would not hold."""
        canvas, sureness, accused = self._proposal(row, look)
        masked = before == self.mask_token
        sureness = np.where(masked, sureness, -np.inf)
        keep = sureness > self.threshold
        keep[np.argsort(-sureness, kind="stable")[: math.ceil(masked.sum() / self.left)]] = True
        after = np.where(keep | unknown & ~masked, canvas, before)
        after[list(accused)] = self.mask_token
        return after

    def _proposal(self, row: GuidedRow, look: Look) -> tuple[np.ndarray, np.ndarray, dict[int, str]]:
        """Returns a canvas Int[L], the posterior probability Float[L] of each of its tokens, and what is accused in it."""
        proposal, accused = row.proposal, look.accused
        if self.temperature:
            proposal = look.posterior.sample(row.rng)
            accused = row.accuse(look.posterior, proposal)
        sureness = np.ones(len(look.canvas))
        sureness[: look.posterior.length] = [
            look.posterior.ended[i] if ended else look.posterior.marginal(i, token)
            for i, (token, ended) in enumerate(zip(proposal.tokens, proposal.ended))]
        return row.whole(proposal), sureness, accused


def _guide(constraint: Any, tokenizer: Any, end_tokens: Sequence[int], prompts: str | Sequence[str], gen_length: int,
           schedule: Schedule, patience: float, policy: Policy, seed: int) -> Guide:
    words = getattr(tokenizer, "tokenizer", tokenizer)
    vocab = vocab_with(words, tuple(end_tokens) or (words.eos_token_id,))
    return Guide.of(constraint, vocab, prompts, gen_length, schedule, EntropyBound(patience=patience), policy, seed)


def _write(stepped: BlockRefinementSchedulerOutput, row: int, begin: int, before: np.ndarray, after: np.ndarray, mask_token: int) -> None:
    """Puts the canvas of a row, from `begin` on, in the place of what the base scheduler made of it, its probabilities aside."""
    changed, masked = after != before, before == mask_token
    for name, values in (("prev_sample", after), ("sampled_tokens", after), ("transfer_index", changed & masked),
                         ("editing_transfer_index", changed & ~masked)):
        part = getattr(stepped, name)
        part[row, begin:] = torch.as_tensor(values, device=part.device)
