"""What the values of one JSON kind look like when several keywords hold at once; shapes of a kind can be met.

A goal is a set of literals that must all hold of a value: `("@", pointer, holds)`, the subschema there holds or does
not; `("=", text, holds)`, the value is that JSON or is not. No literals: any value. `NONE` holds of nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import MAX_PREC, Context, Decimal
from fractions import Fraction
from math import ceil, floor, lcm

from structdiff.constraints.json_schema.numbers import Bound

Literal = tuple[str, str, bool]
Goal = tuple[Literal, ...]
ANY: Goal = ()
NONE: Goal = (("!", "", True),)

MOST_LISTED = 64           # multiples between two limits that are listed one by one


def both(left: Goal, right: Goal) -> Goal:
    """Returns the goal of what both hold of, in the order of first mention; NONE when they contradict each other."""
    if not left or not right or left == right:
        return left or right
    merged = dict.fromkeys([*left, *right])
    if NONE[0] in merged or any((kind, what, not holds) in merged for kind, what, holds in merged):
        return NONE
    return tuple(merged)


def _least(left: int | None, right: int | None) -> int | None:
    return right if left is None else left if right is None else min(left, right)


def _common(left: frozenset | None, right: frozenset | None) -> frozenset | None:
    return right if left is None else left if right is None else left & right


@dataclass(frozen=True)
class Null:
    kind = "null"

    def meet(self, other: Null) -> Null:
        return self


@dataclass(frozen=True)
class Boolean:
    kind = "boolean"
    values: frozenset[bool] = frozenset({False, True})

    def meet(self, other: Boolean) -> Boolean | None:
        shared = self.values & other.values
        return Boolean(shared) if shared else None


@dataclass(frozen=True)
class Number:
    """whole: integers only, fractions only (False), or either (None). values: JSON spellings by value; None: any."""

    kind = "number"
    whole: bool | None = None
    low: Bound | None = None
    high: Bound | None = None
    multiples: frozenset[Decimal] = frozenset()
    values: frozenset[Decimal] | None = None
    refused: frozenset[Decimal] = frozenset()
    not_multiples: frozenset[Decimal] = frozenset()

    def meet(self, other: Number) -> Number | None:
        if self.whole is not None and other.whole is not None and self.whole != other.whole:
            return None
        met = Number(
            other.whole if self.whole is None else self.whole, _tighter(self.low, other.low, 1),
            _tighter(self.high, other.high, -1), self.multiples | other.multiples, _common(self.values, other.values),
            self.refused | other.refused, self.not_multiples | other.not_multiples)
        if met.values is not None:
            met = replace(met, values=frozenset(value for value in met.values if met.holds(value)))
            return met if met.values else None
        if met.low and met.high and _crossed(met.low, met.high, met.whole is True):
            return None
        return None if met.listed() == [] else met

    def listed(self) -> list[Decimal] | None:
        """Returns the numbers of this shape in order where multiples between two limits are few; else None."""
        if not self.multiples or self.low is None or self.high is None:
            return None
        step = _least_common_multiple([*self.multiples, *([Decimal(1)] if self.whole else [])])
        first, last = ceil(Fraction(self.low.value) / step), floor(Fraction(self.high.value) / step)
        if last - first >= MOST_LISTED:
            return None
        return [value for n in range(first, last + 1) if self.holds(value := _decimal(n * step))]

    def holds(self, value: Decimal) -> bool:
        """Whether `value` is within every limit."""
        return (
            (self.whole is None or self.whole == _divides(Decimal(1), value))
            and (self.low is None or value > self.low.value or not self.low.strict and value == self.low.value)
            and (self.high is None or value < self.high.value or not self.high.strict and value == self.high.value)
            and all(_divides(step, value) for step in self.multiples)
            and not any(_divides(step, value) for step in self.not_multiples)
            and value not in self.refused)


def _divides(step: Decimal, value: Decimal) -> bool:
    return (Fraction(value) / Fraction(step)).denominator == 1


def _least_common_multiple(steps: list[Decimal]) -> Fraction:
    places = max(max(-int(step.as_tuple().exponent), 0) for step in steps)
    return Fraction(lcm(*(int(Fraction(step) * 10**places) for step in steps)), 10**places)


def _decimal(value: Fraction) -> Decimal:
    """Returns a fraction of a power of ten, exactly: Decimal's own division would round to 28 digits."""
    places = len(str(value.denominator)) * 4
    return Decimal(int(value * 10**places)).scaleb(-places, Context(prec=MAX_PREC))


