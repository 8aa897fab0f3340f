"""The doctor: an installation that works passes, and each way to break it is found, with what to do."""

from __future__ import annotations

import json
import subprocess

import pytest
from typer.testing import CliRunner

import structdiff
from structdiff import cli, doctor
from structdiff.doctor import MANIFEST, PACKAGE, Finding


def test_the_manifest_is_that_of_the_weights_and_sha256sum_agrees():
    """Where the weights were trained anew: python -c "from structdiff import doctor; doctor.record()"."""
    assert MANIFEST.read_text("utf-8") == doctor.manifest()
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", MANIFEST.name], cwd=PACKAGE, check=True)
    listed = {line.split("  ")[1] for line in MANIFEST.read_text("utf-8").splitlines()}
    assert {file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.safetensors")} <= listed
    assert {"models/tiny/tokenizer.json", "models/tiny/config.json"} <= listed


def test_an_installation_that_works_passes():
    findings = {one.check: one for one in doctor.examine()}
    assert [name for name, one in findings.items() if not one.ok] == []
    assert list(findings) == ["structdiff", "extras", "device", "weights", "kernel cache", "generate", "repair", "puzzle"]
    assert structdiff.__version__ in findings["structdiff"].found and "forwards a second" in findings["generate"].found


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A package whose weights are copies, which a test may damage."""
    for file in doctor.shipped():
        there = tmp_path / file.relative_to(PACKAGE)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(file.read_bytes())
    (tmp_path / MANIFEST.name).write_bytes(MANIFEST.read_bytes())
    monkeypatch.setattr(doctor, "PACKAGE", tmp_path)
    monkeypatch.setattr(doctor, "MANIFEST", tmp_path / MANIFEST.name)
    return tmp_path


def finding(name):
    return next(one for one in doctor.examine() if one.check == name)


def test_a_byte_that_is_not_as_shipped_is_found(copy):
    assert finding("weights").ok
    weights = copy / "puzzle" / "relational.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    assert finding("weights").found == "puzzle/relational.safetensors is not the one that was shipped"
    weights.unlink()
    assert finding("weights").found == "puzzle/relational.safetensors is not there"
    assert "pip install" in finding("weights").advice


def test_a_package_that_is_too_old_or_absent_is_found(monkeypatch):
    monkeypatch.setattr(doctor.metadata, "requires", lambda _: ["torch>=99", "no-such-package>=1", "numpy>=1", "other; extra == 'x'"])
    found = finding("structdiff")
    assert not found.ok and "torch>=99 is needed" in found.found and "no-such-package>=1 is needed, none is there" in found.found
    assert "numpy>=1 is needed" not in found.found and "other" not in found.advice
    assert found.advice == "pip install 'torch>=99' 'no-such-package>=1'"


def test_a_sudoku_is_judged_by_its_rules():
    solved = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
    swapped = solved[1] + solved[0] + solved[2:]
    assert doctor._solves(solved) and not doctor._solves(swapped) and not doctor._solves(solved[:-1]) and not doctor._solves("")
    assert not doctor._solves(solved.translate(str.maketrans("12", "21")))          # of another puzzle


def test_the_command_says_what_to_do_and_exits_with_1(monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda model: iter([Finding("weights", "gone", "install anew"), Finding("repair", "fine")]))
    plain, as_json = (CliRunner().invoke(cli.app, ["doctor", *more]) for more in ([], ["--json"]))
    assert plain.exit_code == as_json.exit_code == 1
    assert plain.stderr == as_json.stderr == "weights: gone; install anew\n"
    assert [line.split()[:2] for line in plain.stdout.splitlines()] == [["FAIL", "weights"], ["ok", "repair"]]
    told = json.loads(as_json.stdout)
    assert told["ok"] is False and [(one["check"], one["ok"]) for one in told["checks"]] == [("weights", False), ("repair", True)]


def test_a_model_that_is_not_there_fails_its_check_and_no_other():
    outcome = CliRunner().invoke(cli.app, ["doctor", "--json", "--model", "/no/such/model"])
    told = json.loads(outcome.stdout)
    assert outcome.exit_code == 1 and [one["check"] for one in told["checks"] if not one["ok"]] == ["generate"]
    assert "--model" in outcome.stderr
