"""Tool calls, and JSON with no schema at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from structdiff.constraint import Combinable, Plan
from structdiff.constraints.json_schema import JsonSchema
from structdiff.constraints.json_schema.document import draft_of
from structdiff.constraints.pydantic_model import Validator, schema_of
from structdiff.errors import ConstraintError, UnsupportedConstraint
from structdiff.json_text import Located, locate
from structdiff.network import Leaf, Network, alt
from structdiff.regex import whole
from structdiff.verdict import Verdict, Violation

NAME = re.compile("[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Tool:
    """A function that a model may call. at: its place in the list, for errors. kind: the class its arguments validate
    as; None where the schema alone says what they are."""

    name: str
    description: str
    parameters: Any = field(hash=False)
    at: str
    kind: Any = None


@dataclass(frozen=True, init=False)
class Tools(Combinable):
    """`{"name": one of the tools, "arguments": valid for that one}`; if parallel, a JSON array of at least one of them; if optional, that or
    any text that does not begin as it does, whose value is itself.

    functions: OpenAI's tools (`{"type": "function", "function": {"name", "description", "parameters"}}`), or their
    function alone, or classes that Pydantic validates, or Python functions. Every tool's schema is enforced, whether or
    not it says `strict`. The value is the JSON value. choose: the one tool to be called.

    Raises:
        ConstraintError: no tools, or a tool is at fault; the JSON pointer is into `functions`.
    """

    tools: tuple[Tool, ...]
    parallel: bool
    optional: bool
    _calls: JsonSchema = field(repr=False)

    def __init__(self, functions: Sequence[Any], parallel: bool = False, choose: str | None = None, optional: bool = False):
        tools = _chosen(_tools(functions), choose)
        object.__setattr__(self, "tools", tools)
        object.__setattr__(self, "parallel", parallel)
        object.__setattr__(self, "optional", optional)
        object.__setattr__(self, "_calls", JsonSchema(_schema(tools, parallel)))

    def plan(self, prompt: str) -> Plan:
        try:
            plan = self._calls.plan(prompt)
        except ConstraintError as error:
            raise self._in_its_tool(error) from None
        calls = Plan(plan.machine, (*plan.checkers, *self._own_checkers()), plan.respell)
        return _or_text(calls, "[" if self.parallel else "{") if self.optional else calls

    def hint(self) -> str:
        calls = "|".join(map(_hint, self.tools))
        return f"[{calls}]" if self.parallel else calls

    def key(self, prompt: str) -> Hashable:
        return self

    def _own_checkers(self) -> tuple[_Arguments, ...]:
        kinds = {tool.name: tool.kind for tool in self.tools if tool.kind is not None}
        return (_Arguments(kinds),) if kinds else ()

    def _in_its_tool(self, error: ConstraintError) -> ConstraintError:
        """Returns the error with its pointer into the list of tools rather than into the schema made of it."""
        place = re.fullmatch(r"/(?:\$defs|definitions)/([^/]+)(.*)", error.pointer)
        tool = place and next((tool for tool in self.tools if tool.name == place[1]), None)
        if not tool:
            return error
        return type(error)(str(error).removeprefix(f"at {error.pointer}: "), f"{tool.at}/parameters{place[2]}")


@dataclass(frozen=True)
class AnyJson(Combinable):
    """Any JSON value; if object_only, any JSON object."""

    object_only: bool = False

    def plan(self, prompt: str) -> Plan:
        return self._values.plan(prompt)

    def hint(self) -> str:
        return "json object" if self.object_only else "json"

    def key(self, prompt: str) -> Hashable:
        return self

    @property
    def _values(self) -> JsonSchema:
        return JsonSchema({"type": "object"} if self.object_only else True)


def _or_text(calls: Plan, begin: str) -> Plan:
    """Returns the plan of these calls and of the texts that do not begin with `begin`."""
    machine = Network(alt(Leaf(calls.machine), Leaf(whole(rf"([^\{begin}][\s\S]*)?"))))
    return Plan(machine, judge=lambda text: calls.judged(text) if text.startswith(begin) else Verdict(value=text))


@dataclass(frozen=True)
class _Arguments:
    """What the classes that tools were made from say of their arguments."""

    kinds: dict[str, Any]

    @cached_property
    def _validators(self) -> dict[str, Validator]:
        return {name: Validator(kind) for name, kind in self.kinds.items()}

    def check(self, text: str) -> Verdict:
        try:
            located = locate(text)
        except (ValueError, RecursionError) as error:
            return Verdict((Violation("json", str(error)),))
        found = tuple(violation for path, name in _called(located.value)
                      for violation in self._objections(text, located, path, name))
        return Verdict(found, None if found else located.value)

    def _objections(self, text: str, located: Located, path: tuple[str | int, ...], name: str) -> tuple[Violation, ...]:
        validator = self._validators.get(name)
        return validator.verdict(text, located, path).violations if validator else ()


def _called(value: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yields where the arguments of each call stand, and the name of the tool that is called."""
    calls = [((i,), call) for i, call in enumerate(value)] if isinstance(value, list) else [((), value)]
    for path, call in calls:
        if isinstance(call, dict) and isinstance(call.get("name"), str) and "arguments" in call:
            yield (*path, "arguments"), call["name"]


# --- from a list of functions to tools ------------------------------------------------------------------------------


def _tools(functions: Sequence[Any]) -> tuple[Tool, ...]:
    if not isinstance(functions, (list, tuple)):
        raise ConstraintError(f"tools are a list of functions, not {type(functions).__name__}")
    if not functions:
        raise ConstraintError("there are no tools; give at least one")
    tools = tuple(_tool(given, f"/{i}") for i, given in enumerate(functions))
    known: dict[str, Tool] = {}
    for tool in tools:
        if tool.name in known:
            other = known[tool.name].at
            raise ConstraintError(f"the name {tool.name!r} is that of {other} too; rename one", f"{tool.at}/name")
        known[tool.name] = tool
    return tools


