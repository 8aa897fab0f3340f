"""What a keyword of a well-formed schema says, with its default where it is not there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from structdiff.constraints.json_schema.numbers import Bound
from structdiff.errors import ConstraintError
from structdiff.json_text import escape

TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")


def types(schema: Mapping[str, Any], at: str) -> list[str]:
    stated = schema["type"]
    kinds = stated if isinstance(stated, list) else [stated]
    for kind in kinds:
        if kind not in TYPES:
            raise ConstraintError(f"{kind!r} is not a type; the types are {', '.join(TYPES)}", f"{at}/type")
    return kinds


def schemas(schema: Mapping[str, Any], keyword: str) -> list:
    return schema.get(keyword, [])


def mapping(schema: Mapping[str, Any], keyword: str) -> dict[str, Any]:
    return schema.get(keyword, {})


def names(schema: Mapping[str, Any], keyword: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(schema.get(keyword, [])))


def count(schema: Mapping[str, Any], keyword: str, default: int | None) -> int | None:
    value = schema.get(keyword, default)
    return value if value is None else int(value)


def bounds(schema: Mapping[str, Any], at: str) -> Iterable[tuple[Bound, bool]]:
    """Yields each limit, and whether it is a lower one."""
    for keyword, strict, is_low in (("minimum", False, True), ("exclusiveMinimum", True, True),
                                    ("maximum", False, False), ("exclusiveMaximum", True, False)):
        if keyword in schema:
            if not is_number(schema[keyword]):           # draft 4 has a boolean there; beside no limit it says nothing
                raise ConstraintError(f"{keyword} is a number", f"{at}/{escape(keyword)}")
            yield Bound(decimal(schema[keyword]), strict), is_low


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def decimal(value: int | float) -> Decimal:
    return Decimal(str(value))
