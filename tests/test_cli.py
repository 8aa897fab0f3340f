"""The command line against a stand-in for the library: exit codes, what goes to stdout, what to stderr, and how."""

import datetime
import io
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pydantic
import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner

import structdiff
from structdiff import Choice, JsonSchema, Regex, Validated, cli, live
from structdiff.api import MAX_TOKENS
from structdiff.errors import ConstraintError, DenoiserError, StructdiffError
from structdiff.models.table import Table
from structdiff.noise import Uniform
from structdiff.result import Result, Status, Step
from structdiff.verdict import Violation
from structdiff.vocab import Vocab

END, SPECIAL, HOSTILE = 256, 257, 258
VOCAB = Vocab((*(bytes([byte]) for byte in range(256)), None, None, b"[bold]</script><img onerror>"), (END,))
TEXT = '{"name": "Zoë"}'
OBJECT = '{"type": "object"}'


def step(proposal, kept=None, renoised=None, block=0, entropy=0.5):
    proposal = tuple(proposal)
    return Step(block, 0.5, proposal, tuple(kept or [True] * len(proposal)), (entropy,) * len(proposal), renoised or {})


def result(status=Status.VALID, text=TEXT, value=None, violations=()):
    steps = (step(b"a?", [True, False], {1: "not a letter"}), step(b"ab"))
    return Result(status, text, (97, 98), value, tuple(violations), 2, 0.25, steps)


BROKEN = result(Status.UNRESOLVED, "{}", violations=[Violation("required", "name is missing", "/name", ((0, 2),))])


@dataclass(frozen=True)
class Explanation:
    automaton: tuple = ("/: type",)
    checkers: tuple = ("/tags: uniqueItems",)
    refused: tuple = ()
    ignored: tuple = ("/x: not a keyword",)
    shortest: int | None = 4
    canonical: tuple = ("Properties are in schema order.",)


@dataclass
class Api:
    """What the library would do: what is generated or raised, and what it was asked for."""

    result: Result = field(default_factory=lambda: result(value={"name": "Zoë"}))
    explanation: Explanation = Explanation()
    fault: BaseException | None = None
    load_fault: BaseException | None = None
    calls: list = field(default_factory=list)

    def load(self, name):
        self.calls.append(SimpleNamespace(load=name))
        if self.load_fault:
            raise self.load_fault
        return SimpleNamespace(vocab=VOCAB)

    def generate(self, prompt, constraint, *, model=None, seed=0, steps=None, max_tokens=None, on_step=None):
        self.calls.append(SimpleNamespace(prompt=prompt, constraint=constraint, seed=seed, steps=steps,
                                          max_tokens=max_tokens, model=model))
        for one in self.result.steps if on_step else ():
            on_step(0, one)
        if self.fault:
            raise self.fault
        return self.result

    def explain(self, schema, vocab):
        self.calls.append(SimpleNamespace(schema=schema, vocab=vocab))
        if self.fault:
            raise self.fault
        return self.explanation

    @property
    def last(self):
        return self.calls[-1]


@pytest.fixture
def api(monkeypatch, tmp_path):
    fake = Api()
    for name in ("load", "generate", "explain"):
        monkeypatch.setattr(structdiff, name, getattr(fake, name))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv("STRUCTDIFF_DEBUG", raising=False)
    return fake


def run(*args, stdin=None):
    return CliRunner().invoke(cli.app, [str(arg) for arg in args], input=stdin)


def generate(*args, stdin=None):
    return run("generate", *args, stdin=stdin)


def faulty(outcome, code, *words):
    """The outcome is one sentence on stderr, nothing on stdout, and no traceback."""
    assert outcome.exit_code == code, outcome.output
    assert outcome.stdout == "" and "Traceback" not in outcome.stderr
    assert len(outcome.stderr.strip().splitlines()) == 1, outcome.stderr
    for word in words:
        assert word in outcome.stderr


# What is generated

