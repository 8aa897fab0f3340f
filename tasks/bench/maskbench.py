"""Real schemas with valid and invalid instances: what compiles, what is accepted, what is refused, and by whom.

Reads a folder of gzipped JSON lines, `{id, schema, tests: [{valid, data}]}`. A schema is fully right when all its
instances are judged as they are labelled.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import signal
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from structdiff import JsonSchema
from structdiff.constraint import compile
from structdiff.constraints.json_schema.canonical import canonical
from structdiff.errors import ConstraintError
from structdiff.machine import accepts
from tasks.bench.vocabulary import synthetic

VOCABULARY = 32_000
PATIENCE = 60              # seconds for one schema
PEERS = {"llguidance": None, "llguidance lenient": {"lenient": True}}       # and their options


@dataclass
class Outcome:
    """What became of one schema. milliseconds: CPU time to compile. faults: what was judged wrongly."""

    id: str
    error: str = ""
    milliseconds: float = 0.0
    valid: int = 0
    valid_accepted: int = 0
    invalid: int = 0
    invalid_refused: int = 0
    by_automaton: int = 0
    faults: list[str] = field(default_factory=list)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keys", choices=("any", "schema"), default="any")
    parser.add_argument("--sample", type=int, default=1, help="every n-th schema only")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--engine", choices=("structdiff", "peers", "all"), default="all")
    parser.add_argument("--faults", type=Path, default=None, help="write each misjudged instance there, one a line")


def run(options: argparse.Namespace) -> dict:
    engines = [*(["structdiff"] if options.engine != "peers" else []), *(PEERS if options.engine != "structdiff" else [])]
    report: dict[str, Any] = {"keys": options.keys, "sample": options.sample}
    for engine in engines:
        jobs = [(engine, options.keys, line) for line in lines(options.folder, options.sample)]
        if options.workers > 1:
            with ProcessPoolExecutor(options.workers) as pool:
                outcomes = list(pool.map(_judge, jobs, chunksize=16))
                peak = max(pool.map(_peak, range(options.workers)))
        else:
            outcomes = [_judge(job) for job in jobs]
            peak = _peak(0)
        report[engine] = summary(outcomes) | {"peak_megabytes": peak}
        if options.faults and engine == "structdiff":
            options.faults.write_text("".join(json.dumps(asdict(one)) + "\n" for one in outcomes if one.faults or one.error))
    return report


def lines(folder: Path, sample: int) -> Iterator[str]:
    count = 0
    for part in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(part, "rt") as file:
            for line in file:
                if count % sample == 0:
                    yield line
                count += 1


def _peak(_: int) -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


class _Late(Exception):
    pass


def _alarm(*_: Any) -> None:
    raise _Late(f"not done in {PATIENCE} s")


def _judge(job: tuple[str, str, str]) -> Outcome:
    engine, keys, line = job
    record = json.loads(line)
    outcome = Outcome(record["id"])
    signal.signal(signal.SIGALRM, _alarm)
    signal.alarm(PATIENCE)
    try:
        if engine == "structdiff":
            _ours(record, keys, outcome)
        else:
            _llguidance(record, PEERS[engine], outcome)
    except (ConstraintError, _Late) as error:
        outcome.error = f"{type(error).__name__}: {error}"[:300]
    except Exception as error:  # the benchmark counts a crash as a failure of the engine and goes on
        outcome.error = f"crash: {type(error).__name__}: {error}"[:300]
    finally:
        signal.alarm(0)
    return outcome


def _ours(record: dict, keys: str, outcome: Outcome) -> None:
    vocab = synthetic(VOCABULARY)
    started = time.process_time()
    compiled = compile(JsonSchema(record["schema"], keys=keys), vocab)
    outcome.milliseconds = 1000 * (time.process_time() - started)
    machine, checkers = compiled.plan.machine, compiled.plan.checkers
    for number, test in enumerate(record["tests"]):
        spelled, _ = canonical(test["data"])
        found = accepts(machine, spelled.encode("utf-8", "surrogatepass"))
        violations = [v for checker in checkers for v in checker.check(json.dumps(test["data"])).violations]
        _count(outcome, test, found and not violations)
        if not test["valid"]:
            outcome.by_automaton += not found
        if (found and not violations) != test["valid"]:
            why = "automaton" if not found else ""
            why += "".join(f" {v.rule} at {v.pointer}: {v.message[:80]}" for v in violations[:2])
            outcome.faults.append(f"test {number}, {'valid' if test['valid'] else 'invalid'}: {why}")


def _llguidance(record: dict, overrides: dict | None, outcome: Outcome) -> None:
    import llguidance

    tokenizer = _tokenizer()
    started = time.process_time()
    grammar = llguidance.LLMatcher.grammar_from_json_schema(record["schema"], overrides=overrides)
    matcher = llguidance.LLMatcher(tokenizer, grammar)
    if matcher.is_error():
        raise ConstraintError(matcher.get_error()[:200])
    mask = llguidance.numpy.allocate_token_bitmask(1, tokenizer.vocab_size)
    llguidance.numpy.fill_next_token_bitmask(matcher, mask)
    outcome.milliseconds = 1000 * (time.process_time() - started)
    for test in record["tests"]:
        fresh = matcher.deep_copy()
        tokens = tokenizer.tokenize_str(json.dumps(test["data"], ensure_ascii=False))
        ok = fresh.validate_tokens(tokens) == len(tokens) and fresh.consume_tokens(tokens) and fresh.is_accepting()
        _count(outcome, test, ok)
        outcome.by_automaton += not ok and not test["valid"]
        if ok != test["valid"]:
            outcome.faults.append("misjudged")


_made: list[Any] = []


def _tokenizer() -> Any:
    """Returns our synthetic vocabulary as llguidance reads it."""
    if not _made:
        import llguidance

        class Tokens:
            vocab = synthetic(VOCABULARY)
            eos_token_id = vocab.end_tokens[0]
            bos_token_id = None
            tokens = [token if token is not None else b"\xff<end>" for token in vocab.tokens]
            special_token_ids = [eos_token_id]

            def __call__(self, text: str | bytes) -> list[int]:
                data = text.encode() if isinstance(text, str) else text
                return [self.of[data[i : i + 1]] for i in range(len(data))]

        Tokens.of = {token: i for i, token in enumerate(Tokens.tokens)}
        import llguidance.numpy  # noqa: F401

        _made.append(llguidance.LLTokenizer(llguidance.TokenizerWrapper(Tokens())))
    return _made[0]


def _count(outcome: Outcome, test: dict, accepted: bool) -> None:
    if test["valid"]:
        outcome.valid += 1
        outcome.valid_accepted += accepted
    else:
        outcome.invalid += 1
        outcome.invalid_refused += not accepted


def summary(outcomes: list[Outcome]) -> dict:
    compiled = [one for one in outcomes if not one.error]
    tested = [one for one in outcomes if one.valid + one.invalid or one.error]
    valid, invalid = sum(one.valid for one in compiled), sum(one.invalid for one in compiled)
    times = sorted(one.milliseconds for one in compiled)
    return {
        "schemas": len(outcomes),
        "compiled": len(compiled) / len(outcomes),
        "fully_right": sum(not one.faults and not one.error for one in tested) / len(tested),
        "valid_instances": valid,
        "valid_refused": valid - sum(one.valid_accepted for one in compiled),
        "invalid_instances": invalid,
        "invalid_accepted": invalid - sum(one.invalid_refused for one in compiled),
        "invalid_refused_by_automaton": sum(one.by_automaton for one in compiled) / max(invalid, 1),
        "median_ms": statistics.median(times),
        "p99_ms": times[int(0.99 * (len(times) - 1))],
        "longest_ms": times[-1],
        "errors": Counter(one.error.split(":")[0] for one in outcomes if one.error),
    }


def table(report: dict) -> str:
    engines = [name for name in ("structdiff", *PEERS) if name in report]
    rows = [f"| | {' | '.join(engines)} |", "|---" * (len(engines) + 1) + "|"]
    for name in next(iter(report[engine] for engine in engines)):
        shown = [report[engine][name] for engine in engines]
        rows.append(f"| {name.replace('_', ' ')} | " + " | ".join(
            f"{value:.4g}" if isinstance(value, float) else str(dict(value)) if isinstance(value, Counter) else str(value)
            for value in shown) + " |")
    return "\n".join(rows)
