"""structdiff: diffusion language models that write valid structure.

Names are imported when they are first used, so that `structdiff --help` does not wait for torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "structdiff.api": ["Explanation", "as_constraint", "check", "explain", "generate", "generate_batch", "load"],
    "structdiff.channel.edits": ["Author", "Edit", "HUMAN", "LLM", "Reading", "TRANSMISSION"],
    "structdiff.constraint": ["Both", "compile"],
    "structdiff.constraints.around": ["After", "Fenced"],
    "structdiff.constraints.choice": ["Choice"],
    "structdiff.constraints.grammar": ["Grammar"],
    "structdiff.constraints.json_schema": ["JsonSchema"],
    "structdiff.constraints.markup": ["Markup"],
    "structdiff.constraints.puzzle": ["Board"],
    "structdiff.constraints.pydantic_model": ["Validated", "schema_of"],
    "structdiff.constraints.regex": ["Regex"],
    "structdiff.constraints.rules": ["Broken", "Rule"],
    "structdiff.constraints.template": ["Template"],
    "structdiff.constraints.tools": ["AnyJson", "Tools"],
    "structdiff.errors": [
        "ConstraintError", "ConstraintTooLarge", "DenoiserError", "InvalidResult", "StructdiffError",
        "UnsatisfiableConstraint", "UnspellableConstraint", "UnsupportedConstraint",
    ],
    "structdiff.policy": ["Blame", "Condition"],
    "structdiff.puzzle.puzzle": ["Puzzle"],
    "structdiff.puzzle.solver": ["Ending", "Solution"],
    "structdiff.puzzles": ["read_puzzle", "solve"],
    "structdiff.repairs": ["Outcome", "Repair", "Within", "loads", "repair"],
    "structdiff.regrowth": ["regrow"],
    "structdiff.result": ["Result", "Status", "Step"],
    "structdiff.verdict": ["Verdict", "Violation"],
    "structdiff.sampler": ["Ancestral", "Confidence", "EntropyBound", "Remask"],
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE)


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module 'structdiff' has no attribute {name!r}")
    return getattr(import_module(_MODULE[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
