"""Puzzles with one solution each, of every kind: solved, proven to have no other, and how long that took, beside other solvers.

Generated instances (`tasks.puzzles.instances`) and lists of hard Sudokus. Every answer is judged by the puzzle's own rules and by the
solution that its clues were derived from. Peers get the first instances of each set, the same task (a solution, and that it is the
only one) and a time limit; ratios are of medians over these instances. A time is all that it takes from a `Puzzle` on. What differs
only in givens is compiled once a set, as in use; nothing is compiled before the clock starts. "search" is the time without that.
"""

from __future__ import annotations

import argparse
import csv
import math
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from structdiff.puzzle import network
from structdiff.puzzle.kinds import KINDS
from structdiff.puzzle.solver import solve
from tasks.bench import puzzle_peers
from tasks.bench.puzzle_peers import Answer, Inexpressible, Peer
from tasks.puzzles.instances import RECIPES, Instance, instances

LISTS = Path("../shared/data/sudoku-dev")
FILES = ("clues17", "top1465", "hardest")
PATIENCE = 4            # a peer that ran out of time on so many in a row is asked no more of that set
PEER_COUNT = 20


@dataclass(frozen=True)
class Judged:
    """An answer and what it is worth. right: it satisfies every rule and is the known solution. late: there was none, or no proof."""

    right: bool
    unique: bool
    late: bool
    ms: float
    search_ms: float = 0.0
    guesses: int = 0


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=200, help="instances of each set")
    parser.add_argument("--kinds", nargs="+", choices=(*RECIPES, *FILES), default=(*RECIPES, *FILES), metavar="KIND",
                        help="all by default: " + " ".join((*RECIPES, *FILES)))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=2.0, help="seconds that a peer has for one instance")
    parser.add_argument("--peer-count", type=int, default=PEER_COUNT, help="instances of each set that the peers get, 0: none")
    parser.add_argument("--peers", type=Path, default=Path("build/puzzle_peers"), help="folder that the peers are installed in")
    parser.add_argument("--lists", type=Path, default=LISTS, help="folder of " + ", ".join(f"{name}.csv" for name in FILES))


def run(options: argparse.Namespace) -> dict[str, Any]:
    if options.peers.is_dir():
        sys.path.append(str(options.peers))
    peers, notes = puzzle_peers.available()
    report: dict[str, Any] = {"notes": list(notes), "limit": options.limit, "sets": {}}
    for kind in KINDS.values():                          # the kernels are there before the clock starts
        solve(kind.parse(kind.example), count=2)
    for name in options.kinds:
        path = options.lists / f"{name}.csv"
        if name in FILES and not path.is_file():
            report["notes"].append(f"{name} is skipped: there is no {path}; tell the folder by --lists")
            continue
        drawn = list(_listed(path, options.count) if name in FILES else instances(name, options.count, options.seed))
        report["sets"][name] = _measured(drawn, peers, options)
    return report


def _listed(path: Path, count: int) -> Iterator[Instance]:
    with path.open(newline="") as file:
        for row in islice(csv.DictReader(file), count):
            puzzle = KINDS["sudoku"].parse(row["puzzle"])
            yield Instance(path.stem, row["puzzle"], puzzle, dict(zip(puzzle.cells, map(int, row["solution"]))))


def _measured(drawn: Sequence[Instance], peers: dict[str, Peer], options: argparse.Namespace) -> dict[str, Any]:
    network._compiled.cache_clear()
    ours = [_ours(one) for one in drawn]
    slowest = max(range(len(drawn)), key=lambda i: ours[i].ms)
    guesses = [one.guesses for one in ours]
    own = _summary(ours) | {"median search ms": statistics.median(one.search_ms for one in ours),
                            "median guesses": statistics.median(guesses), "most guesses": max(guesses)}
    found: dict[str, Any] = {"ours": own, "slowest": drawn[slowest].text, "peers": {}}
    for name, peer in peers.items():
        found["peers"][name] = _compared(drawn[: options.peer_count], ours, peer, options.limit)
    return found


