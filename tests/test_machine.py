"""Byte machines against recursive descent, `re`, `json`, substrings and breadth-first search."""

from __future__ import annotations

import json
import random
import re
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings

import oracles
import strategies
from structdiff import machine as m
from structdiff import network as n
from structdiff import regex


def texts(seed: int, count: int = 20):
    r = random.Random(seed)
    return [strategies.text(r).encode() for _ in range(count)]


@given(strategies.seeds)
@settings(max_examples=400)
def test_a_network_accepts_what_its_rules_derive(seed):
    rule, named = strategies.grammar(random.Random(seed))
    machine = n.Network(rule, named)
    for text in texts(seed):
        assert m.accepts(machine, text) == oracles.derives(rule, named, text), text


@given(strategies.seeds)
@settings(max_examples=200)
def test_an_intersection_accepts_iff_both_do(seed):
    r = random.Random(seed)
    left, right = strategies.any_machine(r), strategies.any_machine(r)
    both = m.intersect(left, right)
    for text in texts(seed):
        assert m.accepts(both, text) == (m.accepts(left, text) and m.accepts(right, text)), text


@given(strategies.machines)
@settings(max_examples=100)
def test_anything_is_the_identity_of_intersection(machine):
    assert m.intersect(machine, m.ANYTHING) is machine
    assert m.intersect(m.ANYTHING, machine) is machine


def test_anything_accepts_any_bytes():
    assert all(m.accepts(m.ANYTHING, text) for text in (b"", b"\xff\x00", "é".encode()))


@given(strategies.machines)
@settings(max_examples=250)
def test_completion_is_a_lower_bound_and_zero_where_it_accepts(machine):
    seen, pending = {machine.start}, [machine.start]
    while pending and len(seen) < 40:
        state = pending.pop()
        claimed = machine.completion(state)
        if state and machine.accepts(state):
            assert claimed == 0
        assert claimed <= oracles.bytes_to_acceptance(machine, state, 6)
        fresh = set(machine.moves(state).targets) - seen
        seen |= fresh
        pending.extend(sorted(fresh))


@given(strategies.seeds)
@settings(max_examples=150)
def test_a_tables_completion_is_the_true_number_of_bytes(seed):
    machine = strategies.table(random.Random(seed))
    for state in range(len(machine.rows)):
        assert machine.completion(state) == oracles.bytes_to_acceptance(machine, state, 8)


@given(strategies.seeds)
@settings(max_examples=150)
def test_a_tables_live_states_can_all_accept(seed):
    machine = strategies.table(random.Random(seed))
    for target in np.unique(machine.rows):
        assert target == m.DEAD or oracles.bytes_to_acceptance(machine, int(target), 8) < oracles.INF


@pytest.mark.parametrize("text", [b"", b"a", b"abc", "žluť".encode(), bytes(range(256))])
def test_a_literal_accepts_its_text_alone(text):
    machine = m.literal(text)
    assert m.accepts(machine, text)
    assert machine.completion(machine.start) == len(text)
    assert not m.accepts(machine, text + b"a")
    assert not any(m.accepts(machine, text[:end]) for end in range(len(text)))


@pytest.mark.parametrize("low, high", [(0, 0), (0, 1), (1, 1), (2, 4), (0, None), (3, None), (0, 7)])
@pytest.mark.parametrize("body", ["ab", "a?", "", "(ab)*b", "[ab]"])
def test_a_repetition_counts_its_body(low, high, body):
    machine = n.Network(n.Repeat(n.Leaf(regex.whole(body)), low, high))
    reference = f"(?:{body}){{{low},{'' if high is None else high}}}"
    r = random.Random(1)
    for text in ["", "ab", "abab", "ababab", "a", "aa", "aaa", *("".join(r.choices("ab", k=r.randrange(9))) for _ in range(60))]:
        expected = re.fullmatch(reference, text) is not None
        assert m.accepts(machine, text.encode()) == expected, (reference, text)


def test_a_large_count_is_walked_and_not_unrolled():
    machine = n.Network(n.Repeat(n.text("ab"), 0, 100_000))
    started = time.process_time()
    state = m.run(machine, b"ab" * 50)
    assert machine.accepts(state)
    assert len(machine._states.keys) < 200
    assert time.process_time() - started < 1
    least = n.Network(n.Repeat(n.text("ab"), 100_000, None))
    assert least.completion(least.start) == 200_000
    assert not m.accepts(least, b"ab" * 50)


def test_nesting_deeper_than_pythons_stack_is_read():
    depth = 5 * sys.getrecursionlimit()
    brackets = n.Network(n.Ref("x"), {"x": n.alt(n.text("[]"), n.seq(n.text("["), n.Ref("x"), n.text("]")))})
    assert m.accepts(brackets, b"[" * depth + b"]" * depth)
    assert not m.accepts(brackets, b"[" * depth + b"]" * (depth - 1))
    assert brackets.completion(m.run(brackets, b"[" * depth)) == depth


