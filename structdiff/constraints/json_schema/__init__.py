"""JSON Schema as a constraint."""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from structdiff.constraint import Combinable, Plan
from structdiff.constraints.json_schema.checker import SchemaChecker
from structdiff.constraints.json_schema.compiler import Compiler, Report
from structdiff.constraints.json_schema.hint import describe
from structdiff.errors import ConstraintError

CANONICAL = (
    "Properties come in the schema's order, additional ones after them.",
    "An object that declares properties has no others unless additionalProperties says so.",
    "Strings with a pattern, a format or a source spell their text directly, with short escapes where JSON needs them.",
    "Integers have no fraction; numbers with a range have no exponent.",
    "enum and const values are spelled as Python's json module spells them.",
    "Whitespace between tokens is the model's choice, at most 12 characters in a run.",
)


@dataclass(frozen=True, init=False)
class JsonSchema(Combinable):
    """The JSON texts that are instances of `schema` (draft 2020-12 or 7).

    grounded: string values that the schema leaves free must be spans of the prompt, whole words.
    compact: no whitespace between tokens; by default it is the model's choice.
    """

    _text: str = field(repr=False)
    grounded: bool
    compact: bool

    def __init__(self, schema: dict[str, Any] | bool, grounded: bool = False, compact: bool = False):
        if not isinstance(schema, (dict, bool)):
            raise ConstraintError(f"a schema is a dict or a boolean, not {type(schema).__name__}")
        try:
            spelled = json.dumps(schema, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise ConstraintError(f"the schema is not JSON: {error}") from None
        object.__setattr__(self, "_text", spelled)
        object.__setattr__(self, "grounded", grounded)
        object.__setattr__(self, "compact", compact)

    @property
    def schema(self) -> Any:
        return json.loads(self._text)

    def plan(self, prompt: str) -> Plan:
        source = prompt if self.grounded else None
        return Plan(Compiler(self.schema, self.compact, source).machine(), (SchemaChecker(self.schema),))

    def report(self) -> Report:
        """Returns what enforces each keyword, and what is refused, without raising at the first refusal."""
        compiler = Compiler(self.schema, self.compact, lenient=True)
        compiler.machine()
        return compiler.report

    def hint(self) -> str:
        return describe(self.schema)

    def key(self, prompt: str) -> Hashable:
        return (self, prompt if self.grounded else None)
