"""Rows inside a denoising loop that is somebody else's: it calls the model and commits blocks, we say what may stand there.

Such a loop commits each position's likeliest token, or the canvas it was last handed, whenever it chooses to stop. So at
every forward there is one text to be had, the most probable valid one, and what is handed back has it for its argmax.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from structdiff.api import as_constraint, compiled
from structdiff.constraint import CompiledConstraint
from structdiff.denoiser import Prompt
from structdiff.errors import ConstraintError, UnsatisfiableConstraint
from structdiff.lift import free
from structdiff.models.tokens import vocab_of
from structdiff.noise import Noise
from structdiff.policy import Condition, Policy
from structdiff.posterior import Posterior, Proposal
from structdiff.result import Result, Status
from structdiff.row import Request, Row, Settings
from structdiff.sampler import EntropyBound, Moment, Sampler
from structdiff.schedule import Schedule
from structdiff.verdict import Verdict, Violation
from structdiff.vocab import Vocab

LEAD = 0.01             # of a logit: how far a token that must be the argmax leads the next


@dataclass(frozen=True)
class Surroundings:
    """What a row asks of a denoiser, where another loop calls the model."""

    vocab: Vocab
    noise: Noise
    block_length: int
    schedule: Schedule


@dataclass(frozen=True)
class Look:
    """What a row makes of one forward.

    canvas Int[L]: what is to be committed should the loop stop here. logits Float[L, V]: the model's, what was refuted taken
    off; posterior: conditioned on the constraint; both None once the canvas is settled. accused: position -> what a checker
    has against it; while there is anything the canvas may not be committed.
    """

    canvas: np.ndarray
    logits: Tensor | None = None
    posterior: Posterior | None = None
    accused: dict[int, str] = field(default_factory=dict)

    @property
    def settled(self) -> bool:
        return self.posterior is None


@dataclass(frozen=True)
class Kept:
    """A canvas Int[L], and which of its tokens, mask Bool[L], to keep; the others are noise."""

    canvas: np.ndarray
    mask: np.ndarray


@dataclass
class GuidedRow(Row):
    """A row that looks at each forward of another loop, and takes what that loop committed."""

    forwards: int = field(default=0, init=False)
    refusals: int = field(default=0, init=False)

    def begin(self) -> None:
        self.refusals = 0
        super().begin()
        if self.done:
            self._fail(self.status)

    def look(self, logits: Tensor, temperature: float, last: bool) -> Look:
        """Returns what to make of a forward's logits Float[L, V]. last: the loop stops here whatever it is told.

        Raises:
            InvalidResult: there is no text that satisfies the constraint, or none was found and this was the last chance.
        """
        if self.done:
            return Look(np.full(len(logits), self.automaton.end_token))
        self.forwards += 1
        if not self.settled:
            return self._looked(logits, temperature, last)
        return Look(self.whole(self.proposal))

    def _looked(self, logits: Tensor, temperature: float, last: bool) -> Look:
        def posterior_of(beliefs: Tensor) -> Posterior:
            return Posterior(beliefs[: self.room], self.automaton, self.state, self.final, temperature, self.settings.policy.lookahead)

        adjusted = self._adjusted(logits)
        posterior = posterior_of(adjusted)
        if not posterior.possible:
            self._fail(Status.INFEASIBLE)
        self.unchanged = self.unchanged + 1 if np.array_equal(posterior.preferred, self.preferred) else 1
        self.preferred = posterior.preferred
        self.proposal, accused = self._settle(posterior, None, (lambda: posterior_of(self._adjusted(logits))) if last else None)
        if last and accused:
            self._fail(Status.UNRESOLVED)
        self.settled = not accused and (last or self.unchanged >= self.settings.sampler.patience)
        canvas = self.whole(self.proposal)
        return Look(canvas) if self.settled else Look(canvas, adjusted, posterior, accused)

    def take(self, tokens: np.ndarray) -> None:
        """Moves the frontier past a committed block Int[L]; what stands behind an end token is not read.

        Raises:
            InvalidResult: the block breaks the constraint: what stood there was changed after we saw it.
        """
        if self.done:
            return
        states = self.automaton.path(tokens[: self.room], self.state)
        if states is None or not self.final[states[-1]]:
            self.verdict = Verdict((Violation("automaton", "the committed block is not the one that was settled"),))
            self._fail(Status.UNRESOLVED)
        self.proposal = Proposal(tokens[: self.room], states)
        self.verdict = self._check(self.proposal)
        self.commit()
        if not self.done:
            self.begin()
        elif self.status is not Status.VALID:
            self._fail(self.status)

    def keep(self, look: Look, level: float, next_level: float) -> Kept:
        """Returns what to put on the canvas, by the row's policy and sampler; what breaks a rule is not kept."""
        if look.settled:
            return Kept(look.canvas, np.ones(len(look.canvas), dtype=bool))

        def free_posterior() -> Posterior:
            return Posterior(look.logits[: self.room], self.unconstrained, 1, np.ones(2, dtype=bool), 1 / look.posterior.scale)

        draft = self.settings.policy.draft(look.posterior, free_posterior, self.rng)
        moment = Moment(level, next_level, self.denoiser.noise.known(self.canvas)[: self.room])
        own = draft.judge is not look.posterior
        accused = draft.broken if own else self.accuse(look.posterior, draft.proposal)
        mask = np.ones(len(look.canvas), dtype=bool)
        mask[: self.room] = self.settings.sampler.accept(draft.judge, draft.proposal, moment, self.rng)
        mask[[*accused, *look.accused]] = False
        return Kept(self.whole(draft.proposal), mask)

    def accuse(self, posterior: Posterior, proposal: Proposal) -> dict[int, str]:
        """Returns position -> rule for what the checkers have against a proposal, which is refuted."""
        return self._accused(self._check(proposal), posterior, proposal)

    def whole(self, proposal: Proposal) -> np.ndarray:
        """Returns Int[L]: the proposal, with end tokens where the budget leaves no room."""
        canvas = np.full(self.denoiser.block_length, self.automaton.end_token)
        canvas[: self.room] = proposal.tokens
        return canvas

    def _accused(self, verdict: Verdict, posterior: Posterior, proposal: Proposal, turn: int = 0) -> dict[int, str]:
        """As a row's, but the parties take turns from step to step too, as the other loop may bring the same canvas again."""
        self.refusals += not verdict.valid
        return super()._accused(verdict, posterior, proposal, self.refusals - 1)

    def _fail(self, status: Status) -> None:
        self.status = status
        self.result().unwrap()


