"""What the two APIs have in common in how they answer, and how a fault is told."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

from structdiff.server.events import Answer, Telling, Written
from structdiff.server.wire import Fault, Job

KINDS = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error", 500: "server_error", 503: "server_error"}


@dataclass(frozen=True)
class Reply(ABC):
    """The answer to one job, in the words of an API; what it has no words for stands under `structdiff`.

    made: when, in seconds since 1970. prompt_tokens: of the job's prompt. ROUTE: under which it is counted.
    """

    job: Job
    id: str
    made: int
    prompt_tokens: int
    _calling: dict[int, bool] = field(default_factory=dict, init=False, repr=False)

    PREFIX: ClassVar[str]
    ROUTE: ClassVar[str]

    @abstractmethod
    def whole(self, answers: list[Answer]) -> dict[str, Any]:
        """Returns the body of the answer."""

    @abstractmethod
    def opening(self) -> list[str]:
        """Returns the first server-sent events of a stream."""

    @abstractmethod
    def part(self, telling: Telling) -> list[str]:
        """Returns the events that tell of this."""

    @abstractmethod
    def closing(self, answers: list[Answer]) -> list[str]:
        """Returns the last events of a stream."""

    def failed(self, error: Fault) -> list[str]:
        """Returns the events that end a stream in which something went wrong."""
        return [sent(fault(error))]

    def _called(self, answer: Answer) -> bool:
        return self.job.calls and answer.result.valid and isinstance(answer.result.value, dict)

    def _spoken(self, telling: Written) -> bool:
        """Whether it is text for the user, and not a part of a tool's call, which begins with a brace."""
        if not self.job.calls:
            return True
        if telling.index not in self._calling:
            self._calling[telling.index] = telling.text.startswith("{")
        return not self._calling[telling.index]


def arguments(answer: Answer) -> tuple[str, str]:
    """Returns the name and the arguments of the tool's call that a valid text is."""
    return answer.result.value["name"], json.dumps(answer.result.value["arguments"], ensure_ascii=False)


def usage(prompt: int, answers: list[Answer], read: str, wrote: str) -> dict[str, int]:
    written = sum(len(answer.result.tokens) for answer in answers)
    return {read: prompt, wrote: written, "total_tokens": prompt + written}


def sent(data: dict[str, Any], event: str = "") -> str:
    """Returns a server-sent event."""
    return (f"event: {event}\n" if event else "") + f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def fault(found: Fault) -> dict[str, Any]:
    """Returns the body of an error."""
    kind = KINDS.get(found.status, "invalid_request_error")
    return {"error": {"message": found.message, "type": kind, "param": found.param, "code": found.code}}
