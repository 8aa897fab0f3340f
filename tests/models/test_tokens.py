"""The bytes of each token, for every kind of tokenizer a masked model comes with."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from tokenizers import AddedToken, Tokenizer, models
from transformers import PreTrainedTokenizerFast

import structdiff
from structdiff import DenoiserError, Regex, UnspellableConstraint
from structdiff.constraint import compile
from structdiff.models.tokens import vocab_of
from tiny_checkpoints import byte_level, sentence_piece, unwrapped, word_piece

TEXT = 'the lazy dog {"open": [12, 3.5], "city":"oslo"}'


@pytest.mark.parametrize("words", [byte_level(), unwrapped(), sentence_piece()], ids=["byte_level", "unwrapped", "sentence_piece"])
def test_the_bytes_of_a_text_s_tokens_are_the_text(words):
    vocab = vocab_of(words, len(words) + 3, [0])
    tokens = words.encode(TEXT, add_special_tokens=False)
    assert b"".join(vocab.tokens[token] for token in tokens).decode().lstrip(" ") == TEXT     # SentencePiece begins with a space
    assert len(vocab) == len(words) + 3 and vocab.tokens[-3:] == (None,) * 3


@pytest.mark.parametrize("text", ["é", "日本", "\t\n", "🙂"])
def test_byte_level_tokens_spell_any_text(text):
    words = byte_level()
    vocab = vocab_of(words, len(words), [0])
    assert b"".join(vocab.tokens[token] for token in words.encode(text, add_special_tokens=False)) == text.encode()


@pytest.mark.parametrize("words", [byte_level(), sentence_piece(), word_piece()], ids=["byte_level", "sentence_piece", "word_piece"])
def test_special_tokens_and_those_named_silent_stand_for_no_text(words):
    special = {token for token, added in words.added_tokens_decoder.items() if added.special}
    assert set(words.all_special_ids) <= special
    vocab = vocab_of(words, len(words), [0], silent=[17])
    assert {token for token, text in enumerate(vocab.tokens) if text is None} == special | {17}


def test_an_added_token_that_is_not_special_stands_for_its_text():
    words = byte_level()
    words.add_tokens([AddedToken("<tool>", special=False)])
    assert vocab_of(words, len(words), [0]).tokens[-1] == b"<tool>"


@pytest.mark.parametrize("word", ["quick", "jumps", "xylophone", "a1b2", "open"])
def test_word_pieces_spell_the_word_they_are_pieces_of(word):
    words = word_piece()
    vocab, tokens = vocab_of(words, len(words), [3]), words.encode(word, add_special_tokens=False)
    assert b"".join(vocab.tokens[token] for token in tokens).decode() == word == words.decode(tokens)


def test_a_piece_that_its_own_tokenizer_would_split_is_never_written():
    words = Tokenizer(models.WordPiece({"[UNK]": 0, "[unused7]": 1, "##s": 2, "dog": 3, "##": 4, "#": 5}, unk_token="[UNK]"))
    full = word_piece().backend_tokenizer
    words.pre_tokenizer, words.decoder = full.pre_tokenizer, full.decoder
    vocab = vocab_of(PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]"), 6, [0])
    assert vocab.tokens == (None, None, b"s", b"dog", None, b"#")


@pytest.mark.parametrize("pattern", ["Yes", "a b", "é{3}"], ids=["capital", "space", "letter"])
def test_what_word_pieces_cannot_spell_is_refused_and_the_rest_is_not(pattern):
    words = word_piece()
    vocab = vocab_of(words, len(words), [3])
    with pytest.raises(UnspellableConstraint, match="no tokens to spell"):
        compile(Regex(pattern), vocab)
    assert compile(Regex(f"({pattern})|yes"), vocab).shortest


def test_json_that_needs_a_capital_is_refused_before_any_forward(loaded):
    schema = {"type": "object", "properties": {"Name": {"type": "integer"}}, "required": ["Name"]}
    with pytest.raises(UnspellableConstraint):
        structdiff.generate("say", schema, model=loaded("bert"))


def test_a_byte_level_tokenizer_in_python_is_understood():
    """Dream's has no tokenizer.json; like GPT-2's first one it names the table that its bytes are written in."""
    fast = unwrapped()

    class Slow(SimpleNamespace):
        is_fast, byte_decoder, added_tokens_decoder = False, {}, fast.added_tokens_decoder
        convert_ids_to_tokens = staticmethod(fast.convert_ids_to_tokens)

        def __len__(self) -> int:
            return len(fast)

    assert vocab_of(Slow(), len(fast), [0]).tokens == vocab_of(fast, len(fast), [0]).tokens


def test_a_tokenizer_whose_bytes_cannot_be_known_is_refused():
    with pytest.raises(DenoiserError, match="tokenizer.json"):
        vocab_of(SimpleNamespace(is_fast=False), 3, [0])
    bare = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"a": 0}, unk_token="a")))
    with pytest.raises(DenoiserError, match=r"unknown tokenizer decoder \[\]; byte-level, SentencePiece and WordPiece"):
        vocab_of(bare, 1, [0])
    with pytest.raises(DenoiserError, match="names no end token"):
        vocab_of(byte_level(), 9, [])
