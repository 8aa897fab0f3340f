"""The loop: batches, blocks, checkers, policies, statuses."""

from __future__ import annotations

import dataclasses
import math
import re
import time

import numpy as np
import pytest
import torch

from structdiff import (
    Ancestral, Blame, Choice, Condition, Confidence, EntropyBound, JsonSchema, Regex, Remask, Status,
    UnsatisfiableConstraint, generate, generate_batch,
)
from structdiff.constraint import Plan
from structdiff.constraint import compile as compile_constraint
from structdiff.denoiser import Prompt
from structdiff.engine import Batch, Request, Settings
from structdiff.engine import generate as run
from structdiff.errors import DenoiserError
from structdiff.models.groups import gathered
from structdiff.models.table import Table
from structdiff.noise import Absorbing, Uniform
from structdiff.schedule import Schedule
from structdiff.verdict import Verdict, Violation
from structdiff.vocab import Vocab
from tasks import random_models

LETTERS = Vocab(tuple(bytes([b]) for b in b"abcdefgh") + (None, None), (8,))
END, MASK = 8, 9


def table(length: int, prefers: str = "", blocks: int = 1, noise=None, peak: float = 6.0) -> Table:
    """A denoiser that likes one text, whatever the canvas; flat past it."""
    beliefs = torch.zeros(blocks, length, len(LETTERS))
    for i, letter in enumerate(prefers):
        beliefs[i // length, i % length, "abcdefgh".index(letter)] = peak
    return Table(LETTERS, noise or Uniform(len(LETTERS)), beliefs)


@pytest.fixture(scope="module")
def uniform():
    return random_models.uniform(canvas=24)


@pytest.fixture(scope="module")
def absorbing():
    return random_models.absorbing(canvas=24)


def test_a_preferred_text_that_satisfies_is_returned() -> None:
    result = generate("write", Regex("[a-d]{4}"), model=table(6, "dcba"), max_tokens=6)
    assert (result.status, result.text, result.value) == (Status.VALID, "dcba", "dcba")


def test_a_preferred_text_that_does_not_satisfy_is_changed_least() -> None:
    result = generate("write", Regex("a[bc]{2}d"), model=table(6, "ahbd"), max_tokens=6)
    assert re.fullmatch("a[bc]bd", result.text)


@pytest.mark.parametrize("noise", [Uniform(len(LETTERS)), Absorbing(MASK)])
@pytest.mark.parametrize("sampler", [EntropyBound(), Confidence(), Ancestral(), Remask()])
@pytest.mark.parametrize("policy", [Condition(), Blame()])
def test_every_sampler_policy_and_kernel_ends_valid(noise, sampler, policy) -> None:
    for seed in range(4):
        result = generate("write", Regex("(ab|cde){1,3}h"), model=table(12, noise=noise), sampler=sampler, policy=policy,
                          seed=seed, steps=5, max_tokens=12)
        assert result.valid and re.fullmatch("(ab|cde){1,3}h", result.text)


def test_a_text_goes_on_over_blocks_and_the_frontier_with_it(uniform) -> None:
    result = generate("write", Regex("([0-9]{9}-){6}[0-9]{9}"), model=uniform, max_tokens=120, seed=1)
    assert result.valid and re.fullmatch("([0-9]{9}-){6}[0-9]{9}", result.text)
    assert {step.block for step in result.steps} == {0, 1, 2}


@pytest.mark.parametrize("model_name", ["uniform", "absorbing"])
def test_a_row_of_a_batch_is_what_it_would_have_been_alone(model_name, request) -> None:
    model = request.getfixturevalue(model_name)
    prompts = ["short", "a much longer prompt, so that the rows are padded", "third", "fourth one"]
    wanted = [JsonSchema({"type": "array", "items": {"type": "integer"}, "maxItems": 4}), Regex("[a-f]{3,30}"),
              Choice(("yes", "no")), JsonSchema({"type": "object", "properties": {"x": {"type": "string"}}})]
    together = generate_batch(prompts, wanted, model=model, seed=[5, 6, 7, 8], steps=6, max_tokens=60)
    for i in range(4):
        alone = generate(prompts[i], wanted[i], model=model, seed=5 + i, steps=6, max_tokens=60)
        assert (alone.text, alone.forwards, alone.status) == (together[i].text, together[i].forwards, together[i].status)


def test_the_same_seed_gives_the_same_text_and_another_seed_another(uniform) -> None:
    texts = [generate("go", Regex("[a-z]{12,20}"), model=uniform, seed=seed, max_tokens=40).text for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_the_kv_cache_is_extended_and_not_read_again(uniform, monkeypatch) -> None:
    read = []
    original = type(uniform)._read

    def spy(self, ids, *rest):
        read.append(ids.shape[1])
        return original(self, ids, *rest)

    monkeypatch.setattr(type(uniform), "_read", spy)
    generate("x" * 40, Regex("([0-9]{9}-){6}[0-9]{9}"), model=uniform, max_tokens=120, seed=1)
    assert read[1:] == [24] * (len(read) - 1) and len(read) >= 3


def test_extending_the_cache_equals_reading_everything(uniform) -> None:
    block = np.arange(24)[None] + 40
    text = Prompt("some words here")
    extended = uniform.extend(uniform.encode([text]), block)
    canvas = np.arange(24)[None] + 100
    stepwise = uniform(canvas, extended, 1.0, None)
    everything = uniform.prompt_tokens(text) + block[0].tolist()
    whole = uniform._read_prompts([everything], len(everything))
    torch.testing.assert_close(stepwise, uniform(canvas, gathered([(whole, 0)]), 1.0, None), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("window", [16, 1024])
def test_to_the_last_bit_what_a_model_says_of_a_row_does_not_depend_on_the_rows_beside_it(window) -> None:
    model = random_models.uniform(canvas=24, window=window)
    prompts = [Prompt("word " * many) for many in (1, 7, 60, 2, 200)]
    canvases = np.random.default_rng(0).integers(0, len(model.vocab), (4, len(prompts), 24))

    def said(rows: list[int]) -> torch.Tensor:
        context, told, belief = model.join([model.encode([prompts[row]]) for row in rows]), [], None
        for canvas in canvases[:, rows]:
            belief = list(model(canvas, context, np.ones(len(rows)), belief))
            told.append(torch.stack(belief))
            context = model.extend(context, canvas)
        return torch.stack(told, 1)

    together = said([3, 0, 1, 2, 4])
    for place, row in enumerate([3, 0, 1, 2, 4]):
        assert torch.equal(together[place], said([row])[0])


def test_a_context_is_a_value(uniform) -> None:
    context = uniform.encode([Prompt("a"), Prompt("b c d")])
    canvas = np.arange(48).reshape(2, 24)
    before = uniform(canvas, context, 1.0, None)
    uniform.extend(context, canvas)
    uniform.extend(context.select([1]), canvas[:1])
    assert torch.equal(before, uniform(canvas, context, 1.0, None))


def test_rows_that_are_spread_over_cores_are_told_what_they_would_be_alone() -> None:
    model, threads = random_models.uniform(canvas=8), torch.get_num_threads()
    try:
        model.spread(2)
        prompts = [Prompt("word " * (1 + row % 3)) for row in range(20)]
        canvases = np.random.default_rng(0).integers(0, len(model.vocab), (20, 8))
        together = model(canvases, model.encode(prompts), np.ones(20), None)
        for row, prompt in enumerate(prompts):
            assert torch.equal(together[row], model(canvases[[row]], model.encode([prompt]), np.ones(1), None)[0])
    finally:
        torch.set_num_threads(threads)


class _Even:
    """A checker: an even number of letters; blames the last letter."""

    def check(self, text: str) -> Verdict:
        if len(text) % 2 == 0:
            return Verdict(value=text.upper())
        return Verdict((Violation("even", "odd number of letters", "", ((len(text) - 1, len(text)),)),))


class _Never:
    def check(self, text: str) -> Verdict:
        return Verdict((Violation("never", "nothing pleases it", "", ((0, 1),)),))


def constrained(pattern: str, checker, model: Table):
    from structdiff import regex

    class Checked:
        def plan(self, prompt): return Plan(regex.whole(pattern), (checker,))
        def hint(self): return ""
        def key(self, prompt): return self

    return compile_constraint(Checked(), model.vocab)


@pytest.mark.parametrize("policy", [Condition(), Blame()])
def test_a_checker_takes_part_until_it_is_satisfied(policy) -> None:
    model = table(8, "aaa")
    compiled = constrained("a{1,7}", _Even(), model)
    result, = run(model, [Request(Prompt("p"), compiled)], Settings(policy=policy, max_tokens=8))
    assert result.valid and len(result.text) % 2 == 0 and result.value == result.text.upper()


def test_what_a_checker_accuses_is_renoised_and_named() -> None:
    model = table(8, "aaa")
    result, = run(model, [Request(Prompt("p"), constrained("a{1,7}", _Even(), model))], Settings(max_tokens=8))
    accused = [rule for step in result.steps for rule in step.renoised.values() if rule.startswith("even")]
    assert accused and result.steps[-1].kept == (True,) * 8


def test_text_without_a_choice_takes_no_forward() -> None:
    result = generate("p", Regex("[ab]a{30}[bc]c{7}"), model=table(8, blocks=5), max_tokens=40)
    assert result.valid and re.fullmatch("[ab]a{30}[bc]c{7}", result.text)
    assert {step.block for step in result.steps} == {0, 3, 4}        # 1 and 2 hold nothing but the letter a


def test_text_without_a_choice_keeps_the_batch_in_step(uniform) -> None:
    constraints = [Regex("[ab]a{60}[bc]"), Regex("[a-c]{70}"), Regex("x{50}[yz]")]
    together = generate_batch(["p"] * 3, constraints, model=uniform, seed=4, max_tokens=100)
    alone = [generate("p", constraint, model=uniform, seed=4, max_tokens=100) for constraint in constraints]
    assert [one.text for one in together] == [one.text for one in alone] and all(one.valid for one in together)


def test_a_model_that_no_longer_changes_its_mind_is_taken_at_its_word() -> None:
    model = table(6, "dcba", peak=1.5)
    waits = {patience: generate("p", Regex("[a-d]{4}"), model=model, steps=9, max_tokens=6,
                                sampler=EntropyBound(1e-6, patience=patience)) for patience in (1, 3, math.inf)}
    assert {patience: result.forwards for patience, result in waits.items()} == {1: 1, 3: 3, math.inf: 9}
    assert {result.text for result in waits.values()} == {"dcba"}


def test_a_text_that_a_checker_refuses_is_not_taken_however_sure_the_model_is() -> None:
    model = table(8, "aaa", peak=20.0)
    result, = run(model, [Request(Prompt("p"), constrained("a{1,7}", _Even(), model))],
                  Settings(sampler=EntropyBound(patience=1), max_tokens=8))
    assert result.valid and len(result.text) % 2 == 0


def test_a_checker_that_is_never_satisfied_ends_unresolved_and_never_valid() -> None:
    model = table(6)
    compiled = constrained("[a-c]{1,4}", _Never(), model)
    result, = run(model, [Request(Prompt("p"), compiled)], Settings(schedule=Schedule(4), max_tokens=6))
    assert result.status is Status.UNRESOLVED and result.value is None and result.violations[0].rule == "never"
    with pytest.raises(Exception, match="(?s)UNRESOLVED.*nothing pleases it"):
        result.unwrap()


def test_a_denoiser_that_forbids_every_valid_text_ends_infeasible() -> None:
    model = table(5)
    model.beliefs[:, :, 0] = -torch.inf
    result = generate("p", Regex("ab+"), model=model, max_tokens=5)
    assert result.status is Status.INFEASIBLE and result.value is None


def test_logits_that_are_not_numbers_are_an_error() -> None:
    model = table(5)
    model.beliefs[0, 2, 3] = torch.nan
    with pytest.raises(DenoiserError, match="position 2"):
        generate("p", Regex("[a-h]*"), model=model, max_tokens=5)


def test_a_budget_too_small_is_refused_before_any_forward() -> None:
    class Silent(Table):
        def __call__(self, *_):
            raise AssertionError("a forward was made")

    model = Silent(LETTERS, Uniform(len(LETTERS)), torch.zeros(1, 6, len(LETTERS)))
    with pytest.raises(UnsatisfiableConstraint, match="takes 5 tokens and the budget is 4; raise max_tokens"):
        generate("p", Regex("abcde"), model=model, max_tokens=4)


@pytest.mark.parametrize("budget", [5, 6, 7, 11, 13, 24])
def test_the_budget_is_kept_to_the_token(budget) -> None:
    for seed in range(5):
        result = generate("p", Regex("(abcde)([fg]{3})*h?"), model=table(4), max_tokens=budget, seed=seed, steps=3)
        assert result.valid and len(result.tokens) <= budget


def test_free_text_is_valid_when_it_ends_and_truncated_when_the_budget_does() -> None:
    model = table(4, "ab")
    model.beliefs[0, 2, END] = 50
    assert generate("p", model=model, max_tokens=8).status is Status.VALID
    model.beliefs[:, :, END] = -torch.inf
    assert generate("p", model=model, max_tokens=8).status is Status.TRUNCATED


def test_the_end_token_of_any_kind_counts() -> None:
    vocab = Vocab((b"a", b"b", None, None), (2, 3))
    beliefs = torch.zeros(1, 4, 4)
    beliefs[0, 1, 3] = 30.0
    result = generate("p", Regex("[ab]+"), model=Table(vocab, Uniform(4), beliefs), max_tokens=4)
    assert len(result.text) == 1


def test_grammar_pinned_positions_are_kept_in_the_first_forward() -> None:
    result = generate("p", Regex("abc[d-h]{3}"), model=table(7), max_tokens=7, steps=9)
    assert result.steps[0].kept[:3] == (True, True, True)


@pytest.mark.parametrize("window", [8, 1024])
def test_rows_come_and_go_and_each_has_what_it_would_have_had_alone(window) -> None:
    model = random_models.uniform(canvas=8, window=window)
    wanted = [Regex("[a-f]{30,40}"), Choice(["yes", "no"]), JsonSchema({"type": "array", "items": {"type": "integer"}, "maxItems": 3}), None]
    prompts = [Prompt("a prompt that is a good deal longer than the others are"), Prompt("b"), Prompt("middling, say"), Prompt("c")]
    requests = [Request(prompt, constraint and compile_constraint(constraint, model.vocab), seed)
                for seed, (prompt, constraint) in enumerate(zip(prompts, wanted))]
    alone = [run(model, [request], Settings(max_tokens=40))[0] for request in requests]
    batch, results = Batch(model), {}
    tickets = batch.add(requests[:1], Settings(max_tokens=40))
    for turn in range(400):
        if turn == 3:
            tickets += batch.add(requests[1:3], Settings(max_tokens=40))
            stranger = batch.add([Request(Prompt("stranger"), None, 9)])
        if turn == 5:
            batch.drop(stranger[0])
        if turn == 11:
            tickets += batch.add(requests[3:], Settings(max_tokens=40))
        results |= batch.step()
    assert not batch.live and len({result.forwards for result in alone}) > 1
    for ticket, expected in zip(tickets, alone):
        found = results[ticket]
        assert (found.text, found.status, found.forwards, found.tokens) == (expected.text, expected.status, expected.forwards, expected.tokens)


def test_what_does_not_fit_is_not_taken_in_and_the_rest_goes_on() -> None:
    batch = Batch(table(4, "abcd"))
    batch.add([Request(Prompt("x"), None)], Settings(max_tokens=4))
    too_long = compile_constraint(Regex("[a-d]{9}"), LETTERS)
    with pytest.raises(UnsatisfiableConstraint):
        batch.add([Request(Prompt("x"), None), Request(Prompt("y"), too_long)], Settings(max_tokens=4))
    assert len(batch.live) == 1 and batch.step() == {} and batch.live


class _Sluggish(Regex):
    """A regex that takes a while to check: what it says is `Regex`'s."""

    def plan(self, prompt: str) -> Plan:
        return Plan(super().plan(prompt).machine, (_Slow(),))


class _Slow:
    def check(self, text: str) -> Verdict:
        begun = time.thread_time()
        while time.thread_time() < begun + 0.4:
            pass
        return Verdict(value=text)


def test_a_slow_constraint_delays_its_own_rows_only(uniform) -> None:
    requests = [Request(Prompt("p"), compile_constraint(constraint, uniform.vocab), seed)
                for seed, constraint in enumerate([_Sluggish("[a-f]{90}"), Regex("[a-f]{90}")])]
    alone = [run(uniform, [request], Settings(max_tokens=100))[0] for request in requests]
    batch, ended, forwards = Batch(uniform, patience=0.01), [], 0
    tickets = batch.add(requests, Settings(max_tokens=100))
    while batch.live:
        for ticket, result in batch.step().items():
            ended.append(tickets.index(ticket))
            assert result.text == alone[ended[-1]].text and result.forwards == alone[ended[-1]].forwards
    assert ended == [1, 0]


def test_what_a_row_raises_is_its_own(uniform) -> None:
    class Broken(_Slow):
        def check(self, text: str) -> Verdict:
            raise ZeroDivisionError

    constraint = compile_constraint(Regex("[a-c]{4}"), uniform.vocab)
    broken = dataclasses.replace(constraint, plan=Plan(constraint.plan.machine, (Broken(),)))
    batch, ended = Batch(uniform), {}
    bad, good = batch.add([Request(Prompt("p"), broken), Request(Prompt("p"), constraint)], Settings(max_tokens=20))
    while batch.live:
        ended |= batch.step()
    assert isinstance(ended[bad], ZeroDivisionError) and ended[good].valid
    with pytest.raises(ZeroDivisionError):
        run(uniform, [Request(Prompt("p"), broken)], Settings(max_tokens=20))


class _NoTwice:
    """No letter may come twice; both are party to it."""

    def check(self, text: str) -> Verdict:
        twice = next((letter for letter in text if text.count(letter) > 1), None)
        if twice is None:
            return Verdict(value=text)
        spans = tuple((i, i + 1) for i, letter in enumerate(text) if letter == twice)
        return Verdict((Violation("twice", f"{twice} is there twice", "", spans),))


def test_a_whole_text_that_fills_a_block_is_judged_before_the_block_is_committed() -> None:
    constraint = compile_constraint(Regex("[a-d]{8}"), LETTERS)
    checked = dataclasses.replace(constraint, plan=Plan(compile_constraint(Regex("[a-h]{8}"), LETTERS).plan.machine, (_NoTwice(),)), _views={})
    result = run(table(8, "abcdefgg"), [Request(Prompt("p"), checked)], Settings(max_tokens=16))[0]
    assert result.valid and sorted(result.text) == list("abcdefgh")


def test_where_the_parties_are_all_committed_the_text_goes_on_instead_of_ending() -> None:
    class Even:
        def check(self, text: str) -> Verdict:
            return Verdict(value=text) if len(text) % 2 == 0 else Verdict((Violation("even", "an odd number", "", ((0, 1),)),))

    machine = compile_constraint(Regex("[a-h]{4,9}"), LETTERS)
    checked = dataclasses.replace(machine, plan=Plan(machine.plan.machine, (Even(),)), _views={})
    beliefs = torch.zeros(2, 4, len(LETTERS))
    for i, letter in enumerate("abcda"):
        beliefs[i // 4, i % 4, "abcdefgh".index(letter)] = 6.0
    beliefs[1, 1, END] = 6.0
    result = run(Table(LETTERS, Uniform(len(LETTERS)), beliefs), [Request(Prompt("p"), checked)], Settings(max_tokens=9))[0]
    assert result.valid and len(result.text) % 2 == 0 and result.text.startswith("abcda")