def shown(look: Look, like: Tensor, temperature: float) -> Tensor:
    """Returns logits Float32[L, V] whose argmax is the look's canvas, and whose softmax at `temperature` is the posterior.

    like Float[L, V]: the forward's logits. Everything past the end token is one outcome, the end token. A settled canvas is
    certain. Where a checker accuses, every token is as likely as any other: it goes back to noise, and the entropy,
    log V at that position, keeps a loop that waits for a low mean from stopping.
    """
    beliefs = torch.full_like(like, -torch.inf, dtype=torch.float32)
    canvas = torch.as_tensor(look.canvas, device=like.device)
    if look.posterior is not None:
        length = look.posterior.length
        beliefs[:length, : look.logits.shape[1]] = look.posterior.marginals(look.logits[:length]) * temperature
        beliefs[list(look.accused)] = 0.0
    return _led(beliefs, canvas)


def _led(beliefs: Tensor, canvas: Tensor) -> Tensor:
    """Returns `beliefs`, changed in place, with the canvas's token the likeliest at each position."""
    at = torch.arange(len(canvas), device=canvas.device)
    own = beliefs[at, canvas]
    beliefs[at, canvas] = -torch.inf
    others = beliefs.amax(dim=-1)
    beliefs[at, canvas] = torch.where(others.isneginf(), 0.0, torch.maximum(own, others + LEAD))
    return beliefs