def _tighter(left: Bound | None, right: Bound | None, side: int) -> Bound | None:
    if left is None or right is None:
        return left or right
    return max(left, right, key=lambda bound: (side * bound.value, bound.strict))


def _crossed(low: Bound, high: Bound, whole: bool) -> bool:
    if whole:
        low, high = low.whole(up=True), high.whole(up=False)
    return low.value > high.value or low.value == high.value and (low.strict or high.strict)


@dataclass(frozen=True)
class String:
    """Lengths are in code points; None: no end."""

    kind = "string"
    low: int = 0
    high: int | None = None
    patterns: frozenset[str] = frozenset()
    not_patterns: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    values: tuple[str, ...] | None = None
    refused: frozenset[str] = frozenset()

    def meet(self, other: String) -> String | None:
        values = self.values if other.values is None else other.values
        if self.values is not None and other.values is not None:
            allowed = set(other.values)
            values = tuple(value for value in self.values if value in allowed)
        low, high = max(self.low, other.low), _least(self.high, other.high)
        refused = self.refused | other.refused
        if values is not None:
            values = tuple(value for value in values
                           if value not in refused and low <= len(value) and (high is None or len(value) <= high))
            if not values:
                return None
        elif high is not None and high < low:
            return None
        return String(low, high, self.patterns | other.patterns, self.not_patterns | other.not_patterns,
                      self.formats | other.formats, values, refused)


@dataclass(frozen=True)
class Array:
    """contains: (goal, at least, at most) each."""

    kind = "array"
    prefix: tuple[Goal, ...] = ()
    rest: Goal = ANY
    low: int = 0
    high: int | None = None
    contains: tuple[tuple[Goal, int, int | None], ...] = ()
    unique: bool = False

    def item(self, index: int) -> Goal:
        return self.prefix[index] if index < len(self.prefix) else self.rest

    def meet(self, other: Array) -> Array | None:
        low, high = max(self.low, other.low), _least(self.high, other.high)
        width = max(len(self.prefix), len(other.prefix))
        prefix = tuple(both(self.item(i), other.item(i)) for i in range(width))
        rest = both(self.rest, other.rest)
        closed = next((i for i, goal in enumerate(prefix) if goal == NONE), width if rest == NONE else None)
        high = _least(high, closed)
        if high is not None and high < low:
            return None
        contains = tuple(dict.fromkeys([*self.contains, *other.contains]))
        return Array(prefix[:high], rest, low, high, contains, self.unique or other.unique)


@dataclass(frozen=True)
class Closure:
    """One schema's word on members: those named, those whose key a pattern is found in, and the rest.

    stated: it speaks of the rest; False, it names members and does not; None, it names none that an object should have.
    """

    names: tuple[tuple[str, Goal], ...] = ()
    patterns: tuple[tuple[str, Goal], ...] = ()
    rest: Goal = ANY
    stated: bool | None = None


@dataclass(frozen=True)
class Object:
    """implied: (name, names): where the first is present the others must be. keys: the goal of every key."""

    kind = "object"
    closures: tuple[Closure, ...] = ()
    required: tuple[str, ...] = ()
    low: int = 0
    high: int | None = None
    keys: Goal = ANY
    implied: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def meet(self, other: Object) -> Object | None:
        low, high = max(self.low, other.low), _least(self.high, other.high)
        required = tuple(dict.fromkeys([*self.required, *other.required]))
        if high is not None and high < max(low, len(required)):
            return None
        closures = tuple(dict.fromkeys([*self.closures, *other.closures]))
        met = Object(closures, required, low, high, both(self.keys, other.keys),
                     tuple(dict.fromkeys([*self.implied, *other.implied])))
        forbidden = {name for closure in closures for name, goal in closure.names if goal == NONE}
        return None if forbidden & set(required) else met


Shape = Null | Boolean | Number | String | Array | Object
EVERYTHING: tuple[Shape, ...] = (Object(), Array(), String(), Number(), Boolean(), Null())
