"""Content models as they are written: `title, (p | ul)*, footer?`."""

from __future__ import annotations

import re

from structdiff.constraints.markup.content import Child, Choice, Mixed, Some, Term, Text, optional
from structdiff.errors import ConstraintError

LONGEST = 20_000           # characters of an expression
DEEPEST = 50               # groups within groups
_TOKEN = re.compile(r"\s*([^\s,|&*+?()#<>=\"'/]+|[,|&*+?()]|$)")
_WORDS = {"text": (Text(),), "empty": (), "any": (Text(any=True),)}


def read(element: str, expression: str) -> Term:
    """Returns the term of an expression: names, `text`, `empty`, `any`; `,` `|` `&`, `*` `+` `?`, parentheses.

    Raises:
        ConstraintError: it has a fault; the message says which and in which column.
    """
    if len(expression) > LONGEST:
        raise ConstraintError(f"the content of '{element}' has {len(expression):,} characters; {LONGEST:,} are allowed")
    return _Reader(element, expression).read()


def _times(term: Term, count: str) -> Term:
    """Returns the term with `*`, `+` or `?` behind it; counts of counts do not pile up."""
    if count == "?":
        return term if optional(term) else (Choice((term, ())),)
    counted = term[0] if len(term) == 1 and isinstance(term[0], Some) else None
    if count == "+":
        return term if counted else (Some(term, 1),)
    return (Some(counted.body if counted else term, 0),)


class _Reader:
    def __init__(self, element: str, expression: str):
        self._element, self._expression = element, expression
        self._tokens: list[tuple[str, int]] = []
        at = 0
        while not self._tokens or self._tokens[-1][0]:
            found = _TOKEN.match(expression, at)
            if found is None:
                at += len(expression[at:]) - len(expression[at:].lstrip())
                raise self._fault(f"{expression[at]!r} begins nothing", at)
            self._tokens.append((found[1], found.start(1)))
            at = found.end()
        self._next = 0

    def read(self) -> Term:
        term = self._group(0)
        token, at = self._token
        if token:
            raise self._fault(f"{token!r} is one too many", at)
        return term

    @property
    def _token(self) -> tuple[str, int]:
        return self._tokens[self._next]

    def _group(self, depth: int) -> Term:
        terms, joint = [self._counted(depth)], ""
        while (token := self._token[0]) in (",", "|", "&") and token:
            if joint and token != joint:
                raise self._fault(f"{token!r} beside {joint!r}: say with parentheses which binds first", self._token[1])
            joint = token
            self._next += 1
            terms.append(self._counted(depth))
        if joint == "|":
            return (Choice(tuple(terms)),)
        return (Mixed(tuple(filter(None, terms))),) if joint == "&" else tuple(node for term in terms for node in term)

    def _counted(self, depth: int) -> Term:
        term = self._single(depth)
        while (token := self._token[0]) in ("*", "+", "?") and token:
            self._next += 1
            term = _times(term, token)
        return term

    def _single(self, depth: int) -> Term:
        token, at = self._token
        if not token:
            raise self._fault("it ends where a name should be", at)
        self._next += 1
        if token == "(":
            if depth == DEEPEST:
                raise self._fault(f"more than {DEEPEST} groups within groups", at)
            term = self._group(depth + 1)
            if self._token[0] != ")":
                raise self._fault("this group is not closed", at)
            self._next += 1
            return term
        if token in ",|&*+?)":
            raise self._fault(f"{token!r} where a name should be", at)
        return _WORDS[token] if token in _WORDS else (Child(token.encode()),)

    def _fault(self, what: str, at: int) -> ConstraintError:
        return ConstraintError(f"the content of '{self._element}', column {at + 1}: {what}", f"/content/{self._element}")
