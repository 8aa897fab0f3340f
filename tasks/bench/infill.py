"""Infilling: functions of the standard library from which an expression, a statement or a block is taken out.

Each is filled by the model between what stands on both sides, the whole under the grammar of Python. `ast.parse` judges.
What comes back without being valid is tried again with another seed; how many were valid at first is a figure of its own.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import inspect
import random
import statistics
import textwrap
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from structdiff import Grammar, Regex, Template, generate, load
from structdiff.api import compiled
from structdiff.constraint import Constraint

MODULES = ("bisect", "calendar", "cmd", "colorsys", "configparser", "copy", "csv", "difflib", "dis", "fnmatch", "fractions",
           "ftplib", "getopt", "gettext", "glob", "heapq", "html", "imaplib", "inspect", "ipaddress", "keyword", "linecache",
           "mimetypes", "ntpath", "numbers", "pathlib", "pickle", "plistlib", "posixpath", "pprint", "queue", "random",
           "reprlib", "sched", "shlex", "shutil", "smtplib", "stat", "statistics", "string", "tabnanny", "textwrap", "token",
           "tokenize", "trace", "types", "uuid", "wave", "weakref", "zipfile")
LONGEST = 900              # characters of a function
ROOM = 48                  # tokens, over the fewest, that a hole may take
TRIES = 3


@dataclass(frozen=True)
class Hole:
    """A function's text with a part taken out of it. kind: what part."""

    kind: str
    before: str
    taken: str
    after: str

    @property
    def constraint(self) -> Constraint:
        inner = Grammar("python", "expr") if self.kind == "expression" else Regex("(?s:.)+")
        return Template.between([self.before, self.after], inner) & Grammar("python")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=30, help="holes of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default=None)


def run(options: argparse.Namespace) -> dict[str, Any]:
    model, rng = load(options.model), random.Random(options.seed)
    functions = sorted(set(_functions()))
    rng.shuffle(functions)
    report: dict[str, Any] = {}
    for kind in ("expression", "statement", "block"):
        holes = [hole for text in functions if (hole := _hole(text, kind, rng)) is not None][: options.count]
        report[kind] = _measured(holes, model)
    return report


def _measured(holes: list[Hole], model: Any) -> dict[str, Any]:
    first, valid, parsed, exact, likeness, forwards, seconds, reasons = 0, 0, 0, 0, [], [], [], []
    for hole in holes:
        started = time.perf_counter()
        prompt = f"Fill the hole.\n{hole.before}<|hole|>{hole.after}"
        room = compiled(hole.constraint, model.vocab, prompt).shortest + ROOM
        for seed in range(TRIES):
            result = generate(prompt, hole.constraint, model=model, max_tokens=room, seed=seed)
            first += result.valid and seed == 0
            if result.valid:
                break
        seconds.append(time.perf_counter() - started)
        forwards.append(result.forwards)
        valid += result.valid
        if not result.valid:
            reasons.append(f"{result.status.name} {[str(v.message)[:80] for v in result.violations[:1]]}")
            continue
        parsed += _parses(result.text)
        filled = result.text[len(hole.before) : len(result.text) - len(hole.after)]
        exact += filled == hole.taken
        likeness.append(difflib.SequenceMatcher(None, filled, hole.taken, autojunk=False).ratio())
    return {"holes": len(holes), "valid at first": first / len(holes), "valid": valid / len(holes), "of these ast.parse takes": parsed / max(valid, 1),
            "exact": exact / len(holes), "likeness": statistics.mean(likeness or [0.0]),
            "median_forwards": statistics.median(forwards), "median_seconds": statistics.median(seconds), "reasons": reasons[:5]}


def _functions() -> Iterator[str]:
    """Yields the dedented text of the functions and methods of the modules that are short enough."""
    for name in MODULES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = import_module(name)
        try:
            tree, source = ast.parse(inspect.getsource(module)), inspect.getsource(module)
        except (OSError, TypeError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                text = textwrap.dedent(" " * node.col_offset + ast.get_source_segment(source, node)) + "\n"
                if len(text) <= LONGEST and text.isascii() and _parses(text):
                    yield text


def _hole(text: str, kind: str, rng: random.Random) -> Hole | None:
    """Returns the text without one of its parts of that kind; None when it has none."""
    function = ast.parse(text).body[0]
    found = []
    for node in ast.walk(function):
        if kind == "expression" and isinstance(node, (ast.Call, ast.BinOp, ast.Compare, ast.Attribute, ast.Subscript, ast.BoolOp)):
            found.append((node, node))
        if kind == "statement" and isinstance(node, ast.stmt) and node is not function and not hasattr(node, "body"):
            found.append((node, node))
        if kind == "block" and isinstance(node, (ast.If, ast.For, ast.While, ast.With, ast.FunctionDef)) and len(node.body) > 1:
            found.append((node.body[0], node.body[-1]))
    if not found:
        return None
    first, last = rng.choice(found)
    begin, end = _offset(text, first.lineno, first.col_offset), _offset(text, last.end_lineno, last.end_col_offset)
    return Hole(kind, text[:begin], text[begin:end], text[end:])


def _offset(text: str, line: int, column: int) -> int:
    return sum(len(one) for one in text.splitlines(keepends=True)[: line - 1]) + column


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def table(report: dict[str, Any]) -> str:
    names = next(iter(report.values()))
    rows = [f"{'':26}" + "".join(f"{kind:>14}" for kind in report)]
    for name in names:
        shown = [one[name] for one in report.values()]
        rows.append(f"{name:26}" + "".join(f"{value:>14.3g}" if isinstance(value, float) else f"{value!s:>14}" for value in shown))
    return "\n".join(rows)
