"""A text model's word on a puzzle: what it believes of each cell, where the layout puts that cell on the canvas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from structdiff.denoiser import Denoiser, Prompt
from structdiff.errors import UnspellableConstraint
from structdiff.puzzle.network import Network
from structdiff.rng import Rng

FLOOR = -50.0           # nats; of what a cell may not have


@dataclass(frozen=True)
class TextGuide:
    """Log-probabilities of the cells' values by a text model, in one forward a block of the board.

    The prompt is the board with dots in its open cells. On the canvas the layout and what is settled stand as they are; each open cell holds
    noise. Where a value takes several tokens, the first speaks for it.
    """

    denoiser: Denoiser
    seed: int = 0

    def __call__(self, network: Network, domains: np.ndarray) -> np.ndarray:
        tokens, cells = self._board(network, domains)
        block, rng = self.denoiser.block_length, Rng(self.seed)
        puzzle = network.puzzle
        context = self.denoiser.encode([Prompt(f"Solve the {puzzle.kind}.\n{puzzle.write(network.read(domains))}", f"a solved {puzzle.kind}")])
        scores = np.zeros((len(domains), len(network.values)))
        first = [self._token(puzzle.symbol(int(value))) for value in network.values]
        for begin in range(0, len(tokens), block):
            known, owner = tokens[begin : begin + block], cells[begin : begin + block]
            canvas = self.denoiser.noise.draw(block, rng)
            canvas[: len(known)] = np.where(known >= 0, known, canvas[: len(known)])
            canvas[len(known) :] = self.denoiser.vocab.end_tokens[0]
            logits = self.denoiser(canvas[None], context, np.ones(1), None)[0]
            beliefs = torch.log_softmax(logits[:, torch.as_tensor(first)].float(), dim=-1).double().cpu().numpy()
            for place in np.flatnonzero(owner >= 0):
                scores[owner[place]] = np.maximum(beliefs[place], FLOOR)
            if begin + block < len(tokens):
                context = self.denoiser.extend(context, canvas[None])
        return scores

    def _board(self, network: Network, domains: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns Int[T]: the board's tokens, -1 for an open cell's; and which cell each is of, -1 for none and for settled ones."""
        tokens, cells = [], []
        told = network.read(domains)
        for literal, cell in network.puzzle.pieces():
            spelled = self._spell(literal)
            owner = -1
            if cell is not None:
                value = told[network.index[cell]]
                owner = network.index[cell] if value is None else -1
                spelled += [-1] if value is None else self._spell(network.puzzle.symbol(value))
            tokens += spelled
            cells += [-1] * (len(spelled) - 1) + [owner] if spelled else []
        return np.array(tokens), np.array(cells)

    def _token(self, symbol: str) -> int:
        return self._spell(symbol)[0]

    def _spell(self, text: str) -> list[int]:
        data = text.encode()
        tokens = self.denoiser.vocab.spell(data, len(data))
        if b"".join(self.denoiser.vocab.tokens[token] for token in tokens) != data:
            raise UnspellableConstraint(f"the model's vocabulary cannot write {text!r}, which the puzzle's layout has")
        return tokens
