"""Writes the mean of two checkpoints of one run, as it began and as it ended: it reads unseen wordings better than either (arXiv 2109.01903).

    python -m tasks.json_extract mean structdiff/models/tiny build/json_extract --out structdiff/models/tiny
"""

from __future__ import annotations

import argparse
from pathlib import Path

from safetensors.torch import load_file, save_file


def mean(first: Path, second: Path, out: Path) -> None:
    """Writes model.safetensors in `out`; what else there is, is as it was."""
    one, other = (load_file(folder / "model.safetensors") for folder in (first, second))
    save_file({name: (weight + other[name]) / 2 for name, weight in one.items()}, out / "model.safetensors", metadata={"format": "pt"})


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tasks.json_extract mean", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    mean(options.first, options.second, options.out)
