"""The last word on a JSON text: strict parsing, then jsonschema, with every violation located in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jsonschema
from referencing import Registry
from referencing.exceptions import Unresolvable

from structdiff.json_text import locate
from structdiff.verdict import Verdict, Violation

MAX_VIOLATIONS = 16


def validator(schema: Any) -> jsonschema.protocols.Validator:
    """Returns a validator that asserts formats and follows no reference out of the document."""
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    return kind(schema, registry=Registry(), format_checker=kind.FORMAT_CHECKER)


@dataclass(frozen=True, eq=False)
class SchemaChecker:
    """Says where a text is not an instance of the schema."""

    schema: Any

    def check(self, text: str) -> Verdict:
        try:
            located = locate(text)
        except (ValueError, RecursionError) as error:
            return Verdict((Violation("json", str(error)),))
        try:
            errors = list(validator(self.schema).iter_errors(located.value))[:MAX_VIOLATIONS]
        except (Unresolvable, RecursionError) as error:
            return Verdict((Violation("schema", f"the schema cannot be applied: {error}"),))
        found = []
        for error in errors:
            pointer, spans = located.parties(error.absolute_path)
            found.append(Violation(str(error.validator), _brief(error.message), pointer, spans))
        return Verdict(tuple(found), located.value if not found else None)


def _brief(message: str) -> str:
    return message if len(message) <= 200 else message[:199] + "…"
