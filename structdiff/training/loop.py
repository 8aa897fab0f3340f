"""The loop of a run: a step, its loss, and from time to time a checkpoint that the run can be taken up from."""

from __future__ import annotations

import csv
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from transformers.utils import logging as transformers_logging

from structdiff.errors import StructdiffError
from structdiff.models.diffusion_gemma import DiffusionGemma
from structdiff.training import passes, plot
from structdiff.training.adapters import adapt
from structdiff.training.batches import Batch, batch
from structdiff.training.optimizers import Optimizers
from structdiff.training.plot import Point
from structdiff.training.recipe import Forward, Recipe, loss
from structdiff.training.task import Task

WORTH_COMPILING = 10.0      # minutes of a run
KEPT = 2.0                  # minutes from checkpoint to checkpoint


class TrainingError(StructdiffError):
    """A run cannot begin or cannot go on."""


@dataclass(frozen=True)
class Length:
    """When a run is over: after so many steps, or minutes of all its sittings together. Runs of the same steps end with the same weights."""

    steps: int | None = None
    minutes: float | None = None

    def progress(self, step: int, minutes: float) -> float:
        """Returns from 0 to 1, at which it is over."""
        shares = [done / most for done, most in ((step, self.steps), (minutes, self.minutes)) if most is not None]
        return min(1.0, max(shares, default=1.0))


@dataclass(frozen=True)
class Files:
    """What a run leaves behind: losses.csv and loss.svg as it goes, a checkpoint, and the model when it is over."""

    folder: Path

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    @property
    def losses(self) -> Path:
        return self.folder / "losses.csv"

    @property
    def plot(self) -> Path:
        return self.folder / "loss.svg"

    @property
    def model(self) -> Path:
        return self.folder / "model"


def fitted(denoiser: DiffusionGemma, task: Task) -> DiffusionGemma:
    """Returns the denoiser with a canvas that the task fits on; positions are rotary, so the weights serve any."""
    denoiser.model.config.canvas_length = max(denoiser.block_length, task.canvas)
    return DiffusionGemma(denoiser.model, denoiser.tokenizer)