def test_rules_deeper_than_pythons_stack_are_walked():
    rule = n.text("a")
    for _ in range(3 * sys.getrecursionlimit()):
        rule = n.seq(rule, n.EMPTY)
    started = time.process_time()
    assert m.accepts(n.Network(rule), b"a")
    assert time.process_time() - started < 2, "the cost of a rule is found once, not once for each rule that holds it"


def test_a_rule_that_needs_itself_derives_nothing():
    machine = n.Network(n.Ref("x"), {"x": n.seq(n.text("a"), n.Ref("x"))})
    assert machine.start == m.DEAD
    assert machine.completion(machine.start) == oracles.INF


def test_a_choice_of_nothing_derives_nothing():
    assert n.Network(n.Alt(())).start == m.DEAD


# --- JSON strings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("character", [*map(chr, range(0x250)), "€", "\u2028", "\ufeff", "😀", "\U0010fffd"])
def test_escaped_shows_its_inner_machine_what_json_reads(character):
    machine = m.Escaped(m.literal(character.encode()))
    spellings = {json.dumps(character)[1:-1], json.dumps(character, ensure_ascii=False)[1:-1], character}
    accepted = {spelled for spelled in spellings if m.accepts(machine, spelled.encode())}
    assert accepted, "no spelling of json's is accepted"
    assert {json.loads(f'"{spelled}"') for spelled in accepted} == {character}


@given(strategies.seeds)
@settings(max_examples=100)
def test_escaped_has_one_spelling_of_each_text_and_json_reads_it_back(seed):
    r = random.Random(seed)
    text = "".join(r.choice('a"\\/\b\n\t\x00\x1f\x7fé😀') for _ in range(r.randrange(6)))
    machine = m.Escaped(m.literal(text.encode()))
    found = list(spellings(machine, machine.start, b""))
    assert len(found) == 1
    assert json.loads(b'"' + found[0] + b'"') == text


def spellings(machine, state, read):
    if machine.accepts(state):
        yield read
    for byte in np.flatnonzero(m.row(machine, state)):
        yield from spellings(machine, m.step(machine, state, int(byte)), read + bytes([byte]))


@pytest.mark.parametrize("inside", [b'"', b"\\", b"\n", b"\\x", b"\\u12", b"\\ud800", b"\\/", b"\\u0041", b"\x1f"])
def test_escaped_refuses_what_json_does_not_read_and_what_is_not_canonical(inside):
    assert not m.accepts(m.Escaped(m.ANYTHING), inside)


def test_escaped_completes_no_sooner_than_its_inner_machine():
    machine = m.Escaped(regex.whole("ab\ncd"))
    assert machine.completion(machine.start) <= len("ab\\ncd")
    assert machine.completion(m.run(machine, b"ab\\ncd")) == 0
    assert not machine.accepts(m.run(machine, b"ab\\"))


# --- spans of a source ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [
    "Invoice INV-20417, due 3 May.", "a", " ", "aa aa aa", "naïve Zoë — 12,50 €", "x1y22z", "日本 2024年", "a_b", "\n\t", "aaa",
    "1.5e3", "İi ß",
])
def test_spans_are_the_substrings_that_cut_no_word_or_number(source):
    machine, expected = m.Spans(source.encode()), oracles.word_spans(source)
    every = {source[i:j] for i in range(len(source) + 1) for j in range(i, len(source) + 1)}
    assert {text for text in every if m.accepts(machine, text.encode())} == expected
    assert not m.accepts(machine, b"")
    assert not m.accepts(machine, source.encode() + b"!")


@pytest.mark.parametrize("source", ["naïve Zoë", "日本 2024"])
def test_a_span_never_cuts_a_character(source):
    machine, spelled = m.Spans(source.encode()), source.encode()
    for i in range(len(spelled)):
        for j in range(i + 1, len(spelled) + 1):
            if m.accepts(machine, spelled[i:j]):
                spelled[i:j].decode()


def test_an_empty_source_has_no_spans():
    assert m.Spans(b"").start == m.DEAD


# --- complements ----------------------------------------------------------------------------------------------------


@given(strategies.seeds)
@settings(max_examples=100)
def test_all_but_refuses_its_texts_and_nothing_else(seed):
    r = random.Random(seed)
    refused = tuple(dict.fromkeys(strategies.text(r, 3).encode() for _ in range(r.randrange(5))))
    machine = m.all_but(refused)
    for text in {*refused, *texts(seed), b"", *(t + b"a" for t in refused), *(t[:-1] for t in refused)}:
        assert m.accepts(machine, text) == (text not in refused), text


@pytest.mark.parametrize("pattern, text", [("abc[de]f", b"abc"), ("abc", b"abc"), ("[ab]c", b""), ("ab(cd)?", b"ab"), ("", b"")])
def test_what_is_forced_ends_at_a_choice(pattern, text):
    machine = regex.whole(pattern)
    assert m.forced(machine, machine.start, 99) == text and m.forced(machine, machine.start, 1) == text[:1]
