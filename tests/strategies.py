"""Random tiny problems: vocabularies, patterns, rules, tables and beliefs."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from structdiff import machine as m
from structdiff import network as rules
from structdiff import regex
from structdiff.vocab import Vocab

LETTERS = ("a", "b", "c", "é")
PIECES = (b"a", b"b", b"c", "é".encode(), b"\xc3", b"\xa9", b"ab", b"ba", b"aa", b"abc", b"bc", b"ca", "aé".encode(), b"\xa9a")

seeds = st.integers(0, 2**32 - 1)
machines = st.builds(lambda seed: any_machine(random.Random(seed)), seeds)


def vocab(r: random.Random, size: int) -> Vocab:
    """Several end tokens (one may have bytes), tokens of no text, the same spelling twice, cut characters."""
    ends = r.sample(range(size), min(size - 1, r.choice((1, 1, 2, 3))))
    tokens = [r.choice(PIECES[:4] if r.random() < 0.6 else PIECES) for _ in range(size)]
    for token in range(size):
        if token in ends and r.random() < 0.8 or r.random() < 0.1:
            tokens[token] = r.choice((None, None, b""))
    return Vocab(tuple(tokens), tuple(ends))


def pattern(r: random.Random, depth: int = 3) -> str:
    """A pattern that means the same to Python's `re` and to ECMA, over a few letters."""
    if depth == 0 or r.random() < 0.25:
        return r.choice((*LETTERS, "[ab]", "[^a]", "[a-c]", "ab", "(?:bc)", "\\x61", "[^bé]"))
    match r.randrange(7):
        case 0 | 1:
            return pattern(r, depth - 1) + pattern(r, depth - 1)
        case 2:
            return f"(?:{pattern(r, depth - 1)}|{pattern(r, depth - 1)})"
        case 3:
            return f"({pattern(r, depth - 1)})?"
        case 4:
            return f"(?:{pattern(r, depth - 1)}){r.choice('*+?')}"
        case 5:
            low = r.randrange(3)
            return f"(?:{pattern(r, depth - 1)}){{{low},{r.choice(('', low, low + 1, low + 2))}}}"
    return f"{pattern(r, depth - 1)}(?:{pattern(r, depth - 1)})?"


def text(r: random.Random, longest: int = 6) -> str:
    return "".join(r.choice((*LETTERS, "a", "b")) for _ in range(r.randrange(longest + 1)))


def table(r: random.Random) -> m.Table:
    """A random finite automaton over the bytes of LETTERS."""
    states = r.randrange(2, 6)
    rows = np.zeros((states, 256), dtype=np.int32)
    for state in range(1, states):
        for byte in b"abc\xc3\xa9":
            rows[state, byte] = r.randrange(states)
    accepting = np.array([False] + [r.random() < 0.4 for _ in range(states - 1)])
    return m.Table(rows, accepting)


def rule(r: random.Random, depth: int = 3, names: tuple[str, ...] = ()) -> rules.Rule:
    """A random rule; a name is only mentioned behind a byte, so that no rule is left-recursive."""
    if depth == 0 or r.random() < 0.2:
        return r.choice((rules.text(text(r, 2)), rules.Leaf(regex.whole(pattern(r, 1))), rules.text("a"), rules.text("b")))
    match r.randrange(5 if names else 4):
        case 0:
            return rules.seq(*(rule(r, depth - 1, names) for _ in range(r.randrange(4))))
        case 1:
            return rules.alt(*(rule(r, depth - 1, names) for _ in range(r.randrange(1, 4))))
        case 2 | 3:
            low = r.randrange(3)
            return rules.Repeat(rule(r, depth - 1), low, r.choice((None, low, low + 1, low + 3)))
    return rules.seq(rules.text(r.choice("abc")), rules.Ref(r.choice(names)), rule(r, depth - 1, names))


def grammar(r: random.Random) -> tuple[rules.Rule, dict[str, rules.Rule]]:
    names = ("x", "y")[: r.randrange(3)]
    return rule(r, 3, names), {name: rule(r, 3, names) for name in names}


def nested(r: random.Random) -> rules.Network:
    """A recursive machine, with one way to read each text."""
    x, a, b, c = rules.Ref("x"), *map(rules.text, "abc")
    body = r.choice((
        rules.alt(rules.seq(a, x, b), c),
        rules.alt(rules.seq(a, x, b), rules.EMPTY),
        rules.seq(a, rules.Repeat(x, 0, None), b),
        rules.alt(rules.seq(a, x, c, x, b), rules.text("é")),
        rules.alt(rules.seq(b, x), rules.seq(a, x, a), c),
    ))
    return rules.Network(x, {"x": body})


def any_machine(r: random.Random) -> m.ByteMachine:
    match r.randrange(6):
        case 0 | 1:
            return regex.whole(pattern(r))
        case 2:
            return table(r)
        case 3:
            return rules.Network(rule(r))
        case 4:
            return nested(r)
    return m.intersect(regex.whole(pattern(r)), table(r))


@dataclass(frozen=True)
class Problem:
    """A machine, a vocabulary and beliefs about a short canvas."""

    seed: int
    machine: m.ByteMachine
    vocab: Vocab
    logits: np.ndarray
    temperature: float
    budget: int

    def __repr__(self) -> str:
        return f"problem({self.seed}): {self.machine!r} {self.vocab} {self.logits.tolist()} {self.temperature} {self.budget}"


def problem(seed: int, canvases: int = 1200, longest: int = 5) -> Problem:
    """A random problem of at most about `canvases` canvases."""
    r, g = random.Random(seed), np.random.default_rng(seed)
    length = r.randrange(1, longest + 1)
    size = r.randrange(3, max(4, min(8, int(canvases ** (1 / length))) + 1))
    logits = g.normal(size=(length, size)) * r.choice((0.1, 1.0, 5.0))
    if r.random() < 0.4:
        logits[g.random(logits.shape) < 0.25] = -np.inf
    return Problem(seed, any_machine(r), vocab(r, size), logits.astype(np.float32), r.choice((0.4, 1.0, 1.0, 2.0)),
                   r.choice((0, 0, 1, 2, 5)))


problems = st.builds(problem, seeds)
