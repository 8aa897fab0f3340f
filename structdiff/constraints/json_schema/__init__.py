"""JSON Schema as a constraint."""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from structdiff.constraint import Combinable, Plan
from structdiff.constraints.json_schema.canonical import respell
from structdiff.constraints.json_schema.checker import SchemaChecker
from structdiff.constraints.json_schema.compiler import Compiler
from structdiff.constraints.json_schema.document import Document
from structdiff.constraints.json_schema.hint import hint
from structdiff.constraints.json_schema.report import Report, report
from structdiff.errors import ConstraintError, ConstraintTooLarge, UnsupportedConstraint
from structdiff.lift import Limits

MOST_CHARACTERS = 4_000_000
SPANS = Limits(view=2000)       # a prompt's spans fan out: with fewer states in view the longer ones end early
CANONICAL = (
    "Members come in the schema's order, those it does not declare after them; an object that declares members has no "
    'others unless additionalProperties says so. With keys="any": in any order, and others wherever JSON Schema has them.',
    "Strings with a pattern, a format, refused values or a source spell their text directly, with short escapes.",
    "Numbers that anything limits are plain decimals, integers without a fraction.",
    "Whitespace between tokens is at most two characters, or a line break and an indentation; none around the text.",
)


@dataclass(frozen=True, init=False)
class JsonSchema(Combinable):
    """The JSON texts that are instances of `schema` (draft 4, 6, 7, 2019-09 or 2020-12).

    grounded: string values that the schema leaves free must be spans of the prompt, whole words.
    compact: no whitespace between tokens; by default it is the model's choice.
    keys: "schema", members come in the order the schema declares them, and no others unless it speaks of others; "any",
        in any order, with all that JSON Schema lets stand beside them. A text that is checked is judged by "any".
    resources: other schema documents it may refer to, by URI; nothing is fetched.
    """

    _text: str = field(repr=False)
    grounded: bool
    compact: bool
    keys: str
    _others: str = field(repr=False)

    def __init__(self, schema: dict[str, Any] | bool, grounded: bool = False, compact: bool = False, keys: str = "schema",
                 resources: dict[str, Any] | None = None):
        if not isinstance(schema, (dict, bool)):
            raise ConstraintError(f"a schema is a dict or a boolean, not {type(schema).__name__}")
        if keys not in ("schema", "any"):
            raise ConstraintError(f"keys is 'schema' or 'any', not {keys!r}")
        object.__setattr__(self, "_text", _as_json(schema))
        object.__setattr__(self, "_others", _as_json(resources or {}))
        object.__setattr__(self, "grounded", grounded)
        object.__setattr__(self, "compact", compact)
        object.__setattr__(self, "keys", keys)

    @property
    def schema(self) -> Any:
        return json.loads(self._text)

    @property
    def resources(self) -> dict[str, Any]:
        return json.loads(self._others)

    def plan(self, prompt: str) -> Plan:
        return Plan(self._compiler(prompt).machine(), (SchemaChecker(self.schema, self.resources),), respell,
                    lambda: self._compiler(prompt, ordered=False).machine(), limits=SPANS if self.grounded else Limits())

    def report(self) -> Report:
        """Returns what enforces each keyword.

        Raises:
            ConstraintError: the schema is malformed, or nothing satisfies it.
        """
        compiler = self._compiler("")
        refused = []
        try:
            compiler.machine()
        except UnsupportedConstraint as error:
            refused.append(str(error))
        return report(compiler.algebra, refused)

    def _compiler(self, prompt: str, ordered: bool | None = None) -> Compiler:
        document = Document(self.schema, self.resources)
        ordered = self.keys == "schema" if ordered is None else ordered
        return Compiler(document, self.compact, ordered, prompt if self.grounded else None)

    def hint(self) -> str:
        return hint(self.schema)

    def key(self, prompt: str) -> Hashable:
        return (self, prompt if self.grounded else None)


def _as_json(value: Any) -> str:
    try:
        spelled = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConstraintError(f"the schema is not JSON: {error}") from None
    if len(spelled) > MOST_CHARACTERS:
        raise ConstraintTooLarge(f"the schema has {len(spelled):,} characters; {MOST_CHARACTERS:,} are allowed")
    return spelled