def _tool(given: Any, at: str) -> Tool:
    if isinstance(given, dict):
        return _described(given, at)
    if not callable(given):
        raise ConstraintError(f"a tool is a dict, a class or a function, not {given!r}", at)
    name = _name(getattr(given, "__name__", None), at)
    try:
        parameters = schema_of(given)
    except ConstraintError as error:
        raise ConstraintError(str(error), at) from None
    if parameters.get("type", "object") != "object":
        raise ConstraintError(f"{name} takes what is no JSON object of named arguments", at)
    return Tool(name, _first_line(given), parameters, at, given if isinstance(given, type) else None)


def _described(given: dict[str, Any], at: str) -> Tool:
    if "function" in given:
        if given.get("type", "function") != "function":
            raise UnsupportedConstraint(f"a tool's type is 'function', not {given['type']!r}", f"{at}/type")
        given, at = given["function"], f"{at}/function"
    if not isinstance(given, dict):
        raise ConstraintError(f"a function is a dict, not {given!r}", at)
    parameters = given.get("parameters", {"type": "object", "properties": {}, "additionalProperties": False})
    if not isinstance(parameters, (dict, bool)):
        raise ConstraintError(f"parameters are a JSON Schema, not {parameters!r}", f"{at}/parameters")
    description = given.get("description")
    return Tool(_name(given.get("name"), at), description if isinstance(description, str) else "", parameters, at)


def _name(name: Any, at: str) -> str:
    if name is None:
        raise ConstraintError("a tool needs a name", at)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ConstraintError(f"a tool's name has letters, digits, '_' and '-' only, not {name!r}", f"{at}/name")
    return name


def _first_line(given: Callable[..., Any]) -> str:
    return next(iter((given.__doc__ or "").strip().splitlines()), "")


def _chosen(tools: tuple[Tool, ...], choose: str | None) -> tuple[Tool, ...]:
    if choose is None:
        return tools
    found = tuple(tool for tool in tools if tool.name == choose)
    if not found:
        raise ConstraintError(f"no tool is called {choose!r}; there are {', '.join(tool.name for tool in tools)}")
    return found


# --- from tools to one schema ---------------------------------------------------------------------------------------


def _schema(tools: tuple[Tool, ...], parallel: bool) -> dict[str, Any]:
    """Returns the schema of the calls. Each tool's own schema is a resource of its own, so that references within it
    mean what they meant where it stood alone."""
    draft = _one_draft(tools)
    identifier = "id" if draft == 4 else "$id"
    resources = {tool.name: _resource(tool, identifier, draft) for tool in tools}
    _require_one_meaning(tools, resources, identifier)
    calls = {"anyOf": [_call(name, resource, identifier) for name, resource in resources.items()]}
    stated = next(({"$schema": tool.parameters["$schema"]} for tool in tools if _states_draft(tool)), {})
    return {**stated, **({"type": "array", "minItems": 1, "items": calls} if parallel else calls),
            "$defs" if draft >= 2019 else "definitions": resources}


def _one_draft(tools: tuple[Tool, ...]) -> int:
    drafts = {draft_of(tool.parameters): tool for tool in tools}
    if len(drafts) > 1:
        told = ", ".join(f"{tool.name} of {draft}" for draft, tool in sorted(drafts.items()))
        raise UnsupportedConstraint(f"the tools' schemas are of different drafts ({told}); give all the same $schema",
                                    f"{max(drafts.items())[1].at}/parameters")
    return next(iter(drafts))


def _states_draft(tool: Tool) -> bool:
    return isinstance(tool.parameters, dict) and "$schema" in tool.parameters


def _resource(tool: Tool, identifier: str, draft: int) -> Any:
    """Returns a tool's schema under an absolute URI, its own where it has one."""
    if not isinstance(tool.parameters, dict):
        return tool.parameters
    schema = dict(tool.parameters)
    if draft <= 7 and "$ref" in schema:              # which there silences its siblings, the identifier too
        kept = {name: part for name, part in schema.items() if name in ("definitions", identifier)}
        schema = {**kept, "allOf": [{"$ref": schema["$ref"]}]}
    own = schema.get(identifier, "")
    return {**schema, identifier: urljoin(f"https://tools.invalid/{tool.name}/", own) if isinstance(own, str) else own}


def _require_one_meaning(tools: tuple[Tool, ...], resources: dict[str, Any], identifier: str) -> None:
    """Raises where two schemas call themselves by the same URI and differ: a reference to it would mean either."""
    known: dict[str, Any] = {}
    for tool in tools:
        for schema in _dicts(resources[tool.name]):
            uri = schema.get(identifier)
            if isinstance(uri, str) and "://" in uri and known.setdefault(uri.rstrip("#"), schema) != schema:
                raise ConstraintError(f"{uri!r} names another schema too; give each its own {identifier}",
                                      f"{tool.at}/parameters")


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            yield value
        pending.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())


def _call(name: str, resource: Any, identifier: str) -> dict[str, Any]:
    if isinstance(resource, dict):
        arguments = {"allOf": [{"type": "object"}, {"$ref": resource[identifier]}]}
    else:
        arguments = {"type": "object"} if resource else False
    return {"type": "object", "required": ["name", "arguments"], "additionalProperties": False,
            "properties": {"name": {"enum": [name]}, "arguments": arguments}}


def _hint(tool: Tool) -> str:
    told = f"({' '.join(tool.description.split())})" if tool.description else ""
    return f"{{name:{tool.name},arguments:{JsonSchema(tool.parameters).hint()}}}{told}"
