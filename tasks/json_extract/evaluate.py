"""How well the embedded model reads documents into objects, by decoding method, on domains it was never trained on.

Per-field exact match: the share of a schema's fields whose value equals the document's. A text that does not parse
scores nothing.

    grounded      the posterior, as the engine's defaults have it; string values restricted to spans of the document
    unreviewed    the same, and what the denoiser wrote is committed without the encoder's review
    ungrounded    the posterior alone, reviewed
    unconstrained the model alone; its text is parsed with json.loads
    masked        the naive baseline: each position restricted to tokens possible there, without the joint
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import time
from dataclasses import asdict, dataclass
from typing import Any

from jsonschema import Draft202012Validator

from structdiff import Condition, EntropyBound, JsonSchema, generate_batch, load
from structdiff.denoiser import Denoiser
from structdiff.result import Result
from tasks.json_extract.data import Example, example
from tasks.json_extract.masked import PositionMasked

BATCH = 16
BUDGET = 320            # tokens; the longest objects take about 200


@dataclass(frozen=True)
class Score:
    method: str
    documents: int
    fields: int
    exact: float            # per-field exact match
    objects: float          # share of documents with every field right
    valid: float            # share that parses and satisfies the schema
    forwards: float         # mean per document
    seconds: float          # mean per document, in batches
    by_kind: dict[str, float]


METHODS = ("grounded", "unreviewed", "ungrounded", "unconstrained", "masked")
STOCK = EntropyBound(0.1, patience=math.inf)      # DiffusionGemma's own rule, for the methods that do not condition


def examples(split: str, count: int, seed: int) -> list[Example]:
    rng = random.Random(seed)
    return [example(rng, split) for _ in range(count)]


def score(model: Denoiser, method: str, drawn: list[Example], **options: Any) -> Score:
    """Returns how `method` does on `drawn`."""
    started = time.perf_counter()
    results: list[Result] = []
    for begin in range(0, len(drawn), BATCH):
        results += run(model, method, drawn[begin : begin + BATCH], begin, options)
    seconds = (time.perf_counter() - started) / len(drawn)
    values = [value_of(result.text) for result in results]
    marks = [(kind_of(want), same(value, key, want))
             for one, value in zip(drawn, values) for key, want in one.target.items()]
    return Score(
        method, len(drawn), len(marks),
        exact=statistics.mean(right for _, right in marks),
        objects=statistics.mean(all(same(value, key, want) for key, want in one.target.items())
                                for one, value in zip(drawn, values)),
        valid=statistics.mean(satisfied(value, one) for one, value in zip(drawn, values)),
        forwards=statistics.mean(result.forwards for result in results),
        seconds=seconds,
        by_kind={kind: round(statistics.mean(right for k, right in marks if k == kind), 4)
                 for kind in sorted({kind for kind, _ in marks})},
    )


def run(model: Denoiser, method: str, drawn: list[Example], seed: int, options: dict[str, Any]) -> list[Result]:
    schemas = [JsonSchema(one.schema, grounded=method in ("grounded", "unreviewed")) for one in drawn]
    prompts, constraints = [one.document for one in drawn], schemas
    options = {"review": method != "unreviewed", **options}
    if method in ("unconstrained", "masked"):        # told the fields in words, as the other two are by the engine
        prompts = [f"{schema.hint()}\n{prompt}" for schema, prompt in zip(schemas, prompts)]
        constraints = [None] * len(drawn)
        model = PositionMasked(model, schemas, BUDGET) if method == "masked" else model
    return generate_batch(prompts, constraints, model=model, seed=[seed + i for i in range(len(drawn))],
                          max_tokens=BUDGET, **options)


def value_of(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def same(value: Any, key: str, want: Any) -> bool:
    """Whether the object has exactly this value: 12 is 12.0, true is not 1."""
    return isinstance(value, dict) and key in value and equal(value[key], want)


def equal(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return left == right


def satisfied(value: Any, drawn: Example) -> bool:
    return value is not None and Draft202012Validator(drawn.schema).is_valid(value)


def kind_of(value: Any) -> str:
    return {bool: "boolean", int: "number", float: "number", str: "string", list: "list", dict: "object"}.get(
        type(value), "null")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tasks.json_extract eval", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=None, help="a checkpoint folder; the embedded model by default")
    parser.add_argument("--split", choices=("heldout", "dev", "train"), default="heldout")
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--bound", type=float, default=EntropyBound().bound, help="the entropy bound, in nats, of the methods that condition")
    parser.add_argument("--lookahead", type=float, default=Condition().lookahead, help="of the policy `Condition`")
    parser.add_argument("--steps", type=int, default=None)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    model = load(options.model)
    drawn = examples(options.split, options.documents, options.seed)
    conditioned = EntropyBound(options.bound)
    scores = [score(model, method, drawn, sampler=STOCK if method in ("unconstrained", "masked") else conditioned,
                    policy=Condition(options.lookahead), steps=options.steps) for method in options.methods]
    print(json.dumps([asdict(one) for one in scores], indent=1) if options.json else table(scores, options.split))


def table(scores: list[Score], split: str) -> str:
    lines = [f"{scores[0].documents} {split} documents, {scores[0].fields} fields", "",
             "| method | exact fields | whole objects | valid | forwards | s/document |", "|---|---|---|---|---|---|"]
    lines += [f"| {s.method} | {s.exact:.1%} | {s.objects:.1%} | {s.valid:.1%} | {s.forwards:.1f} | {s.seconds:.2f} |"
              for s in scores]
    lines += ["", *(f"{s.method}: " + ", ".join(f"{kind} {share:.1%}" for kind, share in s.by_kind.items()) for s in scores)]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
