"""Is what is labelled VALID valid? Thousands of runs of random-weight models, judged by libraries that are not ours."""

from __future__ import annotations

import argparse
import json
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from jsonschema import Draft202012Validator

from structdiff import (
    Ancestral, Blame, Choice, Condition, Confidence, EntropyBound, JsonSchema, Regex, Remask, Status,
    UnsatisfiableConstraint, generate_batch,
)
from structdiff.api import compiled
from structdiff.denoiser import Denoiser
from structdiff.result import Result
from tasks import random_models

SCALARS: tuple[dict[str, Any], ...] = (
    {"type": "string"}, {"type": "string", "maxLength": 12}, {"type": "string", "minLength": 3, "maxLength": 3},
    {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3,5}$"}, {"type": "string", "pattern": "a.c"},
    {"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}, {"type": "string", "format": "uuid"},
    {"type": "string", "format": "email", "maxLength": 20}, {"type": "string", "format": "ipv4"}, {"type": "boolean"},
    {"type": "null"}, {"type": "integer"}, {"type": "integer", "minimum": -5, "maximum": 5},
    {"type": "integer", "exclusiveMinimum": 99}, {"type": "number"}, {"type": "number", "minimum": 0, "maximum": 1},
    {"type": "number", "exclusiveMinimum": -0.25, "exclusiveMaximum": 0.5}, {"enum": ["red", "green", 3, None, [1, {"a": 2}]]},
    {"const": {"kind": "x", "of": [1, 2.5]}}, {"type": ["string", "null"]}, {"type": ["integer", "string"], "maxLength": 4},
    {},
)
RECURSIVE: tuple[dict[str, Any], ...] = (
    {"$ref": "#/$defs/node", "$defs": {"node": {
        "type": "object", "properties": {"value": {"type": "integer"}, "children": {
            "type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 2}}, "required": ["value"]}}},
    {"type": "object", "properties": {"head": {"type": "string"}, "tail": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
     "required": ["head", "tail"]},
)
PATTERNS = (r"\d{3}-\d{4}", r"(ab|cd)*e?", r"[^\s@]+@[a-z]+\.(com|org)", r"#[0-9a-f]{6}", "(yes|no)(, (yes|no)){2}")
SAMPLERS = (EntropyBound(), EntropyBound(), Confidence(), Ancestral(), Remask())
POLICIES = (Condition(), Condition(), Blame())
PROMPTS = ("Write it.", "Order #12 from Łódź: 3 boxes, paid.", '{"a": "</s>"} <eos> tell me', "x" * 200)
BATCH, BUDGET = 10, 192


def schema(rng: Random, depth: int = 2) -> dict[str, Any]:
    """Returns a random schema of the supported keywords."""
    kind = rng.random()
    if depth == 0 or kind < 0.3:
        return rng.choice(SCALARS)
    if kind < 0.4:
        return rng.choice(RECURSIVE)
    if kind < 0.55:
        low = rng.randrange(3)
        bounds = {"minItems": low, "maxItems": low + rng.randrange(3)} if rng.random() < 0.6 else {}
        return {"type": "array", "items": schema(rng, 0), **bounds}
    if kind < 0.65:
        return {rng.choice(["anyOf", "oneOf"]): rng.sample(SCALARS, rng.randint(1, 3))}
    names = rng.sample(["id", "name", "price", "tags", "é\"x", "note", "at"], rng.randint(1, 4))
    made: dict[str, Any] = {
        "type": "object", "properties": {name: schema(rng, depth - 1) for name in names},
        "required": [name for name in names if rng.random() < 0.6]}
    if rng.random() < 0.3:
        made["additionalProperties"] = rng.choice([False, True, {"type": "integer"}])
    return _local(made)


def _local(made: dict[str, Any]) -> dict[str, Any]:
    """References are to the document's root; a schema that has them stands at the root or not at all."""
    return made if '"$ref"' not in json.dumps(made) else {"type": "array", "items": {"type": "integer"}, "maxItems": 3}


def constraint(rng: Random) -> Any:
    pick = rng.random()
    if pick < 0.1:
        return Regex(rng.choice(PATTERNS))
    if pick < 0.15:
        return Choice(("yes", "no", "it depends", "yes, but"))
    return JsonSchema(schema(rng), grounded=rng.random() < 0.1, compact=rng.random() < 0.3)


def really_valid(wanted: Any, text: str) -> bool:
    """Whether `text` satisfies `wanted` by the word of re, json and jsonschema alone."""
    match wanted:
        case Regex(pattern):
            return re.fullmatch(pattern, text) is not None
        case Choice():
            return text in wanted.options
    kind = Draft202012Validator
    return kind(wanted.schema, format_checker=kind.FORMAT_CHECKER).is_valid(json.loads(text))


@dataclass(frozen=True)
class Report:
    runs: int
    status: dict[str, int]
    invalid_labelled_valid: int
    valid: float                # share; the shortest text of every request fits the budget
    median_forwards: float


def fits(wanted: Any, model: Denoiser, prompt: str) -> bool:
    """Whether some text satisfies `wanted` within the budget; a prompt may hold no span that a grounded pattern needs."""
    try:
        return compiled(wanted, model.vocab, prompt).shortest <= BUDGET
    except UnsatisfiableConstraint:
        return False


def trials(model: Denoiser, runs: int, rng: Random) -> Iterator[tuple[Any, str, Result]]:
    """Yields constraint, prompt and result of `runs` random requests, in batches of different constraints."""
    done = 0
    while done < runs:
        batch = []
        while len(batch) < min(BATCH, runs - done):
            wanted, prompt = constraint(rng), rng.choice(PROMPTS)
            if fits(wanted, model, prompt):
                batch.append((wanted, prompt))
        results = generate_batch(
            [prompt for _, prompt in batch], [wanted for wanted, _ in batch], model=model,
            seed=[rng.randrange(1 << 30) for _ in batch], steps=rng.choice([1, 4, 12]), max_tokens=BUDGET,
            sampler=rng.choice(SAMPLERS), policy=rng.choice(POLICIES))
        yield from ((wanted, prompt, result) for (wanted, prompt), result in zip(batch, results))
        done += len(batch)


def validity(runs: int, seed: int = 0) -> Report:
    """Returns what became of `runs` runs, half of them on each noise kernel; every fourth with a model that reviews what it wrote."""
    rng, statuses, wrong, forwards = Random(seed), Counter(), 0, []
    reviewer = random_models.uniform(seed + 1)
    reviewer.reviews = True
    shares = (random_models.uniform(seed), runs - runs // 2 - runs // 4), (reviewer, runs // 4), (random_models.absorbing(seed), runs // 2)
    for model, share in shares:
        for wanted, _, result in trials(model, share, rng):
            statuses[result.status.name] += 1
            forwards.append(result.forwards)
            wrong += result.status is Status.VALID and not really_valid(wanted, result.text)
    return Report(runs, dict(statuses), wrong, statuses["VALID"] / runs, statistics.median(forwards))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)


def run(options: argparse.Namespace) -> dict[str, Any]:
    return asdict(validity(options.runs, options.seed))


def table(report: dict[str, Any]) -> str:
    return "\n".join(f"{name:24} {value}" for name, value in report.items())
