"""The canvas as it refines: redrawn in place on a terminal, one plain line a forward elsewhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, groupby, takewhile

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from structdiff.result import Step
from structdiff.vocab import Vocab

OnStep = Callable[[int, Step], None]

KEPT, KEPT_BROKEN, NOISE, NOISE_BROKEN = "", "underline", "dim", "red underline"
_NO_TEXT = "□".encode()                     # a token that stands for no text
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@contextmanager
def watch(vocab: Vocab, stream: bool, console: Console) -> Iterator[OnStep | None]:
    """Yields what to call after each forward; None when nothing is to be shown.

    On a terminal: the canvas when `stream`, else one status line that is gone at the end. Elsewhere: one plain line a
    forward when `stream`, else nothing.
    """
    if console.file.isatty() and not console.is_dumb_terminal:
        with _redrawn(vocab, stream, console) as on_step:
            yield on_step
    else:
        yield _lines(console) if stream else None


@contextmanager
def _redrawn(vocab: Vocab, stream: bool, console: Console) -> Iterator[OnStep]:
    # stdout belongs to the result: rich may not redirect it to this console.
    with Live(console=console, auto_refresh=False, transient=not stream, redirect_stdout=False) as live:
        forwards = count(1)

        def on_step(row: int, step: Step) -> None:
            line = Text(summary(step, next(forwards)), style="bold")
            drawn = canvas(vocab, step, console.options.ascii_only)
            live.update(Group(drawn, line) if stream else line, refresh=True)

        yield on_step


def _lines(console: Console) -> OnStep:
    forwards = count(1)

    def on_step(row: int, step: Step) -> None:
        console.print(Text(summary(step, next(forwards))), soft_wrap=True)

    return on_step


def summary(step: Step, forward: int) -> str:
    """Returns one line on a step: block and forward from 1, tokens kept, mean entropy in nats, rules broken."""
    kept, length = sum(step.kept), len(step.kept)
    entropy = sum(step.entropy) / max(len(step.entropy), 1)
    return (f"block {step.block + 1}, forward {forward}: kept {kept} of {length}, "
            f"mean entropy {entropy:.3f}, rules broken {len(step.renoised)}")


def canvas(vocab: Vocab, step: Step, ascii_only: bool = False) -> Text:
    """Returns the proposal up to its first end token: kept tokens plain, noise dim.

    Where a rule is broken the token is underlined: red while it goes back to noise.
    """
    text = Text(overflow="fold")
    ends = set(vocab.end_tokens)
    alive = takewhile(lambda position: step.proposal[position] not in ends, range(len(step.proposal)))
    for style, positions in groupby(alive, key=lambda position: _style(step, position)):
        spelled = b"".join(_bytes(vocab, step.proposal[position]) for position in positions)
        shown = legible(spelled.decode("utf-8", "replace"), breaks=style in (KEPT, KEPT_BROKEN))
        text.append(shown.encode("ascii", "replace").decode() if ascii_only else shown, style)
    return text


def legible(text: str, breaks: bool = False) -> str:
    """Returns `text` with every invisible character made visible, so that none of them can steer a terminal.

    With `breaks`, a newline also breaks the line.
    """
    return "".join(_visible(character, breaks) for character in text)


def _visible(character: str, breaks: bool) -> str:
    if character == "\n":
        return "⏎\n" if breaks else "⏎"
    if character == "\t":
        return "⇥"
    if ord(character) < 0x20:
        return chr(0x2400 + ord(character))      # Unicode's pictures of the C0 controls
    return "�" if unicodedata.category(character) in _HIDDEN else character


def _style(step: Step, position: int) -> str:
    if step.kept[position]:
        return KEPT_BROKEN if position in step.renoised else KEPT
    return NOISE_BROKEN if position in step.renoised else NOISE


def _bytes(vocab: Vocab, token: int) -> bytes:
    spelled = vocab.tokens[token]
    return _NO_TEXT if spelled is None else spelled
