"""What transformers' own `generate` commits under a constraint, judged by re, json, jsonschema and enumeration."""

from __future__ import annotations

import itertools
import json
import re
import runpy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field, model_validator
from transformers import LogitsProcessor, LogitsProcessorList

from structdiff import Blame, Condition, ConstraintError, InvalidResult, JsonSchema, Regex, Rule, Status, UnsatisfiableConstraint, load
from structdiff.denoiser import Prompt
from structdiff.integrations.guided import Guide, shown
from structdiff.integrations.transformers import ConstraintLogitsProcessor, sampling
from structdiff.noise import Uniform
from structdiff.schedule import Schedule
from structdiff.vocab import Vocab
from tasks.json_extract.evaluate import BUDGET, examples, same, satisfied, value_of

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")     # generate imports it
ROOT = Path(__file__).parents[2]
DIGITS = Regex("[0-9]{40}[a-f]{20}")
SCHEMA = {"type": "object", "properties": {"city": {"enum": ["Bergen", "Oslo"]}, "boxes": {"type": "integer", "minimum": 0, "maximum": 99}},
          "required": ["city", "boxes"], "additionalProperties": False}
NOTE = "city, boxes\nCity: Bergen\nBoxes: 14\n"


class Interval(BaseModel):
    start: int = Field(ge=0, le=9)
    end: int = Field(ge=0, le=9)

    @model_validator(mode="after")
    def is_one(self):
        if self.start >= self.end:
            raise ValueError("the end is not after the start")
        return self


@pytest.fixture(scope="module")
def gemma():
    return load()


def processor(gemma, constraint, **options) -> ConstraintLogitsProcessor:
    return ConstraintLogitsProcessor(constraint, gemma.tokenizer, generation_config=gemma.model.generation_config, **options)


def ids(gemma, *prompts: str) -> torch.Tensor:
    return torch.tensor([[gemma.tokenizer.bos_token_id, *gemma.text_tokens(prompt)] for prompt in prompts])


def texts(gemma, prompt: torch.Tensor, processors, seed: int = 0, **options) -> list[str]:
    """Returns what the model wrote, decoded by its tokenizer."""
    torch.manual_seed(seed)
    processors = processors if isinstance(processors, list) else LogitsProcessorList([processors])
    out = gemma.model.generate(prompt, logits_processor=processors, **options)
    return gemma.tokenizer.batch_decode(out.sequences[:, prompt.shape[1] :], skip_special_tokens=True)


class Drafts:
    """A streamer that keeps what it is sent."""

    def __init__(self):
        self.drafts, self.blocks = [], []

    def put_draft(self, value):
        self.drafts.append(value[0].tolist())

    def put(self, value):
        self.blocks.append(value)

    def end(self):
        pass


@pytest.mark.parametrize("options", [
    {}, {"max_denoising_steps": 1}, {"stability_threshold": 0}, {"confidence_threshold": 5.0},
    {"cache_implementation": "static", "disable_compile": True}], ids=str)
def test_several_canvases_are_valid_together(gemma, options):
    text, = texts(gemma, ids(gemma, "digits"), processor(gemma, DIGITS), max_new_tokens=256, **options)
    assert re.fullmatch(DIGITS.pattern, text)


def test_the_argmax_is_valid_at_every_step_and_generate_stops_early(gemma):
    seen = Drafts()
    text, = texts(gemma, ids(gemma, NOTE), processor(gemma, SCHEMA), max_new_tokens=32, streamer=seen)
    assert 1 < len(seen.drafts) < 48 and len(seen.blocks) == 2
    for draft in seen.drafts:
        assert Draft202012Validator(SCHEMA).is_valid(json.loads(gemma.vocab.text(draft)))
    assert gemma.vocab.text(seen.drafts[-1]).decode() == text and gemma.tokenizer.eos_token_id in seen.drafts[-1]


def test_a_mixed_batch(gemma):
    made = processor(gemma, [SCHEMA, None, DIGITS], max_new_tokens=96)
    prompt = ids(gemma, NOTE, NOTE, NOTE)
    first, _, third = texts(gemma, prompt, made, max_new_tokens=96)
    assert Draft202012Validator(SCHEMA).is_valid(json.loads(first)) and re.fullmatch(DIGITS.pattern, third)
    scores = torch.randn(3, 32, len(gemma.vocab), generator=torch.Generator().manual_seed(0))
    assert torch.equal(made(prompt, scores, 48)[1], scores[1])


