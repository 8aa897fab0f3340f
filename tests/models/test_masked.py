"""Every family of masked models, from a checkpoint on disk to valid text: its convention, its limits, its independence of batch-mates."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel, LlamaConfig

import structdiff
from structdiff import Ancestral, Confidence, DenoiserError, EntropyBound, Regex, Remask, Status
from structdiff.denoiser import Prompt
from structdiff.models.convention import DREAM, FAMILIES, LLADA2, MASKED_LM, SDAR, Blocks, Convention, KvCache, Padding, convention_of
from structdiff.models.diffusion_gemma import EMBEDDED, DiffusionGemma
from structdiff.models.masked import Masked
from structdiff.schedule import Schedule
from structdiff.testing import check_denoiser
from tiny_checkpoints import BRINGS_CODE, LIBRARY, other, roberta, stand_in, unwrapped, word_piece

SCHEMA = {"type": "object", "additionalProperties": False, "required": ["open", "count"],
          "properties": {"open": {"type": "boolean"}, "count": {"type": "integer", "minimum": 0, "maximum": 999}}}
CODE = "[a-f]{2}-[0-9]{3}(yes|no)"
PROMPTS = ["say", "say what the lazy dog is to do", "a b c d e f g h"]


def right(text: str, wanted) -> bool:
    """Whether a text is what was asked for, by `json` and `re`."""
    if isinstance(wanted, Regex):
        return re.fullmatch(CODE, text) is not None
    value = json.loads(text)
    return set(value) == {"open", "count"} and type(value["open"]) is bool and 0 <= int(value["count"]) == value["count"] <= 999


def noise(denoiser: Masked, rows: int) -> np.ndarray:
    return np.full((rows, denoiser.block_length), denoiser.noise.mask_token)


def recorded(model: torch.nn.Module, monkeypatch) -> list[dict]:
    """Returns a list that grows by what each forward is called with."""
    calls, forward = [], model.forward
    monkeypatch.setattr(model, "forward", lambda **given: (calls.append(given), forward(**given))[1])
    return calls


# --- every family ---------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_loaded_by_what_its_config_says(family, denoiser):
    named = {"bert": "BertForMaskedLM", "roberta": "RobertaForMaskedLM", "xlm_roberta": "XLMRobertaForMaskedLM",
             "modern_bert": "ModernBertForMaskedLM"}.get(family) or BRINGS_CODE[family]
    assert isinstance(denoiser, Masked) and type(denoiser.model).__name__ == named
    assert denoiser.convention is FAMILIES.get(named, MASKED_LM)


def test_the_embedded_model_is_loaded_as_what_it_is():
    assert isinstance(structdiff.load(EMBEDDED), DiffusionGemma)


def test_it_keeps_the_protocol(denoiser):
    check_denoiser(denoiser)


@pytest.mark.parametrize("sampler", [EntropyBound(), Confidence(), Ancestral(), Remask(cap=0.2)], ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("wanted", [SCHEMA, Regex(CODE)], ids=["schema", "regex"])
def test_random_weights_write_valid_text_under_every_sampler(denoiser, sampler, wanted):
    results = structdiff.generate_batch(PROMPTS[:2], [wanted] * 2, model=denoiser, seed=[3, 4], steps=8, sampler=sampler, max_tokens=48)
    for result in results:
        assert result.status is Status.VALID and right(result.text, wanted), result.text


def test_the_same_seed_gives_the_same_text_whoever_is_beside_it(denoiser):
    wanted = [SCHEMA, Regex(CODE), None]
    together = structdiff.generate_batch(PROMPTS, wanted, model=denoiser, seed=[1, 2, 3], steps=4, max_tokens=40)
    for prompt, constraint, seed, found in zip(PROMPTS, wanted, [1, 2, 3], together):
        alone = structdiff.generate(prompt, constraint, model=denoiser, seed=seed, steps=4, max_tokens=40)
        assert (alone.status, alone.tokens, alone.forwards) == (found.status, found.tokens, found.forwards)


def test_another_seed_gives_another_text(denoiser):
    results = structdiff.generate_batch(
        ["say"] * 4, [Regex("[a-z0-9]{12}")] * 4, model=denoiser, seed=[0, 1, 2, 3], sampler=Ancestral(), steps=8)
    assert len({result.text for result in results}) > 1


def test_a_row_believes_what_it_would_alone_whatever_the_level_and_length_of_others(denoiser):
    words = denoiser.tokenizer.encode("the quick brown fox jumps over", add_special_tokens=False)
    canvas = noise(denoiser, 3)
    canvas[1, ::2], canvas[2, 1:] = words[3], words[5]
    contexts = [denoiser.encode([Prompt(prompt)]) for prompt in PROMPTS]
    contexts[2] = denoiser.extend(contexts[2], np.full((1, denoiser.block_length), words[4]))
    together = denoiser(canvas, denoiser.join(contexts), np.array([1.0, 0.5, 0.1]), None)
    for row, context in enumerate(contexts):
        alone = denoiser(canvas[[row]], context, np.ones(1), None)
        torch.testing.assert_close(together[row], alone[0], atol=1e-4, rtol=1e-4)


def test_free_text_holds_no_mask_padding_or_other_special_token(denoiser):
    special = {token for token in denoiser.tokenizer.all_special_ids if token not in denoiser.vocab.end_tokens}
    assert denoiser.noise.mask_token in special
    for result in structdiff.generate_batch(PROMPTS, [None] * 3, model=denoiser, seed=5, steps=6, sampler=Ancestral(), max_tokens=40):
        proposed = {token for step in result.steps for token in step.proposal} | set(result.tokens)
        assert len(proposed) > 3 and not special & proposed
        assert not re.search(r"\[MASK\]|<mask>|<\|MASK\|>|\[PAD\]|\[CLS\]|<pad>|<s>", result.text)


def test_a_canvas_larger_than_the_text_ends_in_end_tokens(denoiser):
    wide = Masked(denoiser.model, denoiser.tokenizer, block_length=24, convention=denoiser.convention)
    result = structdiff.generate("say", Regex("yes|no"), model=wide, max_tokens=40)
    assert result.text in ("yes", "no") and wide.vocab.text([*result.tokens, wide.vocab.end_tokens[0]]) == result.text.encode()


def test_a_prompt_that_leaves_no_room_is_refused_before_any_forward(denoiser, monkeypatch):
    calls = recorded(denoiser.model, monkeypatch)
    with pytest.raises(DenoiserError, match=r"reads at most \d+ tokens; the prompt and text so far .* shorten the prompt"):
        structdiff.generate("a b c d e f g h i " * 100, Regex("yes"), model=denoiser)
    assert not calls


# --- masked language models -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LIBRARY)
def test_a_masked_language_model_sees_its_canvas_where_its_own_tokenizer_would_put_it(name, loaded):
    denoiser = loaded(name)
    words, length = denoiser.tokenizer, denoiser.block_length
    mask, pad, special = words.mask_token_id, words.pad_token_id, set(words.all_special_ids) - set(denoiser.vocab.end_tokens)
    rows = [words.encode(prompt + "\n") for prompt in PROMPTS]
    rows = [[*row[:-1], *[mask] * length, row[-1]] for row in rows]      # the last closes the text
    width = max(map(len, rows))
    ids = torch.tensor([row + [pad] * (width - len(row)) for row in rows])
    with torch.no_grad():
        expected = denoiser.model(ids, attention_mask=(ids != pad).long()).logits[ids == mask].unflatten(0, (3, length))
    found = denoiser(noise(denoiser, 3), denoiser.encode([Prompt(prompt) for prompt in PROMPTS]), np.ones(3), None)
    expected[..., list(special)] = -torch.inf
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", ["albert", "deberta-v2", "distilbert", "electra", "eurobert", "fnet", "mpnet", "nystromformer"])
def test_any_masked_language_model_keeps_the_protocol_and_reads_as_much_as_it_says(kind):
    model, words = other(kind)
    denoiser = Masked(model, words, block_length=16)
    check_denoiser(denoiser)
    limit = 94 if kind == "mpnet" else 96                # MPNet counts as RoBERTa does: two of 96 positions are padding's
    full = limit - denoiser.block_length - 2             # <s> and </s> stand around the text
    for spare in (0, 1):
        prompt = Prompt("\0" * (full + spare - 1))       # a token each, as is the newline behind
        if spare:
            with pytest.raises(DenoiserError, match=f"reads at most {limit} tokens"):
                denoiser.encode([prompt])
        else:
            assert denoiser(noise(denoiser, 1), denoiser.encode([prompt]), np.ones(1), None).isfinite().any(-1).all()


def test_bert_reads_its_input_between_cls_and_sep_and_ends_at_sep(loaded, monkeypatch):
    bert = loaded("bert")
    calls = recorded(bert.model, monkeypatch)
    bert(noise(bert, 2), bert.encode([Prompt("yes"), Prompt("the quick dog")]), np.ones(2), None)
    (given,) = calls
    assert set(given) == {"input_ids", "attention_mask"}            # a family's position ids are its own
    pieces = [bert.tokenizer.convert_ids_to_tokens(row) for row in given["input_ids"].tolist()]
    assert pieces[1][0] == "[CLS]" and pieces[1][-1] == "[SEP]" and pieces[1].count("[MASK]") == bert.block_length
    assert pieces[0][0] == "[CLS]" and [piece for piece in pieces[0] if piece != "[PAD]"][-1] == "[SEP]" and pieces[0][-1] == "[PAD]"
    assert bert.vocab.end_tokens == (bert.tokenizer.sep_token_id,) and bert.tokenizer.eos_token_id is None


def test_roberta_reads_as_many_tokens_as_its_table_has_positions_less_those_padding_takes(loaded):
    denoiser = loaded("roberta")
    room = 258 - 2 - denoiser.block_length - 2           # two positions are padding's; <s> and </s> stand around the text
    logits = denoiser(noise(denoiser, 1), denoiser.encode([Prompt("\0" * (room - 1))]), np.ones(1), None)
    assert logits.isfinite().any(-1).all()
    with pytest.raises(DenoiserError, match=rf"at most 256 tokens; the prompt and text so far \({room + 2}\) and a canvas \(32\) need 257"):
        denoiser.encode([Prompt("\0" * room)])           # the newline behind is one more


def test_a_text_that_outgrows_the_model_is_refused_at_the_block_that_would(loaded):
    denoiser = loaded("bert")
    context = denoiser.encode([Prompt("a")])
    block = noise(denoiser, 1)
    with pytest.raises(DenoiserError, match="at most 256 tokens"):
        for _ in range(10):
            context = denoiser.extend(context, block)
    assert len(context.rows[0]) + denoiser.block_length + 1 <= 256 < len(context.rows[0]) + 2 * denoiser.block_length + 1


# --- conventions ----------------------------------------------------------------------------------------------------


class Knows(torch.nn.Module):
    """Knows one text: the logits of place n are for the token at place n + ahead, the text beginning at `begin`."""

    def __init__(self, words, text: str, begin: int, ahead: int):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.config = SimpleNamespace(vocab_size=len(words), mask_token_id=words.mask_token_id, eos_token_id=words.eos_token_id,
                                      pad_token_id=words.pad_token_id, architectures=None)
        self.tokens = [*words.encode(text, add_special_tokens=False), words.eos_token_id]
        self.begin, self.ahead = begin, ahead

    def forward(self, input_ids, attention_mask=None, position_ids=None):
        logits = torch.zeros(*input_ids.shape, self.config.vocab_size)
        for i, token in enumerate(self.tokens):
            place = self.begin + i - self.ahead
            if place < input_ids.shape[1]:
                logits[:, place, token] = 12.0
        return SimpleNamespace(logits=logits)


@pytest.mark.parametrize("ahead", [0, 1])
@pytest.mark.parametrize("convention", [DREAM, replace(DREAM, shift=False), MASKED_LM], ids=["dream", "unshifted", "masked_lm"])
def test_a_text_comes_out_only_if_logits_are_moved_as_the_model_needs(ahead, convention):
    words = unwrapped()
    text = "qvzkx"
    begin = len(words.encode("say\n", add_special_tokens=False))
    model = Masked(Knows(words, text, begin, ahead), words, block_length=12, convention=convention)
    result = structdiff.generate("say", Regex("[a-z]{2,9}"), model=model, max_tokens=12)
    assert (result.text == text) == (ahead == convention.shift)


def test_dream_logits_are_the_model_s_moved_right_by_one(loaded):
    dream = loaded("dream")
    context = dream.encode([Prompt("say")])
    ids = torch.tensor([[*context.rows[0], *noise(dream, 1)[0]]])
    with torch.no_grad():
        logits = dream.model(ids, "full", None).logits
    moved = torch.cat([logits[:, :1], logits[:, :-1]], dim=1)       # as its generation_utils.py does
    begin = len(context.rows[0])
    found = dream(noise(dream, 1), context, np.ones(1), None)
    can = found.isfinite()
    torch.testing.assert_close(found[can], moved[:, begin : begin + dream.block_length][can], atol=1e-4, rtol=1e-4)


def test_rows_of_unlike_lengths_are_read_apart_where_a_model_heeds_no_mask(loaded):
    llada = loaded("llada")
    llada.model.calls.clear()
    prompts = [Prompt("say"), Prompt("say what to do"), Prompt("saw")]
    context = llada.encode(prompts)
    assert len(set(context.lengths)) == 2
    llada(noise(llada, 3), context, np.ones(3), None)
    assert sorted(len(call.ids) for call in llada.model.calls) == [1, 2]
    assert all(llada.tokenizer.mask_token_id in call.ids and call.mask is None for call in llada.model.calls)


def may_look(lengths: list[int], block: int) -> np.ndarray:
    """Which place looks at which in rows padded on the right, counted by hand: a prompt's tokens, then a canvas of one block."""
    width = max(lengths) + block
    pairs = np.zeros((len(lengths), 1, width, width), dtype=bool)
    for row, length in enumerate(lengths):
        bounds = [*range(length + block, 0, -block), 0][::-1]
        for begin, end in zip(bounds, bounds[1:]):
            pairs[row, 0, begin:end, :end] = True
        pairs[row, 0, length + block :] |= np.arange(width) < length + block       # what padding looks at is nobody's concern
    return pairs


