"""A writer alone: canvases in, canvases out, and no end token behind what is not valid. Needs no vLLM."""

import json
import re

import numpy as np
import pytest
import torch

from structdiff.api import check
from structdiff.constraints.json_schema import JsonSchema
from structdiff.constraints.regex import Regex
from structdiff.errors import ConstraintError, DenoiserError
from structdiff.integrations.vllm import SUPPORTED, require_supported
from structdiff.integrations.vllm.writer import Served, Writer, constraint_of, row
from structdiff.schedule import Schedule
from structdiff.vocab import Vocab

LENGTH, FORWARDS = 8, 3
LETTERS = '{}[]:,"abcdefghijklmnopqrstuvwxyz0123456789-_. '
SERVED = Served(Vocab((None, None, *(letter.encode() for letter in LETTERS)), end_tokens=(1,)), LENGTH, Schedule(FORWARDS))
PAD, END = 0, 1


def written(writer: Writer, most: int = 12, seed: int = 0) -> list[int]:
    """Returns what a server would send of a writer within so many canvases, up to its end token: the model's beliefs are random."""
    beliefs = np.random.default_rng(seed)
    sent: list[int] = []
    writer.begin()
    for _ in range(most):
        for _ in range(FORWARDS):
            if not writer.text:
                writer.advance(torch.tensor(beliefs.normal(size=(LENGTH, len(SERVED.vocab))), dtype=torch.float32))
        assert writer.text, "a canvas is text after as many forwards as the schedule has"
        sent.extend(writer.canvas.tolist())
        if END in sent:
            return sent[: sent.index(END) + 1]
        writer.begin()
    return sent


def text(tokens: list[int]) -> str:
    return SERVED.vocab.text(tokens).decode()


@pytest.mark.parametrize("pattern", ["[a-c]{3}", "[a-c]{20}", "[a-c]{5,30}", "[0-9]{4}-[0-9]{2}", "[a-c]{8}", "[a-c]{16}"])
def test_a_text_of_any_length_is_valid_and_ends_with_an_end_token(pattern):
    tokens = written(Writer(SERVED, row(SERVED, Regex(pattern), 40, seed=1)))
    assert tokens[-1] == END and re.fullmatch(pattern, text(tokens))


def test_a_text_that_fills_its_budget_ends_too():
    for budget in (8, 11, 16):
        tokens = written(Writer(SERVED, row(SERVED, Regex("[a-c]+"), budget, seed=2)))
        assert tokens[-1] == END and len(tokens) <= budget + 1 and re.fullmatch("[a-c]+", text(tokens))


def test_text_without_a_choice_needs_no_forward():
    writer = Writer(SERVED, row(SERVED, Regex("abcdefghijklm[ab]"), 40, seed=0))
    writer.begin()
    assert writer.text and text(writer.canvas.tolist()) == "abcdefgh"


def test_a_request_goes_on_where_it_was_interrupted():
    schema = {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 4, "maxItems": 5}
    first = written(Writer(SERVED, row(SERVED, JsonSchema(schema), 60, seed=3)), most=1)
    assert END not in first and len(first) == LENGTH
    rest = written(Writer(SERVED, row(SERVED, JsonSchema(schema), 60, seed=4, written=first)), seed=1)
    assert check(text(first + rest), schema).valid and 4 <= len(json.loads(text(first + rest))) <= 5


def test_a_request_that_was_interrupted_before_its_end_token_gets_it():
    first = written(Writer(SERVED, row(SERVED, Regex(f"[a-c]{{{LENGTH}}}"), LENGTH, seed=3)), most=1)
    assert END not in first and len(first) == LENGTH
    assert written(Writer(SERVED, row(SERVED, Regex(f"[a-c]{{{LENGTH}}}"), LENGTH, seed=3, written=first))) == [END]
    with pytest.raises(ConstraintError, match="cannot go on"):
        row(SERVED, Regex(f"[a-c]{{{LENGTH}}}"), LENGTH, seed=3, written=[*first[1:], PAD])


def test_beliefs_that_are_no_numbers_end_in_no_text():
    writer = Writer(SERVED, row(SERVED, Regex("[a-c]+"), 40, seed=0))
    writer.begin()
    writer.advance(torch.full((LENGTH, len(SERVED.vocab)), torch.nan))
    for _ in range(3):
        assert writer.text and (writer.canvas == PAD).all() and "not numbers" in writer.reason
        writer.begin()


def test_what_a_checker_refuses_to_the_last_is_not_sent():
    """Three different items of two values: no automaton sees that there are none, and every text is found to repeat an item."""
    schema = {"type": "array", "items": {"enum": [1, 2]}, "minItems": 3, "maxItems": 3, "uniqueItems": True}
    writer = Writer(SERVED, row(SERVED, JsonSchema(schema), 7, seed=0))
    assert END not in written(writer) and writer.reason


def test_a_refused_request_gets_filler_alone():
    assert set(written(Writer(SERVED, None, "refused"), most=3)) == {PAD}


def test_a_vocabulary_that_can_send_nothing_is_refused():
    with pytest.raises(DenoiserError, match="no token without text"):
        Served(Vocab((b"a", None), end_tokens=(1,)), LENGTH, Schedule(FORWARDS))


def test_what_does_not_fit_is_refused():
    with pytest.raises(ConstraintError, match="shortest satisfying text takes 9 tokens and the budget is 8"):
        row(SERVED, Regex("[a-c]{9}"), 8, seed=0)
    with pytest.raises(ConstraintError, match="no room"):
        row(SERVED, Regex("a*"), 0, seed=0)
    with pytest.raises(ConstraintError, match="cannot go on"):
        row(SERVED, Regex("[a-c]+"), 20, seed=0, written=SERVED.vocab.spell(b"abd", 9))


@pytest.mark.parametrize("kind, value, satisfies, breaks", [
    ("json", {"type": "integer"}, "7", "seven"), ("json", True, "[7]", "[7"), ("json_object", True, "{}", "[]"),
    ("regex", "a+b", "aab", "ba"), ("choice", ["yes", "no"], "no", "maybe"), ("grammar", 'start: "a" start | "b"', "aab", "aa")])
def test_each_kind_of_structured_output_means_what_it_says(kind, value, satisfies, breaks):
    constraint = constraint_of(kind, value)
    assert check(satisfies, constraint).valid and not check(breaks, constraint).valid


@pytest.mark.parametrize("kind, value", [("grammar", "/etc/passwd"), ("json", "{}"), ("regex", 3), ("choice", "yes"), ("tag", {})])
def test_another_kind_or_value_is_refused(kind, value):
    with pytest.raises(ConstraintError, match=f"{kind} cannot be"):
        constraint_of(kind, value)


def test_other_versions_of_vllm_are_refused_with_a_sentence():
    for version in SUPPORTED:
        require_supported(f"{version}.1+cpu")
    for version in ("0.31.0", "0.33.0", "1.0.0", "0.3", "0.32x", "dev"):
        with pytest.raises(DenoiserError, match=f"this is vLLM {re.escape(version)}: install a supported version"):
            require_supported(version)
