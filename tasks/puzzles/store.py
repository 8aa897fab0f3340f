"""Made Sudokus on disk, in parts that are each usable while the next is made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from structdiff.rng import Rng
from tasks.puzzles.made import Made, hardened, made, sudoku

PART = 5000
STARTS = 100            # puzzles that a part of hardened ones is from
HELD_OUT = 1_000_000    # seeds from here on are for evaluation


def generate(folder: Path, parts: int, seed: int) -> Iterator[Path]:
    """Writes parts of minimal 9x9 Sudokus; yields each file when it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in range(seed, seed + parts):
        yield _write(folder / f"sudoku-{part:04d}.npz", made(sudoku(3, 3), PART, Rng(part)))


def harden(folder: Path, steps: int, least: int) -> Iterator[Path]:
    """Writes what the stored puzzles of `least` guesses become in so many steps towards more; yields each file when it is whole."""
    whole = stored(folder)
    starts = np.flatnonzero(whole.nodes >= least)
    for part, begin in enumerate(range(0, len(starts), STARTS)):
        yield _write(folder / f"hardened-{part:04d}.npz", hardened(whole.part(starts[begin : begin + STARTS]), steps, least, Rng(part)))


def _write(file: Path, found: Made) -> Path:
    np.savez_compressed(file.with_suffix(".new.npz"), domains=found.domains.astype(np.int16),
                        solutions=found.solutions.astype(np.int8), nodes=found.nodes.astype(np.int16))
    return file.with_suffix(".new.npz").rename(file)


def stored(folder: Path, name: str = "sudoku") -> Made:
    """Returns all parts of the name that the folder has."""
    parts = [np.load(file) for file in sorted(folder.glob(f"{name}-????.npz"))]
    if not parts:
        raise FileNotFoundError(f"no {name} puzzles in {folder}; make some: python -m tasks.puzzles generate")
    whole = {name: np.concatenate([part[name] for part in parts]).astype(np.int64) for name in ("domains", "solutions", "nodes")}
    return Made(sudoku(3, 3), **whole)
