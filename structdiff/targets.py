"""What a text may be repaired into: each format's validity, and the ways to read a broken text as it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from typing import Any, Protocol
from xml.parsers import expat

from structdiff.channel import beam, fallback, markup, meaning, rules, toml_comments, yaml_parser
from structdiff.channel import json as json_channel
from structdiff.channel import toml as toml_channel
from structdiff.channel import yaml as yaml_channel
from structdiff.channel.confidence import confidence
from structdiff.channel.edits import Author, Edit, Reading, applied, composed
from structdiff.channel.json_prior import prior
from structdiff.errors import ConstraintError

PRIOR = 0.75                    # how much of the prior's nats counts
APART = " "                     # parts a namespace from a name
# A reference to a URI, without a colon in its first segment where that is no scheme: parsers refuse others as namespaces.
URI = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]*:|(?=[^:]*(?:[/?#]|\Z)))[^\s<>\"{}|\\^`\x00-\x20]*")
SVG_ROOTS = (("http://www.w3.org/2000/svg", "svg"), ("", "svg"))
DOTS = 5_000
SLOW = 200_000                  # of the longest that is repaired byte by byte


class Target(Protocol):
    """name: of the format, for people. key: for what is fitted to formats, and for the model."""

    name: str
    key: str

    def fault(self, text: str) -> str | None:
        """Returns what is wrong with a text and where; None when nothing is."""
        ...

    def readings(self, text: str, count: int, margin: float, author: Author) -> Iterable[Reading]:
        """Returns ways to read `text` as valid, cheapest first; some may turn out not to be."""
        ...

    def last_resort(self, text: str, near: Reading) -> Reading | None:
        """Returns a valid text that keeps what it can, where no reading is valid. near: the cheapest; the text as it is where there is none."""
        ...

    def confidence(self, readings: Sequence[Reading]) -> float:
        """Returns the probability that the first reading is what was meant."""
        ...


@dataclass(frozen=True)
class Json:
    name: str = "JSON"
    key: str = "json"

    def fault(self, text: str) -> str | None:
        try:
            json.loads(text, parse_constant=_not_json)
        except json.JSONDecodeError as error:
            return f"line {error.lineno}, column {error.colno}: {error.msg}"
        except ValueError as error:
            return str(error)
        except RecursionError:
            return _fault_of_deep(text)
        return None

    def readings(self, text: str, count: int, margin: float, author: Author) -> list[Reading]:
        found = list(rules.readings(json_channel.rules(), rules.as_broken_by(author, json_channel.atoms(text)), count, margin))
        return found if len(found) < 2 else sorted(map(_with_prior, found), key=lambda one: one.cost)

    def last_resort(self, text: str, near: Reading) -> Reading | None:
        return None

    def confidence(self, readings: Sequence[Reading]) -> float:
        return confidence("json", readings)


def _with_prior(reading: Reading) -> Reading:
    """Returns the reading with the oddness of its value in its cost."""
    try:
        return replace(reading, cost=reading.cost + PRIOR * prior(reading.text))
    except (ValueError, RecursionError):                 # not JSON, or too deep: it will be looked at as it is
        return reading


def _not_json(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _fault_of_deep(text: str) -> str | None:
    """Returns what is wrong with a text too deep for the standard parser."""
    if rules.whole(json_channel.rules(), json_channel.atoms(text)):
        return None
    return "it is nested deeply, and not closed as it was opened"


@dataclass(frozen=True)
class Markup:
    key: str                # xml, svg or html

    @property
    def name(self) -> str:
        return "HTML without parse errors" if self.key == "html" else "well-formed XML" if self.key == "xml" else "SVG"

    def fault(self, text: str) -> str | None:
        return _html_fault(text) if self.key == "html" else _xml_fault(text, self.key)

    def readings(self, text: str, count: int, margin: float, author: Author) -> Iterator[Reading]:
        format, atoms = markup.atoms(text, self.key == "html")
        yield from rules.readings(format, rules.as_broken_by(author, atoms), count, margin)

    def last_resort(self, text: str, near: Reading) -> Reading | None:
        mended = fallback.fallback(near.text, self.key)
        return None if mended is None or self.fault(mended) is not None else _rewritten(text, mended)

    def confidence(self, readings: Sequence[Reading]) -> float:
        return confidence(self.key, readings)


def _xml_fault(text: str, kind: str) -> str | None:
    """Entities that a document declares are not expanded, so that none can be made to fill the memory."""
    parser, roots, namespaces = expat.ParserCreate(namespace_separator=APART), [], set()
    parser.StartElementHandler = lambda name, attributes: roots.append(name) if not roots else None
    parser.StartNamespaceDeclHandler = lambda prefix, uri: namespaces.add(uri or "")
    parser.DefaultHandler = lambda data: None
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError) as error:
        return str(error)
    for uri in namespaces:
        if URI.fullmatch(uri) is None:
            return f"the namespace {uri!r} is no URI"
    if kind == "svg" and roots[0].rpartition(APART)[::2] not in SVG_ROOTS:
        return f"its root is {roots[0]!r} and not svg"
    return None


def _html_fault(text: str) -> str | None:
    import html5lib

    parser = html5lib.HTMLParser()
    parser.parse(text)
    if not parser.errors:
        return None
    (line, column), code, _ = parser.errors[0]
    return f"line {line}, column {column}: {code.replace('-', ' ')}"


def _rewritten(text: str, mended: str) -> Reading:
    """Returns the reading that changes what lies between the first and the last difference."""
    begin = next((i for i, (a, b) in enumerate(zip(text, mended)) if a != b), min(len(text), len(mended)))
    tail = next((i for i, (a, b) in enumerate(zip(reversed(text[begin:]), reversed(mended[begin:]))) if a != b),
                min(len(text), len(mended)) - begin)
    edit = Edit(begin, len(text) - tail, text[begin : len(text) - tail], mended[begin : len(mended) - tail], "rewrite", 50.0)
    return Reading(mended, (edit,), 50.0, rough=True)


@dataclass(frozen=True)
class Lines:
    """Each line a text of another format."""

    line: Target
    name: str = "JSON Lines"
    key: str = "json"

    def fault(self, text: str) -> str | None:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and (fault := self.line.fault(line)) is not None:
                return f"line {number}: {fault}"
        return None

    def readings(self, text: str, count: int, margin: float, author: Author) -> list[Reading]:
        edits, cost, rough, begin = [], 0.0, False, 0
        for line in text.splitlines(keepends=True):
            body = line.rstrip("\r\n")
            if body.strip() and self.line.fault(body) is not None:
                found = [one for one in self.line.readings(body, count, margin, author) if self.line.fault(one.text) is None]
                if not found:
                    return []
                edits += [Edit(edit.begin + begin, edit.end + begin, *_rest(edit)) for edit in found[0].edits]
                cost += found[0].cost
                rough |= found[0].rough
            begin += len(line)
        return [Reading(applied(text, edits), tuple(edits), cost, rough)]

    def last_resort(self, text: str, near: Reading) -> Reading | None:
        return None

    def confidence(self, readings: Sequence[Reading]) -> float:
        return self.line.confidence(readings)


def _rest(edit: Edit) -> tuple[str, str, str, float]:
    return edit.old, edit.new, edit.kind, edit.cost


@dataclass(frozen=True)
class Language:
    """What a constraint accepts."""

    constraint: Any
    name: str
    key: str = "other"

    def fault(self, text: str) -> str | None:
        verdict = _plan(self.constraint).check(text)
        return None if verdict.valid else "; ".join(str(violation.message) for violation in verdict.violations[:2])

    def readings(self, text: str, count: int, margin: float, author: Author) -> list[Reading]:
        if len(text) > SLOW:
            return []
        found = beam.reading(_plan(self.constraint).machine, text)
        return [] if found is None else [found]

    def last_resort(self, text: str, near: Reading) -> Reading | None:
        return None

    def confidence(self, readings: Sequence[Reading]) -> float:
        return confidence("other", readings)


@lru_cache(maxsize=32)
def _plan(constraint: Any) -> Any:
    return constraint.plan("")


@dataclass(frozen=True)
class Schema:
    """JSON that a constraint accepts, of this schema: first made JSON, then its meaning mended."""

    constraint: Any
    schema: Any
    name: str = "JSON of the schema"
    key: str = "json"

    def fault(self, text: str) -> str | None:
        return Json().fault(text) or Language(self.constraint, self.name).fault(text)

    def readings(self, text: str, count: int, margin: float, author: Author) -> list[Reading]:
        plain = Json()
        found = [Reading(text, (), 0.0)] if plain.fault(text) is None else plain.readings(text, count, margin, author)
        mended = [two for one in found if plain.fault(one.text) is None and (two := self._mended(text, one)) is not None]
        return sorted(mended, key=lambda reading: reading.cost)

    def _mended(self, text: str, one: Reading) -> Reading | None:
        """Returns a reading of JSON with its meaning mended as well: by what the schema says, else byte by byte."""
        if self.fault(one.text) is None:
            return one
        edits = meaning.mended(one.text, self.schema)
        mended = Reading(applied(one.text, edits), tuple(edits), sum(edit.cost for edit in edits))
        if self.fault(mended.text) is not None:
            if (found := beam.reading(_plan(self.constraint).machine, mended.text)) is None or _keys(found.text) != _keys(mended.text):
                return None
            mended = Reading(found.text, composed(one.text, mended.edits, found.edits), mended.cost + found.cost, rough=True)
        return Reading(mended.text, composed(text, one.edits, mended.edits), one.cost + mended.cost, one.rough or mended.rough)

    def last_resort(self, text: str, near: Reading) -> Reading | None:
        return None

    def confidence(self, readings: Sequence[Reading]) -> float:
        return confidence("other", readings)


def _keys(text: str) -> set[str]:
    """Returns the names of all members: what mends a value byte by byte may not turn one into another."""
    found: set[str] = set()
    try:
        json.loads(text, object_pairs_hook=lambda pairs: found.update(key for key, _ in pairs))
    except (ValueError, RecursionError):
        pass
    return found


def _toml_fault(text: str) -> str | None:
    if max(line.count(".") for line in text.split("\n")) > DOTS:      # the standard parser takes the square of a key's parts
        return f"a line has over {DOTS:,} dots"
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return str(error)
    return None


@dataclass(frozen=True)
class Toml:
    name: str = "TOML"
    key: str = "toml"

    def fault(self, text: str) -> str | None:
        return _toml_fault(text)

    def readings(self, text: str, count: int, margin: float, author: Author) -> Iterator[Reading]:
        yield from rules.readings(toml_channel.rules(), rules.as_broken_by(author, toml_channel.atoms(text)), count, margin)

    def last_resort(self, text: str, near: Reading) -> Reading | None:
        rest = toml_comments.commented(near.text)
        return Reading(rest.text, composed(text, near.edits, rest.edits), near.cost + rest.cost, rough=True)

    def confidence(self, readings: Sequence[Reading]) -> float:
        return confidence("toml", readings)


@dataclass(frozen=True)
class Yaml:
    """Syntax and aliases are what counts: tags may be any, keys may come twice."""

    name: str = "YAML"
    key: str = "yaml"

    def fault(self, text: str) -> str | None:
        stop = yaml_parser.fault(text)
        if stop is None:
            return None
        before = text[: stop.at]
        return f"line {before.count(chr(10)) + 1}, column {stop.at - before.rfind(chr(10))}: {stop.problem}"

    def readings(self, text: str, count: int, margin: float, author: Author) -> Iterator[Reading]:
        yield from yaml_channel.readings(text, count, margin, author)

    def last_resort(self, text: str, near: Reading) -> Reading | None:
        return yaml_channel.commented(text)

    def confidence(self, readings: Sequence[Reading]) -> float:
        return confidence("yaml", readings)


OWN: dict[str, Target] = {"json": Json(), "jsonl": Lines(Json()), "xml": Markup("xml"), "svg": Markup("svg"), "html": Markup("html"),
                          "toml": Toml(), "yaml": Yaml()}


def target_of(wanted: Any) -> Target:
    """Returns what `wanted` means: a format's name, a schema, a class, or a constraint.

    Raises:
        ConstraintError: it means nothing that a text can be repaired into.
    """
    if isinstance(wanted, str):
        return _named(wanted)
    from structdiff.api import as_constraint
    from structdiff.constraints.json_schema import JsonSchema

    constraint = as_constraint(wanted)
    if constraint is None:
        raise ConstraintError("say what to repair the text into: a format's name, a schema, a class or a constraint")
    parts = getattr(constraint, "parts", (constraint,))
    schema = next((part.schema for part in parts if isinstance(part, JsonSchema)), None)
    if schema is None:
        return Language(constraint, "what was asked for")
    others = [part for part in parts if not isinstance(part, JsonSchema)]
    return Schema(reduce(lambda left, right: left & right, others, JsonSchema(schema, keys="any")), schema)


def _named(name: str) -> Target:
    if name in OWN:
        return OWN[name]
    from structdiff.constraints.grammar import Grammar, shipped

    if name not in shipped():
        known = ", ".join([*OWN, *sorted(set(shipped()) - set(OWN))])
        raise ConstraintError(f"no format is called {name!r}; there are {known}")
    return Language(Grammar(name), name.upper() if len(name) < 5 else name)
