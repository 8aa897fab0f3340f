"""Chat completions: the words in which their clients are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from structdiff.server.events import Answer, Drafted, Telling, Written
from structdiff.server.replies import Reply, arguments, sent, usage


@dataclass(frozen=True)
class ChatReply(Reply):
    PREFIX = "chatcmpl-"
    ROUTE = "chat"

    def whole(self, answers: list[Answer]) -> dict[str, Any]:
        choices = [{"index": answer.index, "message": self._message(answer), "finish_reason": self._reason(answer), "logprobs": None,
                    "structdiff": answer.told} for answer in answers]
        return {**self._head("chat.completion"), "choices": choices, "usage": self._usage(answers), "structdiff": answers[0].told}

    def opening(self) -> list[str]:
        return [self._chunk(index, {"role": "assistant", "content": "", "refusal": None}) for index in range(len(self.job.seeds))]

    def part(self, telling: Telling) -> list[str]:
        match telling:
            case Drafted(_, shown) if self.job.drafts:
                return [sent({**self._head("chat.completion.chunk"), "choices": [], "structdiff": shown})]
            case Written(index, text) if self._spoken(telling):
                return [self._chunk(index, {"content": text})]
            case Answer(index):
                call = [self._chunk(index, {"tool_calls": [{"index": 0, **self._call(telling)}]})] if self._called(telling) else []
                return [*call, self._chunk(index, {"refusal": telling.refusal} if telling.refusal else {}, telling)]
        return []

    def closing(self, answers: list[Answer]) -> list[str]:
        used = [sent({**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage(answers)})] if self.job.usage else []
        return [*used, "data: [DONE]\n\n"]

    def _chunk(self, index: int, delta: dict[str, Any], answer: Answer | None = None) -> str:
        choice = {"index": index, "delta": delta, "finish_reason": self._reason(answer) if answer else None, "logprobs": None}
        return sent({**self._head("chat.completion.chunk"), "choices": [choice], **({"structdiff": answer.told} if answer else {})})

    def _message(self, answer: Answer) -> dict[str, Any]:
        message = {"role": "assistant", "content": None, "refusal": answer.refusal}
        if self._called(answer):
            return {**message, "tool_calls": [self._call(answer)]}
        return message if answer.refusal else {**message, "content": answer.result.text}

    def _call(self, answer: Answer) -> dict[str, Any]:
        name, told = arguments(answer)
        return {"id": f"call_{self.id}_{answer.index}", "type": "function", "function": {"name": name, "arguments": told}}

    def _reason(self, answer: Answer) -> str:
        """Text that is not valid never ends in "stop"."""
        if not answer.result.valid:
            return "stop" if answer.refusal else "length"
        return "tool_calls" if self._called(answer) else "stop"

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": f"{self.PREFIX}{self.id}", "object": kind, "created": self.made, "model": self.job.model}

    def _usage(self, answers: list[Answer]) -> dict[str, int]:
        return usage(self.prompt_tokens, answers, "prompt_tokens", "completion_tokens")
