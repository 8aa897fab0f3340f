"""One request, step by step, as a single HTML file that asks nothing of the network."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile

from structdiff.errors import StructdiffError
from structdiff.result import Result, Step
from structdiff.vocab import Vocab

_PLACEHOLDER = "__TRACE__"
_ESCAPED = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


def write(path: str | os.PathLike[str], result: Result, vocab: Vocab, prompt: str) -> None:
    """Leaves the trace of `result` at `path`; a file that was there is replaced whole or not at all.

    Raises:
        StructdiffError: the file cannot be written.
    """
    require_writable(path)
    replace(path, html(result, vocab, prompt))


def replace(path: str | os.PathLike[str], page: str) -> None:
    """Leaves `page` at `path`, as `write` does."""
    path = Path(path)
    require_writable(path)
    try:
        _replace(path, page)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error


def require_writable(path: str | os.PathLike[str]) -> None:
    """Returns when a file can be made at `path`; called before a run, so that none is spent in vain.

    Raises:
        StructdiffError: its folder is missing or read-only, or it is a folder itself.
    """
    path = Path(path)
    if path.is_dir():
        raise _unwritable(path, "it is a folder")
    if not path.parent.is_dir():
        raise _unwritable(path, f"there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise _unwritable(path, f"the folder {path.parent} is read-only")


def html(result: Result, vocab: Vocab, prompt: str) -> str:
    """Returns the page: a slider over the steps, the canvas at each, the rules broken, the final text and status."""
    skeleton = files("structdiff").joinpath("trace.html").read_text("utf-8")
    return skeleton.replace(_PLACEHOLDER, embedded(_page(result, vocab, prompt)), 1)


def embedded(data: object) -> str:
    """Returns `data` as JSON in ASCII that no HTML parser can leave the script element through."""
    return json.dumps(data, allow_nan=False, separators=(",", ":")).translate(_ESCAPED)


def _page(result: Result, vocab: Vocab, prompt: str) -> dict:
    """Tokens are spelled once, in `pieces`; steps point at them."""
    used = dict.fromkeys(token for step in result.steps for token in step.proposal[:_end(step, vocab)])
    place = {token: index for index, token in enumerate(used)}
    return {
        "prompt": prompt, "text": result.text, "status": result.status.name, "message": result.status.value,
        "valid": result.valid, "forwards": result.forwards, "seconds": round(result.seconds, 3),
        "violations": [{"at": v.pointer or "/", "rule": v.rule, "message": v.message} for v in result.violations],
        "pieces": [_piece(vocab, token) for token in used],
        "steps": [_step(step, vocab, place) for step in result.steps],
    }


def _step(step: Step, vocab: Vocab, place: dict[int, int]) -> dict:
    end = _end(step, vocab)
    return {
        "block": step.block, "level": round(step.level, 4), "length": len(step.proposal),
        "tokens": [place[token] for token in step.proposal[:end]],
        "kept": [int(kept) for kept in step.kept[:end]],
        "sure": [_percent(entropy) for entropy in step.entropy[:end]],
        "rules": {str(position): rule for position, rule in sorted(step.renoised.items()) if position < end},
    }


def _end(step: Step, vocab: Vocab) -> int:
    """How many positions are shown: the first end token is the last of them."""
    ends = set(vocab.end_tokens)
    return next((position + 1 for position, token in enumerate(step.proposal) if token in ends), len(step.proposal))


def _percent(entropy: float) -> int:
    """exp(-entropy) in percent: 100 where one token is certain; 0 where the entropy is no number."""
    return round(100 * math.exp(-max(entropy, 0.0))) if math.isfinite(entropy) else 0


def _piece(vocab: Vocab, token: int) -> str:
    spelled = vocab.tokens[token]
    if token in vocab.end_tokens:
        return "⟨end⟩"
    if spelled is None:
        return f"⟨token {token}⟩"
    try:
        return spelled.decode("utf-8")
    except UnicodeDecodeError:
        return _hexadecimal(spelled)


def _hexadecimal(spelled: Iterable[int]) -> str:
    return "".join(f"⟨{byte:02X}⟩" for byte in spelled)


def _replace(path: Path, text: str) -> None:
    """The temporary file is next to `path`, since a rename is atomic only within one file system."""
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
        try:
            draft.write(text)
            draft.close()
            os.chmod(draft.name, 0o666 & ~_umask())
            os.replace(draft.name, path)
        except BaseException:
            draft.close()
            os.unlink(draft.name)
            raise


def _umask() -> int:
    """The process's mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(path: Path, reason: str) -> StructdiffError:
    return StructdiffError(f"cannot write the trace {path}: {reason}; name a file in a folder you can write to")
