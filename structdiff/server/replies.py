"""What a client is told, in the words of the OpenAI API; what it has no words for stands under `structdiff`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from structdiff.result import Result, Status, Step
from structdiff.server.wire import Fault, Job


@dataclass(frozen=True)
class Reply:
    """The answers to one job. made: when, in seconds since 1970. prompt_tokens: of the job's prompt."""

    job: Job
    id: str
    made: int
    prompt_tokens: int

    def whole(self, results: list[Result]) -> dict[str, Any]:
        """Returns the body of a chat completion."""
        choices = [{"index": index, "message": self._message(result, index), "finish_reason": self._reason(result), "logprobs": None,
                    "structdiff": told(result)} for index, result in enumerate(results)]
        return {**self._head("chat.completion"), "choices": choices, "usage": self._usage(results), "structdiff": told(results[0])}

    def delta(self, index: int, delta: dict[str, Any], result: Result | None = None) -> dict[str, Any]:
        """Returns a chunk of a choice; its last, where the result is given."""
        choice = {"index": index, "delta": delta, "finish_reason": self._reason(result) if result else None, "logprobs": None}
        return {**self._head("chat.completion.chunk"), "choices": [choice], **({"structdiff": told(result)} if result else {})}

    def draft(self, index: int, step: Step, text: str) -> dict[str, Any]:
        """Returns a chunk without choices: the canvas as it is after a forward."""
        shown = {"index": index, "block": step.block, "level": round(step.level, 4), "kept": sum(step.kept), "of": len(step.kept),
                 "renoised": sorted(set(step.renoised.values())), "draft": text}
        return {**self._head("chat.completion.chunk"), "choices": [], "structdiff": shown}

    def usage(self, results: list[Result]) -> dict[str, Any]:
        """Returns the chunk that ends a stream whose usage was asked for."""
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage(results)}

    def call(self, result: Result, index: int) -> dict[str, Any]:
        """Returns the tool's call that a valid text is."""
        arguments = json.dumps(result.value["arguments"], ensure_ascii=False)
        return {"id": f"call_{self.id[9:]}_{index}", "type": "function", "function": {"name": result.value["name"], "arguments": arguments}}

    def _message(self, result: Result, index: int) -> dict[str, Any]:
        if self.job.calls and result.valid:
            return {"role": "assistant", "content": None, "refusal": None, "tool_calls": [self.call(result, index)]}
        return {"role": "assistant", "content": result.text, "refusal": None}

    def _reason(self, result: Result) -> str:
        """Text that is not valid never ends in "stop"."""
        return "length" if not result.valid else "tool_calls" if self.job.calls else "stop"

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.made, "model": self.job.model}

    def _usage(self, results: list[Result]) -> dict[str, int]:
        written = sum(len(result.tokens) for result in results)
        return {"prompt_tokens": self.prompt_tokens, "completion_tokens": written, "total_tokens": self.prompt_tokens + written}


def told(result: Result) -> dict[str, Any]:
    renoised = sum(len(step.renoised) for step in result.steps)
    return {"forwards": result.forwards, "renoised": renoised, "valid": result.valid, "status": result.status.name,
            **({} if result.status is Status.VALID else {"message": result.status.value})}


KINDS = {401: "authentication_error", 404: "not_found_error", 413: "invalid_request_error", 429: "rate_limit_error", 500: "server_error",
         503: "server_error"}


def fault(found: Fault) -> dict[str, Any]:
    """Returns the body of an error."""
    kind = KINDS.get(found.status, "invalid_request_error")
    return {"error": {"message": found.message, "type": kind, "param": found.param, "code": found.code}}


@dataclass
class Deltas:
    """Cuts a growing text into what is new of it; a character of several bytes comes whole."""

    sent: dict[int, int] = field(default_factory=dict)

    def of(self, index: int, text: bytes) -> str:
        whole = text.decode(errors="ignore") if text else ""
        new = whole[self.sent.get(index, 0) :]
        self.sent[index] = len(whole)
        return new
