"""Generation for real schemas: random weights, three seeds a schema, a budget of twice the shortest text plus 64 tokens.

VALID is checked again by plain jsonschema, formats asserted. Every other status is counted with its reason.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any

from referencing import Registry

from structdiff import JsonSchema, Status, generate_batch
from structdiff.api import compiled
from structdiff.constraints.json_schema.document import VALIDATORS, draft_of
from structdiff.errors import ConstraintError
from tasks import random_models
from tasks.bench.maskbench import lines

SEEDS = (0, 1, 2)
LONGEST = 1024             # tokens of the shortest text; a schema that needs more is skipped, and counted


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=1, help="every n-th schema only")
    parser.add_argument("--keys", choices=("any", "schema"), default="schema")
    parser.add_argument("--failures", type=Path, default=None, help="write each run that is not VALID there, one a line")


def run(options: argparse.Namespace) -> dict[str, Any]:
    model = random_models.uniform(0)
    statuses, reasons, forwards, wrong, failures = Counter(), Counter(), [], [], []
    started = time.perf_counter()
    for line in lines(options.folder, options.sample):
        record = json.loads(line)
        try:
            wanted = JsonSchema(record["schema"], keys=options.keys)
            shortest = compiled(wanted, model.vocab).shortest
        except ConstraintError as error:
            reasons[f"refused: {type(error).__name__}"] += 1
            continue
        if shortest > LONGEST:
            reasons["skipped: the shortest text is too long"] += 1
            continue
        results = generate_batch(["Write it."] * len(SEEDS), [wanted] * len(SEEDS), model=model, seed=list(SEEDS),
                                 max_tokens=2 * shortest + 64)
        for result in results:
            statuses[result.status.name] += 1
            forwards.append(result.forwards)
            if result.status is Status.VALID:
                if not _really_valid(record["schema"], result.text):
                    wrong.append(record["id"])
            else:
                why = result.violations[0].rule if result.violations else result.status.name
                reasons[why] += 1
                failures.append({"id": record["id"], "status": result.status.name, "text": result.text[:2000],
                                 "violations": [str(violation)[:300] for violation in result.violations[:3]]})
    if options.failures:
        options.failures.write_text("".join(json.dumps(one) + "\n" for one in failures))
    runs = sum(statuses.values())
    return {"runs": runs, "valid": statuses["VALID"] / max(runs, 1), "statuses": dict(statuses), "reasons": dict(reasons),
            "invalid_labelled_valid": wrong, "median_forwards": statistics.median(forwards),
            "seconds": round(time.perf_counter() - started, 1)}


def _really_valid(schema: Any, text: str) -> bool:
    kind = VALIDATORS[draft_of(schema)]
    return kind(schema, registry=Registry(), format_checker=kind.FORMAT_CHECKER).is_valid(json.loads(text))


def table(report: dict[str, Any]) -> str:
    return "\n".join(f"{name:24} {value}" for name, value in report.items())
