"""What is labelled VALID is valid, by the word of other libraries. The full 2,000 runs: `pytest -m slow -k validity`."""

from __future__ import annotations

import pytest

from tasks.bench.validity import validity


def test_a_sample_of_runs_is_valid() -> None:
    report = validity(60, seed=3)
    assert report.invalid_labelled_valid == 0
    assert report.valid == 1.0, report.status


@pytest.mark.slow
def test_two_thousand_runs_are_valid() -> None:
    report = validity(2000)
    assert report.invalid_labelled_valid == 0
    assert report.valid >= 0.999, report.status
