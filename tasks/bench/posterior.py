"""What does conditioning a canvas cost beside the softmax a sampler pays anyway, and beside the two other exact ways?

Ours is `Posterior(...)` (one pass over the logits into class sums, which includes the normaliser), the backward
recursion and one joint draw. Beside it: `torch.softmax`; the segment tree of dense matrices (arXiv 2607.07026) at
automata of growing size; forward-backward over every (state, token) pair. Then our time against the number of arcs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor

from structdiff import chain
from structdiff.automaton import Automaton
from structdiff.constraints.json_schema import JsonSchema
from structdiff.lift import Limits, lift
from structdiff.posterior import Posterior
from structdiff.rng import Rng
from structdiff.vocab import Vocab
from tasks.bench.baselines import DenseTree, Pairs, threads
from tasks.bench.compile import schema, shape
from tasks.bench.vocabulary import synthetic

DENSE = ((1, True), (1, False), (2, False), (4, True), (4, False), (8, False), (16, False))     # fields, compact
ARCS = ((1, True), (1, False), (2, False), (4, False), (8, False), (16, False), (32, False), (67, False), (134, False))
WHOLE = Limits(view=40_000, seconds=120)             # every state of a machine, where requests see the likeliest
PAIR_BYTES = 4e9
STAGES = ("class_sums", "backward", "sample", "marginals", "bias", "entropy")


@dataclass(frozen=True, eq=False)
class Problem:
    """One canvas under one constraint: whole when the canvas ends, or stopped anywhere if the canvas is too short."""

    logits: Tensor
    automaton: Automaton
    frontier: int

    @property
    def final(self) -> np.ndarray:
        fits = self.automaton.distance[self.frontier] < len(self.logits)
        return self.automaton.exits(0 if fits else np.inf)

    def posterior(self) -> Posterior:
        return Posterior(self.logits, self.automaton, self.frontier, self.final)


def problem(fields: int, compact: bool, vocab: Vocab, logits: Tensor) -> Problem:
    machine = JsonSchema(schema(fields), compact=compact).plan("").machine
    automaton = lift(machine, vocab, machine.start, WHOLE)
    return Problem(logits, automaton, automaton.state(machine.start))


def beliefs(length: int, size: int, seed: int = 0) -> Tensor:
    """Returns logits Float32[length, size]: normal, three wide; every fourth row is all but sure of one token."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(length, size, generator=generator).mul_(3)
    sure = torch.arange(0, length, 4)
    logits[sure, torch.randint(size, (len(sure),), generator=generator)] += 25
    return logits


# --- the clock ------------------------------------------------------------------------------------------------------


