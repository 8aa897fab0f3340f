"""How sure a repair is to be the right one: what the prices of the alternatives say, calibrated on damaged documents."""

from __future__ import annotations

import math
from collections.abc import Sequence

from structdiff.channel.edits import Reading

# A logistic regression on `features`, by format; fitted by `python -m tasks.markup_repair calibrate`.
WEIGHTS: dict[str, tuple[float, ...]] = {
    "json": (5.027, 0.311, 0.845, -1.783),
    "xml": (9.384, 0.233, 0.388, -2.694),
    "svg": (7.621, 0.328, 1.106, -2.740),
    "html": (10.430, -0.026, 1.798, -3.879),
    "toml": (5.058, 0.640, 2.434, -2.724),
    "other": (5.058, 0.640, 2.434, -2.724),
}
SURE = 6.0              # log-odds beyond which prices do not count


def features(readings: Sequence[Reading]) -> tuple[float, ...]:
    """Returns 1, the log-odds of the first reading among all, the logarithm of the number of its edits, and its price."""
    best = readings[0]
    others = sum(math.exp(best.cost - one.cost) for one in readings[1:])
    odds = min(SURE, -math.log(others)) if others > 0 else SURE
    return 1.0, odds, math.log1p(len(best.edits)), math.log1p(max(0.0, best.cost))


def confidence(format: str, readings: Sequence[Reading]) -> float:
    """Returns the probability that the first of the readings has the value, or tree, that was meant."""
    weights = WEIGHTS.get(format, WEIGHTS["other"])
    return 1 / (1 + math.exp(-sum(weight * x for weight, x in zip(weights, features(readings)))))
