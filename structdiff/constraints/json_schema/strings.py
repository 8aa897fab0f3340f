"""The contents of strings as machines over decoded text."""

from __future__ import annotations

import json
from functools import lru_cache, reduce

from structdiff import regex
from structdiff.constraints.json_schema import formats
from structdiff.constraints.json_schema.shapes import String
from structdiff.machine import ByteMachine, Complement, Intersection, Spans, Words, accepts, all_but, tabulated
from structdiff.network import Leaf, Network, Repeat

MOST_STATES = 1_000        # of an automaton that is built and not walked lazily


def contents(shape: String, source: str | None, plain: bool = False) -> ByteMachine | None:
    """Returns the machine of the texts of a shape; None when it asks for no more than a length.

    Where the shape lists its values, it is the machine of their JSON spellings, quotes included; `plain` wants decoded
    text there too, and a machine in every case. source: texts must be spans of it.
    """
    if shape.values is not None:
        texts = [value for value in shape.values if _holds(shape, value)]
        return Words(spelled(text).encode() if not plain else text.encode("utf-8", "surrogatepass") for text in texts)
    machines = _machines(shape)
    if source is not None:
        machines.append(spans(source))
    if not machines and not plain:
        return None
    if shape.low or shape.high is not None:
        machines.append(_counted(shape.low, shape.high))
    if len(machines) < 2:
        return machines[0] if machines else utf8()
    return _met(tuple(machines))


@lru_cache(maxsize=1024)
def _met(machines: tuple[ByteMachine, ...]) -> ByteMachine:
    met = reduce(Intersection, machines)
    return tabulated(met, MOST_STATES) or met


def _machines(shape: String) -> list[ByteMachine]:
    machines: list[ByteMachine] = [regex.containing(pattern) for pattern in sorted(shape.patterns)]
    machines += [formats.machine(name) for name in sorted(shape.formats)]
    if not machines and (shape.not_patterns or shape.refused):
        machines.append(utf8())
    machines += [Complement(regex.containing(pattern)) for pattern in sorted(shape.not_patterns)]
    if shape.refused:
        machines.append(all_but(tuple(text.encode("utf-8", "surrogatepass") for text in sorted(shape.refused))))
    return machines


def _holds(shape: String, text: str) -> bool:
    data = text.encode("utf-8", "surrogatepass")
    return (all(accepts(regex.containing(pattern), data) for pattern in shape.patterns)
            and not any(accepts(regex.containing(pattern), data) for pattern in shape.not_patterns)
            and all(accepts(formats.machine(name), data) for name in shape.formats))


def spelled(text: str) -> str:
    """Returns a string as JSON; a lone surrogate, which has no UTF-8, as its escape."""
    plain = json.dumps(text, ensure_ascii=False)
    return json.dumps(text) if any("\ud800" <= character <= "\udfff" for character in plain) else plain


@lru_cache(maxsize=1)
def utf8() -> ByteMachine:
    return regex.whole("(?s:.)*")


@lru_cache(maxsize=1)
def _character() -> ByteMachine:
    return regex.whole("(?s:.)")


@lru_cache(maxsize=256)
def _counted(low: int, high: int | None) -> ByteMachine:
    return Network(Repeat(Leaf(_character()), low, high))


@lru_cache(maxsize=64)
def spans(source: str) -> ByteMachine:
    return Spans(source.encode())
