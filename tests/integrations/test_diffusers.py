"""What diffusers' own pipelines write under a constraint, judged by re, json and jsonschema."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest
import torch
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field, model_validator

pytest.importorskip("diffusers")
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")     # diffusers imports it

from diffusers import DiffusionGemmaPipeline, LLaDA2Pipeline  # noqa: E402
from standin import llada2  # noqa: E402

from structdiff import InvalidResult, Regex, Rule, UnsatisfiableConstraint, load  # noqa: E402
from structdiff.integrations.diffusers import ConstraintRefinementScheduler, ConstraintScheduler  # noqa: E402

ROOT = Path(__file__).parents[2]
SCHEMA = {"type": "object", "properties": {"city": {"enum": ["Bergen", "Oslo"]}, "boxes": {"type": "integer", "minimum": 0, "maximum": 99}},
          "required": ["city", "boxes"], "additionalProperties": False}
PROMPT = "city, boxes\nCity: Bergen\nBoxes: 14"


class Interval(BaseModel):
    start: int = Field(ge=0, le=9)
    end: int = Field(ge=0, le=9)

    @model_validator(mode="after")
    def is_one(self):
        if self.start >= self.end:
            raise ValueError("the end is not after the start")
        return self


def conforms(text: str) -> bool:
    return Draft202012Validator(SCHEMA).is_valid(json.loads(text))


def draw(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def gemma():
    model = load()
    tokenizer = model.tokenizer
    before = tokenizer.chat_template
    tokenizer.chat_template = "{{ bos_token + messages[0]['content'] + '\n' }}"
    yield model.model, tokenizer
    tokenizer.chat_template = before


def pipeline(gemma, scheduler) -> DiffusionGemmaPipeline:
    pipe = DiffusionGemmaPipeline(model=gemma[0], scheduler=scheduler, processor=gemma[1])
    pipe.set_progress_bar_config(disable=True)
    return pipe


@pytest.mark.parametrize(
    "options", [{}, {"confidence_threshold": None}, {"stability_threshold": 0}, {"cache_implementation": "static"}], ids=str)
def test_a_diffusion_gemma_pipeline_writes_several_canvases_and_the_last(gemma, options):
    scheduler = ConstraintScheduler(Regex("[0-9]{40}[a-f]{20}"), gemma[1], gen_length=96)
    out = pipeline(gemma, scheduler)(prompt="digits", gen_length=96, num_inference_steps=6, generator=draw(0), **options)
    assert re.fullmatch("[0-9]{40}[a-f]{20}", out.texts[0]) and scheduler.results(out.sequences)[0].value == out.texts[0]


def test_a_mixed_batch_and_the_next_call(gemma):
    scheduler = ConstraintScheduler([SCHEMA, None, Regex("[0-9]{34}")], gemma[1], gen_length=64)
    pipe = pipeline(gemma, scheduler)
    for seed in range(2):
        out = pipe(prompt=[PROMPT] * 3, gen_length=64, num_inference_steps=8, generator=draw(seed))
        assert conforms(out.texts[0]) and re.fullmatch("[0-9]{34}", out.texts[2])


def test_a_row_that_the_pipeline_freezes_stays_as_it_was(gemma):
    scheduler = ConstraintScheduler(Regex("[0-9]{40}"), gemma[1], gen_length=64)
    scheduler.set_timesteps(6)
    beliefs = [torch.randn(1, 32, len(gemma[1]), generator=draw(seed)) for seed in range(3)]
    stepped = scheduler.step(beliefs[0], 0, torch.zeros(1, 32, dtype=torch.long), generator=draw(0))
    frozen = stepped.pred_logits.argmax(dim=-1)
    stepped = scheduler.step(beliefs[1], 1, frozen, generator=draw(1))
    assert torch.equal(stepped.pred_logits.argmax(dim=-1), frozen) and torch.equal(stepped.prev_sample, frozen)
    rest = scheduler.step(beliefs[2], 0, torch.zeros(1, 32, dtype=torch.long), generator=draw(2)).pred_logits.argmax(dim=-1)
    assert re.fullmatch("[0-9]{40}", gemma[1].decode(torch.cat([frozen, rest], dim=1)[0], skip_special_tokens=True))


def test_a_checker_is_heeded_in_a_diffusion_gemma_pipeline(gemma):
    scheduler = ConstraintScheduler(Interval, gemma[1], gen_length=64)
    out = pipeline(gemma, scheduler)(prompt="start, end\nStart: 7\nEnd: 3", gen_length=64, num_inference_steps=16, generator=draw(0))
    made = json.loads(out.texts[0])
    assert made["start"] < made["end"] and scheduler.results(out.sequences)[0].unwrap() == Interval(**made)


def test_what_cannot_be_had_is_an_error(gemma):
    with pytest.raises(UnsatisfiableConstraint, match="takes 60 tokens and an end token, and the budget is 32"):
        ConstraintScheduler(Regex("[0-9]{60}"), gemma[1], gen_length=32)

    def never(number: int) -> None:
        raise ValueError("no number will do")

    scheduler = ConstraintScheduler(Regex("[0-9]{3}") & Rule(never, kind=int), gemma[1], gen_length=32)
    with pytest.raises(InvalidResult, match="no number will do"):
        pipeline(gemma, scheduler)(prompt="digits", gen_length=32, num_inference_steps=2, generator=draw(0))


@pytest.fixture(scope="module")
def masked(tmp_path_factory):
    import transformers.dynamic_module_utils as remote

    before, remote.HF_MODULES_CACHE = remote.HF_MODULES_CACHE, str(tmp_path_factory.mktemp("modules"))
    yield llada2(tmp_path_factory.mktemp("llada2"))
    remote.HF_MODULES_CACHE = before


@pytest.mark.parametrize(
    "options", [{}, {"editing_threshold": None}, {"temperature": 1.0}, {"threshold": 0.05}, {"eos_early_stop": False}], ids=str)
def test_a_llada2_pipeline_writes_valid_text(masked, options):
    scheduler = ConstraintRefinementScheduler([SCHEMA, Regex("[0-9]{50}"), None], masked[1], gen_length=70)
    pipe = LLaDA2Pipeline(model=masked[0], scheduler=scheduler, tokenizer=masked[1])
    pipe.set_progress_bar_config(disable=True)
    for prompt in ("Boxes from Bergen", "x" * 40):
        out = pipe(prompt=[prompt] * 3, gen_length=70, block_length=16, num_inference_steps=5, generator=draw(0), **options)
        assert conforms(out.texts[0]) and re.fullmatch("[0-9]{50}", out.texts[1])
        assert [result.valid for result in scheduler.results(out.sequences)[:2]] == [True, True]


def test_a_checker_is_heeded_in_a_llada2_pipeline(masked):
    scheduler = ConstraintRefinementScheduler(Interval, masked[1], gen_length=48)
    pipe = LLaDA2Pipeline(model=masked[0], scheduler=scheduler, tokenizer=masked[1])
    pipe.set_progress_bar_config(disable=True)
    out = pipe(prompt="From 7 to 3", gen_length=48, block_length=48, num_inference_steps=12)
    made = json.loads(out.texts[0])
    assert made["start"] < made["end"]


@pytest.mark.parametrize("known", [3, 2], ids=["all is known", "masks remain"])
@pytest.mark.parametrize("threshold, wanted, after", [(0.5, "bac", "bac"), (None, "bac", "abc"), (0.5, "bbc", "abc"), (0.5, "aac", "abc")])
def test_edits_are_taken_together_or_not_at_all(masked, threshold, wanted, after, known):
    words, size = masked[1], 8
    spelled = {text: words.convert_tokens_to_ids(list(text)) + [words.eos_token_id] * (size - 3) for text in ("abc", wanted, after)}
    logits = torch.zeros(1, size, len(words))
    logits[0, range(size), spelled[wanted]] = 12.0
    logits[0, range(2), spelled["abc"][:2]] += 6.0
    sample = torch.tensor([spelled["abc"]])
    if known < 3:
        sample[:, known:] = words.mask_token_id
    scheduler = ConstraintRefinementScheduler(Regex("(ab|ba)c"), words, gen_length=size)
    scheduler.set_timesteps(4, block_length=size)
    stepped = scheduler.step(logits, 0, sample, mask_token_id=words.mask_token_id, editing_threshold=threshold)
    assert stepped.prev_sample[0, :2].tolist() == spelled[after][:2]
    assert stepped.editing_transfer_index.sum() == (2 if after == "bac" else 0) and bool(stepped.transfer_index.any()) == (known < 3)


def test_what_a_checker_accuses_is_masked_again(masked):
    def is_not_seven(number: int) -> bool:
        return number != 7

    words = masked[1]
    scheduler = ConstraintRefinementScheduler(Regex("[0-9]") & Rule(is_not_seven), words, gen_length=8)
    scheduler.set_timesteps(4, block_length=8)
    logits, mask = torch.zeros(1, 8, len(words)), words.mask_token_id
    logits[0, 0, words.convert_tokens_to_ids("7")] = logits[0, 1:, words.eos_token_id] = 12.0
    stepped = scheduler.step(logits, 0, torch.full((1, 8), mask), mask_token_id=mask, threshold=0.5)
    assert stepped.prev_sample[0, 0] == mask and (stepped.prev_sample[0, 1:] == words.eos_token_id).all()
    stepped = scheduler.step(logits, 3, stepped.prev_sample, mask_token_id=mask, threshold=0.5)
    assert words.decode(stepped.prev_sample[0, :1]) in set("012345689")


def test_options_that_would_cut_the_constraint_off_are_refused(masked):
    scheduler = ConstraintRefinementScheduler(SCHEMA, masked[1], gen_length=48)
    pipe = LLaDA2Pipeline(model=masked[0], scheduler=scheduler, tokenizer=masked[1])
    pipe.set_progress_bar_config(disable=True)
    with pytest.raises(ValueError, match="leave them None"):
        pipe(prompt="a", gen_length=48, block_length=16, top_k=1)


def test_the_example():
    made = runpy.run_path(str(ROOT / "examples" / "diffusers_pipeline.py"))["main"]()
    assert made.boxes >= 1 and made.city
