"""Breaks documents as they really break: one to many independent damages, each of which the judge would refuse alone.

Every damage is an edit of the whole document's own tokens, and no two touch. None takes content away, only structure, but for
"truncated". The kinds and their weights stand at the end of json_damage, markup_damage and plain_damage.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tasks.markup_repair import json_damage, markup_damage, plain_damage
from tasks.markup_repair.edits import Edit, Kind, applied, touching
from tasks.markup_repair.judges import valid
from tasks.markup_repair.tokens import Tokens

UNFINISHED = re.compile(r"(?:<[^<>]*|&#?\w*|\\u?[0-9a-fA-F]{0,3})\Z")       # a tag, entity or escape that was cut in two
TRIES = 60                              # draws for each damage, before another beginning


@dataclass(frozen=True)
class Damaged:
    """A broken text. kinds: the names of its damages. source: the whole document as far as the damages left its content."""

    text: str
    kinds: tuple[str, ...]
    source: str


class Undamageable(ValueError):
    """The document has no place for that many damages."""


def damage(text: str, format: str, errors: int, rng: random.Random) -> Damaged:
    """Returns the text with `errors` damages, which the judge of the format refuses. Raises: Undamageable."""
    for _ in range(TRIES):
        names, edits = _drawn(text, format, errors, rng)
        broken = applied(text, edits)
        if len(names) == errors and not valid(format, broken):
            return Damaged(broken, tuple(names), _left(text, names, edits))
    raise Undamageable(f"no place for {errors} damages in a document of {len(text)} characters")


def _drawn(text: str, format: str, errors: int, rng: random.Random) -> tuple[list[str], list[Edit]]:
    """The names and edits of at most that many damages."""
    lexed, kinds = lexed_of(text, format), KINDS[format]
    names: list[str] = []
    edits: list[Edit] = []
    weights = [kind.weight for kind in kinds]
    for _ in range(TRIES * errors):
        kind = rng.choices(kinds, weights)[0]
        drawn = kind.edits(lexed, rng)
        if drawn and not touching(drawn, edits) and not valid(format, applied(text, drawn)):
            names.append(kind.name)
            edits += drawn
        if len(names) == errors:
            break
    return names, edits


def _left(text: str, names: Sequence[str], edits: Sequence[Edit]) -> str:
    if "truncated" not in names:
        return text
    return UNFINISHED.sub("", text[: min(edit.begin for edit in edits if edit.end == len(text) and not edit.new)])


def lexed_of(text: str, format: str) -> Any:
    match format:
        case "json":
            return Tokens(text, json_damage.TOKEN, json_damage.MARKS)
        case "xml" | "svg" | "html":
            return markup_damage.Markup(text, format == "html")
        case "toml" | "csv" | "yaml" | "python":
            return Tokens(text, plain_damage.TOKEN[format], plain_damage.MARKS[format])
    raise ValueError(f"no damage for format {format!r}; there is for {', '.join(KINDS)}")


KINDS: dict[str, tuple[Kind, ...]] = {
    "json": json_damage.KINDS, **plain_damage.KINDS, **{name: markup_damage.kinds(name) for name in ("xml", "svg", "html")}}
