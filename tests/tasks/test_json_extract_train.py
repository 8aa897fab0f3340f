"""The training network computes what transformers computes; batches hold what the decoder meets when it denoises."""

from __future__ import annotations

import random

import pytest
import torch

from structdiff.models.diffusion_gemma import EMBEDDED
from tasks.json_extract import data, domains, train
from tasks.json_extract.batches import CANVAS, WIDTHS, Batches, canvases, corrupted
from tasks.json_extract.invented import invented_domain
from tasks.json_extract.network import Network
from transformers import PreTrainedTokenizerFast

RECIPE = train.Recipe(tokens=768, canvases=3)


@pytest.fixture(scope="module")
def tokenizer():
    return PreTrainedTokenizerFast.from_pretrained(EMBEDDED)


@pytest.fixture(scope="module")
def network(tokenizer):
    torch.manual_seed(0)
    return Network(train.build_model(tokenizer).eval())


@pytest.fixture(scope="module")
def texts(tokenizer):
    return next(iter(Batches(tokenizer, RECIPE.tokens, seed=1)))


@pytest.mark.parametrize("conditioned", [False, True])
@torch.no_grad()
def test_the_training_network_is_transformers_encoder_and_decoder(network, texts, conditioned, monkeypatch):
    monkeypatch.setattr("tasks.json_extract.network.PRODUCTS", torch.float32)
    drawn = canvases(texts, 3, 0.5, 1024, 1, torch.Generator().manual_seed(0))
    belief = torch.randn(*drawn.noisy.shape, 1024) if conditioned else None
    hidden, denoised = network(texts.tokens, texts.mask(), drawn.noisy, drawn.mask, drawn.positions, belief)
    model = network.model
    encoded = model.model.encoder(input_ids=texts.tokens)
    expected = model.model.decoder(
        decoder_input_ids=drawn.noisy, past_key_values=encoded.past_key_values, self_conditioning_logits=belief,
        decoder_position_ids=drawn.positions,
        decoder_attention_mask=dict.fromkeys(("full_attention", "sliding_attention"), drawn.mask == 0)).last_hidden_state
    for found, wanted in ((hidden, encoded.last_hidden_state), (denoised, expected)):
        torch.testing.assert_close(found, wanted, atol=1e-3, rtol=1e-3)
    assert network.logits(expected).abs().max() <= model.final_logit_softcapping


def test_a_canvas_is_a_block_of_the_object_and_sees_what_is_before_it(texts, tokenizer):
    end = tokenizer.eos_token_id
    drawn = canvases(texts, 5, 0.0, 1024, end, torch.Generator().manual_seed(0))
    for row, (prompt, written) in enumerate(zip(texts.prompt.tolist(), texts.written.tolist())):
        target = [*texts.tokens[row, prompt : prompt + written].tolist(), *[end] * 2 * CANVAS]
        for k in range(5):
            block = k % (written // CANVAS + 1)
            here = slice(k * CANVAS, (k + 1) * CANVAS)
            assert drawn.clean[row, here].tolist() == target[block * CANVAS : (block + 1) * CANVAS]
            assert drawn.positions[row, here].tolist() == list(range(prompt + block * CANVAS, prompt + (block + 1) * CANVAS))
            seen = drawn.mask[row, 0, here] == 0
            size = texts.tokens.shape[1]
            assert seen[:, :size].sum(1).eq(prompt + block * CANVAS).all()
            assert seen[:, size:].nonzero()[:, 1].unique().tolist() == list(range(k * CANVAS, (k + 1) * CANVAS))


def test_rising_noise_leaves_the_left_cleaner_than_the_right():
    clean = torch.zeros(4000, CANVAS, dtype=torch.long)
    flat, rising = (corrupted(clean, ramped, 1024, torch.Generator().manual_seed(0)).ne(0).float().mean(0) for ramped in (0.0, 1.0))
    assert (flat - 0.5).abs().max() < 0.05
    assert rising[0] < 0.35 and rising[-1] > 0.65 and (rising[8:] - rising[:-8] > 0.05).all()


def test_a_batch_has_one_of_few_shapes(tokenizer):
    batches = iter(Batches(tokenizer, 1536, seed=2))
    shapes = {tuple(next(batches).tokens.shape) for _ in range(12)}
    assert shapes <= {(1536 // width, width) for width in WIDTHS}


def test_added_layers_leave_the_function_as_it_was(tokenizer, tmp_path):
    torch.manual_seed(1)
    small, grown = train.build_model(tokenizer, layers=train.BEFORE_GROWTH), train.build_model(tokenizer)
    small.save_pretrained(tmp_path)
    train.warm_start(grown, tmp_path)
    ids = torch.randint(1024, (2, 40))
    with torch.no_grad():
        before, after = (model.eval().model.encoder(input_ids=ids).last_hidden_state for model in (small, grown))
    torch.testing.assert_close(before, after)


def test_a_few_steps_lower_the_loss(tokenizer, network):
    model = train.build_model(tokenizer)
    learning, optimizers = Network(model), train.Optimizers(model, RECIPE)
    batches, generator = iter(Batches(tokenizer, RECIPE.tokens, seed=3)), torch.Generator().manual_seed(0)
    losses = []
    for step in range(12):
        loss = train.denoising_losses(learning, next(batches), RECIPE, tokenizer.eos_token_id, generator)
        loss.weighed().backward()
        optimizers.step(0.1)
        losses.append(loss.canvas.item())
    assert sum(losses[-3:]) < 0.9 * sum(losses[:3])


def test_invented_domains_are_new_each_time_and_state_what_they_ask():
    rng = random.Random(5)
    drawn = [invented_domain(rng) for _ in range(60)]
    labels = [frozenset(label for field in domain.fields.values() for label in field.labels) for domain in drawn]
    assert len(set(labels)) == 60
    shared = [len(one & other) / len(one) for one, other in zip(labels, labels[1:])]
    assert sum(shared) / len(shared) < 0.02
    for domain in drawn:
        assert 7 <= len(domain.fields) <= 12
        assert all(domain.templates_of(name) for name in domain.fields)
        example = data._domain_example(rng, domain, domains.VOICE, None)
        assert all(value in example.document for value in example.target.values() if isinstance(value, str))
