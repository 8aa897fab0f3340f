"""Tests of the generated text-to-JSON examples."""

import random
import re

import jsonschema
import pytest

from tasks.json_extract import data, domains, heldout

SPLITS = ("train", "dev", "heldout")
FAMILIES = {"train": domains.TRAIN, "dev": heldout.DEV, "heldout": heldout.HELDOUT}


def examples(split, count=300, seed=11):
    rng = random.Random(seed)
    return [data.example(rng, split) for _ in range(count)]


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


@pytest.mark.parametrize("split", SPLITS)
def test_targets_are_valid_and_in_schema_order(split):
    for example in examples(split):
        jsonschema.Draft202012Validator.check_schema(example.schema)
        jsonschema.validate(example.target, example.schema)
        assert list(example.target) == list(example.schema["properties"]) == example.schema["required"]
        assert example.schema["additionalProperties"] is False


@pytest.mark.parametrize("split", SPLITS)
def test_strings_are_spans_of_the_document(split):
    for example in examples(split):
        for string in strings(example.target):
            assert string in example.document


@pytest.mark.parametrize("split", SPLITS)
def test_sizes_are_within_bounds(split):
    for example in examples(split):
        assert 0 < len(example.document) <= 700
        assert len(data.compact_json(example.target)) <= 300
        assert 3 <= len(example.target) <= (12 if split == "train" else data.ASKED)


@pytest.mark.parametrize("split", SPLITS)
def test_same_seed_gives_same_examples(split):
    assert examples(split, 50) == examples(split, 50)
    assert examples(split, 50) != examples(split, 50, seed=12)


@pytest.mark.parametrize("split", SPLITS)
def test_every_domain_occurs_and_some_fields_are_null(split):
    drawn = examples(split, 2000)
    assert {example.domain for example in drawn} >= {domain.name for domain in FAMILIES[split]}
    nulls = sum(value is None for example in drawn for value in example.target.values())
    assert 0.04 < nulls / sum(len(example.target) for example in drawn) < 0.12


@pytest.mark.parametrize("split", SPLITS)
def test_templates_state_known_fields_and_each_field_alone(split):
    for domain in FAMILIES[split]:
        for template in domain.sentences:
            assert domains.fields_of(template) <= set(domain.fields)
        for name in domain.fields:
            assert any(domains.fields_of(template) == {name} for template in domain.templates_of(name))


@pytest.mark.parametrize("left, right", [("train", "dev"), ("train", "heldout"), ("dev", "heldout")])
def test_splits_share_no_domain_and_no_template(left, right):
    assert names(left).isdisjoint(names(right))
    assert templates(left).isdisjoint(templates(right))


def names(split):
    return {domain.name for domain in FAMILIES[split]}


def templates(split):
    """Return the split's wordings with every field name masked."""
    wordings = [text for domain in FAMILIES[split] for text in (*domain.sentences, *domain.noise, *domain.titles)]
    return {re.sub(r"{\w+}", "{}", text) for text in wordings} - {"{}"}


def test_voices_share_no_wording():
    train, other = domains.VOICE, heldout.VOICE
    for part in ("greetings", "closings", "noise", "replies"):
        assert set(getattr(train, part)).isdisjoint(getattr(other, part))
