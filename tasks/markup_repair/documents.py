"""Valid documents of 0.2 to 5 kB: written by a seed, or real ones that lie on the machine.

The splits "dev" and "test" share no wording, and of the kinds of documents only a few; real files fall to either by a hash of
what is in them. Real files differ from machine to machine, so numbers that are to be compared between machines say `real=0`.
"""

from __future__ import annotations

import functools
import hashlib
import os
import random
import sys
import sysconfig
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.markup_repair import html_documents, json_documents, plain_documents, svg_documents, xml_documents
from tasks.markup_repair.judges import valid
from tasks.markup_repair.words import Scribe

LEAST, MOST = 200, 5000                 # characters
REAL = 0.25                             # share of real files, where there are any
ALIKE = 8                               # at most so many real files from one folder or of one name: a theme's icons are alike
SUFFIXES = {"json": (".json", ".geojson", ".ipynb", ".webmanifest"),
            "xml": (".xml", ".xsd", ".xsl", ".rng", ".pom", ".plist"),
            "html": (".html", ".htm"), "svg": (".svg",), "toml": (".toml",), "yaml": (".yaml", ".yml"), "csv": (".csv",),
            "python": (".py",)}


@dataclass(frozen=True)
class Document:
    """A valid text. kind: what wrote it, or `real:` and the file's path."""

    text: str
    format: str
    kind: str


def documents(format: str, split: str, count: int, seed: int, real: float = REAL) -> list[Document]:
    """Returns `count` documents that the judge takes, no two the same; the same ones for the same seed.

    Python is real files only.
    """
    made: dict[str, Document] = {}
    files = list(real_documents(format, split)) if real else []
    if format == "python":
        return random.Random(f"{seed} {format} {split}").sample(files, count)
    random.Random(f"{seed} {format} {split} files").shuffle(files)
    number = 0
    while len(made) < count:
        rng = random.Random(f"{seed} {format} {split} {number}")
        drawn = files.pop() if files and rng.random() < real else invented(format, split, rng)
        made.setdefault(drawn.text, drawn)
        number += 1
    return list(made.values())


def invented(format: str, split: str, rng: random.Random) -> Document:
    """Returns a document written by one of the split's kinds."""
    while True:
        kind = rng.choice(kinds(format, split))
        text = kind(Scribe(rng, split))
        if LEAST <= len(text) <= MOST and valid(format, text):
            return Document(text, format, kind.__name__)


def kinds(format: str, split: str) -> Sequence[Callable[[Scribe], str]]:
    """Returns the writers of the split's documents, each named as what it writes."""
    match format:
        case "json":
            return _texts(json_documents.KINDS[split], json_documents.written)
        case "xml":
            return _texts(xml_documents.KINDS[split], xml_documents.document)
        case "html":
            return _texts(html_documents.KINDS[split], html_documents.page)
        case "svg":
            return _texts(svg_documents.KINDS[split], svg_documents.drawing)
        case "toml":
            return plain_documents.TOML[split]
        case "csv":
            return plain_documents.CSV[split]
        case "yaml":
            return _texts(json_documents.KINDS[split], plain_documents.block_yaml)
    raise ValueError(f"no documents of format {format!r}; there are {', '.join(SUFFIXES)}")


def _texts(makers: Sequence[Callable[[Scribe], Any]],
           write: Callable[[Scribe, Any], str]) -> Sequence[Callable[[Scribe], str]]:
    def text(make: Callable[[Scribe], Any]) -> Callable[[Scribe], str]:
        return functools.wraps(make)(lambda scribe: write(scribe, make(scribe)))
    return [text(make) for make in makers]


@functools.cache
def real_documents(format: str, split: str) -> tuple[Document, ...]:
    """Returns the valid files of the format on this machine that fall to the split, by path; none twice."""
    found: dict[str, Document] = {}
    for path in _files(SUFFIXES[format]):
        text = _text(path)
        if text is None or not LEAST <= len(text) <= MOST or _split(text) != split:
            continue
        if text not in found and valid(format, text):
            found[text] = Document(text, format, f"real:{path}")
    return tuple(found.values())


def _files(suffixes: tuple[str, ...]) -> Iterator[Path]:
    """Yields paths in order, a few from each folder and a few of each name."""
    seen: Counter[str] = Counter()
    roots = dict.fromkeys((sysconfig.get_paths()["purelib"], sysconfig.get_paths()["stdlib"],
                           str(Path(sys.base_prefix, "share")), "/usr/share"))
    for root in roots:
        for folder, below, names in os.walk(root):
            below.sort()
            paths = (Path(folder, name) for name in sorted(names) if name.lower().endswith(suffixes) and seen[name] < ALIKE)
            few = [path for path in paths if path.is_file() and LEAST <= path.stat().st_size <= 2 * MOST][:ALIKE]
            seen.update(path.name for path in few)
            yield from few


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (UnicodeDecodeError, OSError):
        return None


def _split(text: str) -> str:
    return "dev" if hashlib.sha256(text.encode()).digest()[0] % 2 else "test"
