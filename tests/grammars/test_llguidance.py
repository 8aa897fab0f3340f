"""Which tokens may come next, beside llguidance, on random walks over a vocabulary of 32,000 tokens."""

from __future__ import annotations

import random

import numpy as np
import pytest

from structdiff.constraints.grammar import SHIPPED, Grammar
from structdiff.machine import DEAD, step
from tasks.bench.maskbench import VOCABULARY, _tokenizer
from tasks.bench.vocabulary import synthetic

llguidance = pytest.importorskip("llguidance", reason="llguidance is not installed; pip install structdiff[bench]")
STEPS = 8
BLANKS = b" \t\r\n"


@pytest.mark.parametrize("name", ["json", "arithmetic", "csv", "xml"])
def test_the_tokens_that_may_come_next_are_llguidances(name):
    """But for blanks, which it takes between lexemes only, and not before the first or behind the last."""
    tokens = synthetic(VOCABULARY).tokens
    shown = {i: token for i, token in enumerate(tokens) if token and not set(token) & set(BLANKS)}
    matcher = llguidance.LLMatcher(_tokenizer(), llguidance.LLMatcher.grammar_from_lark(
        (SHIPPED / f"{name}.lark").read_text(encoding="utf-8")))
    machine, r = Grammar(name).plan("").machine, random.Random(name)
    state, text = machine.start, b""
    for _ in range(STEPS):
        allowed = _allowed(matcher)
        after = _after(machine, state, shown)
        ours = {i for i, target in after.items() if machine.completion(target) < float("inf")}
        assert ours == {i for i in shown if allowed[i]}, text
        if not ours:
            break
        token = r.choice(sorted(ours))
        text, state = text + shown[token], after[token]
        matcher.consume_tokens([token])


def _allowed(matcher) -> np.ndarray:
    mask = llguidance.numpy.allocate_token_bitmask(1, _tokenizer().vocab_size)
    llguidance.numpy.fill_next_token_bitmask(matcher, mask)
    return np.unpackbits(mask.view(np.uint8), bitorder="little").astype(bool)


def _after(machine, state: int, tokens: dict[int, bytes]) -> dict[int, int]:
    """Returns the state after each token that leads to one; what tokens share is walked once."""
    known = {b"": state}

    def walk(text: bytes) -> int:
        if text not in known:
            before = walk(text[:-1])
            known[text] = step(machine, before, text[-1]) if before != DEAD else DEAD
        return known[text]

    return {i: target for i, token in tokens.items() if (target := walk(token)) != DEAD}