def test_the_text_is_all_there_is_on_stdout(api):
    outcome = generate("who", "--schema", OBJECT)
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (0, TEXT + "\n", "")
    assert api.last.prompt == "who" and api.last.constraint == JsonSchema({"type": "object"})
    assert (api.last.seed, api.last.steps, api.last.max_tokens) == (0, None, MAX_TOKENS)


def test_options_reach_the_library(api):
    generate("who", "--schema", OBJECT, "--grounded", "--compact", "--seed", 7, "--steps", 3, "--max-tokens", 9,
             "--model", "other")
    assert api.last.constraint == JsonSchema({"type": "object"}, grounded=True, compact=True)
    assert (api.last.seed, api.last.steps, api.last.max_tokens) == (7, 3, 9)
    assert api.calls[0].load == "other"


@pytest.mark.parametrize("args, constraint", [
    (["--regex", "[a-z]+"], Regex("[a-z]+")),
    (["--choice", "yes", "--choice", "no"], Choice(("yes", "no"))),
    (["--schema", "name, age int"], JsonSchema({"type": "object", "properties": {
        "name": {"type": "string"}, "age": {"type": "integer"}}, "required": ["name", "age"]})),
])
def test_each_kind_of_constraint(api, args, constraint):
    assert generate("p", *args).exit_code == 0
    assert api.last.constraint == constraint


@pytest.mark.parametrize("args", [[], ["-"]])
def test_the_prompt_can_come_from_stdin(api, args):
    assert generate(*args, "--regex", "a", stdin="été\nlong\n").exit_code == 0
    assert api.last.prompt == "été\nlong"


def test_json_is_one_object(api):
    outcome = generate("p", "--schema", OBJECT, "--json", "--seed", 5)
    assert json.loads(outcome.stdout) == {
        "status": "VALID", "valid": True, "value": {"name": "Zoë"}, "text": TEXT, "violations": [], "forwards": 2,
        "seconds": 0.25, "seed": 5}
    assert outcome.stdout.count("\n") == 1 and outcome.stderr == ""


def test_json_of_instances_holds_their_fields(api):
    class Person(pydantic.BaseModel):
        name: str

    @dataclass
    class Team:
        people: list
        since: datetime.date
        tags: frozenset

    api.result = result(value=Team([Person(name="Zoë")], datetime.date(2025, 4, 2), frozenset({"a"})))
    assert json.loads(generate("p", "--regex", "a", "--json").stdout)["value"] == {
        "people": [{"name": "Zoë"}], "since": "2025-04-02", "tags": ["a"]}


def test_a_lone_surrogate_survives_as_its_escape(api):
    api.result = result(value="\ud800", text='"\\ud800"')
    outcome = generate("p", "--regex", "a", "--json")
    assert outcome.exit_code == 0 and json.loads(outcome.stdout)["value"] == "\ud800"


def test_an_invalid_result_is_on_stderr_only(api):
    api.result = BROKEN
    outcome = generate("p", "--schema", OBJECT)
    assert (outcome.exit_code, outcome.stdout) == (3, "")
    assert outcome.stderr == (f"not valid (UNRESOLVED): {Status.UNRESOLVED.value}\n"
                              "  at /name: name is missing (required)\n")


def test_an_invalid_result_as_json_is_still_an_object(api):
    api.result = BROKEN
    outcome = generate("p", "--schema", OBJECT, "--json")
    assert outcome.exit_code == 3
    printed = json.loads(outcome.stdout)
    assert (printed["status"], printed["valid"], printed["value"]) == ("UNRESOLVED", False, None)
    assert printed["violations"] == [{"rule": "required", "message": "name is missing", "pointer": "/name",
                                      "spans": [[0, 2]], "by": "checker"}]


def test_what_a_violation_says_cannot_steer_the_terminal(api):
    api.result = result(Status.UNRESOLVED, violations=[Violation("enum", "'\x1b[31m\u202e' is not allowed")])
    assert "'␛[31m�' is not allowed" in generate("p", "--regex", "a").stderr


# Wrong usage

