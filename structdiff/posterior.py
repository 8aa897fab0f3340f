"""The exact posterior over a canvas: independent beliefs per position, conditioned on an automaton as a whole.

For beliefs p_i and an automaton A, p(canvas | A) is proportional to the product of p_i(token_i) over canvases whose
text, up to its first end token, leads A from the frontier to an exit. Tokens after the end token are free. Everything
here follows from one forward and one backward recursion over A's arcs (the forward-backward algorithm; Rabiner 1989,
doi:10.1109/5.18626), whose weights are sums of belief over token sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from structdiff import chain
from structdiff.automaton import END, Automaton
from structdiff.errors import DenoiserError
from structdiff.rng import Rng

EVERYTHING = 0     # the token set of the arc from END to END


@dataclass(frozen=True)
class Proposal:
    """One canvas Int[L] the automaton accepts, and the states Int[L + 1] it leads through."""

    tokens: np.ndarray
    states: np.ndarray

    @property
    def ended(self) -> np.ndarray:
        """Bool[L]: the positions after the end token."""
        return self.states[:-1] == END


class Posterior:
    """p(canvas | beliefs, constraint), exact, for one canvas.

    logits Float32[L, V], divided by `temperature`. frontier: the automaton state the canvas begins in. final Bool[S]:
    the states it may stop in. Nothing is computed until it is asked for.

    lookahead: the power, in (0, 1], of the messages that come back from later positions. At 1 this is the posterior.
    Below 1 a position heeds what is possible after it as before, but what is merely probable there less: every draw
    satisfies the constraint, drawn from left to right by discounted conditionals. Marginals, entropy, bias and draws
    follow from these; `log_z`, `mode` and `blame` are exact all the same.

    Raises:
        DenoiserError: the logits are NaN or +inf, or have the wrong width.
    """

    def __init__(self, logits: Tensor, automaton: Automaton, frontier: int, final: np.ndarray, temperature: float = 1.0,
                 lookahead: float = 1.0):
        if logits.shape[-1] != len(automaton.class_of):
            raise DenoiserError(f"logits have {logits.shape[-1]} columns, the vocabulary {len(automaton.class_of)} tokens")
        self.logits = np.ascontiguousarray(logits.detach().cpu().float().numpy())
        self.automaton, self.frontier, self.final, self.scale = automaton, frontier, final, 1.0 / temperature
        self.lookahead = lookahead
        self._mass, self._mean, self._top = chain.class_sums(
            self.logits, automaton.class_of, automaton.classes, np.float32(self.scale))
        broken = np.isnan(self._top) | np.isposinf(self._top) | np.isnan(self._mass).any(axis=1)
        if broken.any():
            raise DenoiserError(f"the denoiser's logits are not numbers at canvas position {int(broken.argmax())}")

    @property
    def length(self) -> int:
        return len(self.logits)

    @cached_property
    def _weights(self) -> np.ndarray:
        return chain.set_sums(self._mass, self.automaton.sets.offsets, self.automaton.sets.items)

    def _backward(self, lookahead: float) -> tuple[np.ndarray, ...]:
        arcs = self.automaton.arcs
        return chain.backward(self._weights, self.automaton.by_source, arcs.target, arcs.set, self.final, lookahead)

    @cached_property
    def _behind(self) -> tuple[np.ndarray, ...]:
        return self._backward(self.lookahead)

    @cached_property
    def _set_marginals(self) -> np.ndarray:
        arcs = self.automaton.arcs
        return chain.set_marginals(
            self._weights, self.automaton.by_source, arcs.target, arcs.set, self.frontier, *self._behind)

    @cached_property
    def log_z(self) -> float:
        """The log-probability, in nats, that independent draws from the beliefs satisfy the constraint; -inf: never."""
        behind = self._behind if self.lookahead == 1 else self._backward(1.0)
        mantissa, exponent = behind[0][0, self.frontier], behind[1][0, self.frontier]
        if mantissa == 0:
            return -np.inf
        return float(np.log(mantissa) + int(exponent) * np.log(2) - np.log(self._weights[:, EVERYTHING]).sum())

    @property
    def possible(self) -> bool:
        return bool(self._behind[0][0, self.frontier] > 0)

    @cached_property
    def preferred(self) -> np.ndarray:
        """Int[L]: the model's own likeliest token at each position, whatever the constraint says of it."""
        return self.logits.argmax(axis=1)

    @cached_property
    def ended(self) -> np.ndarray:
        """Float[L]: the probability that position i comes after the end token."""
        return self._set_marginals[:, EVERYTHING]

    @cached_property
    def _odds(self) -> np.ndarray:
        """Float[L, C]: what a token's unnormalised belief e**x is multiplied by where text has not ended."""
        offsets, items = self.automaton.sets.offsets, self.automaton.sets.items
        with np.errstate(divide="ignore", invalid="ignore"):
            per_set = np.where(self._weights > 0, self._set_marginals / self._weights, 0.0)
        per_set[:, EVERYTHING] = 0.0
        return chain.class_odds(per_set, offsets, items, self.automaton.classes)

    @cached_property
    def bias(self) -> np.ndarray:
        """Float[L, C]: adding bias[i, class of v] to the log-belief of v gives its log-marginal; -inf: impossible.

        The log-belief is `log_softmax(logits / temperature)`.
        """
        total = self._weights[:, EVERYTHING, None]
        with np.errstate(divide="ignore"):
            return np.log(self._odds * total + self.ended[:, None])

    @cached_property
    def entropy(self) -> np.ndarray:
        """Float[L], nats: of each position's marginal, in which everything past the end token is one outcome."""
        odds, ended = self._odds, self.ended
        with np.errstate(divide="ignore", invalid="ignore"):
            log_odds = np.where(odds > 0, np.log(odds), 0.0)
            tail = np.where(ended > 0, ended * np.log(ended), 0.0)
        return np.maximum(0.0, -(odds * (self._mean + log_odds * self._mass)).sum(axis=1) - tail)

    @cached_property
    def pinned(self) -> np.ndarray:
        """Bool[L]: the positions where every text that satisfies has the same token."""
        sizes = np.diff(self.automaton.members.offsets)
        return (self.ended == 0) & ((self._odds > 0) @ sizes == 1)

    @cached_property
    def caution(self) -> np.ndarray:
        """Float[L], nats: of each position's own belief, once the tokens that the constraint rules out are left out.

        The posterior's entropy also counts what the beliefs at other positions imply. At high noise these are blurred
        and not independent, and their product is surer than it should be: it settles for the values that are easiest
        to place. What the constraint forbids is certain; this is the entropy that follows from that alone.
        """
        allowed = self._odds > 0
        mass = np.where(allowed, self._mass, 0.0).sum(axis=1)
        mean = np.where(allowed, self._mean, 0.0).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            entropy = np.where(mass > 0, np.log(mass) - mean / mass, 0.0)
        return np.maximum(entropy, 0.0) * (1 - self.ended)

    def marginal(self, position: int, token: int) -> float:
        """Returns the posterior probability that `position` holds `token`."""
        x = (float(self.logits[position, token]) - float(self._top[position])) * self.scale
        bias = self.bias[position, self.automaton.class_of[token]]
        return float(np.exp(x - np.log(self._weights[position, EVERYTHING]) + bias))

    def marginals(self, logits: Tensor) -> Tensor:
        """Returns Float[L, V]: log-marginals, in nats, on the device of the logits; what may stand behind the end token is all given to
        the end token. logits Float[L, V]: those that the posterior is of."""
        ended = self.ended[:, None]
        with np.errstate(divide="ignore"):
            in_text = torch.as_tensor(np.log(np.maximum(np.exp(self.bias) - ended, 0.0)), dtype=torch.float32, device=logits.device)
            tail = torch.as_tensor(np.log(ended[:, 0]), dtype=torch.float32, device=logits.device)
        classes = torch.as_tensor(self.automaton.class_of, dtype=torch.long, device=logits.device)
        told = torch.log_softmax(logits.float() * self.scale, dim=-1) + in_text.index_select(1, classes)
        told[:, self.automaton.end_token] = torch.logaddexp(told[:, self.automaton.end_token], tail)
        return told

    def sample(self, rng: Rng) -> Proposal:
        """Returns one joint draw. Only when `possible`."""
        arcs, length = self.automaton.arcs, self.length
        u = rng.uniform(3, length)
        path = chain.draw_path(self._weights, self.automaton.by_source, arcs.target, arcs.set, self.frontier,
                               *self._behind, u[0])
        tokens = np.full(length, self.automaton.end_token, dtype=np.int64)
        for i, a in enumerate(path):
            if arcs.source[a] != END:
                tokens[i] = self._draw_token(i, self.automaton.sets[arcs.set[a]], u[1, i], u[2, i])
        return Proposal(tokens, self._states(path))

    def _draw_token(self, i: int, classes: np.ndarray, u: float, v: float) -> int:
        cumulative = np.cumsum(self._mass[i, classes])
        c = classes[min(int(np.searchsorted(cumulative, u * cumulative[-1], side="right")), len(classes) - 1)]
        members = self.automaton.members[c]
        if len(members) == 1:
            return int(members[0])
        return chain.draw_in_class(self.logits[i], members, self.scale, float(self._top[i]), self._mass[i, c], v)

    def mode(self) -> Proposal:
        """Returns the most probable canvas that satisfies the constraint. Only when `possible`."""
        best, token = chain.class_best(self.logits, self.automaton.class_of, self.automaton.classes, self.scale)
        with np.errstate(divide="ignore"):
            best = best - (np.log(self._weights[:, EVERYTHING]) + self._top * self.scale)[:, None]
        path, which = self._best_path(best)
        tokens = np.full(self.length, self.automaton.end_token, dtype=np.int64)
        for i, a in enumerate(path):
            if self.automaton.arcs.source[a] != END:
                tokens[i] = token[i, which[i, self.automaton.arcs.set[a]]]
        return Proposal(tokens, self._states(path))

    def regret(self, proposal: Proposal) -> tuple[int, int] | None:
        """Returns the first position where `proposal` has not the likeliest of the tokens that may follow what it has before, and that
        token; None where it has these throughout, or the beliefs rule out all that may follow. Only when `possible`."""
        arcs, sets = self.automaton.arcs, self.automaton.sets
        best, token = chain.class_best(self.logits, self.automaton.class_of, self.automaton.classes, self.scale)
        held = self.scale * self.logits[np.arange(self.length), proposal.tokens].astype(np.float64)
        written = int((~proposal.ended).sum())
        place, liked = chain.first_regret(best, held[:written], proposal.states, self.automaton.by_source, arcs.target, arcs.set,
                                          sets.offsets, sets.items, self._behind[0])
        return (place, int(token[place, liked])) if place >= 0 else None

    def blame(self, tokens: np.ndarray, sureness: np.ndarray) -> np.ndarray:
        """Returns Bool[L]: the cheapest set of positions of `tokens` to change for the canvas to satisfy.

        sureness Float[L] > 0: what changing each position costs. Only when `possible`.
        """
        classes = self.automaton.class_of[tokens]
        cost = np.repeat(-sureness[:, None], self.automaton.classes, axis=1)
        cost[np.arange(self.length), classes] = 0.0
        cost[self._mass == 0] = -np.inf
        path, _ = self._best_path(cost)
        chosen = self.automaton.arcs.set[path]
        return np.array([classes[i] not in self.automaton.sets[chosen[i]] for i in range(self.length)])

    def _best_path(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        weights, which = chain.set_best(values, self.automaton.sets.offsets, self.automaton.sets.items)
        weights[:, EVERYTHING] = 0.0                 # past the end nothing is scored
        arcs = self.automaton.arcs
        path, _ = chain.best_path(weights, self.automaton.by_source, arcs.target, arcs.set, self.final, self.frontier)
        return path, which

    def _states(self, path: np.ndarray) -> np.ndarray:
        return np.concatenate([[self.frontier], self.automaton.arcs.target[path]])
