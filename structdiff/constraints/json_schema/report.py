"""Who enforces each keyword of a schema."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from structdiff.constraints.json_schema.algebra import Algebra
from structdiff.constraints.json_schema.formats import KNOWN
from structdiff.json_text import escape

ASSERTIONS = {
    "type", "enum", "const", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "$ref", "$dynamicRef", "$recursiveRef",
    "properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties",
    "maxProperties", "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties",
    "items", "prefixItems", "contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems",
    "unevaluatedItems", "minLength", "maxLength", "pattern", "format",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
}
SPELLED_ANEW = {"items", "additionalItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
ANNOTATIONS = {
    "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$schema", "$id", "id", "$comment",
    "$defs", "definitions", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary",
}


@dataclass(frozen=True)
class Report:
    """`pointer: rule` lines. checkers: what the automaton leaves open, and why. ignored: what asserts nothing."""

    automaton: tuple[str, ...] = ()
    checkers: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def report(algebra: Algebra, refused: Iterable[str]) -> Report:
    """Returns the report of a document that has been compiled."""
    automaton, ignored = [], []
    checkers = [f"{pointer}: {why}" for pointer, why in algebra.relaxed.items()]
    for pointer, schema in algebra.document.places.items():
        if not isinstance(schema, dict):
            continue
        known = algebra.document.keywords(pointer)
        for keyword in schema:
            at = f"{pointer}/{escape(keyword)}"
            if keyword not in ASSERTIONS:
                ignored += [f"{at}: not a keyword, so it says nothing"] if keyword not in ANNOTATIONS else []
            elif keyword == "format" and schema[keyword] not in KNOWN and at not in algebra.relaxed:
                ignored.append(f"{at}: not a format, so it says nothing")
            elif keyword not in known and ("$ref" in known or keyword not in SPELLED_ANEW):
                ignored.append(f"{at}: says nothing in this draft, or beside $ref")
            elif at not in algebra.relaxed:
                automaton.append(f"{at}: {keyword}")
    checkers.append("no key that is not declared stands twice in one object")
    return Report(tuple(automaton), tuple(checkers), tuple(refused), tuple(ignored))