def test_one_processor_and_one_list_serve_call_after_call(gemma):
    processors = LogitsProcessorList([processor(gemma, DIGITS)])
    for seed, prompt in enumerate(["digits", "digits", "other digits"]):
        text, = texts(gemma, ids(gemma, prompt), processors, seed, max_new_tokens=256)
        assert re.fullmatch(DIGITS.pattern, text)


def test_a_prompt_that_is_one_block_longer_than_the_last_is_a_new_call(gemma):
    made = processor(gemma, Regex("[0-9]{5}"))
    prompt = ids(gemma, "digits")
    torch.manual_seed(0)
    out = gemma.model.generate(prompt, logits_processor=LogitsProcessorList([made])).sequences
    assert out.shape[1] == prompt.shape[1] + 32
    text, = texts(gemma, out, made)
    assert re.fullmatch("[0-9]{5}", text)


def test_a_text_goes_on_where_the_last_call_left_it(gemma):
    made = processor(gemma, DIGITS, max_new_tokens=96)
    prompt = ids(gemma, "digits")
    begun = gemma.model.generate(prompt, logits_processor=LogitsProcessorList([made]), max_new_tokens=32).sequences
    assert made.results(begun)[0].status is Status.TRUNCATED
    ended = gemma.model.generate(begun, logits_processor=LogitsProcessorList([made]), max_new_tokens=64).sequences
    assert re.fullmatch(DIGITS.pattern, made.results(ended)[0].unwrap())


def test_text_and_end_token_have_their_place_within_the_budget(gemma):
    made = processor(gemma, Regex("[ab]+c"), max_new_tokens=45)
    for seed in range(3):
        torch.manual_seed(seed)
        written = gemma.model.generate(ids(gemma, "b" * 60), logits_processor=LogitsProcessorList([made]), max_new_tokens=45,
                                       max_denoising_steps=3).sequences[0, 61:].tolist()
        assert gemma.tokenizer.eos_token_id in written[:45] and re.fullmatch("[ab]+c", gemma.vocab.text(written).decode())


@pytest.mark.parametrize("policy", [None, Condition(), Blame()])
def test_a_rule_that_only_a_checker_knows(gemma, policy):
    made = processor(gemma, Interval, **({} if policy is None else {"policy": policy}))
    prompt = ids(gemma, "start, end\nStart: 7\nEnd: 3\n")
    if policy is None:
        text, = texts(gemma, prompt, made, max_new_tokens=64)
    else:
        with sampling(gemma.model, made):
            text, = texts(gemma, prompt, made, max_new_tokens=64)
    assert json.loads(text)["start"] < json.loads(text)["end"]


def test_the_value_is_the_instance_and_other_tokens_are_not_valid(gemma):
    made = processor(gemma, Interval)
    torch.manual_seed(0)
    prompt = ids(gemma, "start, end\nStart: 3\nEnd: 7\n")
    out = gemma.model.generate(prompt, logits_processor=LogitsProcessorList([made]), max_new_tokens=64).sequences
    assert isinstance(made.results(out)[0].unwrap(), Interval)
    changed = torch.cat([prompt, torch.tensor([gemma.text_tokens('{"start":5,"end":1}') + [gemma.tokenizer.eos_token_id]])], dim=1)
    with pytest.raises(InvalidResult, match="the end is not after the start"):
        made.results(changed)[0].unwrap()


def test_faults_of_the_constraint_are_raised_before_any_forward(gemma, monkeypatch):
    monkeypatch.setattr(gemma.model, "forward", None)
    with pytest.raises(UnsatisfiableConstraint):
        processor(gemma, Regex("a") & Regex("b"))
    with pytest.raises(UnsatisfiableConstraint, match="row 1: .* takes 60 tokens and an end token, and the budget is 60; raise it"):
        processor(gemma, [None, Regex("[0-9]{60}")], max_new_tokens=60)
    with pytest.raises(ConstraintError, match="2 constraints and 3 prompts"):
        processor(gemma, [None, DIGITS], prompts=["a", "b", "c"])


