"""Tests of the benchmarks: the peers give our numbers, and the reports have what the README quotes."""

import json
import multiprocessing
import random

import numpy as np
import pytest
import torch

from structdiff import check
from tasks.bench import __main__, compile, infill, posterior
from tasks.bench.baselines import DenseTree, Pairs
from tasks.bench.vocabulary import synthetic

SIZE = 700


@pytest.fixture(scope="module", params=[(1, True, 24), (2, False, 33), (4, True, 13)], ids=str)
def problem(request):
    fields, compact, length = request.param
    return posterior.problem(fields, compact, synthetic(SIZE), posterior.beliefs(length, SIZE, seed=fields))


def test_the_vocabulary_has_its_size_and_no_token_twice():
    vocab = synthetic(5000)
    assert len(vocab) == len(set(vocab.tokens)) == 5000
    assert vocab.tokens[-1] is None and vocab.end_tokens == (4999,)
    assert {bytes([byte]) for byte in range(256)} < set(vocab.tokens)
    assert synthetic.__wrapped__(5000).tokens == vocab.tokens


def test_dense_products_give_our_log_z(problem):
    tree = DenseTree.build(posterior.set_weights(problem), problem.automaton, torch.float64)
    assert tree.log_z(problem.frontier, problem.final) == pytest.approx(problem.posterior().log_z, rel=1e-9)


def test_pairs_give_our_log_z_and_marginals(problem):
    pairs = Pairs.of(problem.automaton)
    beliefs = torch.softmax(problem.logits, -1).numpy()
    log_z, table = pairs.marginals(beliefs, problem.frontier, problem.final)
    assert len(pairs.tokens) == Pairs.count(problem.automaton)
    assert log_z == pytest.approx(problem.posterior().log_z, rel=1e-5)
    assert table.sum(axis=1) == pytest.approx(np.ones(len(table)), abs=1e-4)
    np.testing.assert_allclose(table, posterior.table_of_marginals(problem), rtol=1e-4, atol=1e-9)


def test_our_table_of_marginals_is_the_posteriors(problem):
    table, ours = posterior.table_of_marginals(problem), problem.posterior()
    for position, token in [(0, int(table[0].argmax())), (5, int(table[5].argmax())), (11, 3)]:
        assert table[position, token] == pytest.approx(ours.marginal(position, token), rel=1e-4, abs=1e-12)


def test_schema_and_regular_expression_are_one_language():
    assert compile.check_agreement() > 60


def test_what_exceeds_the_cap_is_not_run(problem):
    for memory, seconds in ((1e3, 20), (1e9, 0)):
        *_, row = posterior.beside_dense([problem, problem], repeats=1, memory=memory, seconds=seconds)
        assert not row["fits"] and row["dense_gb"] > 1e-6 and "dense_ms" not in row
        assert "did not fit" in posterior._dense_table({"dense": [row]})


def test_posterior_reports_its_figures(capsys):
    __main__.main(["posterior", "--json", "--length", "16", "--vocab", str(SIZE), "--arcs-vocab", str(SIZE), "--threads",
                   "1", "--repeats", "1", "--dense-gb", "0.01"])
    report = json.loads(capsys.readouterr().out)
    assert {"ratio_to_softmax", "ratio_to_softmax_fused", "ratio_to_pairs", "ratio_to_dense", "ratio_to_dense_states",
            "states", "classes", "arcs", "sets", "set_entries", "threads", "softmax_ms", "class_sums_ms", "backward_ms",
            "sample_ms", "marginals_ms", "bias_ms", "entropy_ms", "by_arcs"} <= set(report)
    assert report["states"] >= 600 and len(report["by_arcs"]) == len(posterior.ARCS)
    assert report["ratio_to_softmax"] == pytest.approx(1 + report["ratio_to_softmax_fused"])
    assert [row["fits"] for row in report["dense"]][0::6] == [True, False]
    assert f"{report['states']:,} states" in posterior.table(report)


def test_compile_reports_its_figures(capsys):
    __main__.main(["compile", "--json", "--vocab", str(SIZE), "--repeats", "1"])
    report = json.loads(capsys.readouterr().out)
    assert report["ours"]["finished"] and report["outlines"]["finished"] and report["ratio_to_outlines"] > 0
    assert 600 <= report["ours"]["detail"]["states"] <= 1.05 * report["outlines"]["detail"]["states"]
    assert "times as fast" in compile.table(report)


def test_memory_is_the_peak_after_the_clock_started():
    _, there = multiprocessing.Pipe()
    held = b"x" * 90_000_000
    del held
    clock = compile._Clock(there)
    held = b"x" * 50_000_000
    del held
    assert clock.megabytes() == pytest.approx(50e6 / 2 ** 20, abs=4)


def test_a_peer_that_takes_too_long_is_stopped():
    stopped = compile._compiled(compile._outlines, 20_000, cap=0.01)
    assert not stopped.finished and stopped.compile_s == 0.01


@pytest.mark.parametrize("kind", ["expression", "statement", "block"])
def test_a_hole_is_filled_by_what_was_taken_out_of_it(kind):
    text = "def f(x):\n    if x > 0:\n        y = x * 2\n        return g(y)\n    return 0\n"
    hole = infill._hole(text, kind, random.Random(1))
    assert hole.before + hole.taken + hole.after == text and hole.taken
    assert check(text, hole.constraint).valid
    assert not check(f"{hole.before}){hole.after}", hole.constraint).valid