@pytest.mark.parametrize("args, words", [
    (["p"], ["no constraint given", "exactly one of --schema, --regex, --choice and --grammar"]),
    (["p", "--regex", "a", "--choice", "b"], ["--regex and --choice given"]),
    (["p", "--schema", OBJECT, "--regex", ""], ["--schema and --regex given"]),
    (["p", "--regex", "a", "--grounded"], ["--grounded is only for --schema"]),
    (["p", "--choice", "a", "--compact"], ["--compact is only for --schema"]),
    (["", "--regex", "a"], ["the prompt is empty"]),
    ([" \n", "--regex", "a"], ["the prompt is empty"]),
    (["--regex", "a"], ["the prompt is empty"]),
    (["p", "--schema", '{"type":\n "object",}'], ["--schema:2:", "not valid JSON"]),
    (["p", "--schema", "missing.json"], ["cannot read the schema missing.json: No such file"]),
    (["p", "--schema", "no_such_module:Person"], ["cannot import no_such_module", "No module named"]),
    (["p", "--schema", "missing.py:Person"], ["cannot import missing.py: there is no such file"]),
    (["p", "--schema", "json:Nothing"], ["json has no Nothing"]),
    (["p", "--schema", "json:JSONDecoder"], ["JSONDecoder has no JSON Schema"]),
    (["p", "--schema", "json:loads"], ["json:loads is not a class", "BaseModel"]),
    (["p", "--schema", "age integer"], ["field 'age'", "str, int, float, bool"]),
    (["p", "--schema", ""], ["the schema lists no field"]),
])
def test_wrong_usage_exits_with_2(api, args, words):
    faulty(generate(*args), 2, *words)
    assert not api.calls


@pytest.mark.parametrize("args", [["--steps", "0"], ["--max-tokens", "0"], ["--seed", "-1"], ["--steps", "x"],
                                  ["--nope"]])
def test_a_bad_option_exits_with_2_and_is_named(api, args):
    outcome = generate("p", "--regex", "a", *args)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert args[0] in outcome.stderr


@pytest.mark.parametrize("content, words", [
    (b'{\n  "type": object\n}', ["schema.json:2:11", "not valid JSON"]),
    (b"[1]", ["schema.json", "a schema is a JSON object (or true, or false)"]),
    (b'{"a": "\xff"}', ["schema.json: not UTF-8 at byte 7"]),
    (b"[" * 100_000, ["schema.json"]),
])
def test_a_bad_schema_file_exits_with_2_and_says_where(api, tmp_path, content, words):
    (tmp_path / "schema.json").write_bytes(content)
    faulty(generate("p", "--schema", "schema.json"), 2, *words)


def test_stdin_that_is_not_text_exits_with_2(api):
    faulty(run("generate", "--regex", "a", stdin=b"ab\xff"), 2, "stdin: not UTF-8 at byte 2")


def test_a_constraint_fault_exits_with_2(api):
    api.fault = ConstraintError("maximum is below minimum", "/properties/age")
    faulty(generate("p", "--schema", OBJECT), 2, "at /properties/age: maximum is below minimum")


# Where a schema comes from

CLASSES = """
from __future__ import annotations
from pydantic import BaseModel
class Street(BaseModel):
    name: str
class Person(BaseModel):
    home: Street
    class Pet(BaseModel):
        name: str
People = list[Person]
"""


@pytest.mark.parametrize("flags, grounded", [([], False), (["--grounded"], True)])
@pytest.mark.parametrize("source, name", [("people:Person", "Person"), ("people.py:Person", "Person"),
                                          ("./people.py:Person.Pet", "Pet"), ("people:People", None)])
def test_a_type_brings_its_schema_and_its_validation(api, tmp_path, monkeypatch, source, name, flags, grounded):
    monkeypatch.delitem(sys.modules, "people", raising=False)
    (tmp_path / "people.py").write_text(CLASSES)
    assert generate("p", "--schema", source, *flags).exit_code == 0
    schema, validated = api.last.constraint.parts
    assert (schema.schema.get("title"), schema.grounded) == (name, grounded)
    assert isinstance(validated, Validated) and name in (None, validated.kind.__name__)


