"""A run's losses as one SVG file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 360, 56, 40, 28
SMOOTH = 0.95           # of the running mean that is kept, a step


@dataclass(frozen=True)
class Point:
    step: int
    minutes: float
    loss: float


def svg(title: str, points: Sequence[Point]) -> str:
    """Returns the losses over the steps, faint, and their running mean; an empty frame where there are none."""
    steps, losses = [point.step for point in points] or [0], [point.loss for point in points] or [0.0]
    right, high = max(steps[-1], 1), max(losses) or 1.0

    def line(values: Sequence[float], look: str) -> str:
        places = " ".join(f"{LEFT + (WIDTH - LEFT - 16) * step / right:.1f},{HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / high:.1f}"
                          for step, value in zip(steps, values))
        return f'<polyline points="{places}" fill="none" {look}/>'

    def text(x: float, y: float, said: str, anchor: str = "end") -> str:
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{said}</text>'

    marks = [text(LEFT - 6, HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * mark / high + 4, f"{mark:g}") for mark in _marks(high)]
    marks += [text(LEFT + (WIDTH - LEFT - 16) * mark / right, HEIGHT - BOTTOM + 18, f"{mark:g}", "middle") for mark in _marks(right)]
    said = title.replace("&", "&amp;").replace("<", "&lt;")
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<path d="M{LEFT},{TOP} V{HEIGHT - BOTTOM} H{WIDTH - 16}" fill="none" stroke="#888"/>',
        text(LEFT, 18, said, "start"), text(WIDTH - 16, HEIGHT - 6, "step"), *marks,
        line(losses, 'stroke="#9bd" stroke-width="0.7"'), line(_smooth(losses), 'stroke="#136" stroke-width="1.8"'), "</svg>", ""])


def _marks(high: float) -> list[float]:
    """Returns round numbers from 0 to `high`, five or so."""
    size = 10 ** floor(log10(high / 5))
    apart = next(size * by for by in (1, 2, 5, 10) if size * by * 6 > high)
    return [round(apart * i, 9) for i in range(int(high / apart) + 1)]


def _smooth(values: Sequence[float]) -> list[float]:
    """Returns the running mean, with its beginning weighed rightly."""
    total, weight, means = 0.0, 0.0, []
    for value in values:
        total, weight = SMOOTH * total + (1 - SMOOTH) * value, SMOOTH * weight + (1 - SMOOTH)
        means.append(total / weight)
    return means
