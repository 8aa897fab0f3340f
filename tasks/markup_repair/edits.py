"""Edits of a text that do not touch each other, kinds of damage made of them, and those that suit any format."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Edit:
    """What stands from `begin` to `end` becomes `new`."""

    begin: int
    end: int
    new: str = ""


Edits = tuple[Edit, ...]                # of one damage; none where the document has no place for it


@dataclass(frozen=True)
class Kind:
    """A kind of damage. weight: how often, beside the others of its format. edits: of a lexed document, at a random place."""

    name: str
    weight: float
    edits: Callable[[Any, random.Random], Edits]


def applied(text: str, edits: Iterable[Edit]) -> str:
    """Returns the text with all of the edits made; they do not touch."""
    for edit in sorted(edits, key=lambda edit: edit.begin, reverse=True):
        text = text[: edit.begin] + edit.new + text[edit.end :]
    return text


def touching(edits: Sequence[Edit], others: Sequence[Edit]) -> bool:
    return any(one.begin <= other.end and other.begin <= one.end for one in edits for other in others)


def choose(rng: random.Random, options: Iterable[Edit | Edits]) -> Edits:
    """Returns one of the options as edits; none of none."""
    listed = list(options)
    if not listed:
        return ()
    chosen = rng.choice(listed)
    return chosen if isinstance(chosen, tuple) else (chosen,)


def dropped(places: Iterable[int], rng: random.Random) -> Edits:
    return choose(rng, (Edit(place, place + 1) for place in places))


def doubled(text: str, places: Iterable[int], rng: random.Random) -> Edits:
    return choose(rng, (Edit(place, place, text[place]) for place in places))


def swapped(text: str, places: Iterable[int], rng: random.Random) -> Edits:
    """A delimiter and the delimiter or blank behind it change places."""
    delimiters = set(places)
    return choose(rng, (Edit(place, place + 2, text[place + 1] + text[place]) for place in sorted(delimiters)
                        if (place + 1 in delimiters or text[place + 1 : place + 2].isspace())
                            and text[place] != text[place + 1]))


def substituted(text: str, places: Iterable[int], wrong: dict[str, str], rng: random.Random) -> Edits:
    """A delimiter becomes one that is mistaken for it."""
    return choose(rng, (Edit(place, place + 1, rng.choice(wrong[text[place]])) for place in places if text[place] in wrong))


# Of any format: what is lost at the end, and what is put around.

CUT = 0.1                               # the largest share of a text that a truncation takes


def truncated(text: str, rng: random.Random) -> Edits:
    """The last of the text is missing, content and all."""
    end = len(text.rstrip())
    return (Edit(rng.randint(max(1, int(end * (1 - CUT))), end - 1), len(text)),)


BEFORE = ("Here is the {0}:\n\n", "Sure! Here's the {0} you asked for:\n", "{0}:\n", "The result, as requested:\n\n",
          "I have updated the {0} below.\n\n")
AFTER = ("\n\nLet me know if you need anything else!", "\nHope this helps.", "\n\nNote that the values above are examples.",
         "")


def fenced(text: str, name: str, rng: random.Random) -> Edits:
    """A markdown fence is around it; now and then only its first or its last line."""
    opening = rng.choice([f"```{name}\n", f"```{name}\n", "```\n"])
    closing = ("" if text.endswith("\n") else "\n") + "```" + rng.choice(["", "\n"])
    fence = (Edit(0, 0, opening), Edit(len(text), len(text), closing))
    return rng.choice([fence, fence, fence, fence, fence[:1], fence[1:]])


def prefaced(text: str, name: str, rng: random.Random) -> Edits:
    """Words are around it, with a fence or without."""
    before, after = rng.choice(BEFORE).format(name.upper()), rng.choice(AFTER)
    if rng.random() < 0.5:
        before, after = f"{before}```{name}\n", f"\n```{after}"
    return (Edit(0, 0, before), Edit(len(text), len(text), after))
