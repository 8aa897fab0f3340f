"""What a client asks for, as values: the bodies of the two APIs, and what is wrong with one.

Constraints are not read here, only that they are there: reading one may take long (`structdiff.server.tasks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from structdiff.server.tasks import Mend, Solve, Wanted

ROLES = ("system", "developer", "user", "assistant", "tool")
TEXTS = ("text", "input_text", "output_text")
STRUCTURED = ("json", "regex", "choice", "grammar")


class Fault(Exception):
    """A request that is refused. status: of HTTP. param: the field at fault."""

    def __init__(self, status: int, message: str, param: str | None = None, code: str | None = None):
        self.status, self.message, self.param, self.code = status, message, param, code
        super().__init__(message)


@dataclass(frozen=True)
class Bounds:
    """What one request may ask for. characters: of a text that is not yet counted in tokens. stop: texts that end it, and characters of one."""

    n: int = 8
    max_tokens: int = 4096
    prompt_tokens: int = 8192
    characters: int = 200_000
    choices: int = 10_000
    stop: tuple[int, int] = (4, 100)


@dataclass(frozen=True)
class Job:
    """What to make. work: a constraint for the model's text, None for free text; or a task that no model is asked in. param: the field that
    it is from. drafts: the client wants to see the canvas. stop: texts before which free text ends."""

    model: str
    prompt: str
    work: Wanted | Mend | Solve | None
    max_tokens: int
    seeds: tuple[int, ...]
    param: str | None = None
    stream: bool = False
    usage: bool = False
    drafts: bool = False
    stop: tuple[str, ...] = ()

    @property
    def calls(self) -> bool:
        """Whether there are tools that may be called."""
        return isinstance(self.work, Wanted) and self.work.kind == "tools"


def chat(body: Any, bounds: Bounds = Bounds()) -> Job:
    """Returns what the body of a chat completion asks for.

    Raises:
        Fault: what is wrong with it, with the name of the field.
    """
    body = _object(body)
    options = body.get("stream_options") or {}
    most = "max_completion_tokens" if body.get("max_completion_tokens") is not None else "max_tokens"
    usage = isinstance(options, Mapping) and bool(options.get("include_usage"))
    return _job(body, bounds, lambda: _messages(body.get("messages"), "messages"), "messages",
                _one_of(body, bounds, {"response_format": _response_format, **OWN, "tools": _tools}), most,
                _whole(body, "n", 1, bounds.n, 1), usage)


def responses(body: Any, bounds: Bounds = Bounds()) -> Job:
    """Returns what the body of a request for a response asks for; raises as `chat` does."""
    body = _object(body)
    if body.get("previous_response_id") or body.get("conversation"):
        raise Fault(400, "no response is kept; give the whole conversation as input", "previous_response_id")
    return _job(body, bounds, lambda: _input(body), "input",
                _one_of(body, bounds, {"text": _text_format, **OWN, "tools": _tools}), "max_output_tokens", 1, False)


def _job(body: Mapping, bounds: Bounds, prompt: Any, where: str, asked: tuple[Any, str | None], most: str, n: int, usage: bool) -> Job:
    work, param = asked
    stop = _stop(body.get("stop"), bounds)
    if stop and work is not None:
        raise Fault(400, "stop cuts a text that a constraint would have whole; give one of them", "stop")
    seed = _whole(body, "seed", -(2**63), 2**63 - 1, 0) % 2**63
    told = "" if isinstance(work, (Mend, Solve)) else _bounded(prompt(), where, bounds)
    return Job(_string(body, "model", "structdiff"), told, work, _whole(body, most, 1, bounds.max_tokens, min(1024, bounds.max_tokens)),
               tuple(range(seed, seed + n)), param, _flag(body, "stream"), usage, _flag(body, "structdiff_drafts"), stop)


# --- single fields ------------------------------------------------------------------------------------------------------


def _object(body: Any) -> Mapping:
    if not isinstance(body, Mapping):
        raise Fault(400, "the body is a JSON object")
    return body


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


def _string(body: Mapping, name: str, otherwise: str) -> str:
    value = body.get(name, otherwise)
    if not isinstance(value, str):
        raise Fault(400, f"{name} is a string", name)
    return _writable(value, name)


def _writable(text: str, where: str) -> str:
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Fault(400, f"{where} has half of a surrogate pair, which no encoding can write", where)
    return text


def _stop(value: Any, bounds: Bounds) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else [] if value is None else value
    many, long = bounds.stop
    if not isinstance(texts, list) or len(texts) > many or not all(isinstance(one, str) and 0 < len(one) <= long for one in texts):
        raise Fault(400, f"stop is a text or a list of at most {many}, each of 1 to {long} characters", "stop")
    return tuple(texts)


# --- the prompt ---------------------------------------------------------------------------------------------------------


def _bounded(prompt: str, where: str, bounds: Bounds) -> str:
    if not prompt.strip():
        raise Fault(400, f"the {where} have no text" if where == "messages" else f"the {where} has no text", where)
    if len(prompt) > bounds.characters:
        raise Fault(400, f"the {where} has {len(prompt)} characters, and may have {bounds.characters}", where)
    return prompt


def _messages(messages: Any, where: str) -> str:
    """Returns the texts of the messages, in order."""
    if not isinstance(messages, list) or not messages:
        raise Fault(400, f"{where} is a list of at least one message", where)
    return "\n\n".join(filter(None, (_message(message, f"{where}[{i}]") for i, message in enumerate(messages))))


def _message(message: Any, where: str) -> str:
    if isinstance(message, Mapping) and message.get("type") == "function_call_output":
        return _content(message.get("output"), f"{where}.output")
    if isinstance(message, Mapping) and message.get("type") in ("function_call", "reasoning"):
        return ""
    if not isinstance(message, Mapping) or message.get("role") not in ROLES:
        raise Fault(400, f"a message has a role, one of {', '.join(ROLES)}", f"{where}.role")
    return _content(message.get("content"), f"{where}.content")


def _content(content: Any, where: str) -> str:
    parts = [content] if isinstance(content, str) else [] if content is None else content
    if not isinstance(parts, list):
        raise Fault(400, "content is a string or a list of parts", where)
    texts = [part if isinstance(part, str) else part.get("text") if isinstance(part, Mapping) and part.get("type") in TEXTS else None
             for part in parts]
    if any(not isinstance(text, str) for text in texts):
        raise Fault(400, "only parts of type text are read", where)
    return _writable("".join(texts), where)


def _input(body: Mapping) -> str:
    given = body.get("input")
    text = _writable(given, "input") if isinstance(given, str) else _messages(given, "input")
    return "\n\n".join(filter(None, (_string({**body, "instructions": body.get("instructions") or ""}, "instructions", ""), text)))


# --- what the text must be ----------------------------------------------------------------------------------------------


def _one_of(body: Mapping, bounds: Bounds, ways: dict[str, Any]) -> tuple[Wanted | Mend | Solve | None, str | None]:
    """Returns the work, and the field that it is from."""
    asked = [name for name in ways if body.get(name) and not (name == "tools" and body.get("tool_choice") == "none")]
    try:
        made = {name: work for name in asked if (work := ways[name](body, bounds)) is not None}
    except RecursionError:
        raise Fault(400, "it is nested too deeply", asked[0], "invalid_constraint") from None
    if len(made) > 1:
        raise Fault(400, f"{' and '.join(made)} are given; give one of them", list(made)[-1])
    return next(((work, name) for name, work in made.items()), (None, None))


def _response_format(body: Mapping, bounds: Bounds) -> Wanted | None:
    format = body["response_format"]
    inner = format.get("json_schema") if isinstance(format, Mapping) else None
    return _format(format, inner, "response_format", "response_format.json_schema.schema")


def _text_format(body: Mapping, bounds: Bounds) -> Wanted | None:
    text = body["text"]
    if not isinstance(text, Mapping):
        raise Fault(400, "text is an object", "text")
    format = text.get("format")
    return None if format is None else _format(format, format, "text.format", "text.format.schema")


def _format(format: Any, inner: Any, where: str, schema: str) -> Wanted | None:
    match format.get("type") if isinstance(format, Mapping) else None:
        case "text":
            return None
        case "json_object":
            return Wanted.of("json_object", None)
        case "json_schema":
            if not isinstance(inner, Mapping) or not isinstance(inner.get("schema"), (dict, bool)):
                raise Fault(400, "json_schema has a name and a schema", schema)
            return Wanted.of("json_schema", inner["schema"])
    raise Fault(400, f"the type of {where} is text, json_object or json_schema", f"{where}.type")


def _structured(body: Mapping, bounds: Bounds) -> Wanted:
    wanted = body["structured_outputs"]
    given = [name for name in STRUCTURED if isinstance(wanted, Mapping) and wanted.get(name) is not None]
    if len(given) != 1:
        raise Fault(400, f"structured_outputs has one of {', '.join(STRUCTURED)}", "structured_outputs")
    name, value = given[0], wanted[given[0]]
    where = f"structured_outputs.{name}"
    if name == "json" and isinstance(value, (dict, bool)):
        return Wanted.of("json_schema", value)
    if name == "regex" and isinstance(value, str):
        return Wanted.of("regex", _writable(value, where))
    if name == "choice" and isinstance(value, list) and all(isinstance(one, str) for one in value):
        if len(value) > bounds.choices:
            raise Fault(400, f"there are {len(value)} choices, and may be {bounds.choices}", where)
        return Wanted.of("choice", [_writable(one, where) for one in value])
    if name == "grammar" and isinstance(value, str) and ("\n" in value or ":" in value):     # never a path
        return Wanted.of("grammar", _writable(value, where))
    raise Fault(400, "json is a schema, regex a string, choice a list of strings, grammar the text of a grammar", where)


def _tools(body: Mapping, bounds: Bounds) -> Wanted:
    """The model calls a tool: the one that is chosen, or any; where the choice is its own it may also answer in text."""
    choice, tools = body.get("tool_choice"), body["tools"]
    chosen = None
    if isinstance(choice, Mapping):
        function = choice.get("function") if "function" in choice else choice
        chosen = function.get("name") if isinstance(function, Mapping) else None
        if not isinstance(chosen, str):
            raise Fault(400, "a tool_choice names a function", "tool_choice")
    elif choice not in (None, "auto", "required"):
        raise Fault(400, "tool_choice is none, auto, required or a function", "tool_choice")
    if not isinstance(tools, list):
        raise Fault(400, "tools is a list", "tools")
    return Wanted.of("tools", {"tools": [_nested(tool) for tool in tools], "choose": chosen, "optional": choice in (None, "auto")})


def _nested(tool: Any) -> Any:
    """Returns a tool as chat completions write it; responses have its name beside its type."""
    if isinstance(tool, dict) and tool.get("type") == "function" and "function" not in tool and "name" in tool:
        return {"type": "function", "function": {name: part for name, part in tool.items() if name != "type" and part is not None}}
    return tool


def _repair(body: Mapping, bounds: Bounds) -> Mend:
    text, format = _two(body["repair"], "repair", "text", "format", "json")
    return Mend(_sized(text, "repair.text", bounds), format)


def _puzzle(body: Mapping, bounds: Bounds) -> Solve:
    text, kind = _two(body["puzzle"], "puzzle", "text", "kind", "sudoku")
    return Solve(kind, _sized(text, "puzzle.text", bounds), _whole(body, "seed", -(2**63), 2**63 - 1, 0) % 2**63, _flag(body, "structdiff_drafts"))


def _two(value: Any, where: str, first: str, second: str, otherwise: str) -> tuple[str, str]:
    if not isinstance(value, Mapping) or not isinstance(value.get(first), str) or not isinstance(value.get(second, otherwise), str):
        raise Fault(400, f"{where} has a {first} and a {second}, both strings", where)
    return value[first], value.get(second, otherwise)


def _sized(text: str, where: str, bounds: Bounds) -> str:
    if len(text) > bounds.characters:
        raise Fault(400, f"{where} has {len(text)} characters, and may have {bounds.characters}", where)
    return _writable(text, where)


OWN = {"structured_outputs": _structured, "repair": _repair, "puzzle": _puzzle}
