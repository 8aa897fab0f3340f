"""What a model is fine-tuned for, as values: texts to learn from, and how well it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from structdiff.models.diffusion_gemma import DiffusionGemma
from structdiff.rng import Rng


@dataclass(frozen=True)
class Example:
    """hint: a line on the shape of the answer, as `Prompt` has it."""

    prompt: str
    answer: str
    hint: str = ""


@dataclass(frozen=True)
class Score:
    """of: what was tried, in words. solved: the share of answers that are right, whole. preserved: the share of what the prompt tells, a
    puzzle's givens or a document's values, that stands in the answers as told. forwards, seconds: mean, of one answer."""

    of: str
    many: int
    solved: float
    preserved: float
    forwards: float
    seconds: float


class Task(Protocol):
    """canvas: the least canvas, in tokens, that the task needs; 0: the model's own will do."""

    name: str
    canvas: int

    def examples(self, rng: Rng, many: int, progress: float) -> list[Example]:
        """Returns what to learn from at this point of the run, 0 its beginning and 1 its end."""
        ...

    def scores(self, denoiser: DiffusionGemma, many: int, seed: int) -> list[Score]:
        """Returns how well the model does alone, that is without a constraint, on `many` examples that it has not learned from."""
        ...
