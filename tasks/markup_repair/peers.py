"""Who repairs: structdiff and the others. Each is started for a format, and then asked text by text.

One that is not installed raises Missing, which says what is missing; the evaluation leaves it out and prints that.
"""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).parents[2] / "build" / "peers"      # where npm puts its packages
MARKUP = ("xml", "svg", "html")
OURS = ("json", *MARKUP, "toml", "csv", "yaml", "python")

# One request and one answer a line, each a JSON value; null is a refusal.
BRIDGE = """
const { jsonrepair } = require('jsonrepair')
require('readline').createInterface({ input: process.stdin }).on('line', line => {
  let answer = null
  try { answer = jsonrepair(JSON.parse(line)) } catch (error) { answer = null }
  process.stdout.write(JSON.stringify(answer) + '\\n')
})
"""


class Missing(RuntimeError):
    """The tool is not installed; the message says what would install it."""


@dataclass(frozen=True)
class Answer:
    """What a tool made of a text. text: None where it refuses. alternatives: further texts, best first."""

    text: str | None
    confidence: float | None = None
    alternatives: tuple[str, ...] = ()


Repairer = Callable[[str], Answer]


@dataclass(frozen=True)
class Peer:
    """A tool. start: of a format, returns what repairs its texts; raises Missing."""

    formats: tuple[str, ...]
    start: Callable[[str], Callable[[str], str | None] | Repairer]


def started(name: str, format: str) -> Repairer:
    """Returns the tool, ready for texts of the format. Raises: Missing."""
    if format not in PEERS[name].formats:
        raise Missing(f"{name} does not repair {format}")
    repair = PEERS[name].start(format)

    def answer(text: str) -> Answer:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = repair(text)
        return made if isinstance(made, Answer) else Answer(made)
    return answer


def _module(name: str, package: str) -> ModuleType:
    try:
        return import_module(name)
    except (ImportError, OSError) as error:
        raise Missing(f"pip install {package} ({error})") from error


def structdiff(model: str | None) -> Callable[[str], Repairer]:
    """The edits alone; with a model, what it ranks."""
    def start(format: str) -> Repairer:
        package: Any = _module("structdiff", "structdiff")

        def repair(text: str) -> Answer:
            made = package.repair(text, format, model=model)
            return Answer(made.text, made.confidence, tuple(other.text for other in made.alternatives))
        return repair
    return start


def json_repair(format: str) -> Callable[[str], str | None]:
    package: Any = _module("json_repair", "json_repair")
    return lambda text: package.repair_json(text, ensure_ascii=False) or None


def jsonrepair(format: str) -> Callable[[str], str | None]:
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules" / "jsonrepair").exists():
        raise Missing("python -m tasks.markup_repair peers, which asks npm for jsonrepair; it needs node")
    process = subprocess.Popen([node, "-e", BRIDGE], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               encoding="utf-8")
    atexit.register(_ended, process)

    def repair(text: str) -> str | None:
        print(json.dumps(text), file=process.stdin, flush=True)
        return json.loads(process.stdout.readline())
    return repair


def _ended(process: subprocess.Popen[str]) -> None:
    process.stdin.close()
    process.stdout.close()
    process.wait(5)


def lxml(format: str) -> Callable[[str], str | None]:
    etree: Any = _module("lxml.etree", "lxml")

    def repair(text: str) -> str | None:
        if format == "html":
            parser = etree.HTMLParser(recover=True, encoding="utf-8")
        else:
            parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, encoding="utf-8")
        root = etree.fromstring(text.encode(), parser)
        return None if root is None else etree.tostring(root.getroottree(), encoding="unicode",
                                                        method="html" if format == "html" else "xml")
    return repair


def html5lib(format: str) -> Callable[[str], str | None]:
    package: Any = _module("html5lib", "html5lib")
    return lambda text: package.serialize(package.parse(text, treebuilder="dom"), tree="dom", omit_optional_tags=False,
                                          quote_attr_values="always")


def soup(builder: str) -> Callable[[str], Callable[[str], str | None]]:
    def start(format: str) -> Callable[[str], str | None]:
        package: Any = _module("bs4", "beautifulsoup4")
        chosen = "lxml-xml" if format in ("xml", "svg") else builder
        return lambda text: str(package.BeautifulSoup(text, chosen)) or None
    return start


def tidy(format: str) -> Callable[[str], str | None]:
    package: Any = _module("pytidyhtml5", "pytidyhtml5")
    names, no = package.OptionId, package.TriState.no
    options = {names.mark: False, names.wrap_len: 0, names.indent_content: no, names.drop_empty_elems: False}
    options |= {names.html_out: True} if format == "html" else {names.xml_tags: True, names.xml_out: True}
    return lambda text: package.tidy_document(text, options=options, quiet=True, encoding="unicode") or None


PEERS = {
    "structdiff": Peer(OURS, structdiff(None)),
    "structdiff+model": Peer(OURS, structdiff("tiny")),
    "json_repair": Peer(("json",), json_repair),
    "jsonrepair": Peer(("json",), jsonrepair),
    "lxml": Peer(MARKUP, lxml),
    "html5lib": Peer(("html",), html5lib),
    "soup-html.parser": Peer(("html",), soup("html.parser")),
    "soup-lxml": Peer(MARKUP, soup("lxml")),
    "tidy": Peer(MARKUP, tidy),
}


def install(arguments: list[str] | None = None) -> None:
    """Asks npm for jsonrepair and says how it went."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is not installed; jsonrepair is left out")
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = subprocess.run([npm, "install", "--no-fund", "--no-audit", "jsonrepair"], cwd=FOLDER, capture_output=True,
                          text=True, check=False)
    if made.returncode:
        raise SystemExit(f"npm could not install jsonrepair: {made.stderr.strip()[-400:]}")
    print(f"jsonrepair is in {FOLDER}; pip install json_repair beautifulsoup4 pytidyhtml5 for the others")
