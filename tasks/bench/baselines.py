"""The two other ways to the same numbers, as fast as their own idea allows, for the benchmarks to run beside ours.

`DenseTree` multiplies states x states matrices in a balanced tree (Mosaic, arXiv 2607.07026). `Pairs` runs
forward-backward over every live (state, token) pair, with no token classes. Both are exact; a test holds them to that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numba import get_num_threads, njit, prange, set_num_threads
from torch import Tensor

from structdiff.automaton import END, Automaton

@contextmanager
def threads(count: int) -> Iterator[None]:
    """Torch and Numba alike use `count` threads within."""
    before = torch.get_num_threads(), get_num_threads()
    torch.set_num_threads(count)
    set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        set_num_threads(before[1])


# --- dense matrices in a segment tree -------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class DenseTree:
    """All products of transition matrices over the aligned power-of-two spans of the canvas.

    levels[k] Float[nodes, S, S]: products over 2**k positions, each divided by e**scales[k]. An odd node out is carried
    up by a product with nothing, so that any length does.
    """

    levels: list[Tensor]
    scales: list[Tensor]

    @staticmethod
    def build(weights: np.ndarray, automaton: Automaton, dtype: torch.dtype = torch.float32) -> DenseTree:
        """weights Float64[L, T]: the belief in each token set, whose first is all tokens."""
        arcs, states, length = automaton.arcs, automaton.states, len(weights)
        where = torch.from_numpy(arcs.source.astype(np.int64) * states + arcs.target)
        share = (weights / weights[:, :1])[:, arcs.set]
        leaves = torch.zeros(length, states * states, dtype=dtype)
        leaves[:, where] = torch.from_numpy(share).to(dtype)
        level, scale = _rescaled(leaves.view(length, states, states), torch.zeros(length, dtype=torch.float64))
        levels, scales = [level], [scale]
        while len(level) > 1:
            paired = len(level) // 2 * 2
            product = torch.empty((len(level) + 1) // 2, states, states, dtype=dtype)
            torch.bmm(level[:paired:2], level[1:paired:2], out=product[: paired // 2])
            product[paired // 2 :] = level[paired:]
            total = torch.cat([scale[:paired:2] + scale[1:paired:2], scale[paired:]])
            level, scale = _rescaled(product, total)
            levels.append(level)
            scales.append(scale)
        return DenseTree(levels, scales)

    @staticmethod
    def bytes_needed(length: int, states: int, itemsize: int = 4) -> int:
        return (2 * length - 1) * states * states * itemsize

    def log_z(self, frontier: int, final: np.ndarray) -> float:
        mass = self.levels[-1][0, frontier, torch.from_numpy(final)].double().sum()
        return float(mass.log() + self.scales[-1][0])


def _rescaled(level: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    high = level.amax(dim=(1, 2)).clamp_min(torch.finfo(level.dtype).tiny)
    return level.div_(high[:, None, None]), scale + high.double().log()


# --- every live (state, token) pair ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Pairs:
    """The live (state, token) pairs of an automaton, grouped by (source, target): edge `e` has tokens[at[e] : at[e + 1]].

    The positions after the end token are not spelled out: there every token is allowed.
    """

    states: int
    source: np.ndarray
    target: np.ndarray
    at: np.ndarray
    tokens: np.ndarray

    @staticmethod
    def count(automaton: Automaton) -> int:
        return int(_sizes(automaton)[automaton.arcs.set[automaton.arcs.source != END]].sum())

    @staticmethod
    def of(automaton: Automaton) -> Pairs:
        text = automaton.arcs.source != END
        held = automaton.arcs.set[text]
        sizes = _sizes(automaton)[held]
        at = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        tokens = np.empty(at[-1], dtype=np.int32)
        spelled = {int(t): np.sort(np.concatenate([automaton.members[c] for c in automaton.sets[t]])) for t in np.unique(held)}
        for edge, t in enumerate(held.tolist()):
            tokens[at[edge] : at[edge + 1]] = spelled[t]
        return Pairs(automaton.states, automaton.arcs.source[text], automaton.arcs.target[text], at, tokens)

    @property
    def bytes(self) -> int:
        return self.tokens.nbytes + self.at.nbytes + self.source.nbytes + self.target.nbytes

    def marginals(self, beliefs: np.ndarray, frontier: int, final: np.ndarray) -> tuple[float, np.ndarray]:
        """Returns log Z and Float32[L, V], the posterior probability of each token at each position.

        beliefs Float32[L, V], rows that sum to one.
        """
        used = _reached(self.source, self.target, self.states, len(beliefs), frontier, final)
        weights = _edge_weights(beliefs, self.tokens, self.at, self.source, self.target, used)
        ahead, behind, scale = _recursions(weights, self.source, self.target, frontier, final)
        table = _token_marginals(beliefs, self.tokens, self.at, self.source, self.target, used, ahead, behind, scale)
        return float(np.log(scale).sum()), table


def _sizes(automaton: Automaton) -> np.ndarray:
    """Returns Int[T]: the tokens in each set."""
    held = np.diff(automaton.members.offsets)[automaton.sets.items]
    return np.add.reduceat(held, automaton.sets.offsets[:-1])


def _reached(source: np.ndarray, target: np.ndarray, states: int, length: int, frontier: int, final: np.ndarray) -> np.ndarray:
    """Returns Bool[L + 1, S]: where a valid canvas may be; nothing else is worth a sum."""
    ahead, behind = np.zeros((length + 1, states), dtype=bool), np.zeros((length + 1, states), dtype=bool)
    ahead[0, frontier], behind[length] = True, final
    for i in range(length):
        ahead[i + 1, target[ahead[i, source]]] = True
        ahead[i + 1, END] |= ahead[i, END]
    for i in range(length - 1, -1, -1):
        behind[i, source[behind[i + 1, target]]] = True
        behind[i, END] |= behind[i + 1, END]
    return ahead & behind


@njit(parallel=True, fastmath=True, cache=True)
def _edge_weights(beliefs, tokens, at, source, target, used):
    """Returns Float64[L, E]: the belief in each edge's tokens, zero where no valid canvas takes the edge."""
    length, edges = len(beliefs), len(source)
    out = np.zeros((length, edges))
    for i in prange(length):
        row = beliefs[i]
        for e in range(edges):
            if used[i, source[e]] and used[i + 1, target[e]]:
                total = np.float32(0)
                for begin in range(at[e], at[e + 1], 4096):
                    part = np.float32(0)
                    for k in range(begin, min(begin + 4096, at[e + 1])):
                        part += row[tokens[k]]
                    total += part
                out[i, e] = total
    return out


