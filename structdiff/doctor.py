"""Whether an installation works: what is installed, whether it is whole, and whether it does what it is for. Nothing here needs a network."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from structdiff import __version__

PACKAGE = Path(__file__).parent
MANIFEST = PACKAGE / "weights.sha256"       # in sha256sum's notation: `sha256sum -c weights.sha256` in its folder says the same
INSTALL = "install structdiff anew: pip install --force-reinstall structdiff"
SHOWN = ("torch", "transformers", "tokenizers", "numba", "numpy", "pydantic")
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}, "boxes": {"type": "integer"}}, "required": ["city", "boxes"],
          "additionalProperties": False}
SUDOKU = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"


@dataclass(frozen=True)
class Finding:
    """What a check found. advice: what to do where it failed; empty where it did not. seconds: it took."""

    check: str
    found: str
    advice: str = ""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return not self.advice


class Unwell(Exception):
    """A check failed. advice: what to do."""

    def __init__(self, found: str, advice: str):
        super().__init__(found)
        self.advice = advice


def examine(model: str | None = None) -> Iterator[Finding]:
    """Yields what each check finds, as it is made. model: what is generated with; the one that ships when not given."""
    yield _checked("structdiff", _versions, INSTALL)
    yield _checked("extras", _extras, INSTALL)
    yield _checked("device", _device, "mend the driver, or hide the device: CUDA_VISIBLE_DEVICES=")
    yield _checked("weights", _weights, INSTALL)
    yield _checked("kernel cache", _cache, "set NUMBA_CACHE_DIR to a folder that can be written; until then every start compiles anew")
    yield _checked("generate", lambda: _generation(model), f"name another --model, or {INSTALL}")
    yield _checked("repair", _repair, INSTALL)
    yield _checked("puzzle", _puzzle, INSTALL)


def _checked(name: str, check: Callable[[], str], advice: str) -> Finding:
    """Returns what the check says; an installation that is broken may raise anything."""
    started, failed = time.perf_counter(), ""
    try:
        found = check()
    except Unwell as error:
        found, failed = str(error), error.advice
    except Exception as error:
        found, failed = f"{type(error).__name__}: {' '.join(str(error).split())}", advice
    return Finding(name, found, failed, round(time.perf_counter() - started, 3))


# --- what is installed -----------------------------------------------------------------------------------------------------

def _versions() -> str:
    shown = f"{__version__} in {PACKAGE}, Python {platform.python_version()}, " + ", ".join(f"{name} {_version(name)}" for name in SHOWN)
    wrong = [line for line in map(_unmet, _requirements("")) if line]
    if wrong:
        raise Unwell(f"{shown}; {'; '.join(wrong)}", f"pip install {' '.join(repr(str(one)) for one in _requirements('') if _unmet(one))}")
    return shown


def _extras() -> str:
    """An extra that is absent is no fault: it says so."""
    try:
        names = metadata.metadata("structdiff").get_all("Provides-Extra") or []
    except metadata.PackageNotFoundError:
        return "unknown: structdiff is imported from a folder, and is not installed"
    missing = {name: [one.name for one in _requirements(name) if _unmet(one)] for name in names}
    return ", ".join(f"{name} ({'lacks ' + ', '.join(lacks) if lacks else 'present'})" for name, lacks in missing.items())


def _requirements(extra: str) -> list[Requirement]:
    """Returns what structdiff needs, or what the extra needs beyond that; nothing where it is not installed."""
    try:
        needed = [Requirement(line) for line in metadata.requires("structdiff") or []]
    except metadata.PackageNotFoundError:
        return []
    always = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    if not extra:
        return always
    return [one for one in needed if one not in always and one.marker.evaluate({"extra": extra}) and one.name != "structdiff"]


def _unmet(needed: Requirement) -> str:
    version = _version(needed.name)
    return "" if version and needed.specifier.contains(version, prereleases=True) else f"{needed} is needed, {version or 'none'} is there"


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _device() -> str:
    import torch

    if not torch.cuda.is_available():
        return f"CPU, {torch.get_num_threads()} threads of torch, {os.cpu_count()} cores"
    one = torch.ones(8, 8, device="cuda")
    if not bool(((one @ one) == 8).all()):
        raise Unwell("the GPU computes wrongly", "mend the driver, or hide the device: CUDA_VISIBLE_DEVICES=")
    return ", ".join(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))


# --- whether it is whole ---------------------------------------------------------------------------------------------------

def shipped() -> list[Path]:
    """Returns the files of weights that ship, and the configurations and tokenizers beside them."""
    folders = sorted({file.parent for file in PACKAGE.rglob("*.safetensors")})
    return [file for folder in folders for file in sorted([*folder.glob("*.safetensors"), *folder.glob("*.json")])]


def manifest() -> str:
    """Returns what `weights.sha256` says when it is right."""
    return "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(PACKAGE).as_posix()}\n" for file in shipped())


def record() -> None:
    """Writes `weights.sha256`; for whoever has trained the weights anew."""
    MANIFEST.write_text(manifest(), "utf-8")


def _weights() -> str:
    expected = dict(reversed(line.split("  ", 1)) for line in MANIFEST.read_text("utf-8").splitlines())
    there = dict(reversed(line.split("  ", 1)) for line in manifest().splitlines())
    wrong = [f"{name} {'is not there' if name not in there else 'is not the one that was shipped'}"
             for name, digest in expected.items() if there.get(name) != digest]
    if wrong or not expected:
        raise Unwell("; ".join(wrong) or "the manifest is empty", INSTALL)
    weights = [file for file in shipped() if file.suffix == ".safetensors"]
    return f"{len(expected)} files as they were shipped, {sum(file.stat().st_size for file in weights) / 1e6:.1f} MB of weights"


def _cache() -> str:
    from structdiff import chain

    folder = Path(chain.backward.stats.cache_path)
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise Unwell(f"{folder} cannot be written", "set NUMBA_CACHE_DIR to a folder that can be written; until then every start compiles anew")
    return str(folder)


# --- whether it does what it is for ----------------------------------------------------------------------------------------

def _generation(model: str | None) -> str:
    import structdiff

    begun = time.perf_counter()
    denoiser = structdiff.load(model)
    loaded = time.perf_counter()
    prompt, constraint = "City: Bergen\nBoxes: 14\n", structdiff.JsonSchema(SCHEMA)
    structdiff.generate(prompt, constraint, model=denoiser)              # compiles the kernels and the schema
    warm = time.perf_counter()
    result = structdiff.generate(prompt, constraint, model=denoiser, seed=1)
    took = time.perf_counter() - warm
    value = json.loads(result.text) if result.valid else None
    if value is None or set(value) != {"city", "boxes"} or not isinstance(value["city"], str) or type(value["boxes"]) is not int:
        raise Unwell(f"{result.status.name}: {result.text!r}", "take a --model that is a text model for diffusion, or " + INSTALL)
    return (f"VALID {' '.join(result.text.split())} after {result.forwards} forwards in {took:.3f} s ({result.forwards / took:.0f} forwards a "
            f"second); loaded in {loaded - begun:.1f} s, the first took {warm - loaded:.1f} s")


def _repair() -> str:
    import structdiff

    found = structdiff.repair('{"city": "Bergen", "boxes": [1, 2,}', "json")
    if found.text is None or json.loads(found.text) != {"city": "Bergen", "boxes": [1, 2]}:
        raise Unwell(f"a broken JSON text became {found.text!r}", INSTALL)
    return found.text


def _puzzle() -> str:
    import structdiff

    solution = structdiff.solve(structdiff.read_puzzle("sudoku", SUDOKU), model="relational")
    board = "".join(character for character in solution.text or "" if character.isdigit())
    if not _solves(board):
        raise Unwell(f"a Sudoku was not solved: {solution.reason or board}", INSTALL)
    return f"a Sudoku in {solution.seconds:.3f} s"


def _solves(board: str) -> bool:
    if len(board) != 81 or any(given not in (".", digit) for given, digit in zip(SUDOKU, board)):
        return False
    units: list[Any] = [range(9 * row, 9 * row + 9) for row in range(9)] + [range(column, 81, 9) for column in range(9)]
    units += [[27 * i + 3 * j + 9 * row + column for row in range(3) for column in range(3)] for i in range(3) for j in range(3)]
    return all({board[cell] for cell in unit} == set("123456789") for unit in units)
