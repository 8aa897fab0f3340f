"""The shipped conformance checks pass for what we ship, and fail for what is broken."""

from __future__ import annotations

import pytest
import torch

from structdiff import Choice, JsonSchema, Regex
from structdiff.models.table import Table
from structdiff.noise import Uniform
from structdiff.testing import BYTES, check_constraint, check_denoiser
from tasks import random_models


@pytest.mark.parametrize("make", [random_models.uniform, random_models.absorbing])
def test_our_denoisers_conform(make) -> None:
    check_denoiser(make(canvas=16))


def test_a_reviewer_conforms() -> None:
    model = random_models.uniform(canvas=16)
    model.reviews = True
    check_denoiser(model)

def test_the_toy_conforms() -> None:
    check_denoiser(Table(BYTES, Uniform(257), torch.zeros(1, 4, 257)))


def test_a_denoiser_whose_rows_leak_is_caught() -> None:
    class Leaky(Table):
        def __call__(self, canvas, context, level, belief):
            return super().__call__(canvas, context, level, belief) + len(canvas)

    with pytest.raises(AssertionError, match="depends on its batch-mates"):
        check_denoiser(Leaky(BYTES, Uniform(257), torch.zeros(1, 4, 257)))


def test_our_constraints_conform() -> None:
    check_constraint(Regex("x(ab)?"), accepts=["x", "xab"], refuses=["", "xa", "xabab"])
    check_constraint(Choice(("yes", "no")), accepts=["yes", "no"], refuses=["maybe", "yesno"])
    check_constraint(JsonSchema({"type": "integer"}) & Regex("[0-9]{2}"), accepts=["12"], refuses=["1", "012", "-12"])


def test_a_wrong_expectation_is_caught() -> None:
    with pytest.raises(AssertionError, match="'b' is refused"):
        check_constraint(Regex("a"), accepts=["b"], refuses=[])
