"""The last word on a JSON text: strict parsing, then jsonschema, with every violation located in the text."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

import jsonschema
import regex as backtracking
from jsonschema_specifications import REGISTRY as SPECIFICATIONS
from referencing import Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import specification_with

from structdiff import regex
from structdiff.constraints.json_schema.document import VALIDATORS, draft_of
from structdiff.json_text import escape, locate
from structdiff.errors import ConstraintError
from structdiff.machine import accepts
from structdiff.verdict import Verdict, Violation

MAX_VIOLATIONS = 16
SECONDS_A_CHECK = 10.0     # of CPU time
SECONDS = 1.0              # for one search of a pattern that is not regular


def validator(schema: Any, resources: Mapping[str, Any] | None = None) -> jsonschema.protocols.Validator:
    """Returns a validator that asserts formats, and follows references to no documents but these and the metaschemas."""
    kind = VALIDATORS[draft_of(schema)]
    specification = specification_with(kind.META_SCHEMA.get("$id", kind.META_SCHEMA.get("id", "")))
    given = [(uri, Resource.from_contents(found, default_specification=specification)) for uri, found in (resources or {}).items()]
    registry = SPECIFICATIONS.with_resources(given)
    return _with_our_patterns(kind)(schema, registry=registry, format_checker=_formats(kind))


def malformed(schema: Any) -> Violation | None:
    """Returns where and why `schema` is not a schema by its own dialect; None when it is one."""
    stated = schema.get("$schema", "") if isinstance(schema, dict) else ""
    if not isinstance(stated, str):
        return Violation("$schema", f"$schema is a URI, not {stated!r}", "/$schema")
    kind = VALIDATORS[draft_of(schema)]
    fault = jsonschema.exceptions.best_match(kind(kind.META_SCHEMA).iter_errors(schema))
    return fault and Violation(str(fault.validator), f"the schema is malformed: {_brief(fault.message)}",
                               "".join(f"/{escape(str(part))}" for part in fault.absolute_path))


@lru_cache(maxsize=16)
def _with_our_patterns(kind: type) -> type:
    """`pattern` as ECMA 262 has it, in time linear in the text wherever it is regular."""
    references = {keyword: _once(kind.VALIDATORS[keyword]) for keyword in ("$ref", "$dynamicRef", "$recursiveRef")
                  if keyword in kind.VALIDATORS}
    return jsonschema.validators.extend(kind, {
        "pattern": _pattern, "patternProperties": _pattern_properties, "additionalProperties": _additional_properties,
        **references})


def _pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    if isinstance(value, str) and not _found(pattern, value):
        yield jsonschema.ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: dict, value: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    if isinstance(value, dict):
        for pattern, inner in patterns.items():
            for key in value:
                if _found(pattern, key):
                    yield from validator.descend(value[key], inner, path=key, schema_path=pattern)


def _additional_properties(validator: Any, inner: Any, value: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    if isinstance(value, dict):
        declared, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        for key in value:
            if key not in declared and not any(_found(pattern, key) for pattern in patterns):
                if inner is False:
                    yield jsonschema.ValidationError(f"{key!r} is not declared, and nothing else is allowed", path=[key])
                else:
                    yield from validator.descend(value[key], inner, path=key)


class _Walk(threading.local):
    """What one check has followed so far: references that are open, what became of closed ones, and until when it may go on.

    Values are told apart by their ids, so nothing is known beyond one check. known None: there is nothing to remember.
    """

    def __init__(self) -> None:
        self.open: set[tuple[int, int]] = set()
        self.known: dict[tuple[int, int], str] | None = None
        self.deadline = math.inf

    @contextmanager
    def begun(self, remembers: bool) -> Iterator[None]:
        self.open, self.known = set(), {} if remembers else None
        self.deadline = time.process_time() + SECONDS_A_CHECK
        try:
            yield
        finally:
            self.open, self.known, self.deadline = set(), None, math.inf


_walk = _Walk()


def _once(reference: Callable) -> Callable:
    """A reference is followed once for a value: what doubles at every level takes no longer for it.

    Met again while it is open, it says no: the least of the languages it may mean.
    """
    def follow(validator: Any, target: Any, value: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
        key = (id(schema), id(value))
        if time.process_time() > _walk.deadline:
            raise TimeoutError(f"checking takes more than {SECONDS_A_CHECK:.0f} s")
        if key in _walk.open:
            yield jsonschema.ValidationError(f"{target!r} refers to itself in place")
            return
        known = {} if _walk.known is None else _walk.known
        if key in known:
            if known[key]:
                yield jsonschema.ValidationError(known[key])
            return
        _walk.open.add(key)
        try:
            for error in reference(validator, target, value, schema) or ():
                known.setdefault(key, error.message)
                yield error
            known.setdefault(key, "")
        finally:
            _walk.open.discard(key)
    return follow


def _found(pattern: str, value: str) -> bool:
    """Whether the pattern matches somewhere: by its machine; by backtracking, for a second at most, if it has none."""
    try:
        return accepts(regex.containing(pattern), value.encode("utf-8", "surrogatepass"))
    except ConstraintError:
        return backtracking.search(pattern, value, timeout=SECONDS) is not None


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
    resources: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def _validator(self) -> jsonschema.protocols.Validator:
        return validator(self.schema, self.resources)

    @cached_property
    def _dynamic(self) -> bool:
        """Whether what a reference means may depend on how it was reached."""
        spelled = json.dumps([self.schema, *self.resources.values()])
        return '"$dynamicRef"' in spelled or '"$recursiveRef"' in spelled

    def check(self, text: str) -> Verdict:
        try:
            located = locate(text)
        except (ValueError, RecursionError) as error:
            return Verdict((Violation("json", str(error)),))
        try:
            with _walk.begun(remembers=not self._dynamic):
                errors = list(islice(self._validator.iter_errors(located.value), MAX_VIOLATIONS))
        except (Unresolvable, RecursionError, TimeoutError) as error:
            return Verdict((Violation("schema", f"the schema cannot be applied: {error}"),))
        found = []
        for error in errors:
            pointer, spans = located.parties(error.absolute_path)
            found.append(Violation(str(error.validator), _brief(error.message), pointer, spans))
        return Verdict(tuple(found), located.value if not found else None)


def _brief(message: str) -> str:
    return message if len(message) <= 200 else message[:199] + "…"
