"""Numeric ranges as regular expressions over plain decimals: exact, also for fractions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

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
