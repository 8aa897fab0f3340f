"""Conformance checks for your own constraints and denoisers. Each returns, or raises AssertionError that says what broke.

    from structdiff.testing import check_constraint, check_denoiser

    def test_mine():
        check_constraint(MyConstraint(), accepts=["yes"], refuses=["no"])
        check_denoiser(MyDenoiser())
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from structdiff.constraint import Constraint, compile
from structdiff.denoiser import Context, Denoiser, Prompt, Reviewer
from structdiff.machine import accepts as machine_accepts
from structdiff.rng import Rng
from structdiff.vocab import Vocab

BYTES = Vocab((*(bytes([byte]) for byte in range(256)), None), (256,))


def check_constraint(constraint: Constraint, accepts: Iterable[str], refuses: Iterable[str], prompt: str = "") -> None:
    """Returns when the constraint is a hashable value that accepts and refuses just these texts, in bytes and in tokens."""
    assert hash(constraint) == hash(constraint), "a constraint must be hashable"
    compiled = compile(constraint, BYTES, prompt)
    automaton = compiled.automaton(compiled.start)
    for text, wanted in [(text, True) for text in accepts] + [(text, False) for text in refuses]:
        found = machine_accepts(compiled.plan.machine, text.encode()) and compiled.check(text).valid
        assert found == wanted, f"{text!r} is {'refused' if wanted else 'accepted'}"
        if wanted and automaton.whole:
            path = automaton.path(np.frombuffer(text.encode(), dtype=np.uint8), automaton.state(compiled.start))
            assert path is not None and automaton.accepting[path[-1]], f"{text!r} is lost in the automaton"


def check_denoiser(denoiser: Denoiser) -> None:
    """Returns when the denoiser keeps the protocol: shapes, rows that do not depend on others, contexts that are values."""
    prompts = [Prompt("one"), Prompt("two, which is longer than one")]
    context = denoiser.encode(prompts)
    rng = Rng(0)
    canvas = np.stack([denoiser.noise.draw(denoiser.block_length, rng) for _ in prompts])
    high = np.ones(2)
    logits = denoiser(canvas, context, high, None)
    shape = (2, denoiser.block_length, len(denoiser.vocab))
    assert tuple(logits.shape) == shape, f"logits have shape {tuple(logits.shape)}, not {shape}"
    again = denoiser(canvas, context, high, list(logits))
    assert again.shape == logits.shape, "self-conditioning changed the shape of the logits"
    for row in range(2):
        alone = denoiser(canvas[[row]], denoiser.encode([prompts[row]]), high[:1], None)
        torch.testing.assert_close(alone[0], logits[row], atol=1e-3, rtol=1e-3, msg=f"row {row} depends on its batch-mates")
        selected = denoiser(canvas[[row]], context.select([row]), high[:1], None)
        torch.testing.assert_close(selected[0], logits[row], atol=1e-3, rtol=1e-3, msg=f"select([{row}]) is not row {row}")
    mixed = denoiser(canvas, denoiser.join([denoiser.encode([prompt]) for prompt in prompts]), high, [None, logits[1]])
    for row, wanted in enumerate((logits, again)):
        torch.testing.assert_close(mixed[row], wanted[row], atol=1e-3, rtol=1e-3, msg=f"row {row} depends on those it is joined with")
    longer = denoiser.extend(context, canvas)
    torch.testing.assert_close(denoiser(canvas, context, high, None), logits, msg="extend() changed the context it was given")
    if denoiser.reviews:
        _check_review(denoiser, context, canvas, denoiser(canvas, longer, high, None))


def _check_review(denoiser: Reviewer, context: Context, canvas: np.ndarray, after: Tensor) -> None:
    """after: what the denoiser says of the canvas once it has been extended by it."""
    longer, told = denoiser.review(context, canvas)
    assert told.shape == after.shape, f"a review has shape {tuple(told.shape)}, not {tuple(after.shape)}"
    torch.testing.assert_close(denoiser(canvas, longer.select(range(2)), np.ones(2), None), after, atol=1e-3, rtol=1e-3, msg="review() does not extend as extend()")
    other = canvas.copy()
    other[:, -1] = (other[:, -1] + 1) % after.shape[-1]
    torch.testing.assert_close(denoiser.review(context, other)[1], told, atol=1e-3, rtol=1e-3, msg="a review knows what comes later")