def test_a_batch_of_another_size_is_an_error(gemma):
    with pytest.raises(ConstraintError, match="2 constraints for a batch of 1 rows"):
        texts(gemma, ids(gemma, "digits"), processor(gemma, [None, DIGITS]))


def test_no_text_is_committed_where_no_valid_one_is_found(gemma):
    def never(number: int) -> None:
        raise ValueError("no number will do")

    with pytest.raises(InvalidResult, match="no number will do"):
        texts(gemma, ids(gemma, "digits"), processor(gemma, Regex("[1-9][0-9]") & Rule(never)), max_denoising_steps=3)


def test_a_whole_text_that_fills_the_canvas_is_judged_before_it_is_committed(gemma):
    def never(number: int) -> None:
        raise ValueError("no number will do")

    seen = Drafts()
    with pytest.raises(InvalidResult, match="no number will do"):
        texts(gemma, ids(gemma, "digits"), processor(gemma, Regex("[1-9][0-9]{31}") & Rule(never)), max_denoising_steps=2, streamer=seen)
    assert len(seen.blocks) == 1                                         # the prompt


def test_parties_to_a_violation_take_turns(gemma):
    schema = {"type": "object", "required": ["city", "boxes", "tags"], "additionalProperties": False, "properties": {
        "city": {"type": "string"}, "boxes": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 5, "uniqueItems": True}}}
    prompt = torch.tensor([gemma.prompt_tokens(Prompt("City: Bergen\nBoxes: 14\nTags: red, red, blue\n", JsonSchema(schema).hint()))])
    seen = Drafts()
    text, = texts(gemma, prompt, processor(gemma, schema, max_new_tokens=128), max_new_tokens=128, streamer=seen)
    assert Draft202012Validator(schema).is_valid(json.loads(text)) and len(seen.drafts) < 40       # no block took all 48 steps


def test_a_block_that_is_changed_behind_it_is_an_error(gemma):
    class Meddler(LogitsProcessor):
        def __call__(self, input_ids, scores):
            return -scores.clamp(min=-50, max=50)

    with pytest.raises(InvalidResult, match="is not the one that was settled"):
        texts(gemma, ids(gemma, "digits"), LogitsProcessorList([processor(gemma, DIGITS), Meddler()]), max_denoising_steps=2)


def test_a_grounded_constraint_copies_from_its_prompt(gemma):
    schema = {"type": "object", "properties": {"city": {"type": "string", "minLength": 3}}, "required": ["city"]}
    made = processor(gemma, JsonSchema(schema, grounded=True), prompts=["City: Bergen", "City: Oslo"])
    for text, source in zip(texts(gemma, ids(gemma, "digits", "digits"), made, max_new_tokens=64), ["City: Bergen", "City: Oslo"]):
        assert json.loads(text)["city"] in source


def test_the_sampler_is_not_compiled_and_does_not_stay(gemma):
    made = processor(gemma, DIGITS)
    with sampling(gemma.model, made), pytest.raises(ConstraintError, match="disable_compile=True"):
        texts(gemma, ids(gemma, "digits"), made, cache_implementation="static")
    assert "_prepare_sampler" not in vars(gemma.model)


@pytest.mark.parametrize("seed", range(8))
def test_the_argmax_is_valid_whatever_the_model_believes(gemma, seed):
    made, prompt = processor(gemma, [SCHEMA, Regex("(ab|ba)*c")]), ids(gemma, NOTE, NOTE)
    more = len(gemma.vocab) + 5                                          # a model may have more columns than its tokenizer has tokens
    scores = 3 * torch.randn(2, 32, more, generator=torch.Generator().manual_seed(seed))
    for step in (48, 47):
        first, second = (gemma.vocab.text(row).decode() for row in made(prompt, scores, step).argmax(dim=-1).tolist())
        assert Draft202012Validator(SCHEMA).is_valid(json.loads(first))
        assert re.fullmatch("(ab|ba)*(c|a|b|)", second)                  # it need not end with the first canvas


