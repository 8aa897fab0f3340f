"""`python -m tasks.sudoku train|eval …`; `train` is `structdiff train sudoku`."""

from __future__ import annotations

import sys

from structdiff import cli
from tasks.sudoku import evaluate


def train(arguments: list[str]) -> None:
    cli.app(["train", "sudoku", *arguments])


COMMANDS = {"train": train, "eval": evaluate.main}

if __name__ == "__main__":
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command not in COMMANDS:
        sys.exit(f"usage: python -m tasks.sudoku {'|'.join(COMMANDS)} …")
    COMMANDS[command](sys.argv[2:])
