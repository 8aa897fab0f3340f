"""A board as the denoiser fills it in: redrawn in place on a terminal, one plain line a forward elsewhere."""

from __future__ import annotations

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from structdiff.live import legible
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.refine import Step
from structdiff.puzzles import refine

GIVEN, KEPT, NOISE, BROKEN = "bold", "", "dim", "red underline"


def watched(puzzle: Puzzle, console: Console) -> None:
    """Shows the refinement of a puzzle, forward by forward."""
    if not console.file.isatty() or console.is_dumb_terminal:
        refine(puzzle, on_step=lambda step: console.print(Text(summary(puzzle, step)), soft_wrap=True))
        return
    with Live(console=console, auto_refresh=False, redirect_stdout=False) as live:
        refine(puzzle, on_step=lambda step: live.update(Group(board(puzzle, step), Text(summary(puzzle, step), GIVEN)), refresh=True))


def summary(puzzle: Puzzle, step: Step) -> str:
    """Returns one line on a step; the givens do not count."""
    told = dict(puzzle.givens)
    kept = [keep for cell, keep in zip(puzzle.cells, step.kept) if cell not in told]
    return f"forward {step.forward}: kept {sum(kept)} of {len(kept)}, rules broken {len(set(step.broken.values()))}"


def board(puzzle: Puzzle, step: Step) -> Text:
    """Returns the board: givens bold, what is noise again dim, and what breaks a rule red and underlined."""
    index, told = {cell: i for i, cell in enumerate(puzzle.cells)}, dict(puzzle.givens)
    text = Text()
    for literal, cell in puzzle.pieces():
        text.append(legible(literal, breaks=False) if "\n" not in literal else literal)
        if cell is not None:
            style = GIVEN if cell in told else BROKEN if cell in step.broken else KEPT if step.kept[index[cell]] else NOISE
            text.append(puzzle.symbol(step.values[index[cell]]), style)
    return text
