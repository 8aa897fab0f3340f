"""A text that was cut off, written to its end: valid, with all that was there before the cut, or repaired as it is without a model."""

import json
import tomllib

import pytest
from lxml import etree
from typer.testing import CliRunner

import structdiff
from structdiff import ConstraintError, Outcome, Within, cli, regrow, repair
from structdiff.channel.edits import applied
from tasks import random_models

EMAIL = "Hello,\n\nplease book order 5512 for Mia Olsen of Bergen.\n\nThanks"
ORDER = {"type": "object", "properties": {"order": {"type": "integer"}, "name": {"type": "string"}, "city": {"type": "string"}},
         "required": ["order", "name", "city"], "additionalProperties": False}


@pytest.fixture(scope="module")
def model():
    return random_models.uniform(canvas=24)


@pytest.mark.parametrize(("wanted", "text", "read"), [
    ("json", '{"a": [1, tru', json.loads), ("json", '{"a": "x', json.loads), ("toml", 'a = 1\nb = [1, "x', tomllib.loads),
    ("xml", "<a><b>text</b><c>mo", lambda text: etree.fromstring(text)), (ORDER, '{"order": 12, "na', json.loads),
], ids=str)
def test_what_was_cut_off_is_written_on_and_is_valid(model, wanted, text, read):
    done = regrow(text, "go on", wanted, model=model, room=20)
    assert done.outcome is Outcome.REPAIRED and done.confidence == 0
    read(done.text)
    assert repair(done.text, wanted).outcome is Outcome.UNCHANGED
    assert done.edits[-1].kind == "regrow" and applied(text, done.edits) == done.text
    assert done.text.startswith(applied(text, done.edits[:-1]))


def test_what_was_broken_before_the_cut_is_mended_too(model):
    done = regrow('{"a": True, "b": "x', "go on", "json", model=model, room=20)
    assert json.loads(done.text)["a"] is True and done.text.startswith('{"a": true, "b": "x')


@pytest.mark.parametrize("text", ['{"a": 1}', '{"a": 1 "b": 2}', "[1,, 2]"])
def test_what_was_not_cut_off_is_only_repaired(model, text):
    assert regrow(text, "go on", "json", model=model) == repair(text, "json", alternatives=0)


def test_the_embedded_model_takes_up_what_it_was_stopped_at():
    whole = structdiff.generate(EMAIL, ORDER).unwrap()
    text = json.dumps(whole)
    done = regrow(text[: text.index('"city"') + 9], EMAIL, ORDER)
    value = json.loads(done.text)
    assert value["order"] == whole["order"] and value["name"] == whole["name"] and value["city"] in EMAIL


def test_a_format_without_a_grammar_and_limits_are_told(model):
    with pytest.raises(ConstraintError, match="no grammar"):
        regrow("a: [1, 2", "go on", "yaml", model=model)
    assert regrow('{"a": "x', "go on", "json", model=model, within=Within(max_edits=0)).outcome is Outcome.REFUSED


def test_the_command_line_regrows():
    done = CliRunner().invoke(cli.app, ["repair", "-", "--schema", json.dumps(ORDER), "--regrow", EMAIL], input='{"order": 5512, "name": "Mia')
    assert done.exit_code == 1 and json.loads(done.stdout)["name"].startswith("Mia") and "regrow" in done.stderr
    wrong = CliRunner().invoke(cli.app, ["repair", "-", "--regrow", "x", "--no-model"], input="{")
    assert wrong.exit_code == 2
