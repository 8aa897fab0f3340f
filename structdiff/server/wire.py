"""What a client asks for, as values: the body of a chat completion, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from structdiff.constraint import Constraint
from structdiff.constraints.choice import Choice
from structdiff.constraints.grammar import Grammar
from structdiff.constraints.json_schema import JsonSchema
from structdiff.constraints.regex import Regex
from structdiff.constraints.tools import AnyJson, Tools
from structdiff.errors import ConstraintError

ROLES = ("system", "developer", "user", "assistant", "tool")
STRUCTURED = ("json", "regex", "choice", "grammar")


class Fault(Exception):
    """A request that is refused. status: of HTTP. param: the field at fault."""

    def __init__(self, status: int, message: str, param: str | None = None, code: str | None = None):
        self.status, self.message, self.param, self.code = status, message, param, code
        super().__init__(message)


@dataclass(frozen=True)
class Bounds:
    """What one request may ask for."""

    n: int = 8
    max_tokens: int = 4096
    characters: int = 200_000
    choices: int = 10_000


@dataclass(frozen=True)
class Job:
    """A chat completion to make. param: the field that the constraint is from. calls: the text is a call of a tool. drafts: the client
    wants to see the canvas."""

    model: str
    prompt: str
    constraint: Constraint | None
    max_tokens: int
    seeds: tuple[int, ...]
    param: str | None = None
    stream: bool = False
    usage: bool = False
    calls: bool = False
    drafts: bool = False


def job(body: Any, bounds: Bounds = Bounds()) -> Job:
    """Returns what the body of a chat completion asks for.

    Raises:
        Fault: what is wrong with it, with the name of the field.
    """
    if not isinstance(body, Mapping):
        raise Fault(400, "the body is a JSON object")
    if body.get("stop"):
        raise Fault(400, "stop is not supported: a constraint says where the text ends", "stop")
    constraint, param = _constraint(body, bounds)
    n, seed = _whole(body, "n", 1, bounds.n, 1), _whole(body, "seed", -(2**63), 2**63 - 1, 0) % 2**63
    most = "max_completion_tokens" if body.get("max_completion_tokens") is not None else "max_tokens"
    stream = _flag(body, "stream")
    options = body.get("stream_options") or {}
    return Job(_text(body, "model", "structdiff"), _prompt(body.get("messages"), bounds), constraint,
               _whole(body, most, 1, bounds.max_tokens, min(1024, bounds.max_tokens)), tuple(range(seed, seed + n)), param, stream,
               isinstance(options, Mapping) and bool(options.get("include_usage")), param == "tools", _flag(body, "structdiff_drafts"))


def _whole(body: Mapping, name: str, least: int, most: int, otherwise: int) -> int:
    value = body.get(name)
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Fault(400, f"{name} is a whole number from {least} to {most}", name)
    return value


def _flag(body: Mapping, name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise Fault(400, f"{name} is true or false", name)
    return bool(value)


def _text(body: Mapping, name: str, otherwise: str) -> str:
    value = body.get(name, otherwise)
    if not isinstance(value, str):
        raise Fault(400, f"{name} is a string", name)
    return value


def _prompt(messages: Any, bounds: Bounds) -> str:
    """Returns the texts of the messages, in order."""
    if not isinstance(messages, list) or not messages:
        raise Fault(400, "messages is a list of at least one message", "messages")
    prompt = "\n\n".join(filter(None, (_content(message, f"messages[{i}]") for i, message in enumerate(messages))))
    if not prompt.strip():
        raise Fault(400, "the messages have no text", "messages")
    if len(prompt) > bounds.characters:
        raise Fault(400, f"the messages have {len(prompt)} characters, and may have {bounds.characters}", "messages")
    return prompt


def _content(message: Any, where: str) -> str:
    if not isinstance(message, Mapping) or message.get("role") not in ROLES:
        raise Fault(400, f"a message has a role, one of {', '.join(ROLES)}", f"{where}.role")
    content = message.get("content")
    parts = [content] if isinstance(content, str) else [] if content is None else content
    if not isinstance(parts, list):
        raise Fault(400, "content is a string or a list of parts", f"{where}.content")
    texts = [part if isinstance(part, str) else part.get("text") if isinstance(part, Mapping) and part.get("type") == "text" else None
             for part in parts]
    if any(not isinstance(text, str) for text in texts):
        raise Fault(400, "only parts of type text are read", f"{where}.content")
    if any("\ud800" <= letter <= "\udfff" for text in texts for letter in text):
        raise Fault(400, "content has half of a surrogate pair, which no encoding can write", f"{where}.content")
    return "".join(texts)


def _constraint(body: Mapping, bounds: Bounds) -> tuple[Constraint | None, str | None]:
    """Returns the constraint, and the field that it is from."""
    ways = {"response_format": _format, "structured_outputs": _structured, "tools": _tools}
    asked = [name for name in ways if body.get(name) and not (name == "tools" and body.get("tool_choice") == "none")]
    made: dict[str, Constraint] = {}
    for name in asked:
        try:
            found = ways[name](body, bounds)
        except ConstraintError as error:
            raise Fault(400, str(error), name, "invalid_constraint") from None
        if found is not None:
            made[name] = found
    if len(made) > 1:
        raise Fault(400, f"{' and '.join(made)} are given; give one of them", asked[-1])
    return next(((found, name) for name, found in made.items()), (None, None))


def _format(body: Mapping, bounds: Bounds) -> Constraint | None:
    format = body["response_format"]
    kind = format.get("type") if isinstance(format, Mapping) else None
    match kind:
        case "text":
            return None
        case "json_object":
            return AnyJson()
        case "json_schema":
            inner = format.get("json_schema")
            if not isinstance(inner, Mapping) or not isinstance(inner.get("schema"), (dict, bool)):
                raise Fault(400, "json_schema has a name and a schema", "response_format.json_schema.schema")
            return JsonSchema(inner["schema"])
    raise Fault(400, "a response_format's type is text, json_object or json_schema", "response_format.type")


def _structured(body: Mapping, bounds: Bounds) -> Constraint:
    wanted = body["structured_outputs"]
    given = [name for name in STRUCTURED if isinstance(wanted, Mapping) and wanted.get(name) is not None]
    if len(given) != 1:
        raise Fault(400, f"structured_outputs has one of {', '.join(STRUCTURED)}", "structured_outputs")
    name, value = given[0], wanted[given[0]]
    where = f"structured_outputs.{name}"
    if name == "json" and isinstance(value, (dict, bool)):
        return JsonSchema(value)
    if name == "regex" and isinstance(value, str):
        return Regex(value)
    if name == "choice" and isinstance(value, list) and all(isinstance(one, str) for one in value):
        if len(value) > bounds.choices:
            raise Fault(400, f"there are {len(value)} choices, and may be {bounds.choices}", where)
        return Choice(tuple(value))
    if name == "grammar" and isinstance(value, str) and ("\n" in value or ":" in value):
        return Grammar(value)
    raise Fault(400, "json is a schema, regex a string, choice a list of strings, grammar the text of a grammar", where)


def _tools(body: Mapping, bounds: Bounds) -> Constraint:
    """The model calls a tool: the one that is chosen, or any."""
    choice, tools = body.get("tool_choice"), body["tools"]
    chosen = None
    if isinstance(choice, Mapping):
        function = choice.get("function")
        chosen = function.get("name") if isinstance(function, Mapping) else None
        if not isinstance(chosen, str):
            raise Fault(400, "a tool_choice names a function", "tool_choice")
    elif choice not in (None, "auto", "required"):
        raise Fault(400, "tool_choice is none, auto, required or a function", "tool_choice")
    if not isinstance(tools, list):
        raise Fault(400, "tools is a list", "tools")
    return Tools(tools, choose=chosen)
