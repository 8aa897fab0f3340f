"""What is valid, what is the same, and what text a document holds: by libraries that are not ours.

    json    json.loads, NaN and the infinities refused; the values are equal, 1 is neither True nor 1.0, keys in any order
    xml     lxml, strict, no entity expanded and nothing fetched; C14N with comments
    svg     as xml, and the root is an `svg`
    html    html5lib without one parse error; its trees
    toml    tomllib
    csv     csv, strict, the rows equally long
    yaml    PyYAML's safe loader
    python  ast
"""

from __future__ import annotations

import ast
import csv
import functools
import html
import io
import json
import re
import tomllib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import html5lib
import yaml
from lxml import etree

FORMATS = ("json", "xml", "html", "svg", "toml", "csv", "yaml", "python")
SVG = "{http://www.w3.org/2000/svg}svg"
TREE = html5lib.getTreeBuilder("etree", fullTree=True)


class Refused(ValueError):
    """The judge does not take the text."""


@dataclass(frozen=True)
class Float:
    """A float as it was parsed: equal to itself, a NaN too, and to no integer."""

    spelled: str


def parsed(format: str, text: str) -> Any:
    """Returns what the text means, comparable with `==`. Raises: Refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return PARSERS[format](text)
    except (ValueError, SyntaxError, RecursionError, MemoryError, OverflowError, etree.LxmlError, yaml.YAMLError,
            csv.Error) as error:
        raise Refused(f"{type(error).__name__}: {error}") from error


def valid(format: str, text: str) -> bool:
    try:
        parsed(format, text)
    except Refused:
        return False
    return True


def same(format: str, left: str, right: str) -> bool:
    """Whether both are valid and mean the same."""
    try:
        return parsed(format, left) == parsed(format, right)
    except Refused:
        return False


def nearly_same(format: str, left: str, right: str) -> bool:
    """Whether both are valid and mean the same but for blanks in the text of markup."""
    try:
        first, second = parsed(format, left), parsed(format, right)
    except Refused:
        return False
    return first == second or format in ("xml", "html", "svg") and _blankless(first) == _blankless(second)


def _json(text: str) -> Any:
    def constant(name: str) -> None:
        raise ValueError(f"{name} is not JSON")
    return _typed(json.loads(text, parse_constant=constant))


def _typed(value: Any) -> Any:
    """The value with every bool and float told from the integers."""
    match value:
        case bool():
            return ("bool", value)
        case float():
            return Float(repr(value))
        case dict():
            return {key: _typed(item) for key, item in value.items()}
        case list():
            return [_typed(item) for item in value]
    return value


def _xml(text: str) -> str:
    return _canonical(_xml_root(text))


def _svg(text: str) -> str:
    root = _xml_root(text)
    if root.tag not in (SVG, "svg"):
        raise ValueError(f"the root is {root.tag}, not svg")
    return _canonical(root)


def _xml_root(text: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, encoding="utf-8")
    return etree.fromstring(text.encode("utf-8"), parser)


def _canonical(root: Any) -> str:
    tree = root.getroottree()
    try:
        return etree.tostring(tree, method="c14n", with_comments=True).decode()
    except etree.C14NError:             # an entity left as it is, or a relative namespace
        return etree.tostring(tree, encoding="unicode")


def _html(text: str) -> str:
    parser = html5lib.HTMLParser(tree=TREE, namespaceHTMLElements=False)
    tree = parser.parse(text)
    if parser.errors:
        (line, column), code, _ = parser.errors[0]
        raise ValueError(f"{line}:{column}: {code}")
    return parser.tree.testSerializer(tree)


@dataclass(frozen=True)
class HtmlReading:
    """What html5lib makes of any text. tree: as html5lib-tests writes it. errors: codes, a missing doctype's aside."""

    tree: str
    errors: tuple[str, ...]


def read_html(text: str, scripting: bool = False, container: str | None = None) -> HtmlReading:
    """Returns how a browser would read the text. container: the element that it is the inside of; None for a document."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser = html5lib.HTMLParser(tree=TREE, namespaceHTMLElements=False)
        if container is None:
            tree = parser.parse(text, scripting=scripting)
        else:
            tree = parser.parseFragment(text, container=container, scripting=scripting)
    lines = parser.tree.testSerializer(tree).split("\n")[1:]
    return HtmlReading("\n".join("| " + line.removeprefix("|  ") if line.startswith(("|  ", "<!DOCTYPE")) else line
                                 for line in lines),
                       tuple(code for _, code, _ in parser.errors if "doctype" not in code))


def _toml(text: str) -> Any:
    return _typed(tomllib.loads(text))


def _csv(text: str) -> list[list[str]]:
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    if not rows or len({len(row) for row in rows}) != 1:
        raise ValueError("rows of different lengths")
    return rows


def _yaml(text: str) -> Any:
    return _typed(yaml.safe_load(text))


def _python(text: str) -> str:
    return ast.dump(ast.parse(text))


PARSERS: dict[str, Callable[[str], Any]] = {
    "json": _json, "xml": _xml, "html": functools.lru_cache(4096)(_html), "svg": _svg, "toml": _toml, "csv": _csv,
    "yaml": _yaml, "python": _python}


def _blankless(tree: str) -> str:
    """A tree without its blanks, and without html5lib's lines of texts that are blank."""
    return re.sub(r"\s+", "", tree).replace('|""', "")


# What text a document holds.

WORDS = re.compile(r"\b(?:None|undefined|NaN|Infinity)\b")
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.S)
NOT_TEXT = re.compile(
    r"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<!DOCTYPE(?:[^>\[]|\[.*?\])*>"
    r"|</?[A-Za-z_](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.S | re.I)


def text_content(format: str, text: str) -> str:
    """Returns the letters and digits that a reader of the document would miss, were one of them gone.

    json and toml: all but the escapes of line breaks, escaped letters decoded, None, NaN and undefined as null, the literals
    in small letters. Markup: what stands outside of tags, comments, instructions and the doctype, entities decoded. Others: all.
    """
    if format in ("json", "toml"):
        text = WORDS.sub("null", text).replace("True", "true").replace("False", "false")
        text = ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else "" if found[2] in "ntrbf" else found[2], text)
    if format in ("xml", "html", "svg"):
        text = html.unescape(NOT_TEXT.sub(" ", text.replace("<![CDATA[", "").replace("]]>", "")))
    return "".join(letter for letter in text if letter.isalnum())


def text_kept(format: str, source: str, repaired: str) -> bool:
    """Whether the text of `source` is still there, in order, in `repaired`, which may hold more.

    source: the document as far as the damage left it, so that what the damage put in (a fence, a comment, a wrong letter in a
    tag) is not asked for; `Damaged.source` is that.
    """
    rest = iter(text_content(format, repaired))
    return all(letter in rest for letter in text_content(format, source))
