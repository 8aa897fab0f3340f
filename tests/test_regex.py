"""Regular expressions against Python's `re`; the dialect ECMA, Python and Rust share; refusals that can be read."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given, settings

import strategies
from structdiff.errors import ConstraintError, ConstraintTooLarge, UnsatisfiableConstraint, UnsupportedConstraint
from structdiff.machine import Table, accepts
from structdiff.regex import containing, whole


def samples(r: random.Random, count: int = 25):
    return [strategies.text(r, 5) for _ in range(count)]


@given(strategies.seeds)
@settings(max_examples=600)
def test_whole_accepts_what_re_matches_whole(seed):
    r = random.Random(seed)
    pattern = strategies.pattern(r)
    machine = whole(pattern)
    for text in samples(r):
        assert accepts(machine, text.encode()) == bool(re.fullmatch(pattern, text)), (pattern, text)


@given(strategies.seeds)
@settings(max_examples=300)
def test_containing_accepts_what_re_finds_somewhere(seed):
    r = random.Random(seed)
    parts = [("^" * (r.random() < 0.3)) + strategies.pattern(r, 2) + ("$" * (r.random() < 0.3)) for _ in range(r.randrange(1, 3))]
    pattern = "|".join(parts)
    machine = containing(pattern)
    for text in samples(r):
        assert accepts(machine, text.encode()) == bool(re.search(pattern, text)), (pattern, text)


@pytest.mark.parametrize("pattern", ["x(ab)?", "(a|ab)(c|bcd)?", "a(b(c)?)?", "(a?b)?", "[0-9]+(\\.[0-9]+)?", "", "a?", "(ab)*c?"])
def test_an_optional_tail_is_kept(pattern):
    """outlines-core loses the arcs that lead from an accepting state to one that is not."""
    for text in ["", "x", "xa", "xab", "a", "ab", "abc", "ac", "abcd", "abbcd", "b", "1", "1.", "1.5", "12.34", "c", "abab", "ababc"]:
        assert accepts(whole(pattern), text.encode()) == bool(re.fullmatch(pattern, text)), text


@pytest.mark.parametrize("pattern, yes, no", [
    (r"\d+", "09", "٣"),
    (r"\w+", "aZ_9", "é"),
    (r"\W", "é", "a"),
    (r"\s", "\t", "a"),
    (r"\S\D", "ab", "a1"),
    (r"[\d-x]+", "1-x", "2w"),
    (r"[+--]+", "+,-", "."),
    (r"[a-]", "-", "b"),
    (r"[a\-c]", "-", "b"),
    (r"[^-a]", "b", "-"),
    (r"[\w.]+", "a.b", "é"),
    (r"[^\d\s]", "x", "1"),
    (r"[a[b]+", "a[b", "]"),
    (r"[&~a]+", "&&~~", "b"),
    (r"[a-z&&[b]+", "&[b", "]"),
    (r"[a^]+", "^a", "b"),
    (r"[\]\\]+", "]\\", "["),
    (r"[\b]", "\b", "b"),
    (r"\x41\u0042", "AB", "A"),
    (r"\u00e9", "é", "e"),
    (r"\cJ", "\n", "J"),
    (r"\0", "\0", "0"),
    (r"\/\-\.\_", "/-._", "/--_"),
    (r"\<a\>", "<a>", "a"),
    (r"\ \#", " #", "#"),
    (r"\é", "é", "e"),
    (r"\p{L}+", "aéЖ", "1"),
    (r"\P{L}+", "12", "a"),
    (r"\p{Lu}", "É", "é"),
    (r".", "é", "\n"),
    (r".", "😀", ""),
    (r"(?s:.)", "\n", ""),
    (r"(?i)straße|b", "B", "x"),
    (r"(?i:a)|b", "A", "B"),
    (r"(?<year>[0-9]{4})", "2024", "year"),
    (r"(?:a|b){2}", "ab", "a"),
    (r"a{2,}?b", "aab", "ab"),
    (r"]}", "]}", "]"),
    (r"^a$|^b$", "b", "ab"),
    (r"^$", "", "a"),
    ("a|", "", "b"),
    (r"\^\$", "^$", ""),
    (r"[$^]", "$", "a"),
])
def test_the_dialect(pattern, yes, no):
    assert accepts(whole(pattern), yes.encode())
    assert not accepts(whole(pattern), no.encode())


@pytest.mark.parametrize("pattern, yes, no", [
    ("b", "abc", "ac"),
    ("^b", "bc", "abc"),
    ("b$", "ab", "abc"),
    ("^b$", "b", "ab"),
    ("^a|b$", "ax", "xbx"),
    ("a\nb", "xa\nby", "ab"),
    ("^a", "a\nb", "b\na"),
    ("b$", "a\nb", "b\n"),
    ("", "anything", None),
    ("(?i)^B", "b", "ab"),
])
def test_containing_is_anchored_only_where_it_says(pattern, yes, no):
    assert accepts(containing(pattern), yes.encode())
    assert no is None or not accepts(containing(pattern), no.encode())


@pytest.mark.parametrize("pattern, says", [
    ("a(?=b)", "looks around at 1"),
    ("a(?!b)", "looks around at 1"),
    ("(?<=a)b", "looks around at 0"),
    ("(?<!a)b", "looks around at 0"),
    (r"(a)\1", "refers back at 3"),
    (r"(?<n>a)\k<n>", "refers back at 7"),
    (r"\bword\b", "word boundary at 0"),
    (r"a\B", "word boundary at 1"),
    (r"\Aa", "anchor with '^'"),
    (r"a\Z", "anchor with '^'"),
    ("a$b", "'$' at 1, where it is not at an end"),
    ("a^", "'^' at 1, where it is not at an end"),
    ("(^a)", "not at an end"),
    ("a++", "possessive"),
    ("[a", "unclosed '[' at 0"),
    ("(a", "does not compile"),
    ("a)", "does not compile"),
    ("*a", "does not compile"),
    ("a{2,1}", "does not compile"),
    ("\\", "does not compile"),
    (r"\ud83d\ude00", "does not compile"),
    (r"\p{Nonsense}", "does not compile"),
    ("[z-a]", "does not compile"),
    ("(?m)a", "does not compile"),
    ("(?P<n>a)", "does not compile"),
    ("(?<open", "does not compile"),
])
@pytest.mark.parametrize("compiled", [whole, containing])
def test_a_pattern_outside_the_dialect_is_refused_and_named(compiled, pattern, says):
    with pytest.raises(UnsupportedConstraint) as caught:
        compiled(pattern)
    assert says in str(caught.value)
    assert repr(pattern) in str(caught.value)


@pytest.mark.parametrize("pattern", [r"[^\x00-\x{10FFFF}]", "[^\\w\\W]"])
def test_a_pattern_that_matches_nothing_is_unsatisfiable(pattern):
    with pytest.raises(UnsatisfiableConstraint):
        whole(pattern)


@pytest.mark.parametrize("pattern", ["a" * 20_001, "((a{0,100}){0,100}){0,100}", "((a|b?)*){0,300}{0,300}"])
def test_a_pattern_too_large_is_refused_at_once(pattern):
    started = time.process_time()
    with pytest.raises(ConstraintTooLarge):
        whole(pattern)
    assert time.process_time() - started < 2


@pytest.mark.parametrize("pattern, text", [
    ("((a{100}){100}){100}", "a" * 10**6), ("(a{1000}){1000}", "a" * 10**6), ("a{0,1000000}", "aaa"),
    ("[ab]*a[ab]{20}", "a" + "b" * 20), (".{1,255}", "é" * 255), ("(?i)[ab]{2000}", "aB" * 1000),
])
def test_large_counts_and_what_explodes_are_walked_lazily(pattern, text):
    started = time.process_time()
    machine = whole(pattern)
    assert not isinstance(machine, Table) and time.process_time() - started < 2
    if len(text) < 3000:
        assert accepts(machine, text.encode())
        assert not accepts(machine, b"c" + text.encode())


@pytest.mark.parametrize("pattern", [r"\S", r"[^\s]", r"[^\s@]", r"[^x\s]"])
def test_what_python_or_ecma_calls_a_space_is_one_wherever_spaces_are_refused(pattern):
    for space in "\t\n\r \x0b\x0c\x1c\x1f\x85\xa0\u2003\u3000\ufeff":
        assert not accepts(whole(pattern), space.encode()), repr(space)
    assert accepts(whole(pattern), b"a")


def test_a_long_pattern_is_shortened_in_a_message():
    with pytest.raises(UnsupportedConstraint) as caught:
        whole("(" + "a" * 500)
    assert len(str(caught.value)) < 300


@given(strategies.seeds)
@settings(max_examples=300)
def test_any_text_at_all_is_a_pattern_or_a_constraint_error(seed):
    r = random.Random(seed)
    pattern = "".join(r.choice(r"ab\()[]{}|*+?.^$-,10<>:=!pkuxcdé&~ #") for _ in range(r.randrange(10)))
    for compiled in (whole, containing):
        try:
            compiled(pattern)
        except ConstraintError as error:
            assert str(error)


@pytest.mark.parametrize("pattern", [
    "(?:1[0-9]{14}|[0-9]{12})x", "(?:(?:(?:[^b]){2,4}){2,3}){0,2}", "[a-z]{1,60}@[a-z]{1,60}", "(?:[0-9]{1,18}|1[0-5]{17})(?:\\.[0-9]+)?",
])
def test_overlapping_counts_take_no_time(pattern):
    """outlines-core determinises the unanchored search too, which can have exponentially many states."""
    started = time.process_time()
    whole.__wrapped__(pattern)
    assert time.process_time() - started < 3
