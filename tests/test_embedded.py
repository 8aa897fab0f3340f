"""The model that ships: it loads offline, is small, is the same every time, and reads what it was trained to read."""

from __future__ import annotations


import pytest

from structdiff import EntropyBound, JsonSchema, generate, load
from structdiff.models.diffusion_gemma import EMBEDDED
from tasks.json_extract.evaluate import examples, score



def test_it_is_at_most_20_mb_with_its_card() -> None:
    assert sum(file.stat().st_size for file in EMBEDDED.iterdir()) < 20e6
    assert "Per-field exact match on domains and wordings never trained on" in (EMBEDDED / "README.md").read_text("utf-8")


def test_the_same_seed_gives_the_same_object() -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}, "boxes": {"type": "integer"}},
              "required": ["city", "boxes"]}
    results = [generate("City: Bergen\nBoxes: 14\n", JsonSchema(schema, grounded=True), seed=4) for _ in range(2)]
    assert results[0].valid and results[0].text == results[1].text and results[0].tokens == results[1].tokens


def test_its_tokenizer_spells_every_byte() -> None:
    vocab = load().vocab
    assert {bytes([byte]) for byte in range(256)} <= set(vocab.tokens)
    assert all(len(token) == 1 for token in vocab.tokens if token and any(c in b'{}[]":,<>/= 0123456789' for c in token))


@pytest.mark.parametrize("floor", [0.2])
def test_it_reads_better_than_this_floor_on_the_development_domains(floor) -> None:
    found = score(load(), "grounded", examples("dev", 16, 5), sampler=EntropyBound())
    assert found.valid == 1.0 and found.exact >= floor


@pytest.mark.slow
def test_constrained_is_not_worse_than_unconstrained_and_needs_fewer_forwards() -> None:
    drawn = examples("dev", 100, 6)
    constrained, free = (score(load(), method, drawn) for method in ("ungrounded", "unconstrained"))
    assert constrained.exact >= free.exact and constrained.forwards < free.forwards
