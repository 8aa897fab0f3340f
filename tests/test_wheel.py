"""The wheel: it holds every file of the package, and what it installs works where there is no checkout and no network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SEALED = '''
import socket

def refused(*arguments, **options):
    with open({log!r}, "a") as log:
        log.write(repr(arguments))
    raise OSError("there is no network here")

socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refused
socket.getaddrinfo = socket.create_connection = refused
'''


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True, capture_output=True)
    built, = folder.glob("*.whl")
    return built


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


def test_every_file_of_the_package_is_in_the_wheel(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    expected = {f"structdiff/{name}" for name in files(ROOT / "structdiff")} | {f"structdiff/grammars/{name}" for name in files(ROOT / "grammars")}
    assert expected - held == set()
    assert {name for name in held if ".dist-info/" not in name} - expected == set()
    named = {"models/tiny/model.safetensors", "models/tiny/tokenizer.json", "puzzle/relational.safetensors", "weights.sha256", "trace.html",
             "puzzle_trace.html", "grammars/json.lark", "server/page/page.html"}
    assert {f"structdiff/{name}" for name in named} <= held


@pytest.mark.slow
def test_what_it_installs_is_well_without_a_checkout_or_a_network(wheel, tmp_path):
    """The packages it needs are those of this environment, by a path file, which leaves out its structdiff."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index",
                    "--disable-pip-version-check", wheel], check=True, capture_output=True)
    own, = (tmp_path / "env" / "lib").glob("python*/site-packages")
    (own / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    log, away = tmp_path / "connections", tmp_path / "away"
    away.mkdir()
    (away / "sitecustomize.py").write_text(SEALED.format(log=str(log)))
    done = subprocess.run([tmp_path / "env" / "bin" / "structdiff", "doctor", "--json"], cwd=away, capture_output=True, text=True, timeout=600,
                          env={"PATH": os.environ["PATH"], "HOME": str(away), "PYTHONPATH": str(away), "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    told = json.loads(done.stdout)
    found = {one["check"]: one["found"] for one in told["checks"]}
    assert told["ok"] and f"in {own / 'structdiff'}," in found["structdiff"]
    assert found["generate"].startswith("VALID") and not log.exists()
