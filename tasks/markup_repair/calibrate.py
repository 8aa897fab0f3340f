"""Fits, on the dev split, what a repair's confidence is made of, and how much the model's word counts.

    python -m tasks.markup_repair calibrate --format json xml svg html toml yaml --documents 80 [--checkpoint FOLDER]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from structdiff.channel.confidence import features
from structdiff.channel.edits import LLM, Reading
from structdiff.models.diffusion_gemma import EMBEDDED, DiffusionGemma
from structdiff.proofreader import Proofreader
from structdiff.repairs import ANY, COMPARED, LOOKED_AT, valid_readings
from structdiff.targets import target_of
from tasks.markup_repair.judges import same
from tasks.markup_repair.trials import cases

FORMATS = ("json", "xml", "svg", "html", "toml", "yaml")
WEIGHTS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True)
class Sample:
    """One damaged document's readings. right: of each, whether it is what was meant. nats: the model's log-likelihoods, if any."""

    readings: tuple[Reading, ...]
    right: tuple[bool, ...]
    nats: tuple[float, ...] | None

    def ranked(self, weight: float) -> Sample:
        """Returns the sample with the model's word in the costs, cheapest first."""
        if self.nats is None or weight == 0:
            return self
        reader = Proofreader(None, weight)
        costs = [one.cost + reader.price(told, self.nats) for one, told in zip(self.readings, self.nats)]
        order = sorted(range(len(costs)), key=lambda i: costs[i])
        return Sample(tuple(replace(self.readings[i], cost=costs[i]) for i in order), tuple(self.right[i] for i in order),
                      tuple(self.nats[i] for i in order))


def samples(format: str, split: str, count: int, seed: int, reader: Proofreader | None) -> list[Sample]:
    found, target = [], target_of(format)
    for case in cases(format, split, count, (1, 2, 4, 8), seed, 0.0):
        readings = valid_readings(target, case.damaged.text, LLM, ANY, LOOKED_AT if reader else COMPARED)
        if readings:
            nats = reader.log_likelihoods(format, case.damaged.text, readings) if reader and len(readings) > 1 else None
            found.append(Sample(tuple(readings), tuple(same(format, one.text, case.document.text) for one in readings),
                                None if nats is None else tuple(nats)))
    return found


def exact(drawn: Sequence[Sample], weight: float) -> float:
    return float(np.mean([sample.ranked(weight).right[0] for sample in drawn]))


def fitted(drawn: Sequence[Sample]) -> np.ndarray:
    """Returns the logistic regression's weights: Newton's method, with a little ridge."""
    x = np.array([features(sample.readings) for sample in drawn])
    y = np.array([sample.right[0] for sample in drawn], dtype=float)
    w = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ w))
        gradient = x.T @ (p - y) + 0.05 * w
        w -= np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + 0.05 * np.eye(len(w)), gradient)
    return w


def calibration_error(drawn: Sequence[Sample], weights: np.ndarray, bins: int = 15) -> float:
    p = 1 / (1 + np.exp(-np.array([features(sample.readings) for sample in drawn]) @ weights))
    y = np.array([sample.right[0] for sample in drawn], dtype=float)
    which = np.minimum((p * bins).astype(int), bins - 1)
    return float(sum(abs(p[which == b].sum() - y[which == b].sum()) for b in range(bins)) / len(y))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tasks.markup_repair calibrate", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--format", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--documents", type=int, default=80)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--checkpoint", default=EMBEDDED)
    parser.add_argument("--no-model", action="store_true")
    options = parser.parse_args(arguments)
    reader = None if options.no_model else Proofreader(DiffusionGemma.from_pretrained(options.checkpoint))
    together: list[list[Sample]] = []
    for format in options.format:
        drawn = samples(format, "dev", options.documents, options.seed, reader)
        together.append(drawn)
        told = " ".join(f"{weight}: {exact(drawn, weight):.1%}" for weight in WEIGHTS)
        weights = fitted(drawn)
        print(f"{format}: {len(drawn)} repairs; exact by weight of the model {told}; any reading right "
              f"{np.mean([any(sample.right) for sample in drawn]):.1%}")
        print(f'    "{format}": ({", ".join(f"{w:.3f}" for w in weights)}),   # error {calibration_error(drawn, weights):.3f}', flush=True)
    every = [sample for drawn in together for sample in drawn]
    print("all: " + " ".join(f"{weight}: {exact(every, weight):.2%}" for weight in WEIGHTS))


if __name__ == "__main__":
    main()