class Run:
    """A run of one task in one folder. `advance` goes through it; what it leaves is the same, however often it was cut short.

    Raises:
        TrainingError: the folder holds a run and `resume` is not said, or a run of another recipe or task.
    """

    def __init__(self, denoiser: DiffusionGemma, task: Task, recipe: Recipe, folder: Path, resume: bool = False):
        self.denoiser, self.task, self.recipe, self.files = fitted(denoiser, task), task, recipe, Files(folder)
        self.denoiser.model.set_experts_implementation("grouped_mm")      # gradients of gathered weights differ from run to run
        self.denoiser.model.config.reviews = False                        # the recipe does not train the encoder to read answers
        torch.manual_seed(recipe.seed)                  # of the adapters' first weights
        if recipe.adapters:
            adapt(self.denoiser, recipe.adapters)
        self.trained = {name: p for name, p in self.denoiser.model.named_parameters() if p.requires_grad and "vision" not in name}
        self._optimizers = Optimizers(self.trained, recipe.rate, bool(recipe.adapters))
        self.points: list[Point] = []
        self._take_up(resume)
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def step(self) -> int:
        return self.points[-1].step if self.points else 0

    @property
    def minutes(self) -> float:
        return self.points[-1].minutes if self.points else 0.0

    def advance(self, length: Length, on_step: Callable[[Point, float], None] | None = None, every: float = KEPT) -> None:
        """Trains until the run is as long, and leaves its files. on_step is told each step's point and the progress.

        Raises:
            TrainingError: the loss is not a number.
        """
        forward = self._forward(length)
        before, begun, kept = self.minutes, time.monotonic(), time.monotonic()
        while (progress := length.progress(self.step, self.minutes)) < 1:
            value = self._step(forward, progress)
            self.points.append(Point(self.step + 1, before + (time.monotonic() - begun) / 60, value))
            if on_step is not None:
                on_step(self.points[-1], progress)
            if time.monotonic() - kept > 60 * every:
                self.keep()
                kept = time.monotonic()
        self.keep()
        self._save()

    def keep(self) -> None:
        """Writes checkpoint, losses and plot, each whole or not at all."""
        state = {"weights": {name: p.detach() for name, p in self.trained.items()}, "optimizers": self._optimizers.state(),
                 "run": self._of(), "points": [(p.step, p.minutes, p.loss) for p in self.points]}
        _replaced(self.files.checkpoint, lambda file: torch.save(state, file))
        _replaced(self.files.losses, self._write_losses)
        _replaced(self.files.plot, lambda file: file.write_text(plot.svg(f"{self.task.name}: loss, nats a token", self.points), "utf-8"))

    def _step(self, forward: Forward, progress: float) -> float:
        rng = self.recipe.rng(self.step)
        drawn = batch(self.denoiser, self.task.examples(rng, self.recipe.examples, progress), self.recipe.each, rng)
        value = loss(forward, drawn.to(self.denoiser.model.device), bool(rng.uniform() < self.recipe.self_conditioned))
        if not math.isfinite(value.item()):
            raise TrainingError(f"the loss is {value.item()} at step {self.step + 1}; take a lower --lr")
        value.backward()
        self._optimizers.step(self.recipe.pace(progress))
        return value.item()

    def _forward(self, length: Length) -> Forward:
        model = self.denoiser.model
        side = passes.SideBySide(model)
        if length.minutes is not None and length.minutes >= WORTH_COMPILING:
            side.compile_layers()

        usual: list[tuple[int, ...]] = []               # sizes: of the first batch; others are too rare to compile for

        def forward(drawn: Batch, belief: torch.Tensor | None) -> torch.Tensor:
            usual[:] = usual or [drawn.sizes]
            fits = not self.recipe.adapters and drawn.sizes == usual[0] and passes.SideBySide.takes(model, drawn)
            return side(drawn, belief) if fits else passes.plain(model, drawn, belief)

        return forward

    def _of(self) -> dict:
        return {"task": self.task.name, "recipe": asdict(self.recipe)}

    def _take_up(self, resume: bool) -> None:
        if not self.files.checkpoint.exists():
            return
        if not resume:
            raise TrainingError(f"{self.files.folder} holds a run; say --resume to go on with it, or name another folder with --out")
        saved = torch.load(self.files.checkpoint, weights_only=True, map_location=self.denoiser.model.device)
        if saved["run"] != self._of():
            raise TrainingError(f"{self.files.folder} holds a run of {_shown(saved['run'])}, not of {_shown(self._of())}: "
                                "give it the same options, or name another folder with --out")
        with torch.no_grad():
            for name, weight in saved["weights"].items():
                self.trained[name].copy_(weight)
        self._optimizers.load(saved["optimizers"])
        self.points = [Point(*point) for point in saved["points"]]

    def _write_losses(self, file: Path) -> None:
        with file.open("w", newline="") as opened:
            rows = csv.writer(opened)
            rows.writerow(["step", "minutes", "loss"])
            rows.writerows([p.step, f"{p.minutes:.3f}", f"{p.loss:.5f}"] for p in self.points)

    def _save(self) -> None:
        bars = transformers_logging.is_progress_bar_enabled()
        transformers_logging.disable_progress_bar()
        self.denoiser.model.save_pretrained(self.files.model)
        self.denoiser.tokenizer.save_pretrained(self.files.model)
        if bars:
            transformers_logging.enable_progress_bar()


def _shown(run: dict) -> str:
    recipe = run["recipe"]
    return f"{run['task']} ({', '.join(f'{name} {recipe[name]}' for name in ('examples', 'each', 'rate', 'adapters', 'seed'))})"


def _replaced(path: Path, write: Callable[[Path], object]) -> None:
    """Writes the file anew, whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    write(partial)
    os.replace(partial, path)
