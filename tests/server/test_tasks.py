"""What the server does beside the model: repairs, puzzles, and free text that ends at a stop."""

from __future__ import annotations

import json

import openai
import pytest
from clients import ask, streamed, talk

from structdiff import repair
from structdiff.repairs import Within
from structdiff.server import wire
from structdiff.server.chat import ChatReply
from structdiff.server.events import of_repair

SUDOKU = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"


def test_a_broken_text_is_repaired(model):
    done = ask(model, extra_body={"repair": {"text": '{"a": 1,, "b": 2', "format": "json"}})
    assert json.loads(done.choices[0].message.content) == {"a": 1, "b": 2} and done.structdiff["valid"]
    edits = done.structdiff["edits"]
    assert len(edits) == 2 and 0 < done.structdiff["confidence"] <= 1 and done.structdiff["forwards"] == 0


def test_what_is_not_repaired_is_a_refusal_with_a_reason():
    (answer,) = of_repair(repair('{"a": 1,, "b": 2', within=Within(max_edits=0)))
    reply = ChatReply(wire.chat({"repair": {"text": "{"}}), "1", 0, 0).whole([answer])
    choice = reply["choices"][0]
    assert choice["message"]["content"] is None and "within the limits" in choice["message"]["refusal"]
    assert not reply["structdiff"]["valid"] and choice["finish_reason"] == "stop"


@pytest.mark.parametrize("text", [SUDOKU, "\n".join(SUDOKU[row : row + 9] for row in range(0, 81, 9))])
def test_a_puzzle_is_solved_in_the_notation_it_came_in(model, text):
    done = ask(model, extra_body={"puzzle": {"kind": "sudoku", "text": text}})
    content = done.choices[0].message.content
    assert (content if text == SUDOKU else "".join(filter(str.isdigit, content))) == SOLVED
    assert done.structdiff["unique"] and "".join(map(str, done.structdiff["cells"].values())) == SOLVED


def test_a_board_is_seen_filling_in(model):
    chunks = streamed(model, extra_body={"puzzle": {"kind": "sudoku", "text": SUDOKU}, "structdiff_drafts": True})
    boards = [chunk.structdiff for chunk in chunks if not chunk.choices]
    assert boards and boards[-1]["type"] == "board" and len(boards[0]["given"]) == 30 and boards[0]["cells"]["r1c1"] == 5
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == SOLVED


@pytest.mark.parametrize("body, param, says", [
    ({"puzzle": {"kind": "sudoku", "text": "55" + "." * 79}}, "puzzle", "r1c1"), ({"puzzle": {"kind": "sudoku", "text": "12"}}, "puzzle", "cells"),
    ({"puzzle": {"kind": "chess", "text": ""}}, "puzzle", "no puzzle is called"), ({"puzzle": "x"}, "puzzle", "a text and a kind"),
    ({"repair": {"text": "{", "format": "docx"}}, "repair", "docx"), ({"repair": {"format": "json"}}, "repair", "a text and a format"),
])
def test_what_is_at_fault_is_refused(model, body, param, says):
    with pytest.raises(openai.BadRequestError) as error:
        ask(model, extra_body=body)
    assert error.value.param == param and says in error.value.message


def test_free_text_ends_before_a_stop(model):
    whole = ask(model, max_tokens=60, seed=1).choices[0].message.content
    stop = whole[20:23]
    cut = ask(model, max_tokens=60, seed=1, stop=[stop, "never there"])
    assert cut.choices[0].message.content == whole[: whole.index(stop)] and cut.choices[0].finish_reason == "stop"
    chunks = streamed(model, max_tokens=60, seed=1, stop=stop)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole[: whole.index(stop)]