@dataclass(frozen=True)
class Guide:
    """What the rows of a call must satisfy: one constraint each, or one for all; None: nothing. Ready before any forward."""

    constraints: tuple[CompiledConstraint | None, ...]
    vocab: Vocab
    settings: Settings
    seed: int

    @classmethod
    def of(cls, constraint: Any, vocab: Vocab, prompts: str | Sequence[str], budget: int, schedule: Schedule,
           sampler: Sampler = EntropyBound(), policy: Policy = Condition(), seed: int = 0) -> Guide:
        """Returns the guide of a constraint, or of a list of them. budget: tokens of a row, its end token among them.

        Raises:
            ConstraintError: a constraint is at fault, or none of its texts fits the budget.
        """
        wanted = list(constraint) if isinstance(constraint, (list, tuple)) else [constraint]
        texts = [prompts] if isinstance(prompts, str) else list(prompts)
        rows = max(len(wanted), len(texts))
        if {len(wanted), len(texts)} - {1, rows}:
            raise ConstraintError(f"{len(wanted)} constraints and {len(texts)} prompts: give one for all rows, or one a row")
        if budget < 2:
            raise UnsatisfiableConstraint(f"a budget of {budget} tokens has no room for a text and its end token; raise it")
        wanted, texts = (values * (rows // len(values)) for values in (wanted, texts))
        ready = [None if one is None else compiled(one, vocab, text) for one, text in zip(map(as_constraint, wanted), texts)]
        for row, one in enumerate(ready):
            if one is not None and one.shortest > budget - 1:
                raise UnsatisfiableConstraint(f"row {row}: the shortest satisfying text takes {one.shortest} tokens and an end token, "
                                              f"and the budget is {budget}; raise it")
        return cls(tuple(ready), vocab, Settings(sampler, policy, schedule, budget - 1, review=False), seed)

    def rows(self, batch: int, block_length: int, noise: Noise) -> list[GuidedRow | None]:
        """Returns a call's rows, begun; None for a row without a constraint.

        Raises:
            ConstraintError: the batch has not as many rows as there are constraints.
        """
        if len(self.constraints) not in (1, batch):
            raise ConstraintError(f"{len(self.constraints)} constraints for a batch of {batch} rows: give one for all, or one a row")
        around = Surroundings(self.vocab, noise, block_length, self.settings.schedule)
        unconstrained = free(self.vocab)
        rows = [None if one is None else GuidedRow(Request(Prompt(""), one, self.seed + i), around, self.settings, unconstrained)
                for i, one in enumerate(self.constraints * (batch // len(self.constraints)))]
        for row in filter(None, rows):
            row.begin()
        return rows

    def results(self, sequences: Sequence[Sequence[int]], rows: Sequence[GuidedRow | None]) -> list[Result]:
        """Returns what became of each row, judged by its tokens alone. sequences: what was generated, without the prompt."""
        one_each = self.constraints * (len(sequences) // len(self.constraints))
        return [self._result(constraint, list(tokens), row.forwards if row else 0)
                for constraint, tokens, row in zip(one_each, sequences, rows, strict=True)]

    def _result(self, constraint: CompiledConstraint | None, tokens: list[int], forwards: int) -> Result:
        end = next((i for i, token in enumerate(tokens) if token in self.vocab.end_tokens), None)
        spelled = self.vocab.text(tokens)
        text = spelled.decode(errors="replace")
        verdict = Verdict(value=text) if constraint is None else constraint.check(text)
        if text.encode() != spelled:
            verdict = Verdict((Violation("utf-8", "the text is not UTF-8"),))
        whole = verdict.valid and (constraint is not None or end is not None)
        status = Status.VALID if whole else Status.TRUNCATED if end is None else Status.UNRESOLVED
        return Result(status, text, tuple(tokens[:end]), verdict.value if whole else None, verdict.violations, forwards)


@lru_cache(maxsize=4)
def vocab_with(tokenizer: Any, ends: tuple[int, ...]) -> Vocab:
    """Returns the tokenizer's vocabulary with these end tokens, the same for the same: what is compiled is cached by it."""
    return vocab_of(tokenizer, len(tokenizer), ends)
