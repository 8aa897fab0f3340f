"""How many broken documents come back as they were, by tool, format, number and kind of damages.

    exact     the parsed value or tree is that of the document before it was broken; by the number of damages
    near      so but for blanks in the text of markup
    bytes     the text is that of the document, byte for byte
    valid     the judge takes what came back
    kept      the text of the document, as far as the damage left it, is in what came back, in order
    same      valid documents, given as they are, that come back byte for byte
"""

from __future__ import annotations

import argparse
import difflib
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from tasks.markup_repair.documents import REAL
from tasks.markup_repair.peers import PEERS, Missing, Repairer, started
from tasks.markup_repair.trials import Score, Trial, cases, score, timed, trial, unchanged

FORMATS = ("json", "xml", "html", "svg", "toml")
LONGEST = 220                           # characters of a line of a diff; longer lines are cut at their delimiters


def measured(tool: str, repair: Repairer, format: str, options: argparse.Namespace) -> tuple[Score, list[Trial]]:
    """Returns the tool's score on the format's cases, and the trials."""
    drawn = cases(format, options.split, options.documents, options.errors, options.seed, options.real)
    for text in (drawn[0].document.text, drawn[0].damaged.text):
        timed(repair, text, 60)                             # what is compiled or started once is not timed
    trials = [trial(repair, case, options.limit) for case in drawn]
    return score(tool, format, trials, unchanged(repair, drawn, options.limit)), trials


def failures(trials: Sequence[Trial], most: int, only: str | None, rng: random.Random) -> Iterator[str]:
    """Yields what went wrong with at most `most` of the trials: what was broken, and how the answer differs from the truth."""
    failed = [one for one in trials if not one.exact and (only is None or only in one.case.damaged.kinds)]
    for one in rng.sample(failed, min(most, len(failed))):
        document, damaged = one.case.document, one.case.damaged
        found = f"truth is no. {one.rank}" if one.rank else "truth not among the answers"
        confidence = "" if one.answer.confidence is None else f", confidence {one.answer.confidence:.2f}"
        near = ", right but for blanks" if one.near else ""
        yield (f"\n=== {document.format} {document.kind}: {', '.join(damaged.kinds)}{confidence}, {one.seconds * 1000:.0f} ms, "
               f"{found}{near}")
        yield from difference("damage", document.text, damaged.text)
        if one.answer.text is None:
            yield f"--- refused {one.message}"
        else:
            yield from difference("answer" if one.valid else "answer, NOT VALID", document.text, one.answer.text)


def difference(name: str, left: str, right: str) -> Iterator[str]:
    split = max(map(len, left.splitlines() + right.splitlines()), default=0) > LONGEST
    lines = difflib.unified_diff(_lines(left, split), _lines(right, split), "whole", name, n=1, lineterm="")
    for number, line in enumerate(lines):
        if number > 60:
            yield "…"
            return
        yield line[:LONGEST]


def _lines(text: str, split: bool) -> list[str]:
    """The lines; or, split, the parts between delimiters, their layout aside."""
    if not split:
        return text.split("\n")
    return [part.strip() for part in re.split(r"(?<=[>,{}\[\]])|(?=[<}\]])", text) if part.strip()]


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m tasks.markup_repair eval", description=__doc__,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--format", nargs="+", default=list(FORMATS), help="json xml html svg toml, also csv yaml python")
    made.add_argument("--split", choices=("dev", "test"), default="dev")
    made.add_argument("--documents", type=int, default=60,
                      help="of each format; each is broken once for each number of damages")
    made.add_argument("--errors", nargs="+", type=int, default=[1, 2, 4, 8], help="numbers of damages")
    made.add_argument("--tools", nargs="+", choices=list(PEERS), default=list(PEERS))
    made.add_argument("--seed", type=int, default=20261201)
    made.add_argument("--real", type=float, default=REAL, help="share of documents that are files of this machine")
    made.add_argument("--limit", type=float, default=20.0, help="seconds that a tool may take for a text")
    made.add_argument("--failures", type=int, default=0, help="print so many failures of the first tool, with diffs")
    made.add_argument("--only", default=None, help="print failures with this kind of damage")
    made.add_argument("--kinds", action="store_true", help="print exact recovery by kind, of documents with one damage")
    made.add_argument("--json", action="store_true")
    return made


def main(arguments: list[str] | None = None) -> None:
    options = parser().parse_args(arguments)
    scores: list[Score] = []
    skipped: list[str] = []
    shown: list[str] = []
    for format in options.format:
        for tool in options.tools:
            try:
                repair = started(tool, format)
            except Missing as error:
                skipped += [f"{tool} left out: {error}"] if format in PEERS[tool].formats else []
                continue
            one, trials = measured(tool, repair, format, options)
            scores.append(one)
            if tool == options.tools[0]:
                shown += failures(trials, options.failures, options.only, random.Random(options.seed))
    if options.json:
        print(json.dumps([asdict(one) for one in scores], indent=1))
        return
    print("\n".join([*table(scores), *confidence_table(scores), *(kind_table(scores) if options.kinds else ()),
                     *dict.fromkeys(skipped), *shown]))


def table(scores: Sequence[Score]) -> Iterator[str]:
    for format in dict.fromkeys(one.format for one in scores):
        rows = [one for one in scores if one.format == format]
        counts = list(rows[0].exact_by_errors)
        yield f"\n{format}, {rows[0].cases} cases"
        numbers = " | ".join(f"{many:>5}" for many in counts)
        yield f"| {'tool':16} | exact | {numbers} |  near | bytes | valid |  kept | refused |  same | median ms |  p99 ms |"
        yield "|---" * (11 + len(counts)) + "|"
        for one in rows:
            shares = [one.exact, *one.exact_by_errors.values(), one.near, one.bytes, one.valid, one.kept]
            yield f"| {one.tool:16} | " + " | ".join(f"{100 * share:5.1f}" for share in shares) + (
                f" | {100 * one.refused:7.1f} | {100 * one.unchanged:5.1f} | {one.median_ms:9.2f} | {one.p99_ms:7.1f} |")
            yield from (f"  raised {many} times: {message}" for message, many in one.raised.items())


def confidence_table(scores: Sequence[Score]) -> Iterator[str]:
    for one in scores:
        if one.recall is not None:
            recall = ", ".join(f"{most}: {100 * share:.1f} %" for most, share in one.recall.items())
            yield f"\n{one.format}, {one.tool}: the truth is among the best {recall}"
            yield (f"  mean confidence {one.confidence:.3f}, exact {one.exact:.3f}, "
                   f"expected calibration error {one.calibration_error:.3f}; longest {one.longest_ms:.0f} ms")


def kind_table(scores: Sequence[Score]) -> Iterator[str]:
    for format in dict.fromkeys(one.format for one in scores):
        rows = [one for one in scores if one.format == format]
        yield f"\n{format}, one damage, exact by kind"
        yield f"| {'kind':16} | cases | " + " | ".join(f"{one.tool:>16}" for one in rows) + " |"
        yield "|---" * (2 + len(rows)) + "|"
        for kind, (_, many) in sorted(rows[0].exact_by_kind.items(), key=lambda item: -item[1][1]):
            shares = " | ".join(f"{100 * one.exact_by_kind[kind][0]:16.1f}" for one in rows)
            yield f"| {kind:16} | {many:5} | {shares} |"


if __name__ == "__main__":
    main()