def side_by_side(contestants: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Returns the median milliseconds of each, run in turn so that a busy moment of the machine falls on all."""
    took: dict[str, list[float]] = {name: [] for name in contestants}
    for round_ in range(repeats + 1):                # the first round compiles and warms, and is not counted
        for name, contestant in contestants.items():
            begun = time.perf_counter()
            contestant()
            if round_:
                took[name].append(1e3 * (time.perf_counter() - begun))
    return {name: median(times) for name, times in took.items()}


def stages(problem: Problem, repeats: int, beside: Callable[[], Any] = lambda: None) -> dict[str, float]:
    """Returns the median milliseconds of each stage of a posterior and of `beside`; backward includes the set sums."""
    held: list[Posterior] = []

    def begin() -> None:
        held[:] = [problem.posterior()]

    return side_by_side({
        "softmax": beside, "class_sums": begin, "backward": lambda: held[0].possible,
        "sample": lambda: held[0].sample(Rng(0)), "marginals": lambda: held[0].ended, "bias": lambda: held[0].bias,
        "entropy": lambda: held[0].entropy,
    }, repeats)


# --- ours beside softmax --------------------------------------------------------------------------------------------


def beside_softmax(problem: Problem, repeats: int) -> dict[str, float]:
    softmax = torch.empty_like(problem.logits)
    ms = stages(problem, repeats, lambda: torch.softmax(problem.logits, -1))
    ours = ms["class_sums"] + ms["backward"] + ms["sample"]
    warm = side_by_side({"softmax": lambda: torch.softmax(problem.logits, -1, out=softmax)}, repeats)["softmax"]
    return {
        **{f"{name}_ms": value for name, value in ms.items()}, "softmax_in_place_ms": warm, "ours_ms": ours,
        "ratio_to_softmax": (ms["softmax"] + ours) / ms["softmax"], "ratio_to_softmax_fused": ours / ms["softmax"],
    }


# --- ours beside pairs ----------------------------------------------------------------------------------------------


def beside_pairs(problem: Problem, repeats: int) -> dict[str, Any]:
    """Both to the same end: the whole table of marginals Float32[L, V]."""
    count = Pairs.count(problem.automaton)
    if 4 * count > PAIR_BYTES:
        return {"pairs": count, "fits": False}
    pairs = Pairs.of(problem.automaton)
    ms = side_by_side({
        "pairs": lambda: pairs.marginals(torch.softmax(problem.logits, -1).numpy(), problem.frontier, problem.final),
        "ours": lambda: table_of_marginals(problem),
    }, repeats)
    return {"pairs": count, "fits": True, "pairs_mb": pairs.bytes / 1e6, "pairs_ms": ms["pairs"], "ours_ms": ms["ours"],
            "ratio_to_pairs": ms["pairs"] / ms["ours"]}


def table_of_marginals(problem: Problem) -> np.ndarray:
    bias = torch.from_numpy(problem.posterior().bias).exp_().float()
    class_of = torch.from_numpy(problem.automaton.class_of).long()
    table = torch.softmax(problem.logits, -1)
    for row, odds in zip(table, bias):
        row.mul_(odds[class_of])
    return table.numpy()


# --- ours beside dense products -------------------------------------------------------------------------------------


def beside_dense(problems: list[Problem], repeats: int, memory: float, seconds: float) -> list[dict[str, Any]]:
    """One row per automaton, the smallest first; what would pass a cap is not run, and its size is said."""
    rows: list[dict[str, Any]] = []
    rate = 0.0                                       # seconds per S**3, from the largest one run
    for problem in sorted(problems, key=lambda problem: problem.automaton.states):
        states = problem.automaton.states
        needed = DenseTree.bytes_needed(len(problem.logits), states)
        expected = rate * states ** 3
        row = {"states": states, "arcs": len(problem.automaton.arcs), "dense_gb": needed / 1e9, "expected_s": expected,
               "fits": needed <= memory and expected <= seconds}
        if row["fits"]:
            row |= _dense_row(problem, repeats if expected < 1 else 1)
            rate = row["tree_ms"] / 1e3 / states ** 3
        rows.append(row)
    return rows


def _dense_row(problem: Problem, repeats: int) -> dict[str, float]:
    """Both begin with the same pass over the logits and end with log Z and what a joint draw is made from."""
    weights = set_weights(problem)
    held: list[Posterior] = []

    def sums() -> None:
        held[:] = [problem.posterior()]

    def tree() -> None:
        DenseTree.build(weights, problem.automaton).log_z(problem.frontier, problem.final)

    ms = side_by_side({"sums": sums, "ours": lambda: held[0].log_z, "tree": tree}, repeats)
    dense, sparse = ms["sums"] + ms["tree"], ms["sums"] + ms["ours"]
    return {"tree_ms": ms["tree"], "dense_ms": dense, "ours_recursion_ms": ms["ours"], "ours_ms": sparse,
            "ratio_to_dense": dense / sparse, "ratio_of_recursions": ms["tree"] / ms["ours"]}


def set_weights(problem: Problem) -> np.ndarray:
    """Returns Float64[L, T]: the unnormalised belief in each token set, what `DenseTree` starts from."""
    automaton = problem.automaton
    mass, _, _ = chain.class_sums(problem.logits.numpy(), automaton.class_of, automaton.classes, np.float32(1))
    return chain.set_sums(mass, automaton.sets.offsets, automaton.sets.items)


# --- the benchmark --------------------------------------------------------------------------------------------------


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--length", type=int, default=256, help="canvas positions (default: 256)")
    parser.add_argument("--vocab", type=int, default=262_144, help="tokens (default: 262144)")
    parser.add_argument("--arcs-vocab", type=int, default=16_384, help="tokens in the table by arcs (default: 16384)")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="of torch and of ours alike")
    parser.add_argument("--repeats", type=int, default=7, help="repetitions to take the median of (default: 7)")
    parser.add_argument("--dense-gb", type=float, default=6.0, help="memory cap of the dense method (default: 6)")
    parser.add_argument("--dense-s", type=float, default=20.0, help="time cap of the dense method (default: 20)")
    parser.add_argument("--plot", type=Path, default=None, help="draw the time by arcs there, a PNG (needs matplotlib)")


def run(options: argparse.Namespace) -> dict[str, Any]:
    with threads(options.threads):
        report = _report(options)
    if options.plot:
        plot(report, options.plot)
    return report


def _report(options: argparse.Namespace) -> dict[str, Any]:
    vocab, logits = synthetic(options.vocab), beliefs(options.length, options.vocab)
    main = problem(8, False, vocab, logits)
    softmax = beside_softmax(main, options.repeats)
    pairs = beside_pairs(main, min(options.repeats, 3))
    dense = beside_dense([problem(*size, vocab, logits) for size in DENSE], min(options.repeats, 3),
                         options.dense_gb * 1e9, options.dense_s)
    largest = [row for row in dense if row["fits"]][-1]
    return {
        "benchmark": "posterior", "length": options.length, "vocab": options.vocab, "threads": options.threads,
        "fields": 8, **shape(main.automaton), **softmax,
        "ratio_to_pairs": pairs.get("ratio_to_pairs"), "pairs": pairs,
        "ratio_to_dense": largest["ratio_to_dense"], "ratio_to_dense_states": largest["states"], "dense": dense,
        "dense_gb": options.dense_gb, "dense_s": options.dense_s, "by_arcs_vocab": options.arcs_vocab, "by_arcs": by_arcs(options),
    }


def by_arcs(options: argparse.Namespace) -> list[dict[str, Any]]:
    vocab, logits = synthetic(options.arcs_vocab), beliefs(options.length, options.arcs_vocab)
    rows = []
    for size in ARCS:
        sized = problem(*size, vocab, logits)
        ms = stages(sized, options.repeats)
        rows.append(shape(sized.automaton) | {f"{name}_ms": ms[name] for name in STAGES})
    return rows


def plot(report: dict[str, Any], file: Path) -> None:
    """Draws the time of the recursions against the number of arcs: ours, and dense matrices until they die."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot(xlabel="arcs", ylabel="ms for a canvas", xscale="log", yscale="log",
                              title=f"Exact conditioning of {report['length']} positions")
    ours, dense = report["by_arcs"], [row for row in report["dense"] if row["fits"]]
    axes.plot([row["arcs"] for row in ours], [row["backward_ms"] + row["sample_ms"] for row in ours], "o-",
              label="sparse arcs: backward and a joint draw")
    axes.plot([row["arcs"] for row in ours], [row["class_sums_ms"] for row in ours], "o:", color="grey",
              label=f"the pass over {report['by_arcs_vocab']:,} logits a position")
    axes.plot([row["arcs"] for row in dense], [row["tree_ms"] for row in dense], "s--", label="dense states x states")
    died = [row for row in report["dense"] if not row["fits"]]
    if died:
        axes.axvline(died[0]["arcs"], color="C3", linewidth=1)
        axes.annotate(f"dense: over {report['dense_s']:.0f} s or {report['dense_gb']:.0f} GB\nat {died[0]['states']:,} states",
                      (died[0]["arcs"], dense[-1]["tree_ms"]), textcoords="offset points", xytext=(6, -40), color="C3")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(file, dpi=150)