@pytest.mark.parametrize("code, said", [("1/0", "division by zero"), ("raise SystemExit('bye')", "bye"),
                                        ("(", "line 1")])
def test_a_module_that_fails_is_named(api, tmp_path, code, said):
    (tmp_path / "broken.py").write_text(code)
    faulty(generate("p", "--schema", "broken.py:Person"), 2, "cannot import broken.py", said)


@pytest.mark.parametrize("name, prefix", [("person", ""), ("person.json", ""), ("person.schema", "\ufeff")])
def test_a_file_that_exists_is_read(api, tmp_path, name, prefix):
    (tmp_path / name).write_text(prefix + '{"title": "P"}', encoding="utf-8")
    assert generate("p", "--schema", name).exit_code == 0
    assert api.last.constraint == JsonSchema({"title": "P"})


@pytest.mark.parametrize("text", ["true", "false"])
def test_a_boolean_is_a_schema(api, tmp_path, text):
    (tmp_path / "any.json").write_text(text)
    generate("p", "--schema", "any.json")
    assert api.last.constraint == JsonSchema(json.loads(text))


def test_words_are_fields_when_no_file_has_that_name(api):
    generate("p", "--schema", "person")
    assert list(api.last.constraint.schema["properties"]) == ["person"]


# What fails

def test_a_model_that_does_not_load_exits_with_1(api):
    api.load_fault = DenoiserError("no model at nowhere; give a name or a folder")
    faulty(generate("p", "--regex", "a", "--model", "nowhere"), 1, "no model at nowhere")


@pytest.mark.parametrize("fault, words", [
    (StructdiffError("out of luck"), ["structdiff: out of luck"]),
    (RuntimeError("two\nlines"), ["unexpected RuntimeError: two lines", "STRUCTDIFF_DEBUG=1"]),
])
def test_a_failure_exits_with_1_and_no_traceback(api, fault, words):
    api.fault = fault
    faulty(generate("p", "--regex", "a"), 1, *words)


def test_a_traceback_is_there_for_those_who_ask(api, monkeypatch):
    monkeypatch.setenv("STRUCTDIFF_DEBUG", "1")
    api.fault = RuntimeError("odd")
    outcome = generate("p", "--regex", "a")
    assert outcome.exit_code == 1 and "Traceback" in outcome.stderr and "RuntimeError: odd" in outcome.stderr


@pytest.mark.parametrize("during", ["fault", "load_fault"])
def test_an_interrupt_exits_with_130(api, during):
    setattr(api, during, KeyboardInterrupt())
    faulty(generate("p", "--regex", "a"), 130, "interrupted")


# The trace

def test_a_trace_is_written_next_to_the_text(api, tmp_path):
    outcome = generate("<p>", "--regex", "a", "--trace", "out.html")
    assert (outcome.exit_code, outcome.stdout) == (0, TEXT + "\n")
    assert "not a letter" in (tmp_path / "out.html").read_text("utf-8")


def test_an_invalid_result_is_traced_too(api, tmp_path):
    api.result = BROKEN
    assert generate("p", "--regex", "a", "--trace", "out.html").exit_code == 3
    assert "UNRESOLVED" in (tmp_path / "out.html").read_text("utf-8")


def test_a_trace_that_cannot_be_written_costs_no_run(api):
    faulty(generate("p", "--regex", "a", "--trace", "missing/out.html"), 1, "there is no folder missing")
    assert not api.calls


# Progress

def test_without_a_terminal_streaming_is_one_plain_line_a_forward(api):
    outcome = generate("p", "--regex", "a", "--stream")
    assert outcome.stdout == TEXT + "\n"
    assert outcome.stderr == ("block 1, forward 1: kept 1 of 2, mean entropy 0.500, rules broken 1\n"
                              "block 1, forward 2: kept 2 of 2, mean entropy 0.500, rules broken 0\n")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def watched(*steps, stream=True, width=80, **env):
    """What a terminal is sent when these steps are watched."""
    screen = Terminal()
    console = Console(file=screen, force_terminal=True, width=width, highlight=False,
                      _environ={"TERM": "xterm-256color", **env})
    with live.watch(VOCAB, stream, console) as on_step:
        for one in steps:
            on_step(0, one)
    return screen.getvalue()


