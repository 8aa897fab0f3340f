"""Where a text ceases to be YAML, and where it is YAML that was hardly meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

import yaml

from structdiff.channel.yaml_lines import QUOTES, Stop, lines_of, prose

FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LONG = 50_000           # characters from which on only libyaml is asked: the other takes 10 s for a million
DEEP = 5_000            # brackets within brackets
SHORT = 55              # characters of a line that who breaks lines would not have broken
BOM = "\ufeff"
MARKED = re.compile(r"^\s*(?:- )*\?\s", re.M)         # a key that is marked as one


def fault(text: str) -> Stop | None:
    """Returns where `text` ceases to be YAML for libyaml or, where it is not long, for PyYAML's own parser, which takes less; None where it
    is for both. Tags may be any, and an anchor must stand before its aliases."""
    stop, _ = _read_by(text, FAST)
    return _read_by(text, yaml.SafeLoader)[0] if stop is None and len(text) < LONG else stop


def read(text: str) -> tuple[Stop | None, list[Stop]]:
    """Returns where one of the two parsers stops, and the lines before that which look as if they were not meant as they are read."""
    stop, doubts = _read_by(text, FAST)
    if stop is None and len(text) < LONG:
        stop, _ = _read_by(text, yaml.SafeLoader)
    if stop is None and MARKED.search(text) is None and (at := _odd_key(text)) is not None:
        stop = Stop(at, at, "a collection is a key")
    return stop, doubts + [Stop(begin, begin, "this reads as prose") for begin, _ in prose(text, lines_of(text))]


def _read_by(text: str, loader: type) -> tuple[Stop | None, list[Stop]]:
    anchors: set[str] = set()
    doubts: list[Stop] = []
    if (deep := _too_deep(text)) is not None:
        return Stop(deep, deep, f"brackets are nested over {DEEP:,} deep"), doubts
    shift = text.startswith(BOM) and loader is not yaml.SafeLoader          # libyaml does not count it
    try:
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.DocumentStartEvent):
                anchors.clear()
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in anchors:
                    return Stop(event.start_mark.index + shift, event.start_mark.index + shift, "there is no such anchor"), doubts
            elif (anchor := getattr(event, "anchor", None)) is not None:
                anchors.add(anchor)
            if isinstance(event, yaml.ScalarEvent):
                doubts += _doubts(text, event, event.start_mark.index + shift, event.end_mark.index + shift)
    except yaml.reader.ReaderError as error:
        found = yaml.reader.Reader.NON_PRINTABLE.search(text)
        return Stop(found.start() if found else 0, found.start() if found else 0, error.reason), doubts
    except yaml.MarkedYAMLError as error:
        at = min(error.problem_mark.index + shift, len(text))
        since = at if error.context_mark is None else min(error.context_mark.index + shift, at)
        return Stop(at, since, error.problem), doubts
    return None, doubts


def _doubts(text: str, scalar: yaml.ScalarEvent, begin: int, end: int) -> Iterator[Stop]:
    """Yields where a scalar was hardly meant to be what it is."""
    if scalar.end_mark.line > scalar.start_mark.line:
        if not scalar.style:
            yield from _broken_off(text, begin, end)
        elif scalar.style in QUOTES:
            yield from _swallowed(text, begin, end)
    elif not scalar.style and text.startswith(":", end) and re.match(r"-\S", text[begin : begin + 2]):
        yield Stop(begin, begin, "a key begins with a dash")


def _broken_off(text: str, begin: int, end: int) -> Iterator[Stop]:
    """Yields the lines on which words without quotes go on although the line before was short: who breaks lines breaks long ones."""
    first = text.rfind("\n", 0, begin) + 1
    for line in re.finditer(r"\n[ \t]*(?=\S)", text[begin:end]):
        at = begin + line.end()
        if begin + line.start() - first < SHORT:
            yield Stop(at, begin, "a short line goes on here")
        first = begin + line.start() + 1


def _swallowed(text: str, begin: int, end: int) -> Iterator[Stop]:
    """Yields the lines within quotes that look like keys or entries."""
    for line in re.finditer(r"\n[ \t]*(?=(?:-[ ]|[\w.-]+:[ \n])\S*)", text[begin:end]):
        yield Stop(begin + line.end(), begin, "quotes hold a key")


def _too_deep(text: str) -> int | None:
    """Returns where brackets are nested deeper than libyaml, which takes the square of that, can be given."""
    if text.count("[") + text.count("{") <= DEEP:
        return None
    depths = accumulate((c in "[{") - (c in "]}") for c in text)
    return next((at for at, depth in enumerate(depths) if depth > DEEP), None)


def _odd_key(text: str) -> int | None:
    """Returns where a valid text has a collection as a key, which may be, and hardly ever is meant where no mark says that it is one."""
    held: list[int | None] = []                      # for each open collection how many nodes it has, None for a sequence
    for event in yaml.parse(text, Loader=FAST):
        if isinstance(event, yaml.CollectionEndEvent):
            held.pop()
        elif isinstance(event, yaml.NodeEvent):
            opens = isinstance(event, yaml.CollectionStartEvent)
            if held and held[-1] is not None:
                if opens and held[-1] % 2 == 0:
                    return event.start_mark.index + text.startswith(BOM)
                held[-1] += 1
            if opens:
                held.append(0 if isinstance(event, yaml.MappingStartEvent) else None)
    return None


def holds_nothing(text: str) -> bool:
    """Whether all lines are blank, comments or marks between documents."""
    return all(line.lstrip().startswith(("#", "---", "...")) or not line.strip() for line in text.split("\n"))
