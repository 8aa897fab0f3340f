"""What a `generate` call returns: a status that is VALID or says what to do, and the steps that led there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from structdiff.errors import InvalidResult
from structdiff.verdict import Violation


class Status(Enum):
    """Each member's value is its message."""

    VALID = "the text satisfies the constraint"
    UNRESOLVED = "the text has the right shape but breaks a rule; allow more steps, or try another seed"
    INFEASIBLE = "the denoiser gives every satisfying text probability zero; try another seed or model"
    TRUNCATED = "the token budget ended before the text was whole; raise max_tokens"


@dataclass(frozen=True)
class Step:
    """One forward of one row's canvas, after acceptance; or a review of it that is no more than that (`structdiff.row.Row.review`).

    proposal Int[L]: the tokens of the joint draw. kept Bool[L]: which of them stay on the canvas.
    entropy Float[L]: of the posterior, in nats. pinned Bool[L]: the constraint leaves one token there. renoised: position -> the rule its token breaks (what the model would
    have written there and the constraint does not allow, or what a checker accused).
    """

    block: int
    level: float
    proposal: tuple[int, ...]
    kept: tuple[bool, ...]
    entropy: tuple[float, ...]
    renoised: Mapping[int, str]
    pinned: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Result:
    """text: what was generated, whole or not. tokens: its blocks, joined, up to the end token.

    value: what the text stands for (a dict, a model instance, the text itself); None unless VALID.
    forwards: denoiser calls this row took part in, reviews among them but those that the next block needs in any case. seconds: wall-clock, of the whole batch. check_seconds: those of the checkers.
    """

    status: Status
    text: str
    tokens: tuple[int, ...]
    value: Any = None
    violations: tuple[Violation, ...] = ()
    forwards: int = 0
    seconds: float = 0.0
    steps: tuple[Step, ...] = field(default=(), repr=False)
    check_seconds: float = 0.0

    @property
    def valid(self) -> bool:
        return self.status is Status.VALID

    def unwrap(self) -> Any:
        """Returns the value of a VALID result.

        Raises:
            InvalidResult: the status is another one; the message says what to do.
        """
        if self.valid:
            return self.value
        found = "".join(f"\n  at {v.pointer or '/'}: {v.message} ({v.rule})" for v in self.violations)
        raise InvalidResult(f"{self.status.name}: {self.status.value}{found}", self)
