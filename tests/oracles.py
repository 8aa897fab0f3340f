"""What the core must compute, computed the obvious way: by listing everything, or by asking a reference."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from lark import Lark
from lark.exceptions import LarkError
from lark.indenter import PythonIndenter

from structdiff import network as rules
from structdiff.machine import step
from structdiff.vocab import Vocab

INF = math.inf


# --- machines, byte by byte -----------------------------------------------------------------------------------------


def walk(machine, text: bytes, state: int | None = None) -> int:
    state = machine.start if state is None else state
    for byte in text:
        state = step(machine, state, byte) if state else 0
    return state


def accepts(machine, text: bytes) -> bool:
    state = walk(machine, text)
    return bool(state) and bool(machine.accepts(state))


def bytes_to_acceptance(machine, state: int, limit: int) -> float:
    """The true fewest bytes to acceptance, by breadth-first search; inf beyond `limit`."""
    seen, frontier = {state}, {state}
    for depth in range(limit + 1):
        if any(s and machine.accepts(s) for s in frontier):
            return depth
        frontier = {int(t) for s in frontier if s for t in set(machine.moves(s).targets)} - seen
        seen |= frontier
    return INF


class TokenDistance:
    """The true fewest tokens from a machine state to acceptance, by breadth-first search."""

    def __init__(self, machine, vocab: Vocab):
        self.machine = machine
        ends = set(vocab.end_tokens)
        self.spelled = sorted({text for token, text in enumerate(vocab.tokens) if text and token not in ends})
        self.known: dict[tuple[int, int], float] = {}

    def __call__(self, state: int, limit: int) -> float:
        if (state, limit) not in self.known:
            self.known[state, limit] = self._search(state, limit)
        return self.known[state, limit]

    def _search(self, state: int, limit: int) -> float:
        seen, frontier = {state}, {state}
        for depth in range(limit + 1):
            if any(s and self.machine.accepts(s) for s in frontier):
                return depth
            frontier = {walk(self.machine, text, s) for s in frontier if s for text in self.spelled} - seen
            seen |= frontier
        return INF


# --- rules, by recursive descent ------------------------------------------------------------------------------------


def derives(rule: rules.Rule, named: dict[str, rules.Rule], text: bytes) -> bool:
    """Whether `rule` derives `text`; the rules must not be left-recursive."""
    memo: dict[tuple[int, int], frozenset[int]] = {}

    def ends(rule, i: int) -> frozenset[int]:
        key = (id(rule), i)
        if key not in memo:
            memo[key] = frozenset(_ends(rule, i))
        return memo[key]

    def _ends(rule, i: int) -> set[int]:
        match rule:
            case rules.Leaf(machine):
                return {j for j in range(i, len(text) + 1) if accepts(machine, text[i:j])}
            case rules.Seq(parts):
                at = {i}
                for part in parts:
                    at = {k for j in at for k in ends(part, j)}
                return at
            case rules.Alt(options):
                return {j for option in options for j in ends(option, i)}
            case rules.Ref(name):
                return set(ends(named[name], i))
            case rules.Repeat(body, low, high):
                at, found = {i}, set()
                for count in range(low + len(text) + 2):
                    if count >= low:
                        found |= at
                    if high is not None and count == high:
                        break
                    at = {k for j in at for k in ends(body, j)}
                return found
        raise TypeError(rule)

    return len(text) in ends(rule, 0)


def word_spans(source: str) -> set[str]:
    """Every non-empty substring that parts no run of letters and no run of digits, by the words `re` finds."""
    cuts = set(range(len(source) + 1))
    for run in itertools.chain(re.finditer(r"[^\W\d_]+", source), re.finditer(r"\d+", source)):
        cuts -= set(range(run.start() + 1, run.end()))
    return {source[i:j] for i in cuts for j in cuts if i < j}


# --- the posterior, by listing canvases -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Exact:
    """outcomes: tokens up to the first end token (or the whole canvas) -> log-weight under the beliefs."""

    outcomes: dict[tuple[int, ...], float]
    log_z: float
    marginals: np.ndarray       # Float[L, V]
    ended: np.ndarray           # Float[L]
    entropy: np.ndarray         # Float[L]
    best: float


def log_beliefs(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    scaled = logits.astype(np.float64) / temperature
    with np.errstate(invalid="ignore", divide="ignore"):
        top = scaled.max(axis=1, keepdims=True)
        log_p = scaled - top - np.log(np.exp(scaled - top).sum(axis=1, keepdims=True))
    return np.where(np.isneginf(top), -INF, log_p)


def canvases(machine, vocab: Vocab, log_p: np.ndarray, budget: int, state: int | None = None,
             distance: TokenDistance | None = None) -> Iterator[tuple[tuple[int, ...], float]]:
    """Yields every canvas the machine allows, up to its first end token, with its log-weight."""
    distance = distance or TokenDistance(machine, vocab)
    length, ends = len(log_p), set(vocab.end_tokens)
    free = np.append(np.cumsum(np.where(np.isneginf(log_p).all(axis=1), -INF, 0.0)[::-1])[::-1], 0.0)
    pending = [((), machine.start if state is None else state, 0.0)]
    while pending:
        tokens, state, weight = pending.pop()
        i = len(tokens)
        if i == length:
            if distance(state, budget) <= budget:
                yield tokens, weight
            continue
        for token, spelled in enumerate(vocab.tokens):
            w = weight + log_p[i, token]
            if w == -INF:
                continue
            if token in ends:
                if machine.accepts(state) and free[i + 1] == 0:
                    yield (*tokens, token), w
            elif spelled and (target := walk(machine, spelled, state)):
                pending.append(((*tokens, token), target, w))


def exact(machine, vocab: Vocab, log_p: np.ndarray, budget: int = 0, state: int | None = None) -> Exact:
    found = dict(canvases(machine, vocab, log_p, budget, state))
    length, size = log_p.shape
    if not found:
        nothing = np.zeros((length, size))
        return Exact(found, -INF, nothing, nothing[:, 0], nothing[:, 0], -INF)
    best = max(found.values())
    log_z = best + math.log(math.fsum(math.exp(w - best) for w in found.values()))
    inside, ended = np.zeros((length, size)), np.zeros(length)
    for tokens, weight in found.items():
        p = math.exp(weight - log_z)
        inside[np.arange(len(tokens)), tokens] += p
        ended[len(tokens) :] += p
    with np.errstate(divide="ignore", invalid="ignore"):
        split = np.column_stack([inside, ended])
        entropy = -np.where(split > 0, split * np.log(split), 0.0).sum(axis=1)
    return Exact(found, log_z, inside + ended[:, None] * np.exp(log_p), ended, entropy, best)


def discounted(machine, vocab: Vocab, log_p: np.ndarray, budget: int, power: float) -> dict[tuple[int, ...], float]:
    """Returns outcome -> probability of drawing it from left to right, what lies ahead counting to `power` at each step."""
    distance, ends, length = TokenDistance(machine, vocab), set(vocab.end_tokens), len(log_p)
    free = np.append(np.cumsum(np.where(np.isneginf(log_p).all(axis=1), -INF, 0.0)[::-1])[::-1], 0.0)

    @cache
    def ways(i: int, state: int) -> tuple[tuple[int, int | None, float], ...]:
        """(token, next state or None at the end, weight) for each token that may stand at i."""
        found = []
        for token, spelled in enumerate(vocab.tokens):
            p = math.exp(log_p[i, token])
            if token in ends and machine.accepts(state) and free[i + 1] == 0 and p:
                found.append((token, None, p))
            elif token not in ends and spelled and p and (target := walk(machine, spelled, state)):
                if weight := p * ahead(i + 1, target) ** power:
                    found.append((token, target, weight))
        return tuple(found)

    @cache
    def ahead(i: int, state: int) -> float:
        if i == length:
            return float(distance(state, budget) <= budget)
        return sum(weight for _, _, weight in ways(i, state))

    law: dict[tuple[int, ...], float] = {}
    pending = [((), machine.start, 1.0)]
    while pending:
        tokens, state, p = pending.pop()
        if state is None or len(tokens) == length:
            law[tokens] = p
            continue
        options = ways(len(tokens), state)
        total = sum(weight for _, _, weight in options)
        pending.extend(((*tokens, token), target, p * weight / total) for token, target, weight in options)
    return law


def outcome_of(tokens, vocab: Vocab) -> tuple[int, ...]:
    """The tokens up to and with the first end token."""
    ends = set(vocab.end_tokens)
    stop = next((i + 1 for i, token in enumerate(tokens) if int(token) in ends), len(tokens))
    return tuple(int(token) for token in tokens[:stop])


def lark_parser(source: str, start: str = "start") -> Lark:
    return Lark(source, parser="lalr", start=start, postlex=PythonIndenter() if "_INDENT" in source else None)


def parses(lark: Lark, text: str) -> bool:
    try:
        lark.parse(text)
    except (LarkError, AssertionError, IndexError):      # the last two are of Lark's indenter
        return False
    return True
