"""A vocabulary with the size and the make-up of a large model's, for timing where no such tokenizer is at hand.

Seeded and deterministic: single bytes, digits, whitespace and punctuation runs, JSON clusters, real English words with
their affixes and compounds, other scripts, and characters cut inside their UTF-8. Its last token ends the text.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pydoc_data import topics

from structdiff.vocab import Vocab

PREFIXES = "un re in dis over under non pre inter sub mis out super anti de co".split()
SUFFIXES = ("s ed ing er ers ly ness able ment ation al ive ize ized izing ful less ity ist ism ous ship ward like "
            "based wise 's n't").split()
ENDINGS = "_id Id ID Name List Type _name _list .py .com ()".split()
ACCENTS = str.maketrans({"a": "áàâãäå", "e": "éèêë", "i": "íîï", "o": "óôõöø", "u": "úûü", "c": "ç", "n": "ñ", "s": "šß"})
SCRIPTS = {       # first and last letter, letters in a piece
    "cyrillic": ("а", "я", 7), "greek": ("α", "ω", 6), "hebrew": ("א", "ת", 5), "arabic": ("ب", "ي", 5),
    "devanagari": ("अ", "ह", 4), "thai": ("ก", "ฮ", 4), "kana": ("ぁ", "ヺ", 4), "hangul": ("가", "힣", 2),
    "han": ("一", "龥", 2),
}
SHARES = {"words": 0.56, "accented": 0.12, "scripts": 0.28}      # of the vocabulary; what is short comes first


@lru_cache(maxsize=2)
def synthetic(size: int = 262_144, seed: int = 0) -> Vocab:
    """Returns `size` tokens: distinct byte strings, then the end token."""
    rng = random.Random(seed)
    tokens = dict.fromkeys(bytes([byte]) for byte in range(256))
    for pieces in (_short(), _tails(rng, size // 200)):
        _take(tokens, pieces, size // 6)
    for kind, share in SHARES.items():
        _take(tokens, KINDS[kind](rng), int(size * share))
    _take(tokens, _words(rng), size)
    spelled = list(itertools.islice(tokens, size - 1))
    rng.shuffle(spelled)                             # merge ranks do not follow what the tokens are
    return Vocab((*spelled, None), (size - 1,))


def _take(tokens: dict[bytes, None], pieces: Iterable[str | bytes], count: int) -> None:
    """Adds up to `count` new pieces."""
    goal = len(tokens) + count
    for piece in pieces:
        if len(tokens) >= goal:
            break
        tokens.setdefault(piece.encode() if isinstance(piece, str) else piece)


def _short() -> Iterator[str]:
    """JSON clusters, whitespace runs, digits, punctuation."""
    closers, openers = ['"', '"}', '"]', "}", "]", '"}]', "}}", "]}", ""], ['"', '{"', "[", '["', "{", '[{"', ""]
    for left, middle, right in itertools.product(closers, [",", ":", ", ", ": ", ",\n", ":\n", "", ",\n  ", ",\n    "], openers):
        yield left + middle + right
    for unit, most in ((" ", 31), ("\n", 16), ("\t", 16), ("\r\n", 4)):
        yield from (unit * count for count in range(1, most + 1))
    yield from ("\n" * lines + " " * indent for lines in (1, 2) for indent in range(1, 25))
    for length in (1, 2, 3, 4):
        yield from (f"{number:0{length}}" for number in range(min(10 ** length, 2500)))
    marks = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    yield from ("".join(pair) for count in (2, 3) for pair in itertools.product(marks, repeat=count) if len(set(pair)) < 3)
    yield from (" " + "".join(pair) for pair in itertools.product(marks, repeat=2))
    yield from (mark * count for mark in marks for count in range(3, 17))


def _english() -> list[str]:
    """The words of Python's own documentation, the frequent ones first."""
    counts: dict[str, int] = {}
    for word in re.findall("[A-Za-z]{2,}", " ".join(topics.topics.values())):
        counts[word] = counts.get(word, 0) + 1
    return sorted(counts, key=lambda word: (-counts[word], word))


def _words(rng: random.Random) -> Iterator[str]:
    """English, with and without its space, in three cases; then with affixes; then compounds without end."""
    base = _english()
    for word in base:
        yield from _dressed(word)
    derived = [form for word in base for form in (*(p + word for p in PREFIXES), *(word + s for s in (*SUFFIXES, *ENDINGS)))]
    rng.shuffle(derived)
    for number, word in enumerate(derived):
        yield from _dressed(word) if number % 4 == 0 else (word, " " + word)
    while True:
        first, second = rng.choice(base), rng.choice(base)
        yield rng.choice((first + second, f" {first}{second}", first + second.title(), f"{first}_{second}", f" {first}-{second}"))


def _dressed(word: str) -> Iterator[str]:
    for form in (word, word.lower(), word.title(), word.upper()):
        yield from (" " + form, form)


def _accented(rng: random.Random) -> Iterator[str]:
    base = [word for word in _english() if len(word) > 3]
    while True:
        letters = [rng.choice(ACCENTS.get(ord(letter), letter)) if rng.random() < 0.5 else letter
                   for letter in rng.choice(base).lower()]
        yield rng.choice(("", " ")) + "".join(letters) + rng.choice(("", "", *SUFFIXES))


def _scripts(rng: random.Random) -> Iterator[str]:
    """Every Han and Hangul letter and many emoji; then random pieces of each script."""
    for name in ("han", "hangul"):
        first, last, _ = SCRIPTS[name]
        yield from map(chr, range(ord(first), ord(last) + 1))
    yield from map(chr, range(0x1F300, 0x1F700))
    while True:
        first, last, most = SCRIPTS[rng.choice(list(SCRIPTS))]
        piece = "".join(chr(rng.randint(ord(first), ord(last))) for _ in range(rng.randint(2, max(2, most))))
        yield rng.choice(("", " ")) + piece


def _tails(rng: random.Random, count: int) -> Iterator[bytes]:
    """Parts of characters: what byte-level merges leave behind."""
    for _ in range(8 * count):
        whole = chr(rng.randint(*rng.choice(((0x400, 0x7FF), (0x3000, 0x9FFF), (0x1F300, 0x1F6FF))))).encode()
        cut = rng.randint(1, len(whole) - 1)
        yield rng.choice((whole[:cut], whole[cut:], b" " + whole[:cut]))


KINDS = {"words": _words, "accented": _accented, "scripts": _scripts}
