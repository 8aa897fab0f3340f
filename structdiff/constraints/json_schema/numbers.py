"""Numbers as machines over plain decimals: ranges and multiples, exact, also for fractions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache, reduce
from typing import TYPE_CHECKING

import numpy as np

from structdiff import regex
from structdiff.machine import BYTES, ByteMachine, Complement, Intersection, Table, Words, all_but, tabulated

if TYPE_CHECKING:
    from structdiff.constraints.json_schema.shapes import Number

FRACTION = r"(?:\.[0-9]+)?"
INTEGER = "(?:0|[1-9][0-9]*)"
ANY_INTEGER = f"-?{INTEGER}"
ANY_NUMBER = rf"-?{INTEGER}{FRACTION}(?:[eE][+-]?[0-9]{{1,2}})?"


@dataclass(frozen=True)
class Bound:
    """A limit on a number; `strict` excludes the limit itself."""

    value: Decimal
    strict: bool = False

    def whole(self, up: bool) -> Bound:
        """Returns the non-strict bound that integers feel."""
        rounded = self.value.to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)
        if self.strict and rounded == self.value:
            return Bound(Decimal(int(rounded) + (1 if up else -1)))      # Decimal's own sum would round to 28 digits
        return Bound(rounded)

    @property
    def negated(self) -> Bound:
        return Bound(self.value.copy_negate(), self.strict)


MOST_STATES = 1_000        # of an automaton that is built and not walked lazily
MOST_RESIDUES = 5_000      # a step with more is left to the checker


def machine(shape: Number) -> ByteMachine:
    """Returns the machine of the numbers of a shape: plain decimals, without an exponent where anything limits them."""
    if shape.values is not None:
        return Words(spelled(value).encode() for value in sorted(shape.values))
    whole = shape.whole is True
    if (listed := shape.listed()) is not None:
        return regex.whole("|".join(_spellings(value, whole) for value in listed))
    machines: list[ByteMachine] = []
    if shape.low is not None:
        machines.append(regex.whole(at_least(shape.low, whole)))
    if shape.high is not None:
        machines.append(regex.whole(at_most(shape.high, whole)))
    machines += [step for multiple in sorted(shape.multiples) if (step := multiples_of(multiple)) is not None]
    plain = machines or shape.whole is not None or shape.refused or shape.not_multiples
    if whole or not shape.low and not shape.high:
        machines.append(regex.whole(ANY_INTEGER if whole else _any_signed() if plain else ANY_NUMBER))
    if shape.whole is False:
        machines.append(regex.whole(rf"-?{INTEGER}\.[0-9]*[1-9][0-9]*"))
    machines += [Complement(step) for multiple in sorted(shape.not_multiples) if (step := multiples_of(multiple)) is not None]
    if shape.refused:
        machines.append(all_but(tuple(spelled(value).encode() for value in sorted(shape.refused))))
    found = reduce(Intersection, machines)
    return tabulated(found, MOST_STATES) or found


def spelled(value: Decimal) -> str:
    """Returns a number as a plain decimal without trailing zeros."""
    plain = format(value, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in ("-0", "") else plain


def _spellings(value: Decimal, whole: bool) -> str:
    """Returns the pattern of the plain decimals (integers) that equal `value`."""
    plain = spelled(value)
    sign = "-?" if plain == "0" else ""
    return sign + plain.replace(".", r"\.") + ("" if whole else "0*" if "." in plain else r"(?:\.0+)?")


@lru_cache(maxsize=256)
def multiples_of(step: Decimal) -> Table | None:
    """Returns the machine of the decimals that `step` divides, None when it has too many residues.

    A state is what the digits so far leave when divided by the step, and how many of them follow the point.
    """
    places = max(-int(step.as_tuple().exponent), 0)
    modulus = int(step.scaleb(places))
    if modulus * (places + 2) > MOST_RESIDUES:
        return None
    rows = np.zeros((3 + modulus * (places + 2), BYTES), dtype=np.int32)
    begin, signed, grid = 1, 2, 3 + np.arange(modulus * (places + 2)).reshape(places + 2, modulus)
    digits = np.arange(10)
    rows[begin, ord("-")] = signed
    rows[begin, ord("0") + digits] = rows[signed, ord("0") + digits] = grid[0][digits % modulus]
    for residue in range(modulus):
        rows[grid[0, residue], ord("0") + digits] = grid[0][(residue * 10 + digits) % modulus]
        rows[grid[0, residue], ord(".")] = grid[1, residue]
        for place in range(1, places + 1):
            rows[grid[place, residue], ord("0") + digits] = grid[place + 1][(residue * 10 + digits) % modulus]
        rows[grid[places + 1, residue], ord("0")] = grid[places + 1, residue]
    accepting = np.zeros(len(rows), dtype=bool)
    residues = np.arange(modulus)
    accepting[grid[0]] = residues * pow(10, places, modulus) % modulus == 0
    for place in range(2, places + 2):
        accepting[grid[place]] = residues * pow(10, places + 1 - place, modulus) % modulus == 0
    if places == 0:
        accepting[grid[1]] = False
    return Table(rows, accepting)


def at_least(bound: Bound, integer: bool) -> str:
    """Returns the pattern of the plain decimals (integers) at or above `bound`."""
    bound = bound.whole(up=True) if integer else bound
    if bound.value > 0 or (bound.value == 0 and bound.strict):
        return _above(bound, integer)
    if bound.value == 0:
        return _any(integer)
    return f"{_any(integer)}|-(?:{_below(bound.negated, integer)})"


def at_most(bound: Bound, integer: bool) -> str:
    """Returns the pattern of the plain decimals (integers) at or below `bound`."""
    bound = bound.whole(up=False) if integer else bound
    if bound.value < 0 or (bound.value == 0 and bound.strict):
        return f"-(?:{_above(bound.negated, integer)})"
    return f"{_below(bound, integer)}|-{_any(integer)}"


def _any_signed() -> str:
    return f"-?{INTEGER}{FRACTION}"


def _any(integer: bool) -> str:
    return INTEGER + ("" if integer else FRACTION)


def _digits(value: Decimal) -> tuple[str, str]:
    whole, _, fraction = format(value.copy_abs(), "f").partition(".")
    return whole.lstrip("0") or "0", fraction.rstrip("0")


def _above(bound: Bound, integer: bool) -> str:
    """Returns the pattern of the non-negative decimals above a non-negative bound."""
    whole, fraction = _digits(bound.value)
    more = [rf"[1-9][0-9]{{{len(whole)},}}", *_greater(whole)]
    if integer:
        return "|".join([*more, whole])
    options = [f"(?:{'|'.join(more)}){FRACTION}"]    # one fraction for all: one each takes outlines-core seconds
    beyond = r"[0-9]*[1-9][0-9]*" if bound.strict else "[0-9]*"
    if fraction:
        tails = [*_tails(fraction, "above"), fraction + beyond]
        options.append(rf"{whole}\.(?:{'|'.join(tails)})")
    else:
        options.append(whole + (rf"\.{beyond}" if bound.strict else FRACTION))
    return "|".join(options)


def _below(bound: Bound, integer: bool) -> str:
    """Returns the pattern of the non-negative decimals below a non-negative bound."""
    whole, fraction = _digits(bound.value)
    fewer = [rf"[1-9][0-9]{{{n}}}" for n in range(len(whole) - 1)] + _less(whole) + (["0"] if len(whole) > 1 else [])
    if integer:
        return "|".join([*fewer, whole])
    options = [f"(?:{'|'.join(fewer)}){FRACTION}"] if fewer else []
    if fraction:
        shorter = [fraction[:j] + "0*" for j in range(1, len(fraction))]
        tails = [*_tails(fraction, "below"), *shorter, *([] if bound.strict else [fraction + "0*"])]
        options.append(rf"{whole}(?:\.(?:{'|'.join(tails)}))?" if tails else whole)
    elif not bound.strict:
        options.append(rf"{whole}(?:\.0+)?")
    return "|".join(options) if options else "[^\\x00-\\x{10FFFF}]"


def _greater(whole: str) -> list[str]:
    """Returns patterns of the integers with as many digits, and greater."""
    return [whole[:j] + _span(int(d) + 1, 9) + f"[0-9]{{{len(whole) - j - 1}}}"
            for j, d in enumerate(whole) if d < "9"]


def _less(whole: str) -> list[str]:
    """Returns patterns of the integers with as many digits, no leading zero, and less."""
    options = []
    for j, d in enumerate(whole):
        low = 1 if j == 0 and len(whole) > 1 else 0
        if int(d) > low:
            options.append(whole[:j] + _span(low, int(d) - 1) + f"[0-9]{{{len(whole) - j - 1}}}")
    return options


def _tails(fraction: str, side: str) -> list[str]:
    """Returns patterns of the fraction digits that differ from `fraction` first on that side."""
    if side == "above":
        return [fraction[:j] + _span(int(d) + 1, 9) + "[0-9]*" for j, d in enumerate(fraction) if d < "9"]
    return [fraction[:j] + _span(0, int(d) - 1) + "[0-9]*" for j, d in enumerate(fraction) if d > "0"]


def _span(low: int, high: int) -> str:
    return f"[{low}-{high}]" if low < high else str(low)
