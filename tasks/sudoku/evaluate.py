"""How many ordinary Sudokus the text model solves alone, before and after it was fine-tuned, beside the original's figures.

The puzzles come from another generator than those that it learns from. Alone: DiffusionGemma's own sampler, no constraint, nothing held in
place, so that a model may also lose the givens; how many it keeps is counted.

    structdiff train sudoku --minutes 120 --out runs/sudoku
    python -m tasks.sudoku eval --model runs/sudoku/model
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from structdiff.models.diffusion_gemma import EMBEDDED, DiffusionGemma
from structdiff.rng import Rng
from structdiff.training import sudoku
from structdiff.training.loop import fitted
from structdiff.training.sudoku import GIVENS, ORDINARY, Grids, Sudoku
from structdiff.training.task import Score
from tasks.puzzles import made

# As published with DiffusionGemma; for how many givens, and with how many forwards, is not said.
ORIGINAL = ("| DiffusionGemma 26B as published, before | | about 0 % | | |", "| DiffusionGemma 26B as published, after | | about 80 % | | |")
TARGET = 0.95


def ordinary(many: int, seed: int) -> Grids:
    """Returns puzzles with one solution and `ORDINARY` givens at least."""
    drawn = made.made(made.sudoku(3, 3), many, Rng(sudoku.HELD_OUT + seed), least=ORDINARY, most=ORDINARY)
    return Grids(drawn.solutions + 1, drawn.domains & (drawn.domains - 1) == 0)


def scores(model: str | Path, many: int, seed: int) -> list[Score]:
    denoiser, puzzles, rng = fitted(DiffusionGemma.from_pretrained(model), Sudoku()), ordinary(many, seed), Rng(seed)
    return [sudoku.solved(denoiser, sudoku.told_more(puzzles, np.full(many, givens), rng), f"{givens} givens") for givens in GIVENS]


def table(before: list[Score], after: list[Score]) -> str:
    lines = ["| model alone | puzzles | solved | givens preserved | forwards |", "|---|---|---|---|---|"]
    lines += [f"| {name} | {s.many} of {s.of} | {s.solved:.1%} | {s.preserved:.1%} | {s.forwards:.1f} |"
              for name, of in (("embedded, before", before), ("embedded, after", after)) for s in of]
    short = TARGET - after[0].solved
    verdict = (f"The aim of {TARGET:.0%} of ordinary puzzles is met." if short <= 0 else
               f"The aim is {TARGET:.0%} of ordinary puzzles; it is {100 * short:.1f} points short.")
    return "\n".join([*lines, *ORIGINAL, "", verdict])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tasks.sudoku eval", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="runs/sudoku/model", help="the folder of a fine-tuned checkpoint")
    parser.add_argument("--before", default=EMBEDDED, help="the checkpoint that it began from")
    parser.add_argument("--puzzles", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    before, after = (scores(model, options.puzzles, options.seed) for model in (options.before, options.model))
    print(json.dumps([[asdict(one) for one in of] for of in (before, after)], indent=1) if options.json else table(before, after))


if __name__ == "__main__":
    main()
