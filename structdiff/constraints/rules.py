"""A user's own rule about the value, as a checker."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from structdiff.constraint import Combinable, Plan
from structdiff.constraints.pydantic_model import Validator, violation
from structdiff.errors import ConstraintError
from structdiff.json_text import Located, locate
from structdiff.machine import ANYTHING
from structdiff.verdict import UNCHANGED, Verdict, Violation


class Broken(ValueError):
    """What a rule raises to say which value is at fault: `raise Broken("ends before it starts", "stay", "end")`.

    loc: the keys and indices that lead to the value; none accuses all of them.
    """

    def __init__(self, message: str, *loc: str | int):
        self.loc = loc
        super().__init__(message)


@dataclass(frozen=True)
class Rule(Combinable):
    """The JSON texts whose value `check` does not object to. With `kind`, the value is the instance; else the rule leaves it as it is.

    check: raises any exception to object, or returns False. Where the exception has a `loc` (keys and indices; see
    `Broken`), or is a Pydantic ValidationError, the values there are at fault, else all of them.
    name: how a violation names the rule; the function's own name by default.
    kind: a type Pydantic validates, of which `check` is handed an instance; by default it is handed the JSON value.

    Meant to be combined: `JsonSchema(schema) & Rule(check)`.

    Raises:
        ConstraintError: check is no function, or cannot be told from others.
    """

    check: Callable[[Any], Any]
    name: str | None = None
    kind: Any = None

    def __post_init__(self) -> None:
        if not callable(self.check):
            raise ConstraintError(f"a rule is a function of the value, not {self.check!r}")
        try:
            hash((self.check, self.kind))
        except TypeError as error:
            raise ConstraintError(f"a rule must be told from others: {error}; pass a plain function or type") from None

    def plan(self, prompt: str) -> Plan:
        named = self.name or getattr(self.check, "__name__", type(self.check).__name__)
        validator = None if self.kind is None else Validator(self.kind)
        return Plan(ANYTHING, (_Checker(self.check, named, validator),))

    def hint(self) -> str:
        return ""

    def key(self, prompt: str) -> Hashable:
        return self


@dataclass(frozen=True)
class _Checker:
    rule: Callable[[Any], Any]
    name: str
    validator: Validator | None

    def check(self, text: str) -> Verdict:
        try:
            located = locate(text)
        except (ValueError, RecursionError) as error:
            return Verdict((Violation("json", str(error)),))
        read = self._read(text, located)
        if not read.valid:
            return read
        found = tuple(self._objections(read.value, located))
        # Read anew: a rule may have changed what it was handed, and the value is the text's.
        return Verdict(found) if found else self._read(text, locate(text)) if self.validator else Verdict(value=UNCHANGED)

    def _read(self, text: str, located: Located) -> Verdict:
        return self.validator.verdict(text, located) if self.validator else Verdict(value=located.value)

    def _objections(self, value: Any, located: Located) -> Iterator[Violation]:
        try:
            held = self.rule(value)
            refused = held is not None and not held
        except Exception as error:  # a rule may raise anything: it refuses the value, it does not end the run
            yield from (violation(located, self.name, message, loc) for message, loc in _reasons(error))
        else:
            if refused:
                yield violation(located, self.name, "the rule does not hold", ())


def _reasons(error: Exception) -> list[tuple[str, tuple[str | int, ...]]]:
    """Returns what is wrong and where; an exception that cannot even be read is wrong everywhere."""
    try:
        if callable(getattr(error, "errors", None)):            # Pydantic's ValidationError
            reasons = [(str(detail["msg"]), _path(detail["loc"])) for detail in error.errors()]
            if reasons:
                return reasons
        return [(str(error) or type(error).__name__, _path(getattr(error, "loc", ())))]
    except Exception:
        return [(type(error).__name__, ())]


def _path(loc: Any) -> tuple[str | int, ...]:
    parts = (loc,) if isinstance(loc, (str, int)) else loc if isinstance(loc, (list, tuple)) else ()
    return tuple(part for part in parts if isinstance(part, (str, int)))
