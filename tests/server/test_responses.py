"""Responses, through the real OpenAI client."""

from __future__ import annotations

import json
import re

import pytest
from clients import ask, talk
from pydantic import BaseModel

TOOL = {"type": "function", "name": "look_up", "strict": True, "parameters": {
    "type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"], "additionalProperties": False}}


class Answer(BaseModel):
    sure: bool
    count: int


def respond(model, **wanted):
    async def chat(client, http):
        return await client.responses.create(model="structdiff", **{"input": "Say it.", **wanted})

    return talk(model, chat)


def events(model, **wanted):
    async def chat(client, http):
        async with client.responses.stream(model="structdiff", **{"input": "Say it.", **wanted}) as stream:
            return [event async for event in stream], await stream.get_final_response()

    return talk(model, chat)


def test_a_pydantic_class_is_parsed(model):
    async def chat(client, http):
        return await client.responses.parse(model="structdiff", input="Say it.", text_format=Answer, max_output_tokens=100)

    done = talk(model, chat)
    assert isinstance(done.output_parsed, Answer) and done.status == "completed"
    assert done.structdiff["valid"] and done.usage.output_tokens > 0 and done.usage.total_tokens > done.usage.output_tokens


def test_it_says_what_a_chat_completion_says(model):
    wanted = {"structured_outputs": {"regex": "[a-f]{20,30}"}}
    assert respond(model, extra_body={**wanted, "seed": 3}).output_text == ask(model, extra_body=wanted, seed=3).choices[0].message.content


def test_input_is_text_or_a_conversation(model):
    conversation = [{"role": "user", "content": [{"type": "input_text", "text": "Look."}]},
                    {"type": "function_call", "call_id": "c", "name": "look_up", "arguments": "{}"},
                    {"type": "function_call_output", "call_id": "c", "output": "It is blue."}]
    done = respond(model, input=conversation, instructions="Be short.", extra_body={"structured_outputs": {"choice": ["blue"]}})
    assert done.output_text == "blue"


def test_a_stream_is_the_answer_in_pieces(model):
    told, final = events(model, text_format=Answer, max_output_tokens=100)
    kinds = [event.type for event in told]
    assert kinds[:4] == ["response.created", "response.in_progress", "response.output_item.added", "response.content_part.added"]
    assert kinds[-1] == "response.completed" and isinstance(final.output_parsed, Answer)
    assert "".join(event.delta for event in told if event.type == "response.output_text.delta") == final.output_text
    numbers = [event.sequence_number for event in told if hasattr(event, "sequence_number")]
    assert numbers == sorted(numbers)


def test_drafts_pass_the_client_by(model):
    async def chat(client, http):
        stream = await client.responses.create(model="structdiff", input="Say it.", stream=True, extra_body={
            "structured_outputs": {"regex": "[a-f]{9}"}, "structdiff_drafts": True})
        return [event async for event in stream]

    drafts = [event for event in talk(model, chat) if event.type == "structdiff.draft"]
    assert drafts and drafts[0].structdiff["type"] == "canvas"


def test_a_tool_is_called_and_its_call_streamed(model):
    done = respond(model, tools=[TOOL], tool_choice={"type": "function", "name": "look_up"}, max_output_tokens=60)
    call = done.output[0]
    assert call.type == "function_call" and call.name == "look_up" and set(json.loads(call.arguments)) == {"id"}
    told, final = events(model, tools=[TOOL], tool_choice="required", max_output_tokens=60)
    assert [event.type for event in told if "function_call" in event.type][-1] == "response.function_call_arguments.done"
    assert set(json.loads(final.output[0].arguments)) == {"id"}


def test_what_is_not_valid_is_incomplete(model):
    done = respond(model, max_output_tokens=3)
    assert done.status == "incomplete" and done.incomplete_details.reason == "max_output_tokens" and not done.structdiff["valid"]

    async def chat(client, http):
        return [event async for event in await client.responses.create(model="structdiff", input="Say it.", stream=True, max_output_tokens=3)]

    assert talk(model, chat)[-1].type == "response.incomplete"


@pytest.mark.parametrize("body, param, says", [
    ({"input": []}, "input", "at least one"), ({"input": 3}, "input", "a list"), ({"previous_response_id": "resp_1"}, "previous_response_id", "kept"),
    ({"text": "json"}, "text", "an object"), ({"text": {"format": {"type": "xml"}}}, "text.format.type", "json_schema"),
    ({"text": {"format": {"type": "json_schema", "name": "x"}}}, "text.format.schema", "a schema"),
    ({"text": {"format": {"type": "json_schema", "name": "x", "schema": {"enum": []}}}}, "text", "."),
    ({"max_output_tokens": 0}, "max_output_tokens", "from 1"), ({"tools": [{"type": "web_search"}]}, "tools", "."),
])
def test_what_is_at_fault_is_refused(model, body, param, says):
    async def chat(client, http):
        return await http.post("/v1/responses", content=json.dumps({"model": "structdiff", "input": "Say it.", **body}))

    answer = talk(model, chat)
    error = answer.json()["error"]
    assert answer.status_code == 400 and error["param"] == param and re.search(says, error["message"]), error