def test_what_is_accused_goes_back_to_noise(gemma):
    def never(number: int) -> None:
        raise ValueError("no number will do")

    made = processor(gemma, Regex("[1-9][0-9]") & Rule(never))
    scores = torch.randn(1, 32, len(gemma.vocab), generator=torch.Generator().manual_seed(0))
    for step in (48, 47, 46):
        entropy = torch.distributions.Categorical(logits=made(ids(gemma, "digits"), scores, step)[0]).entropy()
        assert entropy.max() > np.log(len(gemma.vocab)) - 0.01


def test_what_is_shown_is_the_posterior_by_enumeration():
    vocab = Vocab((b"a", b"b", b"ab", b"c", None), (4,))
    guide = Guide.of(Regex("a*b?c?"), vocab, "", 64, Schedule(), policy=Condition(lookahead=1.0))
    logits = 2 * torch.randn(3, 5, generator=torch.Generator().manual_seed(3))
    temperature = 0.7
    look = guide.rows(1, 3, Uniform(5))[0].look(logits, temperature, last=False)
    beliefs = torch.softmax(logits.double() / temperature, dim=-1).numpy()
    weights = {}
    for canvas in itertools.product(range(5), repeat=3):
        length = canvas.index(4) if 4 in canvas else 3
        text = vocab.text(canvas).decode()
        whole = re.fullmatch("a*b?c?", text)                       # what is not ended goes on: every prefix of it may
        if whole and set(canvas[length:]) <= {4}:                  # behind the end token there is one outcome
            weights[canvas] = np.prod([beliefs[i, canvas[i]] for i in range(min(length + 1, 3))])
    best = max(weights, key=weights.get)
    assert tuple(look.canvas) == best
    marginals = np.zeros((3, 5))
    for canvas, weight in weights.items():
        marginals[range(3), canvas] += weight / sum(weights.values())
    found = torch.softmax(shown(look, logits, temperature) / temperature, dim=-1).numpy()
    leads = marginals.argmax(axis=1) == np.array(best)
    assert leads.any() and np.allclose(found[leads], marginals[leads], atol=1e-5)
    assert (found.argmax(axis=1) == np.array(best)).all()


def test_what_generate_is_told_to_stop_at_whatever_is_accused_is_not_called_valid(gemma):
    def never(number: int) -> None:
        raise ValueError("no number will do")

    made, prompt = processor(gemma, Regex("[1-9][0-9]") & Rule(never)), ids(gemma, "digits")
    out = gemma.model.generate(prompt, logits_processor=LogitsProcessorList([made]), max_new_tokens=32, stability_threshold=0,
                               confidence_threshold=20.0).sequences
    assert made.results(out)[0].status is Status.UNRESOLVED
    with pytest.raises(InvalidResult, match="no number will do"):
        made.results(out)[0].unwrap()


def test_the_example():
    made = runpy.run_path(str(ROOT / "examples" / "transformers_generate.py"))["main"]()
    assert made.boxes >= 1 and made.city


@pytest.mark.slow
def test_it_does_no_harm_on_held_out_documents(gemma):
    drawn = examples("heldout", 50, 20261127)
    free, held = (measured(gemma, drawn, constrained) for constrained in (False, True))
    assert held.valid == 50 > free.valid
    assert held.exact >= free.exact and held.forwards < free.forwards


@dataclass(frozen=True)
class Measured:
    """valid: documents whose object satisfies the schema. exact: share of fields. forwards: mean per document."""

    valid: int
    exact: float
    forwards: float


def measured(gemma, drawn, constrained: bool) -> Measured:
    values, forwards = [], 0
    for seed, one in enumerate(drawn):
        schema, seen = JsonSchema(one.schema), Drafts()
        prompt = torch.tensor([gemma.prompt_tokens(Prompt(one.document, schema.hint()))])
        processors = LogitsProcessorList([processor(gemma, schema, max_new_tokens=BUDGET)] if constrained else [])
        values.append(value_of(texts(gemma, prompt, processors, seed, max_new_tokens=BUDGET, streamer=seen)[0]))
        forwards += len(seen.drafts)
    right = [same(value, key, want) for one, value in zip(drawn, values) for key, want in one.target.items()]
    return Measured(sum(satisfied(value, one) for one, value in zip(drawn, values)), float(np.mean(right)), forwards / len(drawn))