def _ours(instance: Instance) -> Judged:
    started = time.perf_counter()
    network.compile(instance.puzzle)
    compiled = time.perf_counter()
    found = solve(instance.puzzle, count=2)
    ended = time.perf_counter()
    values = found.values and tuple(found.values[cell] for cell in instance.puzzle.cells)
    judged = _judged(instance, Answer(values, found.unique, ended - started))
    return replace(judged, search_ms=1e3 * (ended - compiled), guesses=found.nodes)


def _judged(instance: Instance, answer: Answer) -> Judged:
    known = tuple(instance.solution[cell] for cell in instance.puzzle.cells)
    right = answer.values == known and instance.puzzle.check(answer.values).valid
    return Judged(right, right and answer.unique is True, answer.values is None or answer.unique is None, 1e3 * answer.seconds)


def _compared(drawn: Sequence[Instance], ours: Sequence[Judged], peer: Peer, limit: float) -> dict[str, Any]:
    theirs: list[Judged] = []
    for instance in drawn:
        if len(theirs) >= PATIENCE and all(one.late for one in theirs[-PATIENCE:]):
            break
        try:
            theirs.append(_judged(instance, peer(instance.puzzle, limit)))
        except Inexpressible as reason:
            return {"skipped": str(reason)}
    if not theirs:
        return {"skipped": "it got no instance"}
    own = statistics.median(one.ms for one in ours[: len(theirs)])
    wrong = sum(not one.right and not one.late for one in theirs)
    summary = _summary(theirs)
    return summary | {"late": sum(one.late for one in theirs), "wrong": wrong, "ratio": summary["median ms"] / own}


def _summary(judged: Sequence[Judged]) -> dict[str, Any]:
    times = sorted(one.ms for one in judged)
    return {"count": len(judged), "solved": statistics.mean(one.right for one in judged),
            "unique": statistics.mean(one.unique for one in judged), "median ms": statistics.median(times),
            "p99 ms": times[math.ceil(0.99 * len(times)) - 1]}


def table(report: dict[str, Any]) -> str:
    names = tuple(dict.fromkeys(name for one in report["sets"].values() for name in one["peers"]))
    head = f"{'':14} {'count':>5} {'solved':>7} {'unique':>7} {'median ms':>9} {'search':>7} {'p99 ms':>8} {'guesses':>7} {'most':>6}"
    rows = [head + "".join(f" | {name:>17} {'ms':>8} {'ratio':>8}" for name in names)]
    for name, one in report["sets"].items():
        ours = one["ours"]
        row = (f"{name:14} {ours['count']:5} {ours['solved']:7.1%} {ours['unique']:7.1%} {ours['median ms']:9.2f} "
               f"{ours['median search ms']:7.2f} {ours['p99 ms']:8.2f} {ours['median guesses']:7.0f} {ours['most guesses']:6}")
        rows.append(row + "".join(_shown(one["peers"][peer]) for peer in names))
    said = [f"{name}, {peer}: {told['skipped']}" for name, one in report["sets"].items() for peer, told in one["peers"].items()
            if "skipped" in told]
    wrong = [f"{name}, {peer}: {told['wrong']} answers are not the known solution" for name, one in report["sets"].items()
             for peer, told in one["peers"].items() if told.get("wrong")]
    told = (f"Peers: proven / given within {report['limit']:g} s each, no more after {PATIENCE} too late in a row; the ratio is of their "
            "median to ours on these, > where most were too late.")
    return "\n".join([*rows, *([told] if names else []), *report["notes"], *said, *wrong])


def _shown(peer: dict[str, Any]) -> str:
    if "skipped" in peer:
        return f" | {'-':>17} {'-':>8} {'-':>8}"
    proven = f"{round(peer['unique'] * peer['count'])}/{peer['count']}"
    ratio = (">" if 2 * peer["late"] > peer["count"] else "") + f"{peer['ratio']:.1f}x"
    return f" | {proven:>17} {peer['median ms']:8.1f} {ratio:>8}"
