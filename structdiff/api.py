"""What a user calls: load a model, generate under a constraint, explain a schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from structdiff import engine
from structdiff.constraint import CompiledConstraint, Constraint, compile
from structdiff.constraints.json_schema import CANONICAL, JsonSchema
from structdiff.constraints.pydantic_model import Validated, schema_of
from structdiff.denoiser import Denoiser, Prompt
from structdiff.errors import ConstraintError
from structdiff.policy import Condition, Policy
from structdiff.puzzle.puzzle import Puzzle
from structdiff.result import Result, Step
from structdiff.sampler import EntropyBound, Sampler
from structdiff.schedule import Schedule
from structdiff.verdict import Verdict
from structdiff.vocab import Vocab

MAX_TOKENS = 1024


def load(name_or_path: str | Path | None = None, *, trust_remote_code: bool = False) -> Denoiser:
    """Returns a denoiser: the embedded model, or the checkpoint of that hub name or folder, by what its config.json says it is.

    trust_remote_code: run the code that the checkpoint brings, where its architecture needs that (LLaDA, Dream, SDAR).

    Raises:
        DenoiserError: it cannot be loaded.
    """
    if not name_or_path:
        return _embedded()
    from structdiff.models import adapter

    return adapter.load(name_or_path, trust_remote_code)


@lru_cache(maxsize=1)
def _embedded() -> Denoiser:
    from structdiff.models.diffusion_gemma import DiffusionGemma

    return DiffusionGemma.from_pretrained()


def generate(prompt: str, constraint: Any = None, *, model: Denoiser | str | Path | None = None, seed: int = 0,
             steps: int | None = None, max_tokens: int = MAX_TOKENS, sampler: Sampler = EntropyBound(),
             policy: Policy = Condition(), review: bool = True, on_step: Callable[[int, Step], None] | None = None) -> Result:
    """Returns a text for `prompt` that satisfies `constraint`, or a status that says why there is none.

    constraint: a Pydantic class or any type Pydantic validates, a schema dict, or a constraint value
    (`JsonSchema`, `Regex`, `Choice`, `a & b`); None for free text. steps: forwards a draft of a block at most. review: a model that
    reviews what it wrote does so; without, results vary more with the seed.

    Raises:
        ConstraintError: the prompt is empty, or the constraint is at fault; before any forward pass.
        DenoiserError: the model cannot be loaded or fails.
    """
    return generate_batch([prompt], [constraint], model=model, seed=seed, steps=steps, max_tokens=max_tokens,
                          sampler=sampler, policy=policy, review=review, on_step=on_step)[0]


def generate_batch(prompts: Sequence[str], constraints: Sequence[Any], *, model: Denoiser | str | Path | None = None,
                   seed: int | Sequence[int] = 0, steps: int | None = None, max_tokens: int = MAX_TOKENS,
                   sampler: Sampler = EntropyBound(), policy: Policy = Condition(), review: bool = True,
                   on_step: Callable[[int, Step], None] | None = None) -> list[Result]:
    """Returns one result a prompt, generated as one batch; each is what `generate` would return for it alone.

    seed: one for all rows, or one a row. Raises as `generate` does.
    """
    if len(prompts) != len(constraints):
        raise ConstraintError(f"{len(prompts)} prompts need as many constraints, not {len(constraints)}")
    if steps is not None and steps < 1:
        raise ConstraintError(f"steps must be at least 1, got {steps}")
    if max_tokens < 1:
        raise ConstraintError(f"max_tokens must be at least 1, got {max_tokens}")
    seeds = [seed] * len(prompts) if isinstance(seed, int) else list(seed)
    for prompt in prompts:
        if not prompt.strip():
            raise ConstraintError("the prompt is empty; say what to write, or give the text to read")
    wanted = [as_constraint(constraint) for constraint in constraints]
    denoiser = model if model is not None and not isinstance(model, (str, Path)) else load(model)
    ready = [compiled(constraint, denoiser.vocab, prompt) if constraint else None
             for prompt, constraint in zip(prompts, wanted)]
    requests = [
        engine.Request(Prompt(prompt, constraint.hint() if constraint else ""), made, row_seed)
        for prompt, constraint, made, row_seed in zip(prompts, wanted, ready, seeds)
    ]
    own = denoiser.schedule
    schedule = own if steps is None else Schedule(steps, own.hot, own.cold)
    return engine.generate(denoiser, requests, engine.Settings(sampler, policy, schedule, max_tokens, review=review), on_step)


def as_constraint(wanted: Any) -> Constraint | None:
    """Returns the constraint a user means by a class, a schema dict or a constraint value.

    Raises:
        ConstraintError: it means none.
    """
    if wanted is None or isinstance(wanted, Constraint) and not isinstance(wanted, type):
        return wanted
    if isinstance(wanted, (dict, bool)):
        return JsonSchema(wanted)
    if isinstance(wanted, Puzzle):
        from structdiff.constraints.puzzle import Board

        return Board(wanted)
    return JsonSchema(schema_of(wanted)) & Validated(wanted)


_compiled: dict[Any, CompiledConstraint] = {}
CACHED = 64


def compiled(constraint: Constraint, vocab: Vocab, prompt: str = "") -> CompiledConstraint:
    """Returns `constraint` compiled for `vocab`; equal constraints are compiled once while they are in use."""
    key = (constraint.key(prompt), id(vocab))
    found = _compiled.pop(key, None)
    if found is None or found.vocab is not vocab:
        found = compile(constraint, vocab, prompt)
    _compiled[key] = found
    while len(_compiled) > CACHED:
        _compiled.pop(next(iter(_compiled)))
    return found


def check(text: str, constraint: Any, prompt: str = "") -> Verdict:
    """Returns whether `text` satisfies `constraint`; if not, where, which rule, and who found it.

    Any spelling of the same JSON value is judged alike. prompt: what a grounded constraint copies from.

    Raises:
        ConstraintError: the constraint is at fault.
    """
    wanted = as_constraint(constraint)
    return Verdict(value=text) if wanted is None else wanted.plan(prompt).check(text)


@dataclass(frozen=True)
class Explanation:
    """What enforces a schema. Each entry reads `pointer: rule`; shortest is in tokens, None where parts are refused.

    checkers: over-approximated by the automaton, decided by a checker. ignored: keywords that assert nothing.
    """

    automaton: tuple[str, ...]
    checkers: tuple[str, ...]
    refused: tuple[str, ...]
    ignored: tuple[str, ...]
    shortest: int | None
    canonical: tuple[str, ...] = CANONICAL


def explain(schema: dict[str, Any] | bool, vocab: Vocab) -> Explanation:
    """Returns what the automaton enforces, what checkers do, what is refused, and the shortest completion.

    Raises:
        ConstraintError: the schema is malformed, or nothing satisfies it.
    """
    constraint = JsonSchema(schema)
    report = constraint.report()
    shortest = None if report.refused else compiled(constraint, vocab).shortest
    return Explanation(report.automaton, report.checkers, report.refused, report.ignored, shortest)
