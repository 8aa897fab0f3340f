"""Reading documents into objects, as a task that `structdiff train` takes."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from structdiff.constraints.json_schema.hint import describe
from structdiff.models.diffusion_gemma import DiffusionGemma
from structdiff.rng import Rng
from structdiff.training.task import Example, Score
from tasks.json_extract import evaluate
from tasks.json_extract.data import compact_json, example


@dataclass(frozen=True)
class JsonExtract:
    name: str = "json-extract"
    canvas: int = 0

    def examples(self, rng: Rng, many: int, progress: float) -> list[Example]:
        stream = random.Random(int(rng.integers(2**31)))
        drawn = [example(stream, "train") for _ in range(many)]
        return [Example(one.document, compact_json(one.target), describe(one.schema)) for one in drawn]

    def scores(self, denoiser: DiffusionGemma, many: int, seed: int) -> list[Score]:
        started = time.perf_counter()
        found = evaluate.score(denoiser, "unconstrained", evaluate.examples("dev", many, seed), sampler=evaluate.STOCK)
        return [Score("development documents", many, found.objects, found.exact, found.forwards, (time.perf_counter() - started) / many)]


TASK = JsonExtract()
