"""A Python type's own validation, as a checker: what comes out is an instance of it."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from inspect import isroutine
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError, PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, PydanticOmit

from structdiff.constraint import Combinable, Plan
from structdiff.errors import ConstraintError
from structdiff.json_text import Located, escape, locate
from structdiff.machine import ANYTHING
from structdiff.verdict import Verdict, Violation

NO_SCHEMA = (PydanticSchemaGenerationError, PydanticInvalidForJsonSchema, PydanticUserError, NameError, ImportError,
             TypeError)


def schema_of(kind: Any) -> dict[str, Any]:
    """Returns a JSON Schema whose instances are, as far as JSON Schema can say it, what `kind` validates.

    kind: a Pydantic model or any type Pydantic can validate; of a function, the schema of its arguments.

    Raises:
        ConstraintError: it has none.
    """
    try:
        return TypeAdapter(kind).json_schema(schema_generator=_Schema)
    except NO_SCHEMA as error:
        name = getattr(kind, "__name__", repr(kind))
        reason = getattr(error, "message", str(error)).splitlines()[0]
        raise ConstraintError(f"{name} has no JSON Schema: {reason}") from None


@dataclass(frozen=True)
class Validated(Combinable):
    """The JSON texts that `kind` validates, its own validators included; the value is the instance.

    Meant to be combined: `JsonSchema(schema_of(kind)) & Validated(kind)`.
    """

    kind: Any

    def __post_init__(self) -> None:
        if isroutine(self.kind):
            raise ConstraintError(f"{self.kind.__name__} is a function, which validation would call; use Tools([…]) to "
                                  "have its arguments written")
        try:
            hash(self.kind)
        except TypeError as error:
            raise ConstraintError(f"the type {self.kind!r} cannot tell itself from others: {error}") from None

    def plan(self, prompt: str) -> Plan:
        return Plan(ANYTHING, (_Checker(self.kind),))

    def hint(self) -> str:
        return ""

    def key(self, prompt: str) -> Hashable:
        return self


@dataclass(frozen=True)
class Validator:
    """What `kind` says of the parts of a JSON text."""

    kind: Any

    @cached_property
    def _adapter(self) -> TypeAdapter:
        return TypeAdapter(self.kind)

    def verdict(self, text: str, located: Located, path: tuple[str | int, ...] = ()) -> Verdict:
        """Returns the instance that the value at `path` stands for, or what is wrong with it and where in the text."""
        _, (start, end) = located.span(path)
        try:
            return Verdict(value=self._adapter.validate_json(text.encode("utf-8", "surrogatepass")[start:end]))
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
            return Verdict(tuple(violation(located, detail["type"], detail["msg"], (*path, *detail["loc"]))
                                 for detail in details))
        except Exception as error:  # a user's validator may raise anything: it refuses the value and ends no run
            return Verdict((violation(located, type(error).__name__, str(error) or "a validator failed", path),))


@dataclass(frozen=True)
class _Checker:
    kind: Any

    @cached_property
    def _validator(self) -> Validator:
        return Validator(self.kind)

    def check(self, text: str) -> Verdict:
        try:
            return self._validator.verdict(text, locate(text))
        except (ValueError, RecursionError) as error:
            return Verdict((Violation("json", str(error)),))


def violation(located: Located, rule: str, message: str, loc: tuple[str | int, ...]) -> Violation:
    """Returns the violation that the value at `loc` is party to; a location also names the branches of unions, which
    the text does not have."""
    pointer, path = "", []
    for part in loc:
        if f"{pointer}/{escape(str(part))}" in located.spans:
            pointer += f"/{escape(str(part))}"
            path.append(part)
        elif part == "[key]" and path:               # Pydantic's word for: the key is at fault, not its value
            return Violation(rule, message, pointer, (_key(located, path),))
    return Violation(rule, message, *located.parties(path))


def _key(located: Located, path: list[str | int]) -> tuple[int, int]:
    """Returns the span between the value before, or where the object begins, and the value at `path`: its key."""
    above, (begin, _) = located.span(path[:-1])
    _, (end, _) = located.span(path)
    return max((stop for at, (_, stop) in located.spans.items() if at.startswith(above + "/") and stop <= end),
               default=begin + 1), end


# --- schemas that say what the validation says ----------------------------------------------------------------------

_OFFSET = "(?:[zZ]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
_DAY = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_MOMENT = f"{_DAY}[Tt ]{_CLOCK}"
_HEX = "[0-9a-fA-F]"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_GROUP = f"{_HEX}{{1,4}}"
_IPV6 = "(?:" + "|".join([f"(?:{_GROUP}:){{7}}{_GROUP}"] + [
    (f"{_GROUP}(?::{_GROUP}){{{before - 1}}}" if before else "") + f"::(?:{_GROUP}(?::{_GROUP}){{0,{6 - before}}})?"
    for before in range(7)] + [f"{_GROUP}(?::{_GROUP}){{6}}::"]) + ")"
_BITS4, _BITS6 = "(?:/(?:[12]?[0-9]|3[0-2]))?", "(?:/(?:[1-9]?[0-9]|1[01][0-9]|12[0-8]))?"
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"


def _ordered(units: str) -> str:
    """Returns the pattern of at least one count with its unit, in this order: `3D`, `1Y2M`."""
    return "(?:" + "|".join(
        f"[0-9]{{1,6}}{first}" + "".join(f"(?:[0-9]{{1,6}}{unit})?" for unit in units[i + 1 :])
        for i, first in enumerate(units)) + ")"


_SECONDS = r"[0-9]{1,6}(?:\.[0-9]{1,6})?S"
_SPAN = f"(?:[0-9]{{1,6}}H(?:[0-9]{{1,6}}M)?(?:{_SECONDS})?|[0-9]{{1,6}}M(?:{_SECONDS})?|{_SECONDS})"

# What Pydantic reads where its schema names a format that JSON Schema does not have, or has otherwise.
TEXTS = {
    "time": f"{_CLOCK}{_OFFSET}?",                   # RFC 3339 wants the offset, Pydantic writes times without one
    "date-time": f"{_MOMENT}{_OFFSET}?",
    "duration": f"[+-]?P(?:{_ordered('YMWD')}(?:T{_SPAN})?|T{_SPAN})",
    **{f"uuid{version}": f"{_HEX}{{8}}-{_HEX}{{4}}-{version}{_HEX}{{3}}-[89abAB]{_HEX}{{3}}-{_HEX}{{12}}"
       for version in range(1, 9)},
    "ipv6": _IPV6,
    "ipvanyaddress": f"(?:{_IPV4}|{_IPV6})",
    "ipv4network": _IPV4 + _BITS4, "ipv4interface": _IPV4 + _BITS4,
    "ipv6network": _IPV6 + _BITS6, "ipv6interface": _IPV6 + _BITS6,
    "ipvanynetwork": f"(?:{_IPV4}{_BITS4}|{_IPV6}{_BITS6})", "ipvanyinterface": f"(?:{_IPV4}{_BITS4}|{_IPV6}{_BITS6})",
    "base64": "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
    "base64url": "(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}==|[A-Za-z0-9_-]{3}=)?",
    "fraction": "[+-]?[0-9]{1,18}(?:/[0-9]{0,17}[1-9])?",
}
KEYS = {"integer": "-?(?:0|[1-9][0-9]{0,17})", "number": _NUMBER, "boolean": "(?:true|false)"}


def _patterned(made: dict[str, Any]) -> dict[str, Any]:
    """Returns the schema with a pattern in place of a format that is among TEXTS."""
    if not isinstance(made.get("format"), str) or made["format"] not in TEXTS or "pattern" in made:
        return made
    pattern = f"^(?:{TEXTS[made['format']]})$"
    return {**{key: value for key, value in made.items() if key != "format"}, "pattern": pattern}


class _Schema(GenerateJsonSchema):
    """Pydantic's own schemas; where these admit what its validation refuses, or the other way round, the latter."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}

    def generate_inner(self, schema: Any) -> dict[str, Any]:
        made = _patterned(super().generate_inner(schema))
        return {**made, "anyOf": [_patterned(branch) for branch in made["anyOf"]]} if "anyOf" in made else made

    def datetime_schema(self, schema: Any) -> dict[str, Any]:
        match schema.get("tz_constraint"):
            case None:
                return super().datetime_schema(schema)
            case "naive":
                return {"type": "string", "pattern": f"^{_MOMENT}$"}
        return {"type": "string", "pattern": f"^{_MOMENT}{_OFFSET}$"}

    def decimal_schema(self, schema: Any) -> dict[str, Any]:
        """A number within the bounds, or its digits as a string, which is how Pydantic writes it."""
        made = super().decimal_schema(schema)
        return {**made, "anyOf": [
            {**branch, "pattern": _decimal(schema)} if branch.get("type") == "string" else branch
            for branch in made["anyOf"]]}

    def complex_schema(self, schema: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^(?:{_NUMBER}|(?:{_NUMBER})?[+-]?(?:[0-9]+(?:\\.[0-9]*)?)[jJ])$"}

    def str_schema(self, schema: Any) -> dict[str, Any]:
        """The flags of a compiled pattern go into it; one that JSON Schema cannot say is left to the validation."""
        made, pattern = super().str_schema(schema), schema.get("pattern")
        if not isinstance(pattern, re.Pattern):
            return made
        flags = {re.IGNORECASE: "i", re.DOTALL: "s"}
        spelled = "".join(letter for flag, letter in flags.items() if pattern.flags & flag)
        del made["pattern"]
        said = not pattern.flags & (re.VERBOSE | re.MULTILINE)
        return {**made, "pattern": f"(?{spelled})" * bool(spelled) + pattern.pattern} if said else made

    def url_schema(self, schema: Any) -> dict[str, Any]:
        made, schemes = super().url_schema(schema), schema.get("allowed_schemes")
        return {**made, "pattern": f"^(?:{'|'.join(map(re.escape, schemes))})://"} if schemes else made

    def tagged_union_schema(self, schema: Any) -> dict[str, Any]:
        """The tag chooses, so that a value two branches admit is no fault."""
        made = super().tagged_union_schema(schema)
        return {"anyOf" if name == "oneOf" else name: part for name, part in made.items()}

    def dict_schema(self, schema: Any) -> dict[str, Any]:
        """Every key is one that the type reads: `patternProperties` alone leaves the other keys free."""
        made = super().dict_schema(schema)
        keys = dict(self.generate_inner(schema["keys_schema"])) if "keys_schema" in schema else {}
        keys.pop("title", None)
        made.pop("propertyNames", None)
        values = made.pop("patternProperties", None)
        if values:
            made["additionalProperties"], = values.values()
        names = _names((self.get_schema_from_definitions(keys["$ref"]) or {}) if "$ref" in keys else keys)
        return {**made, "propertyNames": names} if names else made

    def generator_schema(self, schema: Any) -> dict[str, Any]:
        raise PydanticInvalidForJsonSchema("an iterable is validated only as it is read; use a list")

    def model_field_schema(self, schema: Any) -> dict[str, Any]:
        self._require_a_name(schema)
        return super().model_field_schema(schema)

    def typed_dict_field_schema(self, schema: Any) -> dict[str, Any]:
        self._require_a_name(schema)
        return super().typed_dict_field_schema(schema)

    def dataclass_field_schema(self, schema: Any) -> dict[str, Any]:
        if schema.get("init") is False:
            raise PydanticOmit
        self._require_a_name(schema)
        return super().dataclass_field_schema(schema)

    def _require_a_name(self, field: Any) -> None:
        """Raises where a field is read from within other fields only."""
        alias = field.get("validation_alias")
        paths = [alias] if isinstance(alias, list) and alias and not isinstance(alias[0], list) else alias
        by_name = self._config.populate_by_name or getattr(self._config, "validate_by_name", False)
        if isinstance(paths, list) and not any(len(path) == 1 for path in paths) and not by_name:
            if field["schema"]["type"] == "default":
                raise PydanticOmit
            path = "/".join(map(str, paths[0]))
            raise PydanticInvalidForJsonSchema(
                f"a field is read from the path {path!r} only; give it a plain alias too")


def _names(keys: dict[str, Any]) -> dict[str, Any]:
    """Returns the schema of the keys, as JSON spells them, that a schema of values admits; empty when any will do."""
    if "const" in keys or "enum" in keys:
        values = [keys["const"]] if "const" in keys else keys["enum"]
        texts = [value for value in values if isinstance(value, str)]
        return {"enum": texts or [str(value) for value in values if type(value) is int] or [""]}
    branches = [_names(branch) for branch in keys.get("anyOf", ())]
    if branches:
        return {"anyOf": branches} if all(branches) else {}
    if keys.get("type") in KEYS:
        return {"pattern": f"^{KEYS[keys['type']]}$"}
    return {name: part for name, part in keys.items() if name in ("pattern", "format", "minLength", "maxLength")}


def _decimal(schema: Any) -> str:
    """Returns the pattern of a decimal's digits: no sign and no more digits than its limits leave it."""
    low, high = schema.get("ge", schema.get("gt")), schema.get("le", schema.get("lt"))
    places, digits = schema.get("decimal_places"), schema.get("max_digits")
    whole = None if low is None or high is None else max(len(str(int(abs(bound)))) for bound in (low, high))
    if digits is not None:
        whole = min(digits - (places or 0), whole or digits)
    sign = "" if low is not None and low >= 0 else "-" if high is not None and high < 0 else "-?"
    fraction = "" if places == 0 else rf"(?:\.[0-9]{{1,{places or digits or ''}}})?"
    exponent = "" if whole or places is not None else "(?:[eE][+-]?[0-9]{1,2})?"
    leading = "0" if whole == 0 else f"(?:0|[1-9][0-9]{{0,{whole - 1}}})" if whole else "(?:0|[1-9][0-9]*)"
    return f"^{sign}{leading}{fraction}{exponent}$"
