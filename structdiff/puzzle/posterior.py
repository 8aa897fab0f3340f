"""What beliefs about a puzzle's cells become under its rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from structdiff.puzzle import beliefs
from structdiff.puzzle.network import DIFFERENT, LINEAR, Network
from structdiff.puzzle.search import EXHAUSTED, FIRST_FAIL, Found, search, settled
from structdiff.rng import Rng

MOST_SOLUTIONS, MOST_GUESSES = 1_000, 20_000        # of an enumeration
ROUNDS, DAMPING, CLOSE = 200, 0.3, 1e-9
FAR = -700.0            # a log-probability that is as good as none


@dataclass(frozen=True, eq=False)
class FactorPosterior:
    """p(values | beliefs, rules), behind the names of `structdiff.posterior.Posterior`.

    beliefs Float[N, D]: log-probabilities by cell and value, not normalised. domains Int[N]: bits of what the cells may have.
    Where there are at most a thousand solutions and they are soon found, they are all looked at; where the rules make a forest,
    belief propagation is exact; else marginals and log Z are those of loopy belief propagation with damping, within the domains made arc
    consistent, and `exact` is False.
    """

    network: Network
    beliefs: np.ndarray
    domains: np.ndarray

    @cached_property
    def narrowed(self) -> np.ndarray | None:
        """Int[N]: the domains made arc consistent; None where a rule cannot hold."""
        domains = self.domains.copy()
        return domains if settled(self.network.factors, domains) < 0 else None

    @cached_property
    def _all(self) -> Found | None:
        """Every solution, or None where there are too many."""
        if self.narrowed is None:
            return None
        found = search(self.network.factors, self.narrowed, self._scores, FIRST_FAIL, MOST_SOLUTIONS, MOST_GUESSES)
        return found if found.ended == EXHAUSTED else None

    @cached_property
    def _scores(self) -> np.ndarray:
        return np.ascontiguousarray(np.maximum(self.beliefs, FAR), np.float64)

    @cached_property
    def _weights(self) -> np.ndarray:
        """Float[K]: the log-probability of each solution, not normalised."""
        return np.take_along_axis(self._scores, self._all.solutions.T, axis=1).sum(axis=0)

    @property
    def possible(self) -> bool:
        """Whether there may be a solution; certain where `exact`."""
        return self.narrowed is not None and (self._all is None or len(self._all.solutions) > 0)

    @cached_property
    def exact(self) -> bool:
        """Whether marginals and log Z are exact."""
        return self.narrowed is None or self._all is not None or _is_forest(self.network)

    @cached_property
    def _propagated(self) -> tuple[np.ndarray, float, bool]:
        allowed = self.narrowed[:, None] >> np.arange(self.beliefs.shape[1]) & 1
        peak = np.where(allowed > 0, self._scores, -np.inf).max(axis=1)
        prior = np.where(allowed > 0, np.exp(self._scores - peak[:, None]), 0.0)
        marginals, log_z, rest = beliefs.propagated(self.network.factors, prior, ROUNDS, DAMPING, CLOSE)
        return marginals, log_z + peak.sum(), rest

    @cached_property
    def log_z(self) -> float:
        """The logarithm of the sum of all solutions' weights; -inf where there are none."""
        if not self.possible:
            return -np.inf
        return float(np.logaddexp.reduce(self._weights)) if self._all is not None else float(self._propagated[1])

    @cached_property
    def marginals(self) -> np.ndarray:
        """Float[N, D]; zeros where there is no solution."""
        if not self.possible:
            return np.zeros(self.beliefs.shape)
        if self._all is None:
            return self._propagated[0]
        shares = np.exp(self._weights - self.log_z)
        return np.stack([np.bincount(values, shares, self.beliefs.shape[1]) for values in self._all.solutions.T])

    @property
    def entropy(self) -> np.ndarray:
        """Float[N], nats."""
        return -np.sum(self.marginals * np.log(np.maximum(self.marginals, 1e-300)), axis=1)

    def sample(self, rng: Rng, most: int = 100_000) -> np.ndarray | None:
        """Returns Int[N], indices of values that satisfy every rule; None where there are none, or none was found in `most` guesses.

        A draw from the posterior where all solutions were looked at; else one that the marginals guide.
        """
        if self._all is not None:
            return self._chosen(self._weights + rng.gumbel(len(self._weights)))
        return self._guided(np.log(np.maximum(self.marginals, 1e-300)) + rng.gumbel(*self.beliefs.shape), most)

    def mode(self, most: int = 100_000) -> np.ndarray | None:
        """Returns Int[N], the most probable solution, as `sample` does; only a probable one where not all were looked at."""
        if self._all is not None:
            return self._chosen(self._weights)
        return self._guided(np.log(np.maximum(self.marginals, 1e-300)), most)

    def _chosen(self, weights: np.ndarray) -> np.ndarray | None:
        return self._all.solutions[np.argmax(weights)] if len(weights) else None

    def _guided(self, scores: np.ndarray, most: int) -> np.ndarray | None:
        if self.narrowed is None:
            return None
        found = search(self.network.factors, self.narrowed, np.ascontiguousarray(scores), FIRST_FAIL, 1, most)
        return found.solutions[0] if len(found.solutions) else None


def _is_forest(network: Network) -> bool:
    """Whether no two cells are joined in two ways, and every factor's own messages are exact."""
    net = network.factors
    if (net.kind == LINEAR).any():
        return False
    parent = list(range(len(network.domains) + len(net.kind)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for f in range(len(net.kind)):
        cells = net.cells[net.scope[f] : net.scope[f + 1]]
        if net.kind[f] == DIFFERENT and int(np.bitwise_or.reduce(network.domains[cells])).bit_count() > beliefs.SUBSETS:
            return False
        for cell in cells:
            one, other = root(int(cell)), root(len(network.domains) + f)
            if one == other:
                return False
            parent[one] = other
    return True