@njit(cache=True)
def _recursions(weights, source, target, frontier, final):
    """Returns Float64[L + 1, S] forward and backward, and what position i was divided by (scale[0]: the end).

    ahead[i] sums to one, ahead[i] * behind[i] too.
    """
    length, states, edges = len(weights), len(final), len(source)
    ahead, behind = np.zeros((length + 1, states)), np.zeros((length + 1, states))
    scale = np.empty(length + 1)
    ahead[0, frontier] = 1.0
    for i in range(length):
        for e in range(edges):
            ahead[i + 1, target[e]] += ahead[i, source[e]] * weights[i, e]
        ahead[i + 1, END] += ahead[i, END]
        scale[i + 1] = ahead[i + 1].sum()
        ahead[i + 1] /= scale[i + 1]
    scale[0] = (ahead[length] * final).sum()
    behind[length] = final / scale[0]
    for i in range(length - 1, -1, -1):
        behind[i, END] = behind[i + 1, END]
        for e in range(edges):
            behind[i, source[e]] += weights[i, e] * behind[i + 1, target[e]]
        behind[i] /= scale[i + 1]
    return ahead, behind, scale


@njit(parallel=True, cache=True)
def _token_marginals(beliefs, tokens, at, source, target, used, ahead, behind, scale):
    length, size = beliefs.shape
    out = np.empty((length, size), np.float32)
    for i in prange(length):
        odds = np.full(size, np.float32(ahead[i, END] * behind[i, END]))
        for e in range(len(source)):
            if used[i, source[e]] and used[i + 1, target[e]]:
                odd = np.float32(ahead[i, source[e]] * behind[i + 1, target[e]] / scale[i + 1])
                for k in range(at[e], at[e + 1]):
                    odds[tokens[k]] += odd
        for v in range(size):
            out[i, v] = beliefs[i, v] * odds[v]
    return out
