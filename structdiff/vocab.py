"""A model's vocabulary as byte strings, and the trie over them that lifting walks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

LONGEST = 64            # bytes of a token, as far as texts are spelled in few tokens


@dataclass(frozen=True)
class Trie:
    """The prefix tree of the tokens' bytes: node 0 is the root, and each node comes behind its parent."""

    parent: np.ndarray       # Int[N]
    byte: np.ndarray         # UInt8[N]: the byte by which a node extends its parent
    node: np.ndarray         # Int[V]: the node at which each token ends; -1 for one without text


@dataclass(frozen=True, eq=False)
class Vocab:
    """The bytes each token stands for; None for tokens that stand for no text (special, image, unused).

    `end_tokens` end the text. Equal only to itself, so that compiled constraints can be cached by vocabulary.
    """

    tokens: tuple[bytes | None, ...]
    end_tokens: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.end_tokens:
            raise ValueError("a vocabulary needs at least one end token")
        for token in self.end_tokens:
            if not 0 <= token < len(self.tokens):
                raise ValueError(f"end token {token} is outside the vocabulary of {len(self.tokens)} tokens")

    def __len__(self) -> int:
        return len(self.tokens)

    def text(self, tokens: Iterable[int]) -> bytes:
        """Returns the bytes spelled by `tokens` up to the first end token."""
        ends, spelled = set(self.end_tokens), []
        for token in tokens:
            if token in ends:
                break
            spelled.append(self.tokens[token] or b"")
        return b"".join(spelled)

    def longest(self, text: bytes) -> int:
        """Returns the length of the longest token that `text` begins with; 1 where there is none."""
        spelled, most = self._spelled
        return next((length for length in range(min(most, len(text)), 1, -1) if text[:length] in spelled), 1)

    def fewest(self, text: bytes) -> np.ndarray:
        """Returns Int[len(text) + 1]: the fewest tokens that spell the last so many bytes; a byte that none spells counts as one."""
        spelled, most = self._spelled
        needed = [0]                                     # from the end
        for at in range(len(text) - 1, -1, -1):
            ahead = text[at : at + min(max(most, 1), LONGEST)]
            needed.append(1 + min(needed[-length] for length in range(1, len(ahead) + 1) if length == 1 or ahead[:length] in spelled))
        return np.array(needed)

    def spell(self, text: bytes, most: int) -> list[int]:
        """Returns up to `most` tokens that spell the begin of `text`, each the longest that fits; fewer where none does."""
        spelled, longest = self._spelled
        tokens, at = [], 0
        while at < len(text) and len(tokens) < most:
            length = self.longest(text[at : at + longest])
            if text[at : at + length] not in spelled:
                break
            tokens.append(spelled[text[at : at + length]])
            at += length
        return tokens

    @cached_property
    def _spelled(self) -> tuple[dict[bytes, int], int]:
        ends = set(self.end_tokens)
        spelled = {text: token for token, text in enumerate(self.tokens) if text and token not in ends}
        return spelled, max(map(len, spelled), default=0)

    @cached_property
    def trie(self) -> Trie:
        """The trie of the tokens that have text and do not end it, level by level, one level a byte."""
        ends = set(self.end_tokens)
        spelled = sorted((text, token) for token, text in enumerate(self.tokens) if text and token not in ends)
        lengths = np.array([len(text) for text, _ in spelled], dtype=np.int64)
        tokens = np.array([token for _, token in spelled], dtype=np.int64)
        joined = np.frombuffer(b"".join(text for text, _ in spelled), dtype=np.uint8)
        starts = np.cumsum(lengths) - lengths
        parents, bytes_ = [np.zeros(1, dtype=np.int64)], [np.zeros(1, dtype=np.uint8)]
        ending = np.full(len(self.tokens), -1, dtype=np.int64)
        node, alive, depth, nodes = np.zeros(len(spelled), dtype=np.int64), np.arange(len(spelled)), 0, 1
        while len(alive):
            byte = joined[starts[alive] + depth]
            fresh = np.ones(len(alive), dtype=bool)
            fresh[1:] = (node[1:] != node[:-1]) | (byte[1:] != byte[:-1])
            parents.append(node[fresh])
            bytes_.append(byte[fresh])
            node, nodes = nodes + np.cumsum(fresh) - 1, nodes + int(fresh.sum())
            depth += 1
            whole = lengths[alive] == depth
            ending[tokens[alive[whole]]] = node[whole]
            alive, node = alive[~whole], node[~whole]
        return Trie(np.concatenate(parents), np.concatenate(bytes_), ending)
