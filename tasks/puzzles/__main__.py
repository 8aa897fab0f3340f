"""`python -m tasks.puzzles generate|harden|train|eval|kinds …`."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from structdiff.puzzle.relational import SHIPPED, load
from tasks.puzzles import store
from tasks.puzzles.evaluate import evaluate, sets
from tasks.puzzles.instances import RECIPES
from tasks.puzzles.kinds import table
from tasks.puzzles.train import Training, train

FOLDER = Path("build/puzzles")


def main() -> None:
    torch.set_num_threads(1)
    command = _parser().parse_args()
    for line in command.run(command):
        print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tasks.puzzles")
    commands = parser.add_subparsers(required=True)
    generate = commands.add_parser("generate", help="make 9x9 Sudokus to learn from")
    generate.set_defaults(run=lambda asked: store.generate(asked.folder, asked.parts, asked.seed))
    generate.add_argument("--parts", type=int, default=12, help=f"files of {store.PART} puzzles")
    generate.add_argument("--seed", type=int, default=0)
    harden = commands.add_parser("harden", help="make harder ones of the hardest of those")
    harden.set_defaults(run=lambda asked: store.harden(asked.folder, asked.steps, asked.least))
    harden.add_argument("--steps", type=int, default=60, help="of each puzzle")
    harden.add_argument("--least", type=int, default=8, help="guesses of the puzzles it starts from")
    learn = commands.add_parser("train", help="train the denoiser")
    learn.set_defaults(run=_train)
    learn.add_argument("--minutes", type=float, default=Training.minutes)
    learn.add_argument("--seed", type=int, default=0)
    learn.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    look = commands.add_parser("eval", help="what it is worth, in three figures")
    look.set_defaults(run=_evaluate)
    look.add_argument("--weights", type=Path, default=SHIPPED)
    look.add_argument("--many", type=int, default=200, help="puzzles of each set")
    look.add_argument("--lists", type=Path, default=Path("data/sudoku"), help="where clues17.csv, top1465.csv and hardest.csv are")
    look.add_argument("--only", default="", help="the one set to look at, by the beginning of its name")
    every = commands.add_parser("kinds", help="the denoiser on every kind of puzzle, without any search")
    every.set_defaults(run=lambda asked: table(load(asked.weights), asked.many, tuple(asked.only) or tuple(RECIPES)))
    every.add_argument("--weights", type=Path, default=SHIPPED)
    every.add_argument("--many", type=int, default=200, help="puzzles of each kind")
    every.add_argument("--only", nargs="*", default=(), choices=RECIPES)
    for one in (generate, harden, learn):
        one.add_argument("--folder", type=Path, default=FOLDER)
    return parser


def _train(asked: argparse.Namespace):
    return train(Training(asked.folder, asked.folder / "relational.pt", asked.minutes, seed=asked.seed), asked.resume)


def _evaluate(asked: argparse.Namespace):
    denoiser = load(asked.weights)
    for name, puzzles in sets(asked.many, asked.lists):
        if name.startswith(asked.only):
            if puzzles is None:
                yield f"\n{name}: skipped, for {asked.lists} has no such list; --lists says where they are"
            else:
                yield f"\n{name}: {len(puzzles)} puzzles"
                yield from evaluate(denoiser, puzzles)


if __name__ == "__main__":
    main()
