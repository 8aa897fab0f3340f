"""The plugin in vLLM's own engine, on a CPU: `make test-vllm`."""

import json
import re

import jsonschema
import pytest

pytest.importorskip("vllm.engine", reason="vLLM has an environment of its own: make test-vllm")

import vllm
from small import CANVAS, COLOURS, ENGINE, PERSON
from vllm import LLM, SamplingParams
from vllm.exceptions import VLLMValidationError
from vllm.sampling_params import StructuredOutputsParams

from structdiff.errors import DenoiserError
from structdiff.integrations.vllm import ARCHITECTURE, Admission, register

BLOCKS = 18             # of the KV cache, 16 tokens each: too few for three long requests at once


@pytest.fixture(scope="module")
def llm(checkpoint):
    return LLM(str(checkpoint), **ENGINE, block_size=16, num_gpu_blocks_override=BLOCKS, disable_log_stats=False)


@pytest.fixture(scope="module")
def admission(llm):
    return Admission(llm.model_config)


@pytest.fixture(scope="module")
def wanted(admission):
    def of(max_tokens=120, seed=1, **structured):
        return admission.admit(SamplingParams(max_tokens=max_tokens, seed=seed, structured_outputs=StructuredOutputsParams(**structured)))

    return of


def free(seed_canvas=None):
    """One canvas after one forward: what vLLM itself does with it hangs on no random number when the canvas is given."""
    return SamplingParams(max_tokens=CANVAS, ignore_eos=True, logprobs=2, extra_args={
        "diffusion_max_steps": 1, **({"diffusion_seed_canvas": seed_canvas} if seed_canvas else {})})


def generated(llm, *params):
    return [output.outputs[0] for output in llm.generate(["An example."] * len(params), list(params), use_tqdm=False)]


def test_a_mixed_batch_is_valid_where_it_is_constrained_and_as_it_was_elsewhere(llm, wanted):
    canvas = list(range(100, 100 + CANVAS))
    person, colours, date, either, unconstrained, other = generated(
        llm, wanted(json=PERSON), wanted(json=COLOURS), wanted(regex=r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), wanted(choice=["yes", "no"]),
        free(canvas), free())
    assert {one.finish_reason for one in (person, colours, date, either)} == {"stop"}
    jsonschema.validate(json.loads(person.text), PERSON)
    jsonschema.validate(json.loads(colours.text), COLOURS)
    assert re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", date.text) and either.text in ("yes", "no")
    [alone] = generated(llm, free(canvas))
    assert unconstrained.token_ids == alone.token_ids and len(other.token_ids) == CANVAS
    assert all(token in found for token, found in zip(unconstrained.token_ids, unconstrained.logprobs, strict=True))


def test_long_texts_are_valid_when_requests_are_interrupted(llm, wanted):
    before = preemptions(llm)
    lengths = (100, 110, 120)
    for one, length in zip(generated(llm, *(wanted(max_tokens=130, regex=f"[0-9]{{{length}}}") for length in lengths)), lengths):
        assert one.finish_reason == "stop" and re.fullmatch(f"[0-9]{{{length}}}", one.text)
    assert preemptions(llm) > before, "the cache was large enough: this has shown nothing"


def preemptions(llm) -> int:
    return next(metric.value for metric in llm.get_metrics() if metric.name == "vllm:num_preemptions")


def test_a_seed_decides_the_text_whatever_else_is_in_the_batch(llm, wanted):
    pattern = "[a-z]{20}"
    [alone] = generated(llm, wanted(regex=pattern, seed=5))
    same, another, *_ = generated(llm, wanted(regex=pattern, seed=5), wanted(regex=pattern, seed=6), free())
    assert same.text == alone.text != another.text


def test_a_text_may_fill_max_tokens_but_for_its_end_token(llm, wanted):
    [one] = generated(llm, wanted(regex="[0-9]{31}", max_tokens=32))
    assert one.finish_reason == "stop" and len(one.token_ids) == 32 and len(one.text) == 31


@pytest.mark.parametrize("message, given", [
    ("no value satisfies the schema", {"json": {"type": "integer", "minimum": 3, "maximum": 1}}),
    ("does not compile", {"regex": "("}),
    ("shortest satisfying text takes 200 tokens", {"regex": "[0-9]{200}"}),
    ("Expecting value", {"json": "not a schema"}),
    ("structural_tag is not supported", {"structural_tag": "{}"}),
    ("whitespace_pattern is not supported", {"json": PERSON, "whitespace_pattern": " "}),
])
def test_what_cannot_be_written_is_refused_before_generation(wanted, message, given):
    with pytest.raises(VLLMValidationError, match=message):
        wanted(**given)


@pytest.mark.parametrize("given", [{"stop": ["x"]}, {"stop_token_ids": [7]}, {"logprobs": 0}, {"ignore_eos": True}])
def test_what_cannot_go_with_a_constraint_is_refused(admission, given):
    with pytest.raises(VLLMValidationError, match=f"{list(given)[0]} cannot go with"):
        admission.admit(SamplingParams(structured_outputs=StructuredOutputsParams(json=PERSON), **given))


def test_what_is_not_constrained_is_admitted_as_it_is(admission):
    params = SamplingParams(max_tokens=7)
    assert admission.admit(params) is params


@pytest.mark.parametrize("argument", [
    '{"regex": "("}', '{"regex": "[0-9]{200}"}', '{"regex": "a", "json": {}}', '{"tag": 1}', "{}", "[]", "{", 7, "[" * 100_000],
    ids=lambda argument: str(argument)[:20])
def test_a_bad_argument_that_nothing_refused_before_gets_no_text_and_hurts_no_other(llm, wanted, argument):
    bad, good = generated(llm, SamplingParams(max_tokens=40, logprobs=1, extra_args={"structdiff": argument}), wanted(regex="[ab]{3}"))
    assert bad.text == "" and bad.finish_reason == "length"
    assert good.finish_reason == "stop" and re.fullmatch("[ab]{3}", good.text)


def test_vllms_own_canvas_options_do_not_get_past_a_constraint(llm):
    for option in ({"diffusion_read_only": True}, {"diffusion_max_steps": 1}, {"diffusion_canvas_length": 8}):
        [one] = generated(llm, SamplingParams(max_tokens=16, extra_args={"structdiff": '{"regex": "[ab]+"}', **option}))
        assert one.text == "" and one.finish_reason == "length"


@pytest.mark.parametrize("given", [{"stop": ["a", "b"]}, {"stop_token_ids": [7]}, {"ignore_eos": True}, {"logprobs": 1}])
def test_nothing_ends_a_text_before_it_is_valid(llm, given):
    [one] = generated(llm, SamplingParams(max_tokens=40, extra_args={"structdiff": '{"regex": "[ab]{9}"}'}, **given))
    assert one.text == "" and one.finish_reason == "length"


def test_vllm_still_refuses_structured_outputs_that_were_not_admitted(llm):
    with pytest.raises(VLLMValidationError, match="not yet supported for diffusion"):
        llm.generate("x", SamplingParams(structured_outputs=StructuredOutputsParams(json=PERSON)), use_tqdm=False)


def test_an_unsupported_version_is_refused_when_the_plugin_is_loaded(monkeypatch):
    register()
    monkeypatch.setattr(vllm, "__version__", "0.31.0")
    with pytest.raises(DenoiserError, match="supports vLLM 0.32, and this is vLLM 0.31.0"):
        register()
    assert ARCHITECTURE in vllm.ModelRegistry.get_supported_archs()
