"""Vocabularies: the trie holds what the tokens spell; text ends at the first end token."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings

import strategies
from structdiff.vocab import Vocab


def spelled_by_trie(vocab: Vocab) -> dict[int, bytes]:
    """token -> bytes, read off the trie from the root down."""
    trie, spelled = vocab.trie, [b""]
    for node in range(1, len(trie.parent)):
        assert trie.parent[node] < node, "each node comes behind its parent"
        spelled.append(spelled[trie.parent[node]] + bytes([trie.byte[node]]))
    assert len(set(spelled)) == len(spelled), "one node for each prefix"
    return {token: spelled[node] for token, node in enumerate(trie.node) if node >= 0}


@given(strategies.seeds)
@settings(max_examples=300)
def test_the_trie_spells_every_token_that_has_text_and_no_other(seed):
    r = random.Random(seed)
    vocab = strategies.vocab(r, r.randrange(3, 30))
    expected = {i: text for i, text in enumerate(vocab.tokens) if text and i not in vocab.end_tokens}
    assert spelled_by_trie(vocab) == expected


def test_the_trie_of_a_vocabulary_without_text_is_its_root():
    trie = Vocab((None, b""), (0,)).trie
    assert len(trie.parent) == 1 and trie.node.tolist() == [-1, -1]


@pytest.mark.parametrize("tokens, text", [
    ([0, 1, 0], b"aba"), ([0, 3, 1], b"a"), ([3, 0], b""), ([4, 1], b""), ([0, 2, 1], b"ab"), ([], b""), ([5, 6], "é".encode()),
])
def test_text_is_what_stands_before_the_first_end_token(tokens, text):
    assert Vocab((b"a", b"b", None, None, b"end", b"\xc3", b"\xa9"), (3, 4)).text(tokens) == text


@pytest.mark.parametrize("ends, says", [((), "at least one end token"), ((2,), "outside the vocabulary"), ((-1,), "outside")])
def test_end_tokens_are_in_the_vocabulary(ends, says):
    with pytest.raises(ValueError, match=says):
        Vocab((b"a", b"b"), ends)


def test_a_vocabulary_equals_itself_alone():
    one, other = Vocab((b"a", None), (1,)), Vocab((b"a", None), (1,))
    assert one == one and one != other and len({one, other}) == 2 and len(one) == 2


def test_a_text_is_spelled_in_longest_tokens():
    vocab = Vocab((b"a", b"ab", b"abc", b"c", None), (4,))
    assert vocab.spell(b"abcabac", 9) == [2, 1, 0, 3] and vocab.spell(b"abcabac", 2) == [2, 1]
    assert vocab.spell(b"axa", 9) == [0]                     # no token begins with an x


def test_the_fewest_tokens_of_every_end_of_a_text():
    vocab = Vocab((b"a", b"b", b"ab", b"aba", b"bab", None), (5,))
    assert vocab.fewest(b"abab").tolist() == [0, 1, 1, 1, 2] and vocab.fewest(b"").tolist() == [0]
    assert Vocab((None,), (0,)).fewest(b"xy").tolist() == [0, 1, 2]
