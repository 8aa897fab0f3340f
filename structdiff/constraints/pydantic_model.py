"""A Python type's own validation, as a checker: what comes out is an instance of it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError, PydanticUserError

from structdiff.constraint import Combinable, Plan
from structdiff.errors import ConstraintError
from structdiff.json_text import locate
from structdiff.machine import ANYTHING
from structdiff.verdict import Verdict, Violation


def schema_of(kind: Any) -> dict[str, Any]:
    """Returns the JSON Schema of a Pydantic model or any type Pydantic can validate.

    Raises:
        ConstraintError: it has none.
    """
    try:
        return _adapter(kind).json_schema()
    except (PydanticSchemaGenerationError, PydanticInvalidForJsonSchema, PydanticUserError, TypeError) as error:
        name = getattr(kind, "__name__", repr(kind))
        raise ConstraintError(f"{name} has no JSON Schema: {str(error).splitlines()[0]}") from None


@dataclass(frozen=True)
class Validated(Combinable):
    """The JSON texts that `kind` validates, its own validators included; the value is the instance.

    Meant to be combined: `JsonSchema(schema_of(kind)) & Validated(kind)`.
    """

    kind: Any

    def plan(self, prompt: str) -> Plan:
        return Plan(ANYTHING, (_Checker(self.kind),))

    def hint(self) -> str:
        return ""

    def key(self, prompt: str) -> Hashable:
        return self


@dataclass(frozen=True)
class _Checker:
    kind: Any

    def check(self, text: str) -> Verdict:
        try:
            return Verdict(value=_adapter(self.kind).validate_json(text))
        except ValidationError as error:
            return Verdict(tuple(_violation(text, detail) for detail in error.errors(include_url=False)))
        except Exception as error:  # a user's validator may raise anything: it refuses the value, it does not end the run
            return Verdict((Violation(type(error).__name__, str(error) or "a validator failed"),))


def _violation(text: str, detail: dict[str, Any]) -> Violation:
    try:
        pointer, spans = locate(text).parties(detail["loc"])
    except (ValueError, RecursionError):
        return Violation(detail["type"], detail["msg"])
    return Violation(detail["type"], detail["msg"], pointer, spans)


@lru_cache(maxsize=256)
def _adapter(kind: Any) -> TypeAdapter:
    return TypeAdapter(kind)
