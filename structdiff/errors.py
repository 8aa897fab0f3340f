"""The exceptions structdiff raises: a constraint's faults before any forward pass, a denoiser's, a result's.

    StructdiffError
    ├── ConstraintError            the constraint, its schema or its options are at fault
    │   ├── UnsupportedConstraint      a keyword or construct that is not enforced, hence refused
    │   ├── UnsatisfiableConstraint    nothing satisfies it, or nothing that fits the budget
    │   ├── UnspellableConstraint      the model's vocabulary cannot write what it asks for
    │   └── ConstraintTooLarge         a limit on states, arcs or seconds was reached
    ├── DenoiserError              the model cannot be loaded, or was handed something it cannot take
    └── InvalidResult              `Result.unwrap()` of a result that is not VALID
"""

from __future__ import annotations


class StructdiffError(Exception):
    """Base of every error this library raises on purpose."""


class ConstraintError(StructdiffError, ValueError):
    """The constraint is at fault; `pointer` is the JSON pointer (or "") of the part that is."""

    def __init__(self, message: str, pointer: str = ""):
        self.pointer = pointer
        super().__init__(f"at {pointer}: {message}" if pointer else message)


class UnsupportedConstraint(ConstraintError):
    """The constraint asks for something that is not enforced; refused rather than dropped."""


class UnsatisfiableConstraint(ConstraintError):
    """No text satisfies the constraint, or none that fits the token budget."""


class UnspellableConstraint(ConstraintError):
    """The vocabulary has no tokens for bytes that every satisfying text needs."""


class ConstraintTooLarge(ConstraintError):
    """Compiling the constraint reached a limit."""


class DenoiserError(StructdiffError):
    """The denoiser cannot be loaded or cannot take this input."""


class InvalidResult(StructdiffError):
    """A result that is not VALID was unwrapped; `result` is the result."""

    def __init__(self, message: str, result: object):
        self.result = result
        super().__init__(message)
