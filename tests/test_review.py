"""A model that reads what it wrote: what is committed is what its encoder would have written from left to right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import DynamicCache

from structdiff import Ancestral, Choice, JsonSchema, Regex, Status, Template, generate, generate_batch, load
from structdiff.api import compiled
from structdiff.constraint import compile as compile_constraint
from structdiff.denoiser import Prompt
from structdiff.engine import Request, Settings
from structdiff.engine import generate as run
from structdiff.models.table import Table
from structdiff.noise import Uniform
from structdiff.result import Result
from structdiff.row import REVIEW
from structdiff.verdict import Verdict, Violation
from structdiff.vocab import Vocab
from tasks import random_models

LETTERS = Vocab(tuple(bytes([b]) for b in b"abcdefgh") + (None, None), (8,))
END = 8
EMAIL = "Order 5512 from Mia Olsen, paid 20 euros on Monday."
ORDER = {"type": "object", "properties": {"order": {"type": "integer"}, "name": {"type": "string"}, "paid": {"type": "boolean"}},
         "required": ["order", "name", "paid"]}


class Reading(Table):
    """A table whose encoder expects a letter after each, whatever its denoiser believes."""

    def __init__(self, prefers: str, follows: dict[str, str], length: int = 8, blocks: int = 1):
        beliefs = torch.zeros(blocks, length, len(LETTERS))
        for i, letter in enumerate(prefers):
            beliefs[i // length, i % length, "abcdefgh".index(letter)] = 6.0
        super().__init__(LETTERS, Uniform(len(LETTERS)), beliefs)
        self.reviews, self.follows, self.read = True, follows, 0

    def extend(self, context, blocks):
        raise AssertionError("what was reviewed is read already")

    def review(self, context, blocks):
        self.read += 1
        told = torch.zeros(len(blocks), self.block_length, len(LETTERS))
        for row, block in enumerate(blocks):
            for i in range(1, len(block)):
                letter = self.follows.get("abcdefgh"[block[i - 1]] if block[i - 1] < END else "")
                if letter:
                    told[row, i, "abcdefgh".index(letter)] = 3.0
        return super().extend(context, blocks), told


def _reviewed(result: Result) -> list[int]:
    """Returns the positions that reviews had written anew, in turn."""
    return [position for step in result.steps for position, rule in step.renoised.items() if rule == REVIEW]


def _mistaken() -> Reading:
    return Reading("acca", {"a": "b"}, length=4)


def test_a_token_that_reads_wrong_is_replaced_and_what_comes_after_it_written_anew() -> None:
    model = Reading("acca", {"a": "b", "b": "c", "c": "d"}, length=4)
    result = generate("write", Regex("[a-d]{4}"), model=model, max_tokens=4)
    assert (result.text, result.status) == ("abcd", Status.VALID)
    assert _reviewed(result) == [1, 3]
    assert model.read == 3


def test_a_block_that_reads_well_is_committed_as_it_is() -> None:
    result = generate("write", Regex("[a-d]{4}"), model=Reading("abcd", {"a": "b", "b": "c", "c": "d"}, length=6), max_tokens=6)
    assert result.text == "abcd" and not _reviewed(result)


def test_what_the_encoder_would_have_and_the_constraint_does_not_allow_is_not_written() -> None:
    result = generate("write", Regex("a[cd]{3}"), model=Reading("acdc", {"a": "b", "c": "h", "d": "d"}, length=4), max_tokens=4)
    assert result.valid and result.text == "acdd"


def test_without_review_the_draft_stands() -> None:
    result = generate("write", Regex("[a-d]{4}"), model=_mistaken(), review=False, max_tokens=4)
    assert result.text == "acca"


def test_text_that_is_fixed_on_both_sides_is_not_read_from_the_left() -> None:
    result = generate("write", Template("a{x}d", x=Regex("[a-d]{2}")), model=_mistaken(), max_tokens=4)
    assert result.text == "accd"


def test_a_sampler_that_follows_the_models_distribution_is_not_reviewed() -> None:
    model = _mistaken()
    assert generate("write", Regex("[a-d]{4}"), model=model, sampler=Ancestral(), max_tokens=4).valid and model.read == 0


def test_a_checker_has_its_way_against_the_review() -> None:
    """The encoder insists on a letter that a checker refuses: it is not given twice."""

    class NoB:
        name = "no b"

        def check(self, text: str) -> Verdict:
            at = text.find("b")
            return Verdict(value=text) if at < 0 else Verdict((Violation("no-b", "there is a b", spans=((at, at + 1),)),))

    compiled_one = compile_constraint(Regex("[a-d]{4}"), LETTERS)
    compiled_one = replace(compiled_one, plan=replace(compiled_one.plan, checkers=(NoB(),)))
    model = Reading("acca", {"a": "b", "b": "b", "c": "b", "d": "b"}, length=4)
    result, = run(model, [Request(Prompt("write"), compiled_one)], Settings(max_tokens=4))
    assert result.valid and "b" not in result.text


@pytest.fixture(scope="module")
def reviewer():
    model = random_models.uniform(canvas=24)
    model.reviews = True
    return model


def test_whatever_is_read_ends_valid_and_alike_beside_others(reviewer) -> None:
    wanted = [JsonSchema(ORDER), Regex("([0-9]{9}-){4}[0-9]{9}"), Choice(("yes", "no")), JsonSchema(ORDER, grounded=True), None]
    prompts = [EMAIL, "numbers", "well?", EMAIL * 3, "free"]
    together = generate_batch(prompts, wanted, model=reviewer, seed=[1, 2, 3, 4, 5], max_tokens=120)
    for i, (prompt, one) in enumerate(zip(prompts, wanted)):
        alone = generate(prompt, one, model=reviewer, seed=i + 1, max_tokens=120)
        assert (alone.text, alone.forwards, alone.status) == (together[i].text, together[i].forwards, together[i].status)
        assert one is None or alone.valid


def _greedy(model, prompt: str, constraint, budget: int) -> bytes:
    """Returns what the encoder writes token by token, the likeliest of what the constraint allows."""
    made = compiled(constraint, model.vocab, prompt)
    automaton = made.automaton(made.start)
    assert automaton.whole
    state, written, ids = automaton.state(made.start), [], model.prompt_tokens(Prompt(prompt, constraint.hint()))
    cache, position = DynamicCache(config=model.model.config.get_text_config()), 0
    while True:
        with torch.inference_mode():
            read = model.model.model.encoder(input_ids=torch.tensor([ids]), past_key_values=cache, attention_mask=torch.ones(1, position + len(ids)),
                                             position_ids=torch.arange(position, position + len(ids))[None])
            logits = model._told(read.last_hidden_state[0, -1:])[0]
        cache, position = read.past_key_values, position + len(ids)
        after = np.full(automaton.classes, -1)
        for arc in range(automaton.by_source[state], automaton.by_source[state + 1]):
            if automaton.distance[automaton.arcs.target[arc]] <= budget - len(written) - 1:
                after[automaton.sets[automaton.arcs.set[arc]]] = automaton.arcs.target[arc]
        allowed = torch.as_tensor(after[automaton.class_of] >= 0)
        token = int(logits.masked_fill(~allowed, -torch.inf).argmax())
        if token in model.vocab.end_tokens:
            return model.vocab.text(written)
        written.append(token)
        ids, state = [token], int(after[automaton.class_of[token]])


@pytest.mark.parametrize("prompt", [EMAIL, "Name: Ada Byron\nOrder no. 77\nNot paid yet."])
def test_the_embedded_model_commits_what_its_encoder_alone_would_write(prompt) -> None:
    model = load()
    result = generate(prompt, JsonSchema(ORDER), model=model, max_tokens=120)
    assert result.valid and result.text.encode() == _greedy(model, prompt, JsonSchema(ORDER), 120)


def test_the_states_that_a_review_reads_are_those_of_the_whole_text(reviewer) -> None:
    """Over blocks, and for rows of different lengths: the logits of a review are those of reading everything at once."""
    prompts = [Prompt("short"), Prompt("a longer prompt " * 9)]
    blocks = np.random.default_rng(0).integers(3, len(reviewer.vocab), (2, 2, 24))
    context = reviewer.encode(prompts)
    read, _ = reviewer.review(context, blocks[0])
    _, told = reviewer.review(read.select(range(2)), blocks[1])
    for row, prompt in enumerate(prompts):
        ids = torch.tensor([[*reviewer.prompt_tokens(prompt), *blocks[0, row], *blocks[1, row]]])
        with torch.inference_mode():
            states = reviewer.model.model.encoder(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0]
        torch.testing.assert_close(told[row], reviewer._told(states[-25:-1]), atol=2e-3, rtol=1e-3)
