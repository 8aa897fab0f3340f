"""Generation for real schemas: random weights, three seeds a schema, a budget of twice the shortest text plus 64 tokens.

VALID is checked again by plain jsonschema, formats asserted. Every other status is counted with its reason. What is done
is kept in a file of one line a schema, from which the same command goes on.
"""

from __future__ import annotations

import argparse
import json
import signal
import statistics
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import torch
from referencing import Registry

from structdiff import JsonSchema, Status, generate_batch
from structdiff.api import compiled
from structdiff.constraints.json_schema.document import VALIDATORS, draft_of
from structdiff.denoiser import Denoiser
from structdiff.errors import ConstraintError
from structdiff.result import Result
from tasks import random_models
from tasks.bench.maskbench import lines

SEEDS = (0, 1, 2)
LONGEST = 1024             # tokens of the shortest text; a schema that needs more is skipped, and counted


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=1, help="every n-th schema only")
    parser.add_argument("--keys", choices=("any", "schema"), default="schema")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--patience", type=int, default=120, help="seconds for the runs of one schema")
    parser.add_argument("--done", type=Path, default=Path("build/maskgen.jsonl"), help="where what is done is kept")


def run(options: argparse.Namespace) -> dict[str, Any]:
    options.done.parent.mkdir(parents=True, exist_ok=True)
    before = [json.loads(line) for line in options.done.read_text().splitlines()] if options.done.exists() else []
    known = {one["id"] for one in before}
    jobs = [(line, options.keys, options.patience) for line in lines(options.folder, options.sample)]
    jobs = [job for job in jobs if json.loads(job[0])["id"] not in known]
    with ProcessPoolExecutor(options.workers) as pool, options.done.open("a") as file:
        for done in pool.map(_generate, jobs, chunksize=4):
            file.write(json.dumps(done) + "\n")
            file.flush()
            before.append(done)
    return summary(before)


def summary(done: list[dict[str, Any]]) -> dict[str, Any]:
    runs = [run for one in done for run in one["runs"]]
    reasons = Counter(one["skipped"] for one in done if one["skipped"])
    reasons.update(run["reason"] for run in runs if run["reason"])
    valid = sum(run["status"] == "VALID" for run in runs)
    return {"schemas": len(done), "runs": len(runs), "valid": valid / max(len(runs), 1),
            "statuses": dict(Counter(run["status"] for run in runs)), "reasons": dict(reasons),
            "invalid_labelled_valid": [one["id"] for one in done if any(run["wrong"] for run in one["runs"])],
            "median_forwards": statistics.median(run["forwards"] for run in runs),
            "seconds_a_schema": {name: round(sorted(one["seconds"] for one in done)[int(share * (len(done) - 1))], 2)
                                 for name, share in (("p50", 0.5), ("p99", 0.99), ("most", 1.0))}}


class _Late(Exception):
    pass


def _alarm(*_: Any) -> None:
    raise _Late


@cache
def _model() -> Denoiser:
    torch.set_num_threads(1)
    return random_models.uniform(0)


def _generate(job: tuple[str, str, int]) -> dict[str, Any]:
    """Returns the runs of one schema, or why there are none; a schema that is not done in time counts as so many SLOW runs."""
    line, keys, patience = job
    record = json.loads(line)
    model, started = _model(), time.perf_counter()
    signal.signal(signal.SIGALRM, _alarm)
    signal.alarm(patience)
    runs, skipped = [], ""
    try:
        runs, skipped = _runs(record["schema"], keys, model)
    except _Late:
        runs = [{"status": "SLOW", "forwards": 0, "reason": f"not done in {patience} s", "wrong": False}] * len(SEEDS)
    finally:
        signal.alarm(0)
    return {"id": record["id"], "runs": runs, "skipped": skipped, "seconds": time.perf_counter() - started}


def _runs(schema: Any, keys: str, model: Denoiser) -> tuple[list[dict[str, Any]], str]:
    try:
        wanted = JsonSchema(schema, keys=keys)
        shortest = compiled(wanted, model.vocab).shortest
    except ConstraintError as error:
        return [], f"refused: {type(error).__name__}"
    if shortest > LONGEST:
        return [], "the shortest text is too long"
    results = generate_batch(["Write it."] * len(SEEDS), [wanted] * len(SEEDS), model=model, seed=list(SEEDS),
                             max_tokens=2 * shortest + 64)
    return [_run(schema, result) for result in results], ""


def _run(schema: Any, result: Result) -> dict[str, Any]:
    valid = result.status is Status.VALID
    reason = "" if valid else result.violations[0].rule if result.violations else result.status.name
    found = {"status": result.status.name, "forwards": result.forwards, "reason": reason,
             "wrong": valid and not _really_valid(schema, result.text)}
    if reason or found["wrong"]:
        found |= {"text": result.text[:2000], "violations": [str(violation)[:300] for violation in result.violations[:3]]}
    return found


def _really_valid(schema: Any, text: str) -> bool:
    kind = VALIDATORS[draft_of(schema)]
    return kind(schema, registry=Registry(), format_checker=kind.FORMAT_CHECKER).is_valid(json.loads(text))


def table(report: dict[str, Any]) -> str:
    return "\n".join(f"{name:24} {value}" for name, value in report.items())