def test_a_terminal_shows_kept_noise_and_broken_tokens_apart():
    sent = watched(step(b"abcd", [True, False, False, True], {2: "rule", 3: "rule"}))
    assert "a\x1b[2mb\x1b[0m\x1b[4;31mc\x1b[0m\x1b[4md\x1b[0m" in sent
    assert "block 1, forward 1: kept 2 of 4" in sent


def test_no_color_leaves_no_colour():
    sent = watched(step(b"abc", [True, False, False], {2: "rule"}), NO_COLOR="1")
    assert "a\x1b[2mb\x1b[0m\x1b[4mc\x1b[0m" in sent


def test_stdout_stays_the_results_while_a_terminal_is_watched(capsys):
    screen = Terminal()
    with live.watch(VOCAB, True, Console(file=screen, force_terminal=True, _environ={"TERM": "xterm"})) as on_step:
        on_step(0, step(b"abc"))
        print("data")
    assert capsys.readouterr().out == "data\n" and "data" not in screen.getvalue()


def test_without_streaming_the_terminal_shows_a_line_that_goes_away():
    sent = watched(step(b"abc"), stream=False)
    assert "kept 3 of 3" in sent and "abc" not in sent
    assert sent.endswith("\x1b[2K")


def test_a_dumb_terminal_gets_plain_lines():
    assert watched(step(b"abc"), TERM="dumb") == "block 1, forward 1: kept 3 of 3, mean entropy 0.500, rules broken 0\n"


def test_no_terminal_and_no_streaming_shows_nothing():
    with live.watch(VOCAB, False, Console(file=io.StringIO())) as on_step:
        assert on_step is None


@pytest.mark.parametrize("proposal, kept, drawn", [
    ([HOSTILE], [True], "[bold]</script><img onerror>"),
    ([*b"ab", END, *b"zz"], None, "ab"),
    ([END], None, ""),
    (b"a\n\tb", [True] * 4, "a⏎\n⇥b"),
    (b"a\nb", [False] * 3, "a⏎b"),
    (b"\x1b[31m\x00\x7f", None, "␛[31m␀�"),
    ("ë…".encode(), None, "ë…"),
    ([0xE2, SPECIAL], None, "�□"),
])
def test_the_canvas_is_text_and_only_text(proposal, kept, drawn):
    assert live.canvas(VOCAB, step(proposal, kept)).plain == drawn


def test_an_ascii_terminal_is_sent_ascii():
    assert live.canvas(VOCAB, step("ë\n".encode()), ascii_only=True).plain == "??\n"


def test_markup_in_tokens_reaches_the_terminal_unread():
    assert "[bold]</script><img onerror>" in watched(step([HOSTILE]))


# The other commands

def test_check_schema_prints_what_is_enforced_how(api):
    outcome = run("check-schema", OBJECT)
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert outcome.stdout == """\
enforced as the text is written (automaton):
  /: type
checked on the whole text (checkers):
  /tags: uniqueItems
refused:
  nothing
says nothing:
  /x: not a keyword
canonical form:
  Properties are in schema order.
shortest completion: 4 tokens
"""
    assert api.last.schema == {"type": "object"} and api.last.vocab is VOCAB


def test_check_schema_as_json(api):
    assert json.loads(run("check-schema", "-", "--json", stdin=OBJECT).stdout) == {
        "automaton": ["/: type"], "checkers": ["/tags: uniqueItems"], "refused": [], "ignored": ["/x: not a keyword"], "shortest": 4,
        "canonical": ["Properties are in schema order."]}


