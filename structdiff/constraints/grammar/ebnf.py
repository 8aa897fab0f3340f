"""GBNF, and the EBNF of xgrammar and vLLM, as rules over characters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from structdiff import regex
from structdiff.errors import ConstraintError, UnsatisfiableConstraint, UnsupportedConstraint
from structdiff.network import EMPTY, Alt, Leaf, Network, Ref, Repeat, Rule, Seq, text

_TOKEN = re.compile(r"""
    (?P<blank>[ \t\r\n]+|\#[^\n]*|//[^\n]*)
  | (?P<define>::=)
  | (?P<name>[A-Za-z_][A-Za-z0-9_.-]*)
  | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<class>\[(?:[^\]\\]|\\.)*\])
  | (?P<count>\{\s*[0-9]+\s*(?:,\s*[0-9]*\s*)?\})
  | (?P<mark>[|()*+?.])
""", re.VERBOSE | re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|u\{[0-9A-Fa-f]{1,6}\}|.)", re.DOTALL)
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "b": "\b", "a": "\a", "0": "\0"}
_TIMES = {"*": (0, None), "+": (1, None), "?": (0, 1)}


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


@lru_cache(maxsize=64)
def read(source: str, start: str) -> Network:
    """Returns the machine of the texts of rule `start`.

    Raises:
        UnsupportedConstraint: the source is not of this notation, or a rule begins with itself by way of another; with line
            and column.
        UnsatisfiableConstraint: no finite text is of the rule.
    """
    rules, places = _Reader(source).rules()
    for name, at in places.used:
        if name not in rules:
            raise UnsupportedConstraint(f"{_place(source, at)}: rule {name!r} is used but not defined")
    if start not in rules:
        raise UnsupportedConstraint(f"line 1, column 1: there is no rule {start!r}; there are {', '.join(sorted(rules))}")
    rules = {name: _without_left_recursion(name, rule) for name, rule in rules.items()}
    for name in rules:
        if name in _left_corners(name, rules):
            raise UnsupportedConstraint(f"{_place(source, places.defined[name])}: rule {name!r} begins with itself by way of "
                                        "other rules, and would never end; write it as a repetition")
    network = Network(Ref(start), rules)
    if network.completion(network.start) == float("inf"):
        raise UnsatisfiableConstraint(f"{_place(source, places.defined[start])}: no finite text is of rule {start!r}")
    return network


@dataclass
class _Places:
    """Where rules are defined and used, as offsets into the source."""

    defined: dict[str, int]
    used: list[tuple[str, int]]


class _Reader:
    """Reads rules by recursive descent."""

    def __init__(self, source: str):
        self._source = source
        self._tokens = [*self._split(), _Token("end", "", len(source))]
        self._next = 0
        self._places = _Places({}, [])

    def rules(self) -> tuple[dict[str, Rule], _Places]:
        rules = {}
        while self._token.kind != "end":
            name = self._take("name", "the name of a rule")
            if name.text in rules:
                raise self._error(f"rule {name.text!r} is defined twice", name.at)
            self._places.defined[name.text] = name.at
            self._take("define", "'::='")
            rules[name.text] = self._alternatives()
        return rules, self._places

    def _split(self) -> Iterator[_Token]:
        at = 0
        while at < len(self._source):
            found = _TOKEN.match(self._source, at)
            if found is None:
                raise self._error(f"{self._source[at]!r} begins nothing that a grammar has", at)
            if found.lastgroup != "blank":
                yield _Token(found.lastgroup, found.group(), at)
            at = found.end()

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, kind: str, wanted: str) -> _Token:
        token = self._token
        if token.kind != kind:
            raise self._error(f"expected {wanted}, found {token.text or 'the end'!r}", token.at)
        self._next += 1
        return token

    def _mark(self, mark: str) -> bool:
        found = self._token.kind == "mark" and self._token.text == mark
        self._next += found
        return found

    def _alternatives(self) -> Rule:
        options = [self._sequence()]
        while self._mark("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Alt(tuple(options))

    def _sequence(self) -> Rule:
        parts = []
        while (part := self._single()) is not None:
            while (times := self._times()) is not None:
                part = Repeat(part, *times)
            parts.append(part)
        return parts[0] if len(parts) == 1 else Seq(tuple(parts)) if parts else EMPTY

    def _single(self) -> Rule | None:
        token = self._token
        if token.kind == "name" and self._tokens[self._next + 1].kind != "define":
            self._next += 1
            self._places.used.append((token.text, token.at))
            return Ref(token.text)
        if token.kind == "string":
            self._next += 1
            return text(_ESCAPE.sub(self._unescaped, token.text[1:-1]))
        if token.kind == "class":
            self._next += 1
            return self._characters(token)
        if self._mark("."):
            return Leaf(regex.whole(r"[\x{0}-\x{10FFFF}]"))
        if self._mark("("):
            inner = self._alternatives()
            if not self._mark(")"):
                raise self._error("a group is not closed", token.at)
            return inner
        return None

    def _times(self) -> tuple[int, int | None] | None:
        token = self._token
        if token.kind == "mark" and token.text in _TIMES:
            self._next += 1
            return _TIMES[token.text]
        if token.kind != "count":
            return None
        self._next += 1
        low, comma, high = re.sub(r"\s", "", token.text[1:-1]).partition(",")
        counts = int(low), int(high) if high else None if comma else int(low)
        if counts[1] is not None and counts[1] < counts[0]:
            raise self._error(f"the count {token.text} ends before it begins", token.at)
        return counts

    def _characters(self, token: _Token) -> Rule:
        """Returns the rule of a character class."""
        inside = token.text[1:-1]
        negated = inside.startswith("^")
        members = [found if len(found) == 1 else self._code(found) for found in re.findall(
            rf"{_ESCAPE.pattern}|.", inside[negated:], re.DOTALL)]
        dashes = [found == "-" for found in re.findall(rf"{_ESCAPE.pattern}|.", inside[negated:], re.DOTALL)]
        ranges, i = [], 0
        while i < len(members):
            ends = i + 2 < len(members) and dashes[i + 1]
            low, high = ord(members[i]), ord(members[i + 2 if ends else i])
            if high < low:
                raise self._error(f"the range {members[i]!r} to {members[i + 2]!r} ends before it begins", token.at)
            ranges.append(rf"\x{{{low:x}}}-\x{{{high:x}}}")
            i += 3 if ends else 1
        if not ranges:
            return Leaf(regex.whole(r"[\x{0}-\x{10FFFF}]")) if negated else Alt(())
        try:
            return Leaf(regex.whole(f"[{'^' * negated}{''.join(ranges)}]"))
        except ConstraintError as error:
            raise self._error(str(error), token.at) from None

    def _unescaped(self, found: re.Match) -> str:
        return self._code(found.group())

    @staticmethod
    def _code(escape: str) -> str:
        """Returns the character that an escape stands for."""
        if len(escape) > 2:
            return chr(int(escape[2:].strip("{}"), 16))
        return _SHORT.get(escape[1], escape[1])

    def _error(self, what: str, at: int) -> UnsupportedConstraint:
        return UnsupportedConstraint(f"{_place(self._source, at)}: {what}")


def _place(source: str, at: int) -> str:
    return f"line {source.count(chr(10), 0, at) + 1}, column {at - source.rfind(chr(10), 0, at)}"


# --- left recursion -------------------------------------------------------------------------------------------------


def _without_left_recursion(name: str, rule: Rule) -> Rule:
    """Returns a rule of the same texts as `name ::= name tail | other`: other tail*."""
    options = rule.options if isinstance(rule, Alt) else (rule,)
    tails, others = [], []
    for option in options:
        first = option.parts[0] if isinstance(option, Seq) and option.parts else option
        if isinstance(first, Ref) and first.name == name:
            tails.append(Seq(option.parts[1:]) if isinstance(option, Seq) else EMPTY)
        else:
            others.append(option)
    return Seq((Alt(tuple(others)), Repeat(Alt(tuple(tails)), 0, None))) if tails else rule


def _left_corners(name: str, rules: Mapping[str, Rule]) -> set[str]:
    """Returns the rules that a text of rule `name` may begin with, before any character."""
    found: set[str] = set()
    pending: list[Rule] = [rules[name]]
    while pending:
        rule = pending.pop()
        if isinstance(rule, Ref):
            if rule.name not in found:
                found.add(rule.name)
                pending.append(rules[rule.name])
        elif isinstance(rule, Alt):
            pending.extend(rule.options)
        elif isinstance(rule, Repeat):
            pending.append(rule.body)
        elif isinstance(rule, Seq):
            for part in rule.parts:
                pending.append(part)
                if not _may_be_empty(part, rules, frozenset()):
                    break
    return found


def _may_be_empty(rule: Rule, rules: Mapping[str, Rule], within: frozenset[str]) -> bool:
    if isinstance(rule, Ref):
        return rule.name not in within and _may_be_empty(rules[rule.name], rules, within | {rule.name})
    if isinstance(rule, Alt):
        return any(_may_be_empty(option, rules, within) for option in rule.options)
    if isinstance(rule, Seq):
        return all(_may_be_empty(part, rules, within) for part in rule.parts)
    if isinstance(rule, Repeat):
        return rule.low == 0 or _may_be_empty(rule.body, rules, within)
    return rule.machine.accepts(rule.machine.start)
