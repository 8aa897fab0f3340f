"""Content models: which children an element has, in which order, from an expression such as `title, (p | ul)*, footer?`.

A model is walked by partial derivatives (Antimirov, doi:10.1016/0304-3975(95)00182-4): a state is a set of terms, of
which there are no more than the expression has names, but where `&` interleaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from structdiff.machine import DEAD, States

TEXT = b"#text"
Term = tuple["Node", ...]  # one after the other


class Node:
    """optional: whether no child at all is of it. first: the children it may begin with; None among them: any child."""

    optional = False
    first: frozenset[bytes | None] = frozenset()

    def after(self, child: bytes) -> set[Term]:
        """Returns what may follow `child`, or TEXT, where it is the first of this node."""
        raise NotImplementedError

    def cost(self, costs: Mapping[bytes, float]) -> float:
        """Returns the fewest bytes of all children, given those of each."""
        return 0.0


@dataclass(frozen=True)
class Child(Node):
    name: bytes

    @property
    def first(self) -> frozenset[bytes | None]:
        return frozenset([self.name])

    def after(self, child: bytes) -> set[Term]:
        return {()} if child == self.name else set()

    def cost(self, costs: Mapping[bytes, float]) -> float:
        return costs.get(self.name, float("inf"))


@dataclass(frozen=True)
class Text(Node):
    """Any text. any: or any elements."""

    any: bool = False
    optional = True

    @property
    def first(self) -> frozenset[bytes | None]:
        return frozenset([TEXT, None] if self.any else [TEXT])

    def after(self, child: bytes) -> set[Term]:
        return {(self,)} if self.any or child == TEXT else set()


@dataclass(frozen=True)
class Choice(Node):
    options: tuple[Term, ...]

    @cached_property
    def optional(self) -> bool:
        return any(map(optional, self.options))

    @cached_property
    def first(self) -> frozenset[bytes | None]:
        return frozenset().union(*map(first, self.options))

    def after(self, child: bytes) -> set[Term]:
        return set().union(*(after(option, child) for option in self.options))

    def cost(self, costs: Mapping[bytes, float]) -> float:
        return min(cost(option, costs) for option in self.options)


@dataclass(frozen=True)
class Some(Node):
    """least: how often at least, 0 or 1; any number of times."""

    body: Term
    least: int

    @cached_property
    def optional(self) -> bool:
        return self.least == 0 or optional(self.body)

    @cached_property
    def first(self) -> frozenset[bytes | None]:
        return first(self.body)

    def after(self, child: bytes) -> set[Term]:
        again = Some(self.body, 0)
        # More text is what it may begin with again.
        return {(again,) if child == TEXT and ahead == (Text(),) else (*ahead, again) for ahead in after(self.body, child)}

    def cost(self, costs: Mapping[bytes, float]) -> float:
        return cost(self.body, costs) if self.least else 0.0


@dataclass(frozen=True)
class Mixed(Node):
    """All of `parts`, each in its order, their children between one another."""

    parts: tuple[Term, ...]

    @cached_property
    def optional(self) -> bool:
        return all(map(optional, self.parts))

    @cached_property
    def first(self) -> frozenset[bytes | None]:
        return frozenset().union(*map(first, self.parts))

    def after(self, child: bytes) -> set[Term]:
        found = set()
        for i, part in enumerate(self.parts):
            for ahead in after(part, child):
                left = tuple(filter(None, (*self.parts[:i], ahead, *self.parts[i + 1 :])))
                found.add((Mixed(left),) if left else ())
        return found

    def cost(self, costs: Mapping[bytes, float]) -> float:
        return sum(cost(part, costs) for part in self.parts)


def optional(term: Term) -> bool:
    return all(node.optional for node in term)


def first(term: Term) -> frozenset[bytes | None]:
    found: frozenset[bytes | None] = frozenset()
    for node in term:
        found |= node.first
        if not node.optional:
            break
    return found


def after(term: Term, child: bytes) -> set[Term]:
    found: set[Term] = set()
    for i, node in enumerate(term):
        found |= {(*ahead, *term[i + 1 :]) for ahead in node.after(child)}
        if not node.optional:
            break
    return found


def cost(term: Term, costs: Mapping[bytes, float]) -> float:
    return sum(node.cost(costs) for node in term)


def names(term: Term) -> set[bytes]:
    """Returns the elements that a term speaks of."""
    found: set[bytes] = set()
    pending = list(term)
    while pending:
        match pending.pop():
            case Child(name):
                found.add(name)
            case Choice(terms) | Mixed(terms):
                pending += [node for term in terms for node in term]
            case Some(body):
                pending += body
    return found


class Model:
    """The sequences of children that a term allows, as a machine over names and TEXT; states are ints, 0 is dead."""

    def __init__(self, term: Term):
        self._states = States()
        self._after: dict[tuple[int, bytes], int] = {}
        self.start = self._states.of(frozenset([term]))

    def after(self, state: int, child: bytes) -> int:
        found = self._after.get((state, child))
        if found is None:
            terms = frozenset().union(*(after(term, child) for term in self._states.keys[state]))
            found = self._after[state, child] = self._states.of(terms) if terms else DEAD
        return found

    def children(self, state: int) -> frozenset[bytes] | None:
        """Returns the elements that may come next; None: any."""
        names = frozenset().union(*map(first, self._states.keys[state]))
        return None if None in names else names - {TEXT}

    def whole(self, state: int) -> bool:
        return any(map(optional, self._states.keys[state]))

    def cost(self, state: int, costs: Mapping[bytes, float]) -> float:
        """Returns the fewest bytes of the children still needed; inf: there is no way to have them."""
        return min(cost(term, costs) for term in self._states.keys[state])
