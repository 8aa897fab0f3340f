"""A text that was cut off is written to its end by a model: what was there stays, what is missing is the model's guess."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from structdiff.api import as_constraint, compiled, generate, load
from structdiff.channel.edits import LLM, Author, Edit, applied
from structdiff.constraint import Constraint
from structdiff.constraints.grammar import Grammar, shipped
from structdiff.constraints.regex import Regex
from structdiff.constraints.template import Template
from structdiff.denoiser import Denoiser
from structdiff.errors import ConstraintError, UnsatisfiableConstraint, UnspellableConstraint
from structdiff.repairs import ANY, Outcome, Repair, Within, repair
from structdiff.result import Step

ROOM = 64               # tokens that may be written beyond the fewest
CLOSED = 5.0            # nats that a text which was cut off costs
ANYTHING = Regex("(?s:.*)")
WORDS = Regex(r"[^<>&\"\x00-\x1f]*")


def regrow(text: str, prompt: str, wanted: Any = "json", *, model: Denoiser | str | Path | None = None, seed: int = 0, room: int = ROOM,
           within: Within = ANY, author: Author = LLM, on_step: Callable[[int, Step], None] | None = None) -> Repair:
    """Returns `text` repaired, and where it was cut off written on by the model instead of merely closed.

    What came before the cut stays, as it is or as the repair has it; the last edit, of kind "regrow", is the model's, and since no price
    says how probable its guess is, a regrown text has confidence 0. Where nothing was cut off, and where what comes next cannot be valid,
    this is `structdiff.repair`. Of markup only the text that was cut is written on, and then closed.

    prompt: what the text was written for, such as the request that was stopped. wanted: as for `repair`. room: tokens that may be written
    beyond the fewest that end the text.

    Raises:
        ConstraintError: no constraint says what may be written in that format.
        DenoiserError: the model cannot be loaded, or its logits are not numbers.
    """
    found = repair(text, wanted, within=within, author=author, alternatives=0)
    if found.outcome is Outcome.UNCHANGED:
        return found
    denoiser = load(model) if model is None or isinstance(model, str | Path) else model
    for edits in _beginnings(text, found):
        if within.allows(text, edits):
            begun = applied(text, edits)
            constraint = _ends(begun, found, wanted)
            try:
                shortest = compiled(constraint, denoiser.vocab, prompt).shortest
            except (UnsatisfiableConstraint, UnspellableConstraint):
                continue
            written = generate(prompt, constraint, model=denoiser, seed=seed, max_tokens=shortest + room, on_step=on_step)
            edits = (*edits, Edit(len(text), len(text), "", written.text[len(begun) :], "regrow", CLOSED))
            if written.valid and within.allows(text, edits) and repair(written.text, wanted).outcome is Outcome.UNCHANGED:
                return Repair(Outcome.REPAIRED, written.text, edits, sum(edit.cost for edit in edits), 0.0)
    return found


def _beginnings(text: str, found: Repair) -> Iterator[tuple[Edit, ...]]:
    """Yields what may have to be mended for the text to be the beginning of a valid one: nothing, or what the repair mends before it closes
    it."""
    yield ()
    last = found.edits[-1] if found.edits else None
    if last is not None and last.end >= len(text.rstrip()) and last.new.startswith(last.old):
        yield found.edits[:-1]


def _ends(begun: str, found: Repair, wanted: Any) -> Constraint:
    """Returns the constraint of what begins so."""
    if wanted in ("xml", "html", "svg"):
        closing = found.edits[-1].new if found.edits else ""
        return Template.between([begun, closing], WORDS)
    if isinstance(wanted, str) and wanted not in shipped():
        raise ConstraintError(f"{wanted} can be repaired, but there is no grammar of it to write by: leave out what regrows it")
    return Template.between([begun, ""], ANYTHING) & (Grammar(wanted) if isinstance(wanted, str) else as_constraint(wanted))