def table(report: dict[str, Any]) -> str:
    return "\n\n".join(part(report) for part in (_softmax_table, _pairs_table, _dense_table, _arcs_table))


def _softmax_table(report: dict[str, Any]) -> str:
    return "\n".join([
        f"{report['length']} positions, {report['vocab']:,} tokens, {report['threads']} threads; {report['fields']}-field "
        f"schema: {report['states']:,} states, {report['classes']:,} classes, {report['arcs']:,} arcs, "
        f"{report['sets']:,} sets of {report['set_entries']:,} classes",
        *(f"{name.replace('_', ' '):24}{report[f'{name}_ms']:9.1f} ms" for name in ("softmax", "softmax_in_place", *STAGES)),
        f"{'class sums to sample':24}{report['ours_ms']:9.1f} ms",
        f"(softmax + ours) / softmax {report['ratio_to_softmax']:.2f};  "
        f"ours / softmax {report['ratio_to_softmax_fused']:.2f}",
    ])


def _pairs_table(report: dict[str, Any]) -> str:
    pairs = report["pairs"]
    if not pairs["fits"]:
        return f"{pairs['pairs']:,} (state, token) pairs did not fit"
    return (f"all marginals: {pairs['pairs_ms']:.0f} ms over {pairs['pairs']:,} (state, token) pairs "
            f"({pairs['pairs_mb']:.0f} MB), ours {pairs['ours_ms']:.0f} ms, {pairs['ratio_to_pairs']:.1f} times as fast")


def _dense_table(report: dict[str, Any]) -> str:
    lines = [f"{'states':>8}{'dense GB':>10}{'tree ms':>10}{'dense ms':>10}{'ours ms':>10}{'ratio':>8}{'recursions':>12}"]
    for row in report["dense"]:
        line = f"{row['states']:8,}{row['dense_gb']:10.2f}"
        lines.append(line + (f"{row['tree_ms']:10.1f}{row['dense_ms']:10.1f}{row['ours_ms']:10.1f}"
                             f"{row['ratio_to_dense']:8.1f}{row['ratio_of_recursions']:12.1f}" if row["fits"] else f"  did not fit: about {row['expected_s']:.0f} s"))
    return "\n".join(lines)


def _arcs_table(report: dict[str, Any]) -> str:
    lines = [f"{report['by_arcs_vocab']:,} tokens; ms",
             "".join(f"{name.replace('_', ' '):>12}" for name in ("states", "classes", "arcs", *STAGES))]
    lines += ["".join(f"{row[name]:12,}" for name in ("states", "classes", "arcs"))
              + "".join(f"{row[f'{name}_ms']:12.2f}" for name in STAGES) for row in report["by_arcs"]]
    return "\n".join(lines)
