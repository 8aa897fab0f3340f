"""What the embedded model learns repair from: pieces of documents, broken, and as they were."""

from __future__ import annotations

import os
import random

from structdiff.proofreader import prompt_of
from tasks.markup_repair.damage import Undamageable, damage
from tasks.markup_repair.documents import invented

FORMATS = {"json": 0.4, "xml": 0.2, "html": 0.25, "svg": 0.05, "toml": 0.1}
BEFORE, AFTER = (20, 260), (20, 160)        # characters of a piece about what is broken
LONGEST = 420                               # characters of what is broken, from the first difference to the last


def piece(rng: random.Random) -> tuple[str, str]:
    """Returns a prompt with a broken piece of a document, and the piece as it was."""
    while True:
        format = rng.choices(list(FORMATS), list(FORMATS.values()))[0]
        clean = invented(format, "dev", rng).text
        try:
            broken = damage(clean, format, rng.choice((1, 1, 2)), rng).text
        except Undamageable:
            continue
        begin = len(os.path.commonprefix([clean, broken]))
        tail = len(os.path.commonprefix([clean[begin:][::-1], broken[begin:][::-1]]))
        if max(len(clean), len(broken)) - tail - begin <= LONGEST:
            start, after = max(0, begin - rng.randint(*BEFORE)), rng.randint(*AFTER)
            return prompt_of(format, broken[start : len(broken) - tail + after]), clean[start : len(clean) - tail + after]
