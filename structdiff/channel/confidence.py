"""How sure a repair is to be the right one: what the prices of the alternatives say, calibrated on damaged documents."""

from __future__ import annotations

import math
from collections.abc import Sequence

from structdiff.channel.edits import Reading

# A logistic regression on `features`, by format; fitted by `python -m tasks.markup_repair calibrate`.
WEIGHTS: dict[str, tuple[float, ...]] = {
    "json": (5.858, 0.298, 2.352, -2.899, 0.000),
    "xml": (5.007, 0.941, -0.559, -1.054, 0.412),
    "svg": (5.577, 0.463, 1.622, -2.540, -0.425),
    "html": (8.780, 0.098, 1.239, -3.084, -0.610),
    "toml": (4.045, 0.496, 0.233, -1.074, -2.577),
    "yaml": (5.021, 0.177, 4.245, -5.119, -0.182),
    "other": (4.045, 0.496, 0.233, -1.074, -1.000),
}
SURE = 6.0              # log-odds beyond which prices do not count


def features(readings: Sequence[Reading]) -> tuple[float, ...]:
    """Returns 1, the log-odds of the first reading among all, the logarithms of the number of its edits and of its price, and
    whether it is rough: then what else there is is not known."""
    best = readings[0]
    others = sum(math.exp(best.cost - one.cost) for one in readings[1:])
    odds = 0.0 if best.rough else min(SURE, -math.log(others)) if others > 0 else SURE
    return 1.0, odds, math.log1p(len(best.edits)), math.log1p(max(0.0, best.cost)), float(best.rough)


def confidence(format: str, readings: Sequence[Reading]) -> float:
    """Returns the probability that the first of the readings has the value, or tree, that was meant."""
    weights = WEIGHTS.get(format, WEIGHTS["other"])
    return 1 / (1 + math.exp(-sum(weight * x for weight, x in zip(weights, features(readings)))))
