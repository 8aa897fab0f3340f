"""Numeric ranges against Decimal comparison."""

from __future__ import annotations

import random
import time
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from structdiff import regex
from structdiff.constraints.json_schema import numbers
from structdiff.constraints.json_schema.shapes import Number
from structdiff.errors import ConstraintTooLarge
from structdiff.machine import accepts

LIMITS = st.one_of(
    st.integers(-1200, 1200).map(Decimal),
    st.decimals(-1200, 1200, places=2),
    st.decimals(-2, 2, places=4),
    st.integers(-10**40, 10**40).map(Decimal),
    st.builds(lambda x, e: x.scaleb(e), st.decimals(-10, 10, places=12), st.integers(-25, 40)),
)


def neighbours(limit: Decimal, r: random.Random) -> list[str]:
    """Plain spellings of numbers on, around and far from a limit."""
    plain = format(limit, "f")
    found = {plain, plain + ("0" if "." in plain else ".0"), "0", "1", "-1", "0.0", "0.5", "-0.5", "99999", "-99999", "-0", "-0.0"}
    whole = int(limit)
    found |= {str(whole + d) for d in (-11, -10, -2, -1, 0, 1, 2, 9, 10, 90)}
    digits = plain.lstrip("-")
    for _ in range(12):
        i = r.randrange(len(digits))
        changed = digits[:i] + (r.choice("0123456789") if digits[i] != "." else ".") + digits[i + 1 :]
        found |= {sign + changed + tail for sign in ("", "-") for tail in ("", "1", "01")}
    found |= {plain + (tail if "." in plain else "." + tail) for tail in ("1", "0001", "9")}
    return [text for text in found if spelled(text)]


def spelled(text: str) -> bool:
    whole = text.removeprefix("-").partition(".")[0]
    return whole.isdigit() and (whole == "0" or not whole.startswith("0")) and len(text) < 400


def holds(text: str, limit: Decimal, side: str, strict: bool) -> bool:
    value = Decimal(text)
    if side == "at_least":
        return value > limit if strict else value >= limit
    return value < limit if strict else value <= limit


def zero_with_a_sign(text: str) -> bool:
    """-0 equals 0, but a range may leave out that spelling."""
    return text.startswith("-") and Decimal(text) == 0


@pytest.mark.parametrize("side", ["at_least", "at_most"])
@given(LIMITS, st.booleans(), st.booleans())
@example(Decimal("-0.0"), False, False)
@example(Decimal("-0.0"), True, True)
@example(Decimal("1E+40"), True, True)
@example(Decimal(-10**40), True, True)
@example(Decimal("-12345678901234567890123456789012345.678"), False, False)
@example(Decimal("1e-60"), True, False)
@example(Decimal("0.1"), True, False)
@example(Decimal(100), False, True)
@settings(max_examples=120)
def test_a_range_accepts_what_decimal_says(side, limit, strict, integer):
    machine = regex.whole(getattr(numbers, side)(numbers.Bound(limit, strict), integer))
    for text in neighbours(limit, random.Random(str(limit))):
        if zero_with_a_sign(text):
            assert not accepts(machine, text.encode()) or holds(text, limit, side, strict), text
        elif integer:
            assert accepts(machine, text.encode()) == ("." not in text and holds(text, limit, side, strict)), text
        else:
            assert accepts(machine, text.encode()) == holds(text, limit, side, strict), text


@pytest.mark.parametrize("integer", [True, False])
@pytest.mark.parametrize("low", [-12, -1, 0, 7, 9, 10, 99])
@pytest.mark.parametrize("high", [-3, 0, 1, 9, 10, 105])
def test_an_interval_is_every_number_in_it(low, high, integer):
    at_least = regex.whole(numbers.at_least(numbers.Bound(Decimal(low)), integer))
    at_most = regex.whole(numbers.at_most(numbers.Bound(Decimal(high)), integer))
    found = [n for n in range(-150, 151) if accepts(at_least, b"%d" % n) and accepts(at_most, b"%d" % n)]
    assert found == list(range(low, high + 1))


@pytest.mark.parametrize("text", ["1e5", "01", "+1", ".5", "1.", "--1", "", "1,0", "0x1", "1 "])
@pytest.mark.parametrize("integer", [True, False])
def test_a_range_accepts_plain_decimals_only(text, integer):
    for side in (numbers.at_least, numbers.at_most):
        assert not accepts(regex.whole(side(numbers.Bound(Decimal("0.5")), integer)), text.encode())


@pytest.mark.parametrize("pattern, yes, no", [
    (numbers.ANY_INTEGER, ["0", "-1", "10", "-0"], ["1.0", "01", "1e1", "+1", "-", ""]),
    (numbers.ANY_NUMBER, ["0", "-1.50", "1e5", "1E-05", "0.1e+1", "-0.0"], ["01", "1.", ".1", "1e", "+1", "1e+", "NaN", "-", ""]),
])
def test_an_unbounded_number_is_jsons(pattern, yes, no):
    assert all(accepts(regex.whole(pattern), text.encode()) for text in yes)
    assert not any(accepts(regex.whole(pattern), text.encode()) for text in no)


@pytest.mark.parametrize("limit", ["1e-300", "1.7976931348623157e308", "-1e307"])
@pytest.mark.parametrize("side", ["at_least", "at_most"])
def test_a_limit_of_hundreds_of_digits_is_exact_or_refused_and_never_hangs(side, limit):
    limit = Decimal(limit)
    try:
        machine = regex.whole(getattr(numbers, side)(numbers.Bound(limit), False))
    except ConstraintTooLarge:
        return
    for text in ("0", "1", "-1", format(limit, "f"), format(limit.scaleb(1), "f"), format(limit.scaleb(-1), "f")):
        assert accepts(machine, text.encode()) == holds(text, limit, side, False)


def test_a_long_limit_takes_no_time():
    """Each alternative with a fraction of its own once took outlines-core minutes."""
    started = time.process_time()
    for side in (numbers.at_least, numbers.at_most):
        regex.whole(side(numbers.Bound(Decimal("12345678901234567890.12345")), False))
    assert time.process_time() - started < 2


STEPS = st.sampled_from(["2", "3", "0.5", "0.25", "1.5", "2.125", "6.75", "7", "19", "0.01"]).map(Decimal)


@given(st.sets(STEPS, min_size=1, max_size=3), st.sets(STEPS, max_size=2), st.integers(-60, 40), st.integers(1, 60), st.sampled_from([True, None]))
@example({Decimal("6.75"), Decimal(19), Decimal("9.5"), Decimal("2.125")}, {Decimal(2)}, -26200, 100, None)
@settings(max_examples=60, deadline=None)
def test_multiples_between_limits_are_those_that_division_finds(multiples, refused, low, width, whole):
    shape = Number(whole, numbers.Bound(Decimal(low)), numbers.Bound(Decimal(low + width)), not_multiples=frozenset(refused))
    met = shape.meet(Number(multiples=frozenset(multiples)))
    texts = [format(Decimal(n) / 8, "f") for n in range(8 * low - 40, 8 * (low + width) + 40)]
    right = [text for text in texts if low <= Decimal(text) <= low + width
             and not any(Decimal(text) % step == 0 for step in refused)
             and all(Decimal(text) % step == 0 for step in multiples) and not (whole and "." in text)]
    if met is None:
        assert not right
    else:
        assert [text for text in texts if accepts(numbers.machine(met), text.encode())] == right
