"""Responses: the words in which their clients are told. Nothing is kept, so `store` is always false."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from structdiff.server.events import Answer, Drafted, Telling, Written
from structdiff.server.replies import Reply, arguments, fault, sent, usage
from structdiff.server.wire import Fault


@dataclass(frozen=True)
class ResponseReply(Reply):
    PREFIX = "resp_"
    ROUTE = "responses"

    _numbers: Any = field(default_factory=count, repr=False)
    _parts: list[str] = field(default_factory=list, repr=False)

    def whole(self, answers: list[Answer]) -> dict[str, Any]:
        answer = answers[0]
        valid = answer.result.valid or answer.refusal is not None
        status = "completed" if valid else "incomplete"
        return {**self._response(status), "output": [self._item(answer, status)], "usage": self._usage(answers),
                "incomplete_details": None if valid else {"reason": "max_output_tokens"}, "structdiff": answer.told}

    def opening(self) -> list[str]:
        begun = {"response": {**self._response("in_progress"), "output": [], "usage": None, "incomplete_details": None}}
        return [self._event("response.created", **begun), self._event("response.in_progress", **begun)]

    def part(self, telling: Telling) -> list[str]:
        match telling:
            case Drafted(_, shown) if self.job.drafts:
                return [self._event("structdiff.draft", structdiff=shown)]
            case Written(_, text) if self._spoken(telling):
                opened = self._text_begun()
                self._parts.append(text)
                return [*opened, self._event("response.output_text.delta", **self._place, delta=text, logprobs=[])]
            case Answer():
                return self._call_told(telling) if self._called(telling) else [*self._text_begun(), *self._text_told(telling)]
        return []

    def closing(self, answers: list[Answer]) -> list[str]:
        done = self.whole(answers)
        return [self._event(f"response.{done['status']}", response=done)]

    def failed(self, error: Fault) -> list[str]:
        told = fault(error)["error"]
        return [self._event("error", message=told["message"], code=told["code"], param=told["param"])]

    # --- parts ------------------------------------------------------------------------------------------------------

    def _text_begun(self) -> list[str]:
        if self._parts:
            return []
        item = {**self._message(), "status": "in_progress", "content": []}
        return [self._event("response.output_item.added", output_index=0, item=item),
                self._event("response.content_part.added", **self._place, part=_text(""))]

    def _text_told(self, answer: Answer) -> list[str]:
        item = self._item(answer, "completed" if answer.result.valid else "incomplete")
        text = "".join(self._parts)
        return [self._event("response.output_text.done", **self._place, text=text, logprobs=[]),
                self._event("response.content_part.done", **self._place, part=item["content"][0]),
                self._event("response.output_item.done", output_index=0, item=item)]

    def _call_told(self, answer: Answer) -> list[str]:
        item = self._item(answer, "completed")
        place = {"item_id": item["id"], "output_index": 0}
        return [self._event("response.output_item.added", output_index=0, item={**item, "status": "in_progress", "arguments": ""}),
                self._event("response.function_call_arguments.delta", **place, delta=item["arguments"]),
                self._event("response.function_call_arguments.done", **place, name=item["name"], arguments=item["arguments"]),
                self._event("response.output_item.done", output_index=0, item=item)]

    def _item(self, answer: Answer, status: str) -> dict[str, Any]:
        if self._called(answer):
            name, told = arguments(answer)
            return {"type": "function_call", "id": f"fc_{self.id}", "call_id": f"call_{self.id}", "status": status, "name": name, "arguments": told}
        content = {"type": "refusal", "refusal": answer.refusal} if answer.refusal else _text(answer.result.text)
        return {**self._message(), "status": status, "content": [content]}

    def _message(self) -> dict[str, Any]:
        return {"type": "message", "id": f"msg_{self.id}", "role": "assistant"}

    @property
    def _place(self) -> dict[str, Any]:
        return {"item_id": f"msg_{self.id}", "output_index": 0, "content_index": 0}

    def _event(self, kind: str, **told: Any) -> str:
        return sent({"type": kind, "sequence_number": next(self._numbers), **told}, kind)

    def _response(self, status: str) -> dict[str, Any]:
        return {"id": f"{self.PREFIX}{self.id}", "object": "response", "created_at": self.made, "model": self.job.model, "status": status,
                "error": None, "instructions": None, "metadata": {}, "parallel_tool_calls": False, "temperature": None, "top_p": None,
                "tool_choice": "auto", "tools": [], "store": False}

    def _usage(self, answers: list[Answer]) -> dict[str, Any]:
        return {**usage(self.prompt_tokens, answers, "input_tokens", "output_tokens"), "input_tokens_details": {"cached_tokens": 0},
                "output_tokens_details": {"reasoning_tokens": 0}}


def _text(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
