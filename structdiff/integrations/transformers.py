"""Constraints for transformers: stock `DiffusionGemmaForBlockDiffusion.generate` commits text that satisfies them.

    processor = ConstraintLogitsProcessor(Invoice, tokenizer, generation_config=model.generation_config)
    output = model.generate(input_ids, logits_processor=LogitsProcessorList([processor]))
    invoice = processor.results(output.sequences)[0].unwrap()

generate gives the model back what the processor returns as what it believed, draws the next canvas from it, and commits
its argmax. So at every step that is the posterior's marginals, with a valid text for their argmax.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from transformers import DiffusionGemmaForBlockDiffusion, LogitsProcessor
from transformers.models.diffusion_gemma.generation_diffusion_gemma import DiffusionGemmaGenerationConfig, EntropyBoundSampler

from structdiff.errors import ConstraintError, DenoiserError
from structdiff.integrations.guided import Guide, GuidedRow, Look, shown, vocab_with
from structdiff.noise import Uniform
from structdiff.policy import Condition, Policy
from structdiff.result import Result
from structdiff.sampler import EntropyBound, Sampler
from structdiff.schedule import Schedule

MAX_NEW_TOKENS = 256        # generate's own default


class ConstraintLogitsProcessor(LogitsProcessor):
    """What `generate` commits satisfies the constraint: the argmax of what this returns does, in each step it may stop at.

    constraint: what `structdiff.generate` takes, for all rows, or a list of these, one a row; None: that row is left alone.
    generation_config: the one `generate` uses, for its end tokens, temperatures and steps. max_new_tokens: as `generate` is
    given, within which text and end token have their place; by default the config's. prompts: what a grounded constraint
    copies from, for all rows or one a row. sampler: its patience says for how many steps in a row the model's likeliest
    tokens stay the same until a canvas is settled. policy: its lookahead is that of the posterior.

    It may be used for any number of calls, one after the other. Give each call a list of its own: generate adds its
    temperature to the list it is handed. Told to stop where it is unsure (a `confidence_threshold` above log(V) / L), or
    given fewer `max_new_tokens`, generate may end with a text that is not whole or breaks a rule: `results` says so.

    Raises:
        ConstraintError: a constraint is at fault, or none of its texts fits the budget; when it is made, or, where
            the number of constraints is not that of the rows, in the first step.
        InvalidResult: in `generate`, where no satisfying text was found.
    """

    def __init__(self, constraint: Any, tokenizer: Any, *, generation_config: DiffusionGemmaGenerationConfig | None = None,
                 max_new_tokens: int | None = None, prompts: str | Sequence[str] = "", sampler: Sampler = EntropyBound(),
                 policy: Policy = Condition(), seed: int = 0):
        given = generation_config or DiffusionGemmaGenerationConfig()
        words = getattr(tokenizer, "tokenizer", tokenizer)
        ends = words.eos_token_id if given.eos_token_id is None else given.eos_token_id
        vocab = vocab_with(words, tuple(ends) if isinstance(ends, (list, tuple)) else (ends,))
        usual = Schedule()
        self.schedule = Schedule(given.max_denoising_steps or usual.steps, given.t_max or usual.hot, given.t_min or usual.cold)
        self.max_new_tokens = max_new_tokens or given.max_new_tokens or MAX_NEW_TOKENS
        self.guide = Guide.of(constraint, vocab, prompts, self.max_new_tokens, self.schedule, sampler, policy, seed)
        self.looks: list[Look | None] = []
        self.rows: list[GuidedRow | None] = []
        self._seen: Tensor | None = None
        self._step, self._prompt = 0, 0

    def __call__(self, input_ids: Tensor, scores: Tensor, cur_step: int) -> Tensor:
        """Returns logits Float32[B, L, V] for scores Float[B, L, V]. cur_step: the steps that remain, this one among them."""
        self._follow(input_ids, int(cur_step), scores)
        temperature = self.schedule.temperature(self._step / self.schedule.steps)
        size = len(self.guide.vocab)
        self.looks = [None if row is None else row.look(logits[:, :size], temperature, self._step == 1)
                      for row, logits in zip(self.rows, scores)]
        return torch.stack([logits.float() if look is None else shown(look, logits, temperature)
                            for look, logits in zip(self.looks, scores)])

    def results(self, sequences: Tensor) -> list[Result]:
        """Returns what became of each row of the last call, judged by its tokens alone. sequences: as generate returns them."""
        return self.guide.results(sequences[:, self._prompt :].tolist(), self.rows)

    def _follow(self, input_ids: Tensor, step: int, scores: Tensor) -> None:
        """Moves to the block that the ids committed so far leave to be written; a call that is not the last one begins anew."""
        if scores.ndim != 3 or scores.shape[2] < len(self.guide.vocab):
            raise DenoiserError(f"scores of shape {tuple(scores.shape)} are not those of canvases over the tokenizer's "
                                f"{len(self.guide.vocab)} tokens")
        length = scores.shape[1]
        if self._is_next_block(input_ids, length):
            for row, tokens in zip(self.rows, input_ids[:, -length:].cpu().numpy()):
                if row is not None:
                    row.take(tokens)
        elif self._seen is None or step >= self._step or not torch.equal(input_ids, self._seen):
            self._prompt = input_ids.shape[1]
            self.rows = self.guide.rows(len(input_ids), length, Uniform(len(self.guide.vocab)))
        self._seen, self._step = input_ids.clone(), step

    def _is_next_block(self, input_ids: Tensor, length: int) -> bool:
        """Whether these ids are the last ones and one more block, and the call that wrote it had reason to go on."""
        seen = self._seen
        if seen is None or input_ids.shape != (len(seen), seen.shape[1] + length):
            return False
        written = input_ids[:, self._prompt :]
        ends = set(self.guide.vocab.end_tokens)
        ended = all(ends & set(tokens if look is None else look.canvas.tolist()) for look, tokens in zip(self.looks, written.tolist()))
        return not ended and written.shape[1] < self.max_new_tokens and torch.equal(input_ids[:, : seen.shape[1]], seen)


class ConstraintSampler(EntropyBoundSampler):
    """Keeps and re-noises as structdiff's own loop does: a joint draw of the posterior, or with the policy `Blame` the model's
    own draw, by the processor's sampler; what breaks a rule goes back to noise. Rows without a constraint are sampled as usual.
    """

    def __init__(self, processor: ConstraintLogitsProcessor, generation_config: DiffusionGemmaGenerationConfig, canvas_length: int,
                 vocab_size: int):
        super().__init__(generation_config.sampler_config, canvas_length, vocab_size, generation_config.max_denoising_steps)
        self.processor = processor

    def accept_canvas(self, current_canvas: Tensor, denoiser_canvas: Tensor, logits: Tensor, cur_step: int) -> Tensor:
        accepted = super().accept_canvas(current_canvas, denoiser_canvas, logits, cur_step)
        steps, left = self.processor.schedule.steps, int(cur_step)
        for i, (row, look) in enumerate(zip(self.processor.rows, self.processor.looks)):
            if row is not None:
                kept = row.keep(look, left / steps, (left - 1) / steps)
                mask, canvas = (torch.as_tensor(part, device=accepted.device) for part in (kept.mask, kept.canvas))
                self.accepted_token_mask[i] = mask
                accepted[i] = torch.where(mask, canvas, current_canvas[i])
        return accepted


@contextmanager
def sampling(model: DiffusionGemmaForBlockDiffusion, processor: ConstraintLogitsProcessor) -> Iterator[None]:
    """Within, `model.generate` uses a `ConstraintSampler` with `processor`, which has to be in its list of logits processors.

    Raises:
        ConstraintError: in `generate`, when it would compile the sampler.
    """
    def prepare(generation_config: DiffusionGemmaGenerationConfig) -> ConstraintSampler:
        if "static" in (generation_config.cache_implementation or "") and not generation_config.disable_compile:
            raise ConstraintError("generate compiles its sampler with a static cache, and this one cannot be; pass disable_compile=True")
        return ConstraintSampler(processor, generation_config, model.config.canvas_length, model.config.text_config.vocab_size)

    model._prepare_sampler = prepare
    try:
        yield
    finally:
        del model._prepare_sampler
