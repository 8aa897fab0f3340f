"""A file of prompts: a line of output for each of input, the same text whatever the engine, and nothing lost or doubled by a kill."""

from __future__ import annotations

import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest

import structdiff
from structdiff import Choice, JsonSchema, Regex, cli_batch
from structdiff.batch import Job, Processes, run
from structdiff.batch.desk import Desk
from structdiff.batch.job import BadRow, row_of
from structdiff.batch.sheet import Sheet
from structdiff.batch.source import Source
from structdiff.cli_input import UsageFault
from structdiff.errors import ConstraintError, DenoiserError

SCHEMA = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 12}, "boxes": {"type": "integer", "minimum": 0}},
          "required": ["city", "boxes"]}
WORD = partial(Regex, "[a-z]{3,8}")
ROOT = Path(structdiff.__file__).parents[1]
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'structdiff[ray]'")


def lines_of(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def written(path, rows):
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def prompts(many):
    return [{"id": f"r{number}", "prompt": f"City: Bergen\nBoxes: {number}\n"} for number in range(many)]


def answers(desk, lines):
    desk.take(enumerate(lines, 1))
    found = []
    while desk.busy:
        found += desk.step()
    return [json.loads(record) for _, record in sorted(found)]


# --- lines -----------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("content", [b"", b"\n", b"a", b"a\n", b"a\n\nbc\r\n\xff\n", b"a\nb"])
def test_positions_are_those_of_the_lines_of_the_file(tmp_path, content):
    path = tmp_path / "in"
    path.write_bytes(content)
    source = Source.of(path)
    with open(path, "rb") as file:
        expected = file.readlines()
        assert [one.text(file) for one in source.positions()] == expected
        assert [one.text(file) for one in source.positions(1)] == expected[1:]
    assert source.lines == len(expected)


@pytest.mark.parametrize("text, said", [
    (b"", "an empty line"), (b"\xff{}", "not UTF-8 at byte 0"), (b'{"prompt": "x"', "not JSON"), (b'"x"', "not a JSON object"),
    (b"[" * 100_000, "not JSON that can be read"), (b'{"id": 1}', "needs a 'prompt'"), (b'{"prompt": " "}', "needs a 'prompt'"),
    (b'{"promt": "x"}', "no 'promt'"), (b'{"prompt": "x", "id": 1.5}', "'id' is"), (b'{"prompt": "x", "id": true}', "'id' is"),
    (b'{"prompt": "x", "seed": -1}', "'seed' is"), (b'{"prompt": "x", "max_tokens": 0}', "'max_tokens' is"),
    (b'{"prompt": "x", "schema": "name"}', "'schema' is"),
])
def test_a_line_that_is_no_row_says_why(text, said):
    with pytest.raises(BadRow, match=said):
        row_of(7, text, Job(WORD))


def test_a_row_says_what_it_says_and_the_job_the_rest():
    bare = row_of(7, b'\xef\xbb\xbf{"prompt": "x"}\n', Job(WORD, seed=10, max_tokens=99))
    full = row_of(7, b'{"prompt": "x", "id": "a", "seed": 3, "max_tokens": 4, "schema": false}', Job(WORD))
    assert (bare.id, bare.seed, bare.max_tokens, bare.schema) == (7, 16, 99, None)
    assert (full.id, full.seed, full.max_tokens, full.schema) == ("a", 3, 4, False)


# --- the output ------------------------------------------------------------------------------------------------------------

def record(line, status="VALID"):
    return json.dumps({"line": line, "status": status})


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "out.jsonl"
    made = Sheet(path, {"seed": 1})
    for line in (1, 2, 3):
        made.append(record(line))
    made.close()
    return path


@pytest.mark.parametrize("tail, kept", [(b"", 3), (b'{"line": 4, "sta', 3), (b'{"line": 4, "status": "VALID"}', 3), (b"\0\0\0\n", 3),
                                        (b'{"line": 4, "status": "FAILED"}\n', 4), (b'{"line": 5, "status": "VALID"}\n', 3)])
def test_what_is_whole_and_in_its_place_is_kept_and_the_rest_dropped(sheet, tail, kept):
    with open(sheet, "ab") as file:
        file.write(tail)
    again = Sheet(sheet, {"seed": 1}, resume=True)
    assert again.done == kept
    again.append(record(kept + 1))
    again.close()
    assert [one["line"] for one in lines_of(sheet)] == list(range(1, kept + 2))


def test_what_cannot_be_gone_on_with_is_refused(sheet):
    with pytest.raises(UsageFault, match="there already; go on with it by --resume"):
        Sheet(sheet, {"seed": 1})
    with pytest.raises(UsageFault, match="begun with another seed"):
        Sheet(sheet, {"seed": 2}, resume=True)
    going_on = Sheet(sheet, {"seed": 1}, resume=True)
    with pytest.raises(UsageFault, match="being written by another run"):
        Sheet(sheet, {"seed": 1}, resume=True)
    going_on.close()
    sheet.with_name("out.jsonl.job").unlink()
    with pytest.raises(UsageFault, match="cannot be gone on with"):
        Sheet(sheet, {"seed": 1}, resume=True)
    assert len(lines_of(sheet)) == 3


def test_the_stamp_tells_jobs_apart_whose_texts_may_differ(tmp_path):
    class_file = written(tmp_path / "kinds.lark", ['start: "a"'])
    jobs = [Job(WORD), Job(WORD, seed=1), Job(WORD, steps=9), Job(WORD, max_tokens=9), Job(WORD, model="other"), Job(partial(Regex, "b")),
            Job(partial(JsonSchema, {"type": "object"})), Job(partial(JsonSchema, {"type": "array"})), Job(partial(Choice, ("a", "b"))),
            Job(partial(structdiff.Grammar, str(class_file)))]
    stamps = [json.dumps(job.stamp()) for job in jobs]
    assert len(set(stamps)) == len(jobs)
    assert json.dumps(Job(WORD, seats=3).stamp()) == stamps[0]
    written(class_file, ['start: "b"'])
    assert json.dumps(jobs[-1].stamp()) != stamps[-1]


def test_options_are_checked():
    for wrong in ({"seed": -1}, {"max_tokens": 0}, {"seats": 0}, {"steps": 0}):
        with pytest.raises(ConstraintError, match=next(iter(wrong))):
            Job(WORD, **wrong)
    with pytest.raises(UsageFault, match="workers"):
        Processes(0)


# --- denoising -------------------------------------------------------------------------------------------------------------

def test_a_record_is_what_generate_gives_alone_whatever_the_seats():
    rows = [{"prompt": f"City: Oslo\nBoxes: {n}\n" * (1 + n % 3), **({"seed": 5} if n == 3 else {}), **({"max_tokens": 40} if n == 4 else {}),
             **({"schema": {"enum": ["left", "right"]}} if n == 6 else {})} for n in range(9)]
    texts = [json.dumps(row).encode() for row in rows]
    few, many = (answers(Desk(Job(partial(JsonSchema, SCHEMA), seats=seats)), texts) for seats in (2, 9))
    assert few == many
    for number, (row, found) in enumerate(zip(rows, few)):
        alone = structdiff.generate(row["prompt"], row.get("schema", SCHEMA), seed=row.get("seed", number),
                                    max_tokens=row.get("max_tokens", 1024))
        expected = (alone.status.name, alone.text if alone.valid else None, alone.value, alone.forwards)
        assert (found["status"], found["text"], found["value"], found["forwards"]) == expected
        assert found["valid"] is alone.valid and found["id"] == found["line"] == number + 1


def test_what_is_wrong_with_a_line_is_its_answer_and_the_others_go_on():
    lines = [b'{"id": "ok", "prompt": "x"}', b"nonsense", b'{"id": "few", "prompt": "x", "max_tokens": 1, "schema": {"const": "0123456789"}}',
             b'{"id": "none", "prompt": "x", "schema": {"type": "strin"}}', b'{"id": "ok", "prompt": "x"}']
    found = answers(Desk(Job(WORD, seats=4)), lines)
    assert [(one["id"], one["line"], one["status"]) for one in found] == [
        ("ok", 1, "VALID"), (2, 2, "BAD_INPUT"), ("few", 3, "BAD_INPUT"), ("none", 4, "BAD_INPUT"), ("ok", 5, "VALID")]
    for one in found:
        assert one["valid"] is (one["status"] == "VALID") is (one["error"] is None) is (one["text"] is not None)
    assert "strin" in found[3]["error"]


def test_a_row_that_breaks_a_step_fails_alone():
    lines = [json.dumps({"prompt": prompt}).encode() for prompt in ("one", "two", "poison", "four", "five")]
    whole, found = (answers(Desk(Job(partial(kind, "[a-z]{3,8}"), seats=4)), lines) for kind in (Regex, Breaking))
    assert [one["status"] for one in found] == ["VALID", "VALID", "FAILED", "VALID", "VALID"]
    assert "RuntimeError: the poison works" in found[2]["error"]
    assert found[:2] + found[3:] == whole[:2] + whole[3:]


@dataclass(frozen=True)
class Breaking(Regex):
    """A word; where there is poison in the prompt, its checker raises."""

    def plan(self, prompt):
        plan = super().plan(prompt)
        return replace(plan, checkers=(Bomb(),)) if "poison" in prompt else plan

    def key(self, prompt):
        return (self, "poison" in prompt)


@dataclass(frozen=True)
class Bomb:
    def check(self, text):
        raise RuntimeError("the poison works")


def test_a_row_that_breaks_the_model_fails_alone():
    lines = [json.dumps({"prompt": prompt}).encode() for prompt in ("one", "two", "poison " * 40, "four", "unreadable")]
    desk = Desk(Job(WORD, seats=4))
    whole = answers(desk, lines)
    desk._denoiser = Fragile(desk._denoiser)
    desk._batch = structdiff.engine.Batch(desk._denoiser)
    found = answers(desk, lines)
    assert [one["status"] for one in found] == ["VALID", "VALID", "FAILED", "VALID", "FAILED"], [one["error"] for one in found]
    assert "RuntimeError: too long" in found[2]["error"] and "ValueError: no such letters" in found[4]["error"]
    assert [found[place] for place in (0, 1, 3)] == [whole[place] for place in (0, 1, 3)]


class Fragile:
    """A denoiser that fails whenever a prompt with poison has been read with the others, and that cannot read one of another kind."""

    def __init__(self, denoiser):
        self._denoiser, self._poisoned = denoiser, False

    def __getattr__(self, name):
        return getattr(self._denoiser, name)

    def encode(self, prompts):
        if any(prompt.text == "unreadable" for prompt in prompts):
            raise ValueError("no such letters")
        self._poisoned = any("poison" in prompt.text for prompt in prompts)
        return self._denoiser.encode(prompts)

    def __call__(self, canvas, context, level, belief):
        if self._poisoned:
            raise RuntimeError("too long")
        return self._denoiser(canvas, context, level, belief)


def test_a_constraint_that_no_row_can_meet_is_the_jobs_fault():
    with pytest.raises(ConstraintError, match="max_tokens"):
        Desk(Job(partial(Regex, "a{3000}"), max_tokens=3))


def test_a_class_is_found_by_its_name_in_any_process(tmp_path, monkeypatch):
    written(tmp_path / "kinds.py", ["import pydantic", "class Parcel(pydantic.BaseModel):", "    boxes: int"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    sent = pickle.dumps(cli_batch._constraint("kinds.py:Parcel", None, None, None, None, False, True))
    monkeypatch.chdir("/")
    found, = answers(Desk(Job(pickle.loads(sent))), [b'{"prompt": "Boxes: 3"}'])
    assert found["valid"] and found["value"] == json.loads(found["text"]) and type(found["value"]["boxes"]) is int
    assert cli_batch._constraint(None, None, None, None, None, True, False)() is None
    with pytest.raises(UsageFault, match="exactly one"):
        cli_batch._constraint("name", "a", None, None, None, False, False)


# --- processes -------------------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Deadly(Regex):
    """A word; a prompt with poison in it kills the process, at once."""

    def plan(self, prompt):
        if "poison" in prompt:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().plan(prompt)

    def key(self, prompt):
        return (self, "poison" in prompt)


def test_the_row_that_kills_its_process_fails_and_the_others_are_answered(tmp_path):
    rows = [{"prompt": "poison" if number == 3 else f"word {number}"} for number in range(8)]
    out = tmp_path / "out.jsonl"
    summary = run(Job(partial(Deadly, "[a-z]{3,8}"), seats=4), written(tmp_path / "in.jsonl", rows), out, Processes(1))
    found = lines_of(out)
    assert (summary.lines, summary.done, summary.valid) == (8, 8, 7)
    assert [one["line"] for one in found] == list(range(1, 9))
    assert [one["line"] for one in found if not one["valid"]] == [4]
    assert "its process died, twice (signal 9" in found[3]["error"]


def test_a_model_that_cannot_be_loaded_ends_the_run(tmp_path):
    with pytest.raises(DenoiserError):
        run(Job(WORD, model=str(tmp_path)), written(tmp_path / "in.jsonl", prompts(2)), tmp_path / "out.jsonl", Processes(1))


def test_the_input_is_not_overwritten(tmp_path):
    path = written(tmp_path / "in.jsonl", prompts(1))
    with pytest.raises(UsageFault, match="is the input"):
        run(Job(WORD), path, path, resume=True)
    with pytest.raises(UsageFault, match="cannot read"):
        run(Job(WORD), tmp_path / "absent", tmp_path / "out.jsonl")


# --- the command, killed ---------------------------------------------------------------------------------------------------

def command(path, out, *more):
    return [sys.executable, "-m", "structdiff.cli", "batch", str(path), "-o", str(out), "--regex", "[a-z]{3,8}", *more]


def start(*args):
    return subprocess.Popen(command(*args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)


def lines_whole(out):
    return [line for line in out.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]


def finished(process):
    out, err = process.communicate(timeout=900)
    assert process.returncode == 0, err.decode()[-2000:]
    assert out == b""


def killed(process, begun, delay=0.0, how=signal.SIGKILL):
    """Ends the process `delay` seconds after `begun()`; returns what it said."""
    while not begun():
        assert process.poll() is None, process.stderr.read().decode()[-2000:]
        time.sleep(0.02)
    time.sleep(delay)
    process.send_signal(how)
    return process.communicate(timeout=60)[1].decode()


def longer(out, than=0):
    return lambda: out.exists() and len(out.read_bytes().splitlines()) > than


def every_line_once(out, rows):
    found = lines_of(out)
    assert [one["id"] for one in found] == [row["id"] for row in rows]
    assert [one["line"] for one in found] == list(range(1, len(rows) + 1))
    assert all(one["valid"] for one in found)


def test_a_run_that_was_killed_and_interrupted_gives_what_an_uncut_one_gives(tmp_path):
    rows = prompts(300)
    path, out, whole = written(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl", tmp_path / "whole.jsonl"
    killed(start(path, out, "--workers", "1", "--seats", "8"), longer(out))
    cut = len(lines_whole(out))
    process = start(path, out, "--workers", "1", "--seats", "8", "--resume")
    said = killed(process, longer(out, cut), how=signal.SIGTERM)
    assert process.returncode == 130 and "go on with --resume" in said and "Traceback" not in said
    assert out.read_bytes().endswith(b"\n") and cut < len(lines_whole(out)) < len(rows)
    finished(start(path, out, "--workers", "1", "--resume"))
    every_line_once(out, rows)
    run(Job(WORD), path, whole, Here())
    assert out.read_bytes() == whole.read_bytes()


class Here:
    """An engine: this process."""

    def records(self, job, source, done):
        with open(source.path, "rb") as file:
            texts = [(one.number, one.text(file)) for one in source.positions(done)]
        desk, found = Desk(job), []
        desk.take(texts)
        while desk.busy:
            found += desk.step()
        yield from (record for _, record in sorted(found))


@needs_ray
def test_ray_gives_the_same_file(tmp_path):
    rows = [*prompts(20), "nonsense"]
    path, here, there = written(tmp_path / "in.jsonl", rows), tmp_path / "here.jsonl", tmp_path / "there.jsonl"
    run(Job(WORD), path, here, Here())
    process = start(path, there, "--ray", "local", "--workers", "1")
    _, err = process.communicate(timeout=300)
    assert process.returncode == 3, err.decode()[-2000:]
    assert there.read_bytes() == here.read_bytes()
    assert not there.with_name("there.jsonl.parts").exists()


@needs_ray
def test_lines_are_put_in_order_from_confirmed_shards_alone(tmp_path):
    script = """
import sys
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as parquet
from structdiff.errors import DenoiserError
from structdiff.integrations.ray import _in_order

folder = Path(sys.argv[1])
(folder / "records").mkdir(), (folder / "checkpoint").mkdir()
def shard(name, lines, note=".parquet"):
    parquet.write_table(pa.table({"line": lines, "record": [b"%d of %s" % (line, name.encode()) for line in lines]}),
                        folder / "records" / f"{name}-0.parquet")
    (folder / "checkpoint" / (name + note)).touch()
shard("a", [5, 2]), shard("b", [4, 3]), shard("c", [4, 6], ".pending.parquet"), shard("d", [3, 4])
(folder / "records" / "e-0.parquet").write_bytes(b"PAR1 torn")
print([one.split()[0] for one in _in_order(folder, 1, 5)], [one.split()[0] for one in _in_order(folder, 3, 5)])
try:
    list(_in_order(folder, 1, 6))
except DenoiserError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines() == ["['2', '3', '4', '5'] ['4', '5']", "Ray ended, and 1 lines have no answer; go on with --resume"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_two_thousand_rows_killed_at_a_random_moment(tmp_path, seed):
    rows = prompts(2000)
    path, out = written(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl"
    delay = random.Random(seed).uniform(0, 15)
    killed(start(path, out, "--workers", "2"), longer(out), delay)
    assert 0 < len(lines_whole(out)) < len(rows)
    finished(start(path, out, "--workers", "2", "--resume"))
    every_line_once(out, rows)


@needs_ray
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_two_thousand_rows_on_ray_killed_at_a_random_moment(tmp_path, seed):
    rows = prompts(2000)
    path, out = written(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl"
    shards = tmp_path / "out.jsonl.parts"
    delay = random.Random(seed).uniform(0, 10)
    killed(start(path, out, "--ray", "local", "--workers", "2"), lambda: any(shards.glob("*/checkpoint/*.parquet")), delay)
    assert out.read_bytes() == b"" and shards.exists()
    finished(start(path, out, "--ray", "local", "--workers", "2", "--resume"))
    every_line_once(out, rows)
    assert not shards.exists()


@needs_ray
@pytest.mark.slow
def test_a_run_on_ray_that_ended_while_its_lines_were_put_in_order_goes_on(tmp_path):
    rows = prompts(40)
    path, out = written(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl"
    script = """
import os, sys
from functools import partial
from pathlib import Path
from structdiff import Regex
from structdiff.batch import Job
from structdiff.batch.source import Source
from structdiff.integrations.ray import OnRay

records = OnRay(Path(sys.argv[2] + ".parts"), workers=1, lines=16).records(Job(partial(Regex, "[a-z]{3,8}")), Source.of(Path(sys.argv[1])), 0)
print(next(records), flush=True)
os._exit(0)
"""
    first = subprocess.run([sys.executable, "-c", script, str(path), str(out)], capture_output=True, text=True, cwd=ROOT, check=True).stdout
    finished(start(path, out, "--ray", "local", "--workers", "1", "--resume"))
    every_line_once(out, rows)
    assert out.read_text("utf-8").startswith(first)
    assert not tmp_path.joinpath("out.jsonl.parts").exists()


@needs_ray
@pytest.mark.slow
def test_the_application_runs_unchanged_under_ray_serve():
    script = """
import httpx, ray
from ray import serve
import ray_serve

ray.init("local", num_cpus=4, include_dashboard=False, log_to_driver=False, object_store_memory=256 << 20)
serve.start(http_options={"port": 8765})
serve.run(ray_serve.api)
body = {"model": "structdiff", "messages": [{"role": "user", "content": "Is it?"}], "seed": 3,
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"enum": ["yes", "no"]}}}}
reply = httpx.post("http://127.0.0.1:8765/v1/chat/completions", json=body, timeout=120)
print("content", reply.status_code, reply.json()["choices"][0]["message"]["content"])
print("models", httpx.get("http://127.0.0.1:8765/v1/models").json()["data"][0]["id"])
serve.shutdown()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=600,
                          env={**os.environ, "PYTHONPATH": f"{ROOT / 'examples'}:{ROOT}", "RAY_USAGE_STATS_ENABLED": "0"})
    said = [line for line in done.stdout.splitlines() if line.startswith(("content", "models"))]
    assert said in (['content 200 "yes"', "models structdiff"], ['content 200 "no"', "models structdiff"]), done.stdout[-1000:] + done.stderr[-3000:]
