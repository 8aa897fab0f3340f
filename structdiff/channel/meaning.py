"""What a JSON Schema says a value must have meant: a mistyped key, a number in quotes, an enum one letter off."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from structdiff.channel.edits import Edit
from structdiff.channel.names import slips_between
from structdiff.json_text import Located, escape, locate, resolve

NEAR = 2                # letters by which a key or an enum may be off
WORDS = {"true": True, "yes": True, "false": False, "no": False}
DEEP = 64               # references followed one after the other


def mended(text: str, schema: Any) -> list[Edit]:
    """Returns edits of a JSON text that bring it nearer to the schema; it need not be valid with them.

    Raises:
        ValueError: the text is not JSON.
    """
    return list(_Reader(text, schema, locate(text)).value("", schema, 0))


@dataclass(frozen=True)
class _Reader:
    text: str
    root: Any
    located: Located

    def value(self, pointer: str, schema: Any, depth: int) -> Iterator[Edit]:
        schema = self.resolved(schema, depth)
        if not isinstance(schema, dict):
            return
        value = resolve(self.located.value, pointer)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                yield from self.least(pointer, schema[keyword], depth)
        for part in schema.get("allOf", ()):
            yield from self.value(pointer, part, depth + 1)
        if isinstance(value, dict):
            yield from self.object(pointer, value, schema, depth)
        elif isinstance(value, list):
            for i in range(len(value)):
                yield from self.value(f"{pointer}/{i}", schema.get("items", True), depth + 1)
        else:
            yield from self.scalar(pointer, value, schema)

    def resolved(self, schema: Any, depth: int) -> Any:
        while isinstance(schema, dict) and "$ref" in schema and depth < DEEP:
            try:
                schema, depth = resolve(self.root, schema["$ref"]), depth + 1
            except (KeyError, AttributeError):
                return True
        return schema if depth < DEEP else True

    def least(self, pointer: str, branches: list[Any], depth: int) -> list[Edit]:
        """Returns the edits of the branch that needs fewest, of those whose type the value, mended, may have."""
        found = [list(self.value(pointer, branch, depth + 1)) for branch in branches]
        fitting = [edits for edits, branch in zip(found, branches) if edits or self.fits(pointer, self.resolved(branch, depth))]
        return min(fitting, key=lambda edits: sum(edit.cost for edit in edits), default=[])

    def fits(self, pointer: str, schema: Any) -> bool:
        value = resolve(self.located.value, pointer)
        if not isinstance(schema, dict):
            return bool(schema)
        listed = schema.get("enum", [schema["const"]] if "const" in schema else None)
        return (listed is None or value in listed) and _typed(value, schema.get("type"))

    def object(self, pointer: str, value: dict[str, Any], schema: dict[str, Any], depth: int) -> Iterator[Edit]:
        declared = schema.get("properties", {})
        missing = [key for key in declared if key not in value]
        names = dict(zip(value, value))
        for key in value:
            if key not in declared and (meant := _nearest(key, missing)) is not None:
                missing.remove(meant)
                names[key] = meant
                begin, end = self.key_span(pointer, key)
                yield Edit(begin, end, self.text[begin:end], _spelled(meant), "rename key", 4.0 + slips_between(key, meant))
        for key, meant in names.items():
            if meant in declared:
                yield from self.value(f"{pointer}/{escape(key)}", declared[meant], depth + 1)
        yield from self.lacking(pointer, value, schema, missing)

    def lacking(self, pointer: str, value: dict[str, Any], schema: dict[str, Any], missing: list[str]) -> Iterator[Edit]:
        """Yields one edit that puts in the required members whose value the schema itself tells."""
        told = {key: _told(self.resolved(schema["properties"][key], 0)) for key in schema.get("required", ()) if key in missing}
        members = [f"{_spelled(key)}: {_spelled(one[0])}" for key, one in told.items() if one is not None]
        if members:
            start, end = self.span(pointer)
            at = max((self.span(f"{pointer}/{escape(key)}")[1] for key in value), default=start + 1)
            yield Edit(at, at, "", (", " if value else "") + ", ".join(members), "insert member", 6.0 * len(members))

    def scalar(self, pointer: str, value: Any, schema: dict[str, Any]) -> Iterator[Edit]:
        begin, end = self.span(pointer)
        listed = schema.get("enum", [schema["const"]] if "const" in schema else None)
        meant = _listed(value, listed) if listed is not None else _as_type(value, schema.get("type"))
        if meant is not None and meant[0] != value or meant is not None and type(meant[0]) is not type(value):
            yield Edit(begin, end, self.text[begin:end], _spelled(meant[0]), "change value", meant[1])

    def span(self, pointer: str) -> tuple[int, int]:
        begin, end = self.located.spans[pointer]
        if self.text.isascii():
            return begin, end
        data = self.text.encode()
        return len(data[:begin].decode()), len(data[:end].decode())

    def key_span(self, pointer: str, key: str) -> tuple[int, int]:
        begin = self.span(f"{pointer}/{escape(key)}")[0]
        end = len(self.text[:begin].rstrip(" \t\r\n").removesuffix(":").rstrip(" \t\r\n"))
        found = re.search(r'"(?:[^"\\]|\\.)*"\Z', self.text[:end], re.DOTALL)
        return (found.start(), end) if found else (end, end)


def _spelled(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def _nearest(name: str, names: list[str]) -> str | None:
    """Returns the one of `names` that `name` is a slip or another spelling of; None when none is, or several are."""
    alike = [other for other in names if _folded(other) == _folded(name)]
    if not alike:
        best = min((slips_between(name.lower(), other.lower()) for other in names), default=3)
        alike = [other for other in names if slips_between(name.lower(), other.lower()) == best] if best <= min(NEAR, len(name) // 2) else []
    return alike[0] if len(alike) == 1 else None


def _listed(value: Any, listed: list[Any]) -> tuple[Any, float] | None:
    """Returns the one of the listed values that is meant, and the price of taking it."""
    if value in listed:
        return None
    texts = {str(one): one for one in listed if isinstance(one, str)}
    if isinstance(value, str) and (near := _nearest(value, list(texts))) is not None:
        return texts[near], 4.0 + slips_between(value, near)
    alike = [one for one in listed if _folded(_spelled(one)) == _folded(_spelled(value))]
    return (alike[0], 4.5) if len(alike) == 1 else None


def _as_type(value: Any, types: Any) -> tuple[Any, float] | None:
    """Returns the value that is meant where a value of another type stands, and the price of taking it."""
    if types is None or _typed(value, types):
        return None
    wanted = [types] if isinstance(types, str) else list(types)
    if isinstance(value, str):
        return _read(value.strip(), wanted)
    if "string" in wanted and not isinstance(value, bool) and value is not None:
        return _spelled(value), 4.5
    if "integer" in wanted and isinstance(value, float) and value.is_integer():
        return int(value), 4.0
    return None


def _read(value: str, wanted: list[str]) -> tuple[Any, float] | None:
    if value.lower() in WORDS and "boolean" in wanted:
        return WORDS[value.lower()], 4.5
    if value.lower() in ("null", "none", "") and "null" in wanted:
        return None, 4.5
    try:
        number = json.loads(value.replace(",", "") if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", value) else value)
    except ValueError:
        return None
    fits = isinstance(number, (int, float)) and not isinstance(number, bool) and any(_typed(number, one) for one in wanted)
    return (number, 4.5) if fits else None


TYPES = {"string": str, "boolean": bool, "null": type(None), "object": dict, "array": list}


def _typed(value: Any, types: Any) -> bool:
    """Whether a value is of one of the types, or there are none to be of."""
    for one in [types] if isinstance(types, str) else types or ():
        if one in ("number", "integer"):
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if number and (one == "number" or float(value).is_integer()):
                return True
        elif isinstance(value, TYPES.get(one, object)) and (one == "boolean" or not isinstance(value, bool)):
            return True
    return not types


def _told(schema: Any) -> tuple[Any] | None:
    """Returns the value that a schema tells itself: its default, its only one, or null where that is allowed."""
    if not isinstance(schema, dict):
        return None
    if "default" in schema:
        return (schema["default"],)
    if "const" in schema:
        return (schema["const"],)
    if len(schema.get("enum", ())) == 1:
        return (schema["enum"][0],)
    types = schema.get("type", ())
    return (None,) if types == "null" or isinstance(types, list) and "null" in types else None
