"""A Hugging Face tokenizer's vocabulary as bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from transformers import PreTrainedTokenizerBase

from structdiff.errors import DenoiserError
from structdiff.vocab import Vocab


def vocab_of(tokenizer: PreTrainedTokenizerBase, size: int, end_tokens: Iterable[int], silent: Iterable[int] = ()) -> Vocab:
    """Returns the vocabulary of a tokenizer for a model with `size` logits; special tokens and `silent` ones stand for no text.

    What its pieces cannot spell, such as capitals of a vocabulary in lower case, the vocabulary lacks: a constraint that needs it is
    refused when it is compiled.

    Raises:
        DenoiserError: the tokenizer's pieces cannot be turned into bytes, or no end token is known.
    """
    ends = tuple(dict.fromkeys(end_tokens))
    if not ends:
        raise DenoiserError("the model's generation config names no end token (eos_token_id)")
    spell = _speller(tokenizer)
    added = {i: None if token.special else token.content.encode() for i, token in tokenizer.added_tokens_decoder.items()}
    added |= dict.fromkeys(silent)
    pieces = tokenizer.convert_ids_to_tokens(list(range(min(size, len(tokenizer)))))
    spelled = [added[i] if i in added else spell(piece) for i, piece in enumerate(pieces)]
    return Vocab(tuple(spelled) + (None,) * (size - len(spelled)), ends)


def _steps(decoder: dict | None) -> Iterator[dict]:
    if decoder is None:
        return
    yield decoder
    for step in decoder.get("decoders", ()):
        yield from _steps(step)


def _speller(tokenizer: PreTrainedTokenizerBase) -> Callable[[str | None], bytes | None]:
    if not tokenizer.is_fast:
        if hasattr(tokenizer, "byte_decoder"):           # byte-level BPE in Python, as Dream's
            return _byte_level
        raise DenoiserError("a fast tokenizer (tokenizer.json), or a byte-level one, is needed to know the bytes of each token")
    steps = {step["type"]: step for step in _steps(json.loads(tokenizer.backend_tokenizer.to_str()).get("decoder"))}
    if "ByteLevel" in steps:
        return _byte_level
    if "ByteFallback" in steps or "Metaspace" in steps:
        return _sentence_piece
    if "WordPiece" in steps:
        splitter = tokenizer.backend_tokenizer.pre_tokenizer
        return _word_piece(steps["WordPiece"]["prefix"], splitter.pre_tokenize_str if splitter else lambda text: [text])
    raise DenoiserError(f"unknown tokenizer decoder {sorted(steps)}; byte-level, SentencePiece and WordPiece tokenizers are supported")


def _word_piece(prefix: str, split: Callable[[str], list]) -> Callable[[str | None], bytes | None]:
    """A piece spells its letters, and no piece a space: which words a space parts is lost in such a vocabulary.

    What the tokenizer would split, such as [unused7], it never writes.
    """
    def spell(piece: str | None) -> bytes | None:
        if piece is None:
            return None
        if piece.startswith(prefix) and piece != prefix:
            return piece.removeprefix(prefix).encode()
        return piece.encode() if len(split(piece)) == 1 else None

    return spell


def _byte_level(piece: str | None) -> bytes | None:
    try:
        return None if piece is None else bytes(_byte_of()[character] for character in piece)
    except KeyError:
        return piece.encode()


def _sentence_piece(piece: str | None) -> bytes | None:
    if piece is None:
        return None
    if len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">"):
        return bytes([int(piece[3:5], 16)])
    return piece.replace("▁", " ").encode()


@lru_cache(maxsize=1)
def _byte_of() -> dict[str, int]:
    """The printable stand-ins byte-level BPE has for the 256 bytes: most stand for themselves, the rest from U+0100 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + n): byte for n, byte in enumerate(hidden)}