@pytest.mark.parametrize("name, dtype", [("llada2", torch.float32), ("sdar", torch.bool)])
def test_a_block_model_is_given_its_blocks_and_positions_in_its_own_kind_of_mask(name, dtype, loaded):
    kept = loaded(name)
    again = Masked(kept.model, kept.tokenizer, convention=replace(kept.convention, cache=None))
    kept.model.calls.clear()
    context = again.encode([Prompt("say"), Prompt("the quick brown fox jumps over the lazy dog " * 3)])
    again(noise(again, 2), context, np.ones(2), None)
    (call,) = kept.model.calls
    assert context.lengths[1] > again.block_length, "the longer prompt spans blocks"
    assert call.mask.dtype == dtype and set(call.mask.unique().tolist()) == ({False, True} if dtype is torch.bool else {0.0, -float("inf")})
    looks = call.mask if dtype is torch.bool else call.mask == 0
    for row, length in enumerate(context.lengths):
        there = length + again.block_length
        assert torch.equal(looks[row, 0, :there], may_look(length, again.block_length, looks.shape[-1]))
        assert call.position[row, :there].tolist() == list(range(there))


@pytest.mark.parametrize("name", ["llada2", "sdar"])
def test_a_block_is_read_once_and_believed_as_if_all_were_read_again(name, loaded):
    kept = loaded(name)
    again = Masked(kept.model, kept.tokenizer, convention=replace(kept.convention, cache=None))
    prompts, length = [Prompt("say what the quick fox is to do"), Prompt("say")], kept.block_length
    blocks = np.array([kept.tokenizer.encode("yes no 0 1 2 3 " * 8, add_special_tokens=False)[:length]] * 2)
    canvas = noise(kept, 2)
    canvas[0, 1] = blocks[0, 0]
    context, tokens = kept.encode(prompts), again.encode(prompts)
    for _ in range(2):
        context, tokens = kept.extend(context, blocks), again.extend(tokens, blocks)
    kept.model.calls.clear()
    found = kept(canvas, context, np.ones(2), None)
    (call,) = kept.model.calls
    assert call.ids.shape == (2, length) and call.mask.shape[-2:] == (length, max(tokens.lengths) + length)
    assert call.position[:, 0].tolist() == tokens.lengths == context.lengths
    torch.testing.assert_close(found, again(canvas, tokens, np.ones(2), None), atol=1e-4, rtol=1e-4)