def test_check_schema_of_something_refused_exits_with_2(api):
    api.explanation = Explanation(refused=("/: unevaluatedItems",), shortest=None)
    outcome = run("check-schema", OBJECT)
    assert outcome.exit_code == 2
    assert "  /: unevaluatedItems\n" in outcome.stdout and "shortest completion: none" in outcome.stdout
    assert outcome.stderr.endswith("so it is refused: /: unevaluatedItems\n")


def test_check_schema_of_the_unsatisfiable_exits_with_2(api):
    api.fault = ConstraintError("no value satisfies it", "/properties/a")
    faulty(run("check-schema", OBJECT), 2, "at /properties/a: no value satisfies it")


@pytest.mark.parametrize("stdin, words", [("{", "stdin:1:2"), ("", "stdin:1:1"), ("3", "a schema is a JSON object")])
def test_check_schema_says_where_stdin_is_wrong(api, stdin, words):
    faulty(run("check-schema", "-", stdin=stdin), 2, words)


def test_version():
    outcome = run("--version")
    assert outcome.exit_code == 0 and outcome.stdout.startswith("structdiff ")


@pytest.mark.parametrize("args", [[], ["generate"], ["check-schema"], ["demo"]])
def test_help_is_on_stdout_without_escapes(args):
    outcome = run(*args, "--help")
    assert outcome.exit_code == 0 and "\x1b" not in outcome.stdout and outcome.stderr == ""


def test_the_demo_reads_its_own_email(api):
    from structdiff.demo import EMAIL, Invoice

    stated = Invoice(invoice_number="INV-20417", seller="Halden Paper Supply", due_date="2 April 2025", total=1284.5,
                     paid=False)
    api.result = result(value=stated)
    outcome = run("demo")
    assert outcome.exit_code == 0 and api.last.prompt == EMAIL and api.last.constraint is Invoice
    assert outcome.stdout.startswith(EMAIL)
    printed = outcome.stdout.removeprefix(EMAIL).strip().rsplit("\n", 1)
    assert json.loads(printed[0]) == stated.model_dump()
    assert printed[1] == "valid, 2 forwards, 0.25 seconds"
    facts = (stated.invoice_number, stated.seller, stated.due_date, f"{stated.total:.2f}")
    assert all(fact in EMAIL for fact in facts)


def test_a_demo_that_is_not_valid_exits_with_3(api):
    api.result = BROKEN
    outcome = run("demo")
    assert outcome.exit_code == 3 and "valid," not in outcome.stdout and "not valid" in outcome.stderr


def test_the_example_has_the_demos_email_and_fits_on_a_page():
    from structdiff.demo import EMAIL

    examples = Path(__file__).parent.parent / "examples"
    assert (examples / "email.txt").read_text("utf-8") == EMAIL
    assert len((examples / "invoice.py").read_text("utf-8").splitlines()) <= 40


# The whole way

@pytest.fixture
def toy(monkeypatch, tmp_path):
    """A model that believes nothing in particular, and the real engine."""
    beliefs = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 16, len(VOCAB))))
    monkeypatch.setattr(structdiff, "load", lambda name: Table(VOCAB, Uniform(len(VOCAB)), beliefs))
    monkeypatch.chdir(tmp_path)


def test_what_the_engine_calls_valid_matches(toy, tmp_path):
    outcome = generate("p", "--regex", "[a-c]{3,9}", "--steps", 4, "--stream", "--trace", "out.html")
    assert outcome.exit_code == 0 and re.fullmatch("[a-c]{3,9}\n", outcome.stdout)
    assert outcome.stderr.startswith("block 1, forward 1: kept ")
    assert "VALID" in (tmp_path / "out.html").read_text("utf-8")


def test_an_object_is_what_the_schema_says(toy):
    outcome = generate("p", "--schema", "ok bool", "--compact", "--steps", 4, "--json")
    printed = json.loads(outcome.stdout)
    assert printed["value"] in ({"ok": True}, {"ok": False}) and json.loads(printed["text"]) == printed["value"]


def test_a_budget_that_is_too_small_exits_with_2(toy):
    faulty(generate("p", "--schema", "ok bool", "--max-tokens", 3), 2, "the budget is 3; raise max_tokens")
