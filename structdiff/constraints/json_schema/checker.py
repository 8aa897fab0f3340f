"""The last word on a JSON text: strict parsing, then jsonschema, with every violation located in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema
from referencing import Registry
from referencing.exceptions import Unresolvable

from structdiff import regex
from structdiff.json_text import escape, locate
from structdiff.machine import accepts
from structdiff.verdict import Verdict, Violation

MAX_VIOLATIONS = 16


def validator(schema: Any) -> jsonschema.protocols.Validator:
    """Returns a validator that asserts formats and follows no reference out of the document."""
    kind = _kind(schema)
    return _with_our_patterns(kind)(schema, registry=Registry(), format_checker=_formats(kind))


def malformed(schema: Any) -> Violation | None:
    """Returns where and why `schema` is not a schema by its own dialect; None when it is one."""
    stated = schema.get("$schema", "") if isinstance(schema, dict) else ""
    if not isinstance(stated, str):
        return Violation("$schema", f"$schema is a URI, not {stated!r}", "/$schema")
    kind = _kind(schema)
    fault = jsonschema.exceptions.best_match(kind(kind.META_SCHEMA).iter_errors(schema))
    return fault and Violation(str(fault.validator), f"the schema is malformed: {_brief(fault.message)}",
                               "".join(f"/{escape(str(part))}" for part in fault.absolute_path))


def _kind(schema: Any) -> type:
    return jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)


@lru_cache(maxsize=16)
def _with_our_patterns(kind: type) -> type:
    """`pattern` as ECMA 262 has it where Python's `re` cannot read it (`\\p{L}`, `\\cJ`)."""
    return jsonschema.validators.extend(kind, {"pattern": _pattern})


def _pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    if isinstance(value, str) and not _found(pattern, value):
        yield jsonschema.ValidationError(f"{value!r} does not match {pattern!r}")


def _found(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return accepts(regex.containing(pattern), value.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=16)
def _formats(kind: type) -> jsonschema.FormatChecker:
    formats = jsonschema.FormatChecker(())
    formats.checkers = {**kind.FORMAT_CHECKER.checkers, "hostname": (_is_hostname, ())}
    return formats


def _is_hostname(value: Any) -> bool:
    """At most 253 characters, and no A-labels (RFC 5890): whether one of those is valid is not decided here."""
    return not isinstance(value, str) or len(value) <= 253 and all(label[2:4] != "--" for label in value.split("."))


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