def may_look(length: int, block: int, width: int) -> torch.Tensor:
    """Which place looks at which, laid out block by block: a prompt of that length, then a canvas of one block."""
    pairs = torch.zeros(length + block, width, dtype=torch.bool)
    for end in range(length + block, 0, -block):
        pairs[max(end - block, 0) : end, :end] = True
    return pairs


def test_llada2_reads_a_prompt_of_whole_blocks_in_the_places_of_its_pipeline(loaded):
    diffusers = pytest.importorskip("diffusers")
    llada2 = loaded("llada2")
    length, calls = llada2.block_length, []

    def published(ids, attention_mask, position_ids):
        calls.append((ids.clone(), position_ids.clone()))
        return SimpleNamespace(logits=torch.zeros(*ids.shape, len(llada2.vocab)))

    pipeline = diffusers.LLaDA2Pipeline(llada2.model, diffusers.BlockRefinementScheduler(), llada2.tokenizer)
    pipeline.set_progress_bar_config(disable=True)
    ids = torch.tensor([llada2.prompt_tokens(Prompt("the quick brown fox " * 20))[: 2 * length]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(llada2.model, "forward", published)
        pipeline(input_ids=ids, gen_length=length, block_length=length, num_inference_steps=1, editing_threshold=None)
    again = Masked(llada2.model, llada2.tokenizer, convention=replace(LLADA2, cache=None))
    llada2.model.calls.clear()
    again(noise(again, 1), again._reader.begin(ids.tolist()), np.ones(1), None)
    (call,) = llada2.model.calls
    assert torch.equal(call.ids, calls[0][0]) and torch.equal(call.position, calls[0][1])


def test_the_block_length_is_what_the_config_says_the_model_was_trained_on():
    model, words = stand_in("SDARForCausalLM")
    model.config.block_size = 8
    assert Masked(model, words).block_length == 8 and Masked(model, words, block_length=16).block_length == 16
    assert Masked(*stand_in("LLaDAModelLM")).block_length == 128
    assert Masked(*stand_in("SDARForCausalLM")).schedule == Schedule(4, hot=1.0, cold=1.0)


@pytest.mark.parametrize("architectures, wanted", [
    (["LLaDAModelLM"], 126336), (["LLaDAMoEModelLM"], 156895), (["DreamModel"], 151666), (["LLaDA2MoeModelLM"], 156895),
    (["SDARForCausalLM"], 151669), (["RobertaForMaskedLM"], None),
])
def test_a_published_mask_token_is_known(architectures, wanted):
    assert convention_of(architectures).mask_token == wanted


def test_a_chat_template_is_used_where_there_is_one():
    model, words = stand_in("DreamModel")
    words.chat_template = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: "
    asked = Masked(model, words).prompt_tokens(Prompt("the text", "the shape"))
    assert words.decode(asked) == "user: the text\n\nAnswer with JSON only, of this shape: the shape\nassistant: "


def test_every_end_token_of_the_config_the_generation_config_and_the_family_ends_a_text():
    model, words = stand_in("LLaDAModelLM")
    words.add_special_tokens({"additional_special_tokens": ["<|eot_id|>"]})
    model.config.vocab_size = len(words)
    model.generation_config = SimpleNamespace(eos_token_id=[words.eos_token_id, 7])
    assert Masked(model, words).vocab.end_tokens == (words.eos_token_id, 7, len(words) - 1)


# --- what cannot be loaded says why ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BRINGS_CODE)
def test_code_that_a_checkpoint_brings_is_not_run_unasked(name, checkpoint, code_cache):
    before = set(code_cache.rglob("*"))
    with pytest.raises(DenoiserError, match="brings its own code.*read it, then load it with .*trust_remote_code=True"):
        structdiff.load(checkpoint(name))
    assert set(code_cache.rglob("*")) == before


def test_a_model_that_is_none_of_these_is_named_with_what_to_pass(tmp_path):
    LlamaConfig(architectures=["LlamaForCausalLM"]).save_pretrained(tmp_path)
    with pytest.raises(DenoiserError, match=r"known as LlamaForCausalLM; known are LLaDAModelLM, .*pass convention=Convention"):
        structdiff.load(tmp_path)


def test_a_model_type_without_code_is_named(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llada", "architectures": ["LLaDAModelLM"]}))
    with pytest.raises(DenoiserError, match="'llada', that the installed transformers lacks"):
        structdiff.load(tmp_path)


def test_a_checkpoint_without_the_head_that_predicts_is_refused(tmp_path):
    words = word_piece()
    BertModel(BertConfig(vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16)
              ).save_pretrained(tmp_path)
    words.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text()) | {"architectures": ["BertForMaskedLM"]}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(DenoiserError, match="has no weights for cls.predictions.*saved without the head"):
        structdiff.load(tmp_path)


def test_a_folder_that_is_not_there_says_so():
    with pytest.raises(DenoiserError, match="cannot load .* '/nowhere/at/all'"):
        Masked.from_pretrained("/nowhere/at/all")


def test_a_mask_token_must_be_named_and_in_the_vocabulary():
    model, words = roberta()
    words.mask_token = None
    with pytest.raises(DenoiserError, match=r"no mask token is named by the tokenizer .* convention=Convention\(mask_token=...\)"):
        Masked(model, words)
    with pytest.raises(DenoiserError, match="mask token 151666 is outside the model's vocabulary of 360 tokens"):
        Masked(model, words, convention=DREAM)
    assert Masked(model, words, convention=Convention(mask_token=3)).noise.mask_token == 3


@pytest.mark.parametrize("given", [dict(block_length=0), dict(steps=0), dict(cache=KvCache()),
                                   dict(cache=KvCache(), attention=Blocks(), shift=True)])
def test_a_convention_whose_parts_do_not_go_together_is_refused(given):
    with pytest.raises(ValueError, match="at least 1|a cache needs"):
        Convention(**given)
    assert Convention() == Convention(Padding())
