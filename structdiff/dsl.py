"""A schema in one line of words: the concise syntax of the `llm` tool."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from structdiff.errors import ConstraintError

TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
_NAME = re.compile(r"[\w$-]+")


@dataclass(frozen=True)
class Field:
    """One property of the object: its name, its JSON type and what a model is told about it."""

    name: str
    kind: str
    description: str

    @property
    def schema(self) -> dict[str, str]:
        described = {"description": self.description} if self.description else {}
        return {"type": self.kind, **described}


def schema(text: str) -> dict:
    """Returns the JSON Schema of an object with the fields that `text` lists, all of them required.

    Fields are separated by commas, or by newlines when there is any newline (a description may then contain commas).
    Each is `name [type] [: description]`; the types are str (when none is given), int, float and bool.

    Raises:
        ConstraintError: no field, a name twice, or a word that is neither name nor type.
    """
    fields: dict[str, Field] = {}
    for entry in _entries(text):
        field = _field(entry)
        if field.name in fields:
            raise ConstraintError(f"field {field.name!r} is listed twice; give each field its own name")
        fields[field.name] = field
    if not fields:
        raise ConstraintError("the schema lists no field; write for example 'name, age int: in years'")
    return {"type": "object", "properties": {name: field.schema for name, field in fields.items()},
            "required": list(fields)}


def _entries(text: str) -> list[str]:
    text = text.strip()
    parts = text.splitlines() if "\n" in text else text.split(",")
    return [part.strip() for part in parts if part.strip()]


def _field(entry: str) -> Field:
    declared, _, description = entry.partition(":")
    name, *kinds = declared.split() or [""]
    if not _NAME.fullmatch(name):
        raise ConstraintError(f"{name or entry!r} is not a field name; write 'name [type] [: description]' with "
                              "letters, digits, '_', '$' and '-' in the name, or the path of a schema file that exists")
    if len(kinds) > 1:
        raise ConstraintError(f"field {name!r} has {len(kinds)} words for a type, {' '.join(kinds)!r}; "
                              "write one type, and a ':' before a description")
    return Field(name, _kind(name, kinds[0] if kinds else "str"), description.strip())


def _kind(name: str, word: str) -> str:
    if word in TYPES:
        return TYPES[word]
    near = get_close_matches(word, TYPES, n=1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    raise ConstraintError(f"field {name!r}: {word!r} is not a type; the types are {', '.join(TYPES)}{meant}")
