"""How odd a JSON document is, as far as the search for a repair cannot see it: in nats, to be added to a reading's cost."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

DUPLICATE = 3.0             # a key that its object has already
NAMELESS = 2.5              # an empty key
ODD_KEY = 1.5               # a key with delimiters in it
HOLDING = 2.0               # a string with delimiters in it as they stand between strings
TRAILING = 1.5              # a string that ends in a comma or a colon
UNLIKE = 1.0                # a member of an array that is of another sort than most, or a record with other keys
LONELY = 1.5                # an array in an array alone

DELIMITERS = re.compile(r"[{}\[\]\n]|[:,]\s")
BETWEEN = re.compile(r'"\s*[,:]\s*"|"\s*:\s*[\d{\[tfn]|[\d}\]e]\s*,\s*"')
NESTED = re.compile(r"\s*[{\[]")


def prior(text: str) -> float:
    """Returns the nats that the odd things of a valid document cost: duplicate keys, arrays of unlike members, strings that hold
    structure. Raises: ValueError, RecursionError, as json.loads."""
    nats = 0.0

    def members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal nats
        made = dict(pairs)
        nats += DUPLICATE * (len(pairs) - len(made)) + NAMELESS * ("" in made)
        nats += ODD_KEY * sum(DELIMITERS.search(key) is not None for key in made)
        nats += sum(_of_value(value) for value in made.values())
        return made

    value = json.loads(text, object_pairs_hook=members)
    return nats + _of_value(value)


def _of_value(value: Any) -> float:
    """Returns what is odd about a value, its objects' members aside."""
    if isinstance(value, str):
        return _of_string(value)
    return _of_array(value) if isinstance(value, list) else 0.0


def _of_string(value: str) -> float:
    holding = BETWEEN.search(value) is not None and NESTED.match(value) is None
    return HOLDING * holding + TRAILING * value.rstrip().endswith((",", ":"))


def _of_array(array: list[Any]) -> float:
    nats = sum(_of_value(item) for item in array)
    if len(array) == 1 and isinstance(array[0], list):
        nats += LONELY
    if len(array) > 2:
        (_, most), = Counter(map(_sort, array)).most_common(1)
        unlike = len(array) - most
        nats += UNLIKE * unlike if unlike <= len(array) / 3 else 0.0
    return nats


def _sort(item: Any) -> Any:
    """Returns what the members of an array have in common: an object's keys, an array's length, else that it is neither."""
    if isinstance(item, dict):
        return tuple(item)
    return len(item) if isinstance(item, list) else ""
