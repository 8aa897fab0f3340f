"""A Hugging Face tokenizer's vocabulary as bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache

from transformers import PreTrainedTokenizerBase

from structdiff.errors import DenoiserError
from structdiff.vocab import Vocab


def vocab_of(tokenizer: PreTrainedTokenizerBase, size: int, end_tokens: Iterable[int]) -> Vocab:
    """Returns the vocabulary of a fast tokenizer for a model with `size` logits; special tokens stand for no text.

    Raises:
        DenoiserError: the tokenizer's pieces cannot be turned into bytes, or no end token is known.
    """
    ends = tuple(dict.fromkeys(end_tokens))
    if not ends:
        raise DenoiserError("the model's generation config names no end token (eos_token_id)")
    if not tokenizer.is_fast:
        raise DenoiserError("a fast tokenizer (tokenizer.json) is needed to know the bytes of each token")
    described = json.loads(tokenizer.backend_tokenizer.to_str())
    spell = _speller({step["type"] for step in _steps(described.get("decoder"))})
    added = {token["id"]: None if token["special"] else token["content"].encode() for token in described["added_tokens"]}
    pieces = tokenizer.convert_ids_to_tokens(range(min(size, len(tokenizer))))
    spelled = [added[i] if i in added else spell(piece) for i, piece in enumerate(pieces)]
    return Vocab(tuple(spelled) + (None,) * (size - len(spelled)), ends)


def _steps(decoder: dict | None) -> Iterator[dict]:
    if decoder is None:
        return
    yield decoder
    for step in decoder.get("decoders", ()):
        yield from _steps(step)


def _speller(kinds: set[str]):
    if "ByteLevel" in kinds:
        return _byte_level
    if "ByteFallback" in kinds or "Metaspace" in kinds:
        return _sentence_piece
    if "WordPiece" in kinds:
        raise DenoiserError("WordPiece tokenizers cannot spell arbitrary text (no bytes, no spaces), so nothing can be guaranteed")
    raise DenoiserError(f"unknown tokenizer decoder {sorted(kinds)}; byte-level and SentencePiece tokenizers are supported")


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
