"""One request while it is denoised: its canvas, its frontier, its random stream, and what it may still spend.

A row sees beliefs and gives back the next canvas; it knows nothing of other rows, so its result does not depend on them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from structdiff.automaton import END, Automaton
from structdiff.constraint import CompiledConstraint
from structdiff.denoiser import Denoiser, Prompt
from structdiff.errors import UnsatisfiableConstraint, UnspellableConstraint
from structdiff.machine import closed, forced, run
from structdiff.policy import Condition, Policy
from structdiff.posterior import Posterior, Proposal
from structdiff.result import Result, Status, Step
from structdiff.rng import Rng
from structdiff.sampler import EntropyBound, Moment, Sampler
from structdiff.schedule import Schedule
from structdiff.verdict import Verdict, Violation

NO_GOOD = 16.0          # nats a refuted token loses at its position, each time
LEAST = -1e4            # as a logit: what is impossible, where the model is told of it
FORCED = 8              # bytes a token that are looked ahead for text that has no choice
REVIEW = "review: read again from the left, the model would have another token here"
ENDGAME = 32            # further turns at the last level, when checkers refuse the mode: no forward, only the posterior


@dataclass(frozen=True)
class Settings:
    """How to denoise. schedule None: the denoiser's own. condition_belief: tell the model that it believed the posterior, not what it
    said itself. review: let the denoiser review what it wrote, where it does that (`Row.review`)."""

    sampler: Sampler = EntropyBound()
    policy: Policy = Condition()
    schedule: Schedule | None = None
    max_tokens: int = 1024
    condition_belief: bool = True
    review: bool = True

    def __post_init__(self) -> None:
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, got {self.max_tokens}")


@dataclass(frozen=True)
class Request:
    """One row: a prompt, what the text must satisfy (None: nothing), and the seed of its random stream."""

    prompt: Prompt
    constraint: CompiledConstraint | None
    seed: int = 0


@dataclass
class Row:
    """The state of one request while it is denoised."""

    request: Request
    denoiser: Denoiser
    settings: Settings
    unconstrained: Automaton
    rng: Rng = field(init=False)
    canvas: np.ndarray = field(init=False)
    belief: Tensor | None = None
    settled: bool = False
    done: bool = False
    status: Status | None = None
    verdict: Verdict = Verdict()
    tokens: list[int] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    block: int = -1
    turn: int = 0
    check_seconds: float = 0.0
    started: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        self.rng = Rng(self.request.seed)
        self.frontier: int | None = self.request.constraint.start if self.request.constraint else 1
        self.schedule = self.settings.schedule or self.denoiser.schedule
        self.levels = (*self.schedule.levels(), 0.0)
        constraint, patience = self.request.constraint, self.settings.sampler.patience
        self.under_review = (constraint is not None and not constraint.plan.framed and math.isfinite(patience)
                         and self.settings.review and self.denoiser.reviews)
        self.patience = 1 if self.under_review else patience     # a draft that will be read need not be sure of itself

    @property
    def level(self) -> float:
        """The noise level of the canvas that the next forward is for."""
        return self.levels[self.turn]

    # --- a block ---------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Starts a block: a canvas of pure noise, and the automaton seen from the frontier."""
        self.block, self.turn = self.block + 1, 0
        constraint = self.request.constraint
        try:
            self.automaton = self.unconstrained if constraint is None else constraint.automaton(self.frontier)
        except (UnsatisfiableConstraint, UnspellableConstraint):     # a way on that turned out to be none
            self.settled = self.done = True
            self.status = Status.INFEASIBLE
            return
        self.room = min(self.denoiser.block_length, self.settings.max_tokens - len(self.tokens))
        self.final = self.automaton.exits(self.settings.max_tokens - len(self.tokens) - self.room)
        self.state = self.automaton.state(self.frontier)
        self.canvas = self.denoiser.noise.draw(self.denoiser.block_length, self.rng)
        self.refuted: dict[tuple[int, int], float] = {}
        self.belief, self.settled, self.proposal = None, False, None
        self.preferred, self.unchanged = None, 0
        self.given, self.approved, self.readings = np.zeros(0, dtype=np.int64), not self.under_review, 0
        if constraint is not None:
            self._take_what_is_forced(constraint)
            self.approved |= self.settled

    def _take_what_is_forced(self, constraint: CompiledConstraint) -> None:
        """Settles the block without a forward when there is one text that it can hold, spelled in longest tokens.

        What all texts go on with must be longer than the block, so that its last token is not one that a choice would part.
        """
        machine = constraint.plan.machine
        text = forced(machine, self.frontier, FORCED * (self.room + 1))
        tokens = self.denoiser.vocab.spell(text, self.room + 1)[: self.room + 1]
        if len(tokens) <= self.room:
            return
        states, at = [self.state], self.frontier
        for token in tokens[:-1]:
            at = run(machine, self.denoiser.vocab.tokens[token], at)
            states.append(self.automaton.state(at))
        if None not in states and self.final[states[-1]]:
            self.proposal = Proposal(np.array(tokens[:-1]), np.array(states))
            self.canvas[: self.room] = tokens[:-1]
            self.settled = True

    def advance(self, logits: Tensor) -> Step:
        """Takes one forward's logits Float[L, V] to the next canvas.

        It settles when all is kept, or the model has ceased to change its mind, and nothing is accused.
        """
        level, next_level = self.levels[self.turn : self.turn + 2]
        temperature = self.schedule.temperature(level)
        self.turn += 1

        def posterior_now() -> Posterior:
            return Posterior(self._adjusted(logits)[: self.room], self.automaton, self.state, self.final, temperature,
                             self.settings.policy.lookahead)

        posterior = posterior_now()
        if not posterior.possible:
            return self._give_up(level)
        draft = self.settings.policy.draft(
            posterior, lambda: Posterior(self._adjusted(logits)[: self.room], self.unconstrained, 1,
                                         np.ones(2, dtype=bool), temperature), self.rng)
        own = draft.judge is not posterior           # the model's own draw, which may be invalid as it stands
        self.unchanged = self.unchanged + 1 if np.array_equal(posterior.preferred, self.preferred) else 1
        self.preferred = posterior.preferred
        settles = next_level == 0 or self.unchanged >= self.patience
        if not settles:
            known = self.denoiser.noise.known(self.canvas)[: self.room]
            keep = self.settings.sampler.accept(draft.judge, draft.proposal, Moment(level, next_level, known), self.rng)
            keep &= ~_at(draft.broken if own else {}, self.room)
        if settles or keep.all():
            proposal, accused = self._settle(
                posterior, None if own else lambda: draft.proposal, posterior_now if next_level == 0 else None)
            keep = ~_at(accused, self.room)
            self.settled = next_level == 0 or not accused
        else:
            proposal = draft.proposal
            accused = {} if own and draft.broken else self._accused(self._check(proposal), posterior, proposal)
            keep &= ~_at(accused, self.room)
        self._renoise(proposal, keep)
        self.belief = None if self.settled else self._feedback(self._adjusted(logits), posterior)
        return self._record(level, proposal, keep, draft.judge.entropy, {**draft.broken, **accused}, posterior.pinned)

    def _settle(self, posterior: Posterior, draw: Callable[[], Proposal] | None, again: Callable[[], Posterior] | None,
                ) -> tuple[Proposal, dict[int, str]]:
        """Returns what to commit, and what is accused in it.

        It is the joint mode if the checkers take it, else the draw. At the last level (`again`: the posterior with what
        has been refuted since) each refusal refutes a token and the next mode, or draw, has its turn.
        """
        for propose in (posterior.mode,) if draw is None else (posterior.mode, draw):
            candidate = propose()
            self.verdict = self._check(candidate)
            if self.verdict.valid:
                return candidate, {}
        accused = self._accused(self.verdict, posterior, candidate)
        for turn in range(ENDGAME if again else 0):
            posterior = again()
            if not posterior.possible:
                break
            candidate = posterior.sample(self.rng) if turn % 2 else posterior.mode()
            self.verdict = self._check(candidate)
            if self.verdict.valid:
                return candidate, {}
            accused = self._accused(self.verdict, posterior, candidate, turn + 1)
        return candidate, accused

    @property
    def reviewable(self) -> bool:
        """Whether the block has settled and is to be reviewed."""
        return self.settled and not self.done and not self.approved and self.verdict.valid

    def review(self, reading: Tensor) -> Step | None:
        """Approves the settled block, or takes it up again from the first token that its reader would have otherwise.

        reading Float[L, V]: what the denoiser's encoder, which reads from left to right, expects at each position after what stands
        before it. The token it likes best of those that may stand there is given from then on, with all before it, so the block ends as
        the encoder alone would have written it, in as many reviews as the denoiser's drafts were wrong: speculative decoding (arXiv
        2211.17192), greedy, of a model by itself. Returns what became of the canvas; None when a block that others follow is approved,
        for its reading is what these need in any case.
        """
        self.readings += 1
        entropy = np.array(self.steps[-1].entropy)
        posterior = Posterior(self._adjusted(reading)[: self.room], self.automaton, self.state, self.final)
        regret = posterior.regret(self.proposal) if posterior.possible else None
        self.approved = regret is None or self.readings > self.room
        if self.approved:
            whole = np.ones(self.room, dtype=bool)
            return self._record(0.0, self.proposal, whole, entropy, {}, ~whole) if self.proposal.states[-1] == END else None
        place, token = regret
        drafted, kept = self.proposal, np.arange(self.room) < place
        self.given = np.append(drafted.tokens[:place], token)
        self._renoise(drafted, kept)
        self.canvas[place] = token
        self.belief, self.preferred, self.settled, self.turn, self.unchanged = None, None, False, 0, 0
        return self._record(0.0, drafted, kept, entropy, {place: REVIEW}, np.zeros(self.room, dtype=bool))

    def commit(self) -> None:
        """Adds the settled block to the text and moves the frontier."""
        if self.done:
            return
        states = self.proposal.states
        self.tokens.extend(self.proposal.tokens[states[1:] != END].tolist())
        self.frontier = None if states[-1] == END else int(self.automaton.machine_states[states[-1]])
        if self.frontier is None or len(self.tokens) >= self.settings.max_tokens:
            self.done = True
            self.status = Status.VALID if self.verdict.valid else Status.UNRESOLVED
            if self.request.constraint is None and self.frontier is not None:
                self.status = Status.TRUNCATED

    # --- parts of a step -------------------------------------------------------------------------------------------

    def _adjusted(self, logits: Tensor) -> Tensor:
        """Returns the logits with no-goods taken off, and what is given, or known on an absorbing canvas, made certain."""
        canvas = np.concatenate([self.given, self.canvas[len(self.given) :]])
        known = self.denoiser.noise.known(canvas)
        known[: len(self.given)] = True
        if not self.refuted and not known.any():
            return logits
        logits = logits.clone()
        rows = torch.as_tensor(np.flatnonzero(known))
        held = torch.as_tensor(canvas[known])
        logits[rows] = -torch.inf
        logits[rows, held] = 0.0
        for (position, token), nats in self.refuted.items():
            logits[position, token] -= nats
        return logits

    def _check(self, proposal: Proposal) -> Verdict:
        """Returns the checkers' verdict on the text so far with `proposal`; while it is not whole, that of the early ones."""
        constraint = self.request.constraint
        whole = constraint is not None and self._is_whole(proposal.states[-1])
        if constraint is None or not (whole or constraint.plan.early):
            return Verdict()
        spelled = self.denoiser.vocab.text([*self.tokens, *proposal.tokens])
        started = time.perf_counter()
        try:
            return constraint.check(spelled.decode()) if whole else constraint.check_begin(spelled.decode(errors="ignore"))
        except UnicodeDecodeError as error:
            return Verdict((Violation("utf-8", f"the text is not UTF-8 at byte {error.start}"),))
        finally:
            self.check_seconds += time.perf_counter() - started

    def _is_whole(self, state: int) -> bool:
        """Whether a text that ends in a state is all there will be: what the next block would be too late to mend."""
        if state == END or not self.automaton.accepting[state]:
            return state == END
        full = len(self.tokens) + self.room >= self.settings.max_tokens
        return full or closed(self.request.constraint.plan.machine, int(self.automaton.machine_states[state]))

    def _accused(self, verdict: Verdict, posterior: Posterior, proposal: Proposal, turn: int = 0) -> dict[int, str]:
        """Returns position -> rule for the least sure party to each violation, and refutes its least sure token.

        In further turns at the same beliefs the other parties are accused, the less sure first. Where no party is on the canvas, all
        being in blocks that are committed, the text's end is: what goes on may still mend it.
        """
        accused: dict[int, str] = {}
        for violation in verdict.violations:
            parties = self._parties(violation, posterior, proposal)
            positions = parties[turn % len(parties)] if parties else [_last(proposal)]
            accused |= dict.fromkeys(positions, f"{violation.rule}: {violation.message}")
            weakest = max(positions, key=lambda i: (posterior.entropy[i], -i))
            key = (weakest, int(proposal.tokens[weakest]))
            self.refuted[key] = self.refuted.get(key, 0.0) + NO_GOOD
            self.given = self.given[: min(positions)]
        return accused

    def _parties(self, violation: Violation, posterior: Posterior, proposal: Proposal) -> list[list[int]]:
        """Returns the positions of each party to a violation that is on the canvas, the least sure party first."""
        lengths = [len(self.denoiser.vocab.tokens[token] or b"") for token in [*self.tokens, *proposal.tokens]]
        stops = np.cumsum(lengths)[len(self.tokens) :]
        starts = stops - lengths[len(self.tokens) :]
        text = ~proposal.ended & (stops > starts)
        spans = violation.spans or ((0, int(stops[-1])),)
        parties = [np.flatnonzero(text & (starts < end) & (stops > begin)).tolist() for begin, end in spans]
        return sorted(filter(None, parties), key=lambda party: -posterior.entropy[party].mean())

    def _renoise(self, proposal: Proposal, keep: np.ndarray) -> None:
        noise = self.denoiser.noise.draw(self.denoiser.block_length, self.rng)
        canvas = np.full(self.denoiser.block_length, self.automaton.end_token)
        canvas[: self.room] = np.where(keep, proposal.tokens, noise[: self.room])
        self.canvas, self.proposal = canvas, proposal

    def _feedback(self, logits: Tensor, posterior: Posterior) -> Tensor:
        """Returns what the model is told it believed: logits Float[L, V], not tempered."""
        if not self.settings.condition_belief or self.request.constraint is None:
            return logits
        belief = logits.clone()
        marginals = posterior.marginals(logits[: self.room]) / posterior.scale
        belief[: self.room] = marginals.clamp(min=LEAST)         # the model makes NaN of -inf
        return belief

    def _give_up(self, level: float) -> Step:
        self.settled = self.done = True
        self.status = Status.INFEASIBLE
        empty = np.zeros(self.room, dtype=bool)
        tokens = np.full(self.room, self.automaton.end_token)
        return self._record(level, Proposal(tokens, np.zeros(self.room + 1, dtype=int)), empty, empty * 0.0, {}, empty)

    def _record(self, level: float, proposal: Proposal, keep: np.ndarray, entropy: np.ndarray,
                broken: dict[int, str], pinned: np.ndarray) -> Step:
        step = Step(self.block, level, tuple(proposal.tokens.tolist()), tuple(keep.tolist()),
                    tuple(np.round(entropy, 4).tolist()), broken, tuple(pinned.tolist()))
        self.steps.append(step)
        return step

    def result(self) -> Result:
        text = self.denoiser.vocab.text(self.tokens).decode(errors="replace")
        value = None
        if self.status is Status.VALID:
            value = text if self.request.constraint is None else self.verdict.value
        return Result(self.status, text, tuple(self.tokens), value, self.verdict.violations, len(self.steps),
                      time.perf_counter() - self.started, tuple(self.steps), self.check_seconds)


def _last(proposal: Proposal) -> int:
    """Returns the position of the end token, or the last one."""
    return int(np.argmax(proposal.ended)) - 1 if proposal.ended.any() else len(proposal.tokens) - 1


def _at(positions: dict[int, str], length: int) -> np.ndarray:
    mask = np.zeros(length, dtype=bool)
    mask[list(positions)] = True
    return mask
