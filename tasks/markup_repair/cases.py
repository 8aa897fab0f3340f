"""Other projects' broken documents: is what comes back valid, and is it what they expect?

    valid       the judge takes it; html may lack a doctype, and a fragment is judged inside of its element
    agree       of the cases with an expectation: json by value, html by html5lib's tree, others by text, `throws` by a refusal
    unchanged   of the cases whose input is valid: it comes back byte for byte

The first row of each file is the input given back as it is. An expectation is its project's policy, not the truth.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tasks.markup_repair.judges import read_html, same, valid
from tasks.markup_repair.peers import PEERS, Answer, Missing, Repairer, started
from tasks.markup_repair.trials import timed

UNTOUCHED = "(as it is)"
LONGEST = 400


@dataclass(frozen=True)
class RealCase:
    """A row. kind: of the expectation: text, object, tree, throws or invalid-only. container: of a fragment of html."""

    file: str
    id: str
    format: str
    input: str
    kind: str
    expected: str | None
    container: str | None
    scripting: bool


@dataclass(frozen=True)
class Verdict:
    """A tool's answer to a case. agree: None where nothing is expected. unchanged: None where the input is not valid."""

    case: RealCase
    answer: Answer
    seconds: float
    message: str
    valid: bool
    agree: bool | None
    unchanged: bool | None


@dataclass(frozen=True)
class FileScore:
    file: str
    tool: str
    cases: int
    valid: float
    agree: float                        # NaN where the file expects nothing
    expectations: int
    unchanged: float
    valid_inputs: int
    refused: int
    raised: dict[str, int]
    median_ms: float
    longest_ms: float


def real_cases(path: Path) -> list[RealCase]:
    """Returns the rows of a file of JSON lines."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [RealCase(path.stem, row["id"], row["format"], row["input"], _kind(row), _expected(row), _container(row),
                     row.get("script") == "on") for row in rows]


def _kind(row: dict[str, Any]) -> str:
    logs = row.get("kwargs", {}).get("logging")             # what is expected is then a value and a log of what was done
    return "invalid-only" if logs else row["expected_kind"]


def _expected(row: dict[str, Any]) -> str | None:
    expected = row.get("expected")
    return expected if expected is None or isinstance(expected, str) else json.dumps(expected)


def _container(row: dict[str, Any]) -> str | None:
    fragment = row.get("fragment")
    return fragment.split()[-1] if fragment else None


def verdict(repair: Repairer, case: RealCase, limit: float) -> Verdict:
    answer, seconds, message = timed(repair, case.input, limit)
    whole = _valid(case, case.input)
    return Verdict(case, answer, seconds, message, answer.text is not None and _valid(case, answer.text),
                   _agrees(case, answer.text),
                   answer.text == case.input if whole else None)


def _valid(case: RealCase, text: str) -> bool:
    if case.format != "html":
        return valid(case.format, text)
    return not read_html(text, case.scripting, case.container).errors


def _agrees(case: RealCase, text: str | None) -> bool | None:
    if case.kind == "throws":
        return text is None
    if case.kind == "invalid-only" or case.expected is None:
        return None
    if text is None:
        return False
    if case.kind == "tree":
        return read_html(text, case.scripting, case.container).tree == case.expected
    if case.format == "html":
        return read_html(text).tree == read_html(case.expected).tree
    return text == case.expected or same(case.format, text, case.expected)


def file_score(tool: str, verdicts: Sequence[Verdict]) -> FileScore:
    agreed = [one.agree for one in verdicts if one.agree is not None]
    whole = [one.unchanged for one in verdicts if one.unchanged is not None]
    messages = [one.message for one in verdicts if one.message]
    return FileScore(
        verdicts[0].case.file, tool, len(verdicts), statistics.mean(one.valid for one in verdicts),
        statistics.mean(agreed) if agreed else math.nan, len(agreed),
        statistics.mean(whole) if whole else math.nan, len(whole), sum(one.answer.text is None for one in verdicts),
        {message: messages.count(message) for message in sorted(set(messages))},
        1000 * statistics.median(one.seconds for one in verdicts), 1000 * max(one.seconds for one in verdicts))


def table(scores: Sequence[FileScore]) -> Iterator[str]:
    yield (f"| {'file':26} | {'tool':16} | cases | valid | agree |    of | unchanged |    of | refused | median ms "
           "| longest ms |")
    yield "|---" * 11 + "|"
    for one in scores:
        yield (f"| {one.file:26} | {one.tool:16} | {one.cases:5} | {100 * one.valid:5.1f} | {100 * one.agree:5.1f}"
               f" | {one.expectations:5} | {100 * one.unchanged:9.1f} | {one.valid_inputs:5} | {one.refused:7} | {one.median_ms:9.2f} | {one.longest_ms:10.1f} |")
        yield from (f"  raised {many} times: {message}" for message, many in one.raised.items())


def disagreements(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yields each case that is not as expected, not valid, or valid and changed."""
    for one in verdicts:
        faults = [name for name, fault in (("disagrees", one.agree is False),
                                           ("not valid", not one.valid and one.case.kind != "throws"),
                                           ("changed", one.unchanged is False)) if fault]
        if faults:
            yield f"\n=== {one.case.file} {one.case.id}: {', '.join(faults)}"
            yield f"input    {one.case.input[:LONGEST]!r}"
            yield from (f"expected {one.case.expected[:LONGEST]!r}",) if one.case.expected is not None else ()
            yield f"ours     {one.answer.text[:LONGEST]!r}" if one.answer.text is not None else f"refused  {one.message}"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tasks.markup_repair cases", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of files of JSON lines, or one of them")
    parser.add_argument("--tools", nargs="+", choices=list(PEERS), default=["structdiff"])
    parser.add_argument("--disagreements", action="store_true", help="list each, of the first tool")
    parser.add_argument("--every", type=int, default=1, help="only every so many-th case of a file")
    parser.add_argument("--limit", type=float, default=20.0, help="seconds that a tool may take for a text")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    paths = [options.folder] if options.folder.is_file() else sorted(options.folder.glob("*.jsonl"))
    scores, shown = [], []
    for path in paths:
        drawn = real_cases(path)[:: options.every]
        scores.append(file_score(UNTOUCHED, [verdict(Answer, case, options.limit) for case in drawn]))
        for tool in options.tools:
            verdicts = _verdicts(tool, drawn, options.limit)
            if verdicts:
                scores.append(file_score(tool, verdicts))
            if options.disagreements and tool == options.tools[0]:
                shown += disagreements(verdicts)
    if options.json:
        print(json.dumps([asdict(one) for one in scores], indent=1))
        return
    print("\n".join([*table(scores), *shown]))


def _verdicts(tool: str, drawn: Sequence[RealCase], limit: float) -> list[Verdict]:
    """What the tool makes of the cases of the formats that it knows."""
    ready: dict[str, Repairer] = {}
    for format in {case.format for case in drawn}:
        try:
            ready[format] = started(tool, format)
        except Missing:
            continue
        timed(ready[format], drawn[0].input, limit)         # what is compiled or started once is not timed
    return [verdict(ready[case.format], case, limit) for case in drawn if case.format in ready]


if __name__ == "__main__":
    main()
