"""`structdiff train`: a run's scores on stdout, its files in a folder, how far it is on stderr where that is a terminal."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from structdiff import cli_output
from structdiff.cli_input import UsageFault

if TYPE_CHECKING:
    from structdiff.training.loop import Run
    from structdiff.training.plot import Point
    from structdiff.training.task import Score, Task

TASKS = ("sudoku", "json-extract")
IN_REPOSITORY = {"json-extract": "tasks.json_extract.task"}
RATE = 0.02             # of Muon
ADAPTER_RATE = 1.5e-4   # of AdamW; this and the rank as in the original's recipe for Sudoku (google-deepmind/gemma, sft_sudoku.py)
RANK = 8
MINUTES = 30.0


@dataclass(frozen=True)
class Asked:
    """What is wanted of a run; None: the default of the kind of training."""

    task: str
    model: str | None = None
    lora: bool = False
    rank: int | None = None
    steps: int | None = None
    minutes: float | None = None
    batch: int = 8
    rate: float | None = None
    seed: int = 0
    out: Path | None = None
    resume: bool = False
    evaluate: int = 50


def add(app: typer.Typer) -> None:
    """Gives `app` the command."""

    @app.command(epilog="Exit codes: 0 trained; 1 the model or the run failed; 2 wrong usage; 130 interrupted.",
                 short_help="Fine-tune a model for a task.")
    def train(
        task: Annotated[str, typer.Argument(metavar="TASK", help=" or ".join(TASKS))],
        model: Annotated[str | None, typer.Option("--model", metavar="NAME|PATH", help="A DiffusionGemma; the one that ships with "
                                                  "structdiff when not given.")] = None,
        lora: Annotated[bool, typer.Option("--lora", help="Train low-rank adapters alone; needs peft.")] = False,
        rank: Annotated[int | None, typer.Option("--rank", min=1, help=f"With --lora: of the adapters; {RANK} when not given.")] = None,
        steps: Annotated[int | None, typer.Option("--steps", min=1, help="End after so many steps, of all sittings together.")] = None,
        minutes: Annotated[float | None, typer.Option("--minutes", min=0.01, help="End after so many minutes, of all sittings together; "
                                                      f"{MINUTES:g} when neither is given.")] = None,
        batch: Annotated[int, typer.Option("--batch", min=1, help="Examples a step.")] = 8,
        rate: Annotated[float | None, typer.Option("--lr", min=1e-9, help="The highest learning rate: Muon's; with --lora, "
                                                   "AdamW's.")] = None,
        seed: Annotated[int, typer.Option("--seed", min=0, help="With --steps, the same seed gives the same weights.")] = 0,
        out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="For checkpoint.pt, losses.csv, loss.svg, scores.json and "
                                                 "model/; runs/TASK when not given.")] = None,
        resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
        evaluate: Annotated[int, typer.Option("--evaluate", min=0, help="Try the model alone on so many examples at the end.")] = 50,
    ) -> None:
        """Fine-tunes a model: uniform corruption, cross-entropy on the whole canvas, self-conditioning in half of the steps.

        A run that was cut short goes on with --resume; so does one that is over, when it is given more --steps or --minutes. With --resume
        and a length that it has already, its model is written and tried as it is.
        """
        with cli_output.reported():
            scores = trained(Asked(task, model, lora, rank, steps, minutes, batch, rate, seed, out, resume, evaluate))
            if scores:
                typer.echo(table(scores))


def trained(asked: Asked) -> list[Score]:
    """Returns the scores of the model that the run ends with.

    Raises:
        UsageFault: there is no such task here, or what it needs is not installed.
        StructdiffError: the model cannot be loaded, or the run cannot go on.
    """
    task = task_of(asked.task, asked.seed)
    if asked.lora and importlib.util.find_spec("peft") is None:
        raise UsageFault("--lora needs peft, which is not installed: pip install 'structdiff[train]'")
    if asked.rank is not None and not asked.lora:
        raise UsageFault("--rank is only for --lora")
    import torch

    from structdiff.models.diffusion_gemma import EMBEDDED, DiffusionGemma
    from structdiff.training.loop import Length, Run
    from structdiff.training.recipe import Recipe

    if not asked.lora and not hasattr(torch.optim, "Muon"):
        raise UsageFault(f"training all weights needs torch 2.9 or later for its Muon, and this is {torch.__version__}: upgrade it, "
                         "or take --lora")
    torch.set_flush_denormal(True)
    recipe = Recipe(examples=asked.batch, rate=asked.rate or (ADAPTER_RATE if asked.lora else RATE),
                    adapters=(asked.rank or RANK) if asked.lora else 0, seed=asked.seed)
    run = Run(DiffusionGemma.from_pretrained(asked.model or EMBEDDED), task, recipe, asked.out or Path("runs") / task.name, asked.resume)
    length = Length(asked.steps, MINUTES if asked.steps is None and asked.minutes is None else asked.minutes)
    with _bar(task.name) as on_step:
        run.advance(length, on_step)
    scores = task.scores(run.denoiser, asked.evaluate, asked.seed) if asked.evaluate else []
    _record(run, scores)
    return scores


def task_of(name: str, seed: int) -> Task:
    if name not in TASKS:
        raise UsageFault(f"no task is called {name!r}; there are {' and '.join(TASKS)}")
    if name == "sudoku":
        from structdiff.training.sudoku import Sudoku
        return Sudoku(seed)
    module = IN_REPOSITORY[name]
    if Path(*module.split(".")).with_suffix(".py").exists() and "" not in sys.path:
        sys.path.insert(0, "")                       # an installed command does not look where it is run
    try:
        return importlib.import_module(module).TASK
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "tasks":
            raise
        raise UsageFault(f"{name} draws its documents with code that is in structdiff's repository and not in the package; run this at "
                         "the top of a checkout, or train sudoku") from None


def table(scores: list[Score]) -> str:
    lines = ["| model alone on | tried | solved | givens preserved | forwards | s |", "|---|---|---|---|---|---|"]
    return "\n".join(lines + [f"| {s.of} | {s.many} | {s.solved:.1%} | {s.preserved:.1%} | {s.forwards:.1f} | {s.seconds:.2f} |" for s in scores])


def _record(run: Run, scores: list[Score]) -> None:
    record = {"task": run.task.name, "steps": run.step, "minutes": round(run.minutes, 2), "scores": [asdict(score) for score in scores]}
    (run.files.folder / "scores.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")


@contextmanager
def _bar(title: str) -> Iterator[Callable[[Point, float], None] | None]:
    """A progress bar with the loss on stderr, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"), TextColumn("{task.fields[said]}"),
               TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), redirect_stdout=False) as progress:
        shown, mean = progress.add_task(title, total=1.0, said=""), 0.0

        def on_step(point: Point, share: float) -> None:
            nonlocal mean
            mean = 0.95 * mean + 0.05 * point.loss if mean else point.loss
            progress.update(shown, completed=share, said=f"step {point.step}, loss {mean:.3f}")

        yield on_step
