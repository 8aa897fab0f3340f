"""Every code block of the README is executed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.M | re.S)
COMMANDS = [line.split("   #")[0].strip() for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]


def test_every_block_is_of_a_kind_that_is_executed() -> None:
    assert {kind for kind, _ in BLOCKS} == {"python", "sh"}
    assert {command.split()[0] for command in COMMANDS} == {"make", "structdiff", "python"}


def test_the_python_blocks_run_in_order(monkeypatch) -> None:
    from structdiff import api
    from structdiff.models.diffusion_gemma import EMBEDDED, DiffusionGemma

    load = DiffusionGemma.from_pretrained
    monkeypatch.setattr(DiffusionGemma, "from_pretrained", lambda name=EMBEDDED: load(EMBEDDED))
    monkeypatch.setattr(api, "MAX_TOKENS", 256)
    names: dict = {"__name__": "readme"}
    for kind, block in BLOCKS:
        if kind == "python":
            exec(compile(block, "README.md", "exec"), names)
    assert names["result"].valid


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("structdiff ")])
def test_a_structdiff_command_exits_0(command, monkeypatch, tmp_path) -> None:
    from structdiff.cli import app

    monkeypatch.chdir(ROOT)
    words, _, given = command.partition(" < ")
    arguments = [word if word != "trace.html" else str(tmp_path / word) for word in shlex.split(words)[1:]]
    run = CliRunner().invoke(app, arguments, input=Path(given).read_text("utf-8") if given else None)
    assert run.exit_code == (1 if arguments[0] == "repair" else 0), run.output     # 1: repaired


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("python ")])
def test_a_measuring_command_is_there(command) -> None:
    run = subprocess.run([sys.executable, *command.split()[1:], "--help"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0 and run.stdout.startswith("usage: python -m tasks."), run.stderr


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("make ")])
def test_a_make_target_is_there(command) -> None:
    subprocess.run(["make", "--dry-run", *command.split()[1:]], cwd=ROOT, check=True, capture_output=True)
