"""How long, and how much memory, from a schema to its automaton over a large model's vocabulary, beside outlines-core?

Each compilation has a process of its own, with the vocabulary (ours: its trie, outlines-core's: its `Vocabulary`) made
before the clock starts. outlines-core gets the schema as a regular expression with the same freedom of whitespace.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import multiprocessing
import re
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from outlines_core import Index, Vocabulary

from structdiff.automaton import Automaton
from structdiff.constraints.json_schema import JsonSchema
from structdiff.lift import lift
from structdiff.machine import accepts
from structdiff.vocab import Vocab
from tasks.bench.vocabulary import synthetic

FIELDS: dict[str, Any] = {
    "name": {"type": "string"},
    "paid": {"type": "boolean"},
    "email": {"type": "string", "format": "email"},
    "date": {"type": "string", "format": "date"},
    "status": {"enum": ["draft", "sent", "paid", "overdue"]},
    "amount": {"type": "number"},
    "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
    "address": {
        "type": "object",
        "properties": {"street": {"type": "string"}, "zip": {"type": "string", "pattern": "^[0-9]{5}$"}},
        "required": ["street", "zip"],
    },
}


def schema(fields: int = len(FIELDS)) -> dict[str, Any]:
    """Returns an object schema of that many required fields; past eight, the same again under new names."""
    names = [(name, 1 + number // len(FIELDS)) for number, name in zip(range(fields), list(FIELDS) * fields)]
    properties = {name if copy == 1 else f"{name}{copy}": FIELDS[name] for name, copy in names}
    return {"type": "object", "properties": properties, "required": list(properties)}


# --- the same schema as a regular expression ------------------------------------------------------------------------

BLANK = r"(?:[ \t\n\r]{0,2}|\r?\n[ \t]*)"
COMMA, COLON = f"{BLANK},{BLANK}", f"{BLANK}:{BLANK}"
HEX = "[0-9a-fA-F]"
STRING = (rf'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u(?:[0-9a-cefA-CEF]{HEX}{{3}}|[dD][0-7]{HEX}{{2}}'
          rf'|[dD][89abAB]{HEX}{{2}}\\u[dD][c-fC-F]{HEX}{{2}})))*"')
NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?"
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = rf'"{ATOM}(?:\.{ATOM})*@{LABEL}(?:\.{LABEL})*"'
DATE = ('"(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)'
        "|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])"
        '|(?:[02468][048]|[13579][26])00)-02-29)"')


def _object(members: dict[str, str]) -> str:
    return rf"\{{{BLANK}" + COMMA.join(f'"{name}"{COLON}{value}' for name, value in members.items()) + rf"{BLANK}\}}"


REGEX = _object({
    "name": STRING,
    "paid": "(?:true|false)",
    "email": EMAIL,
    "date": DATE,
    "status": '"(?:draft|sent|paid|overdue)"',
    "amount": NUMBER,
    "tags": rf"\[{BLANK}(?:\]|{STRING}(?:{COMMA}{STRING}){{0,4}}{BLANK}\])",
    "address": _object({"street": STRING, "zip": '"[0-9]{5}"'}),
})

VALUES = {
    "name": '"Ada"', "paid": "true", "email": '"ada@example.org"', "date": '"2024-02-29"', "status": '"sent"',
    "amount": "12.5", "tags": '["a", "b"]', "address": '{"street": "Elm 1", "zip": "01234"}',
}
VARIANTS = {         # other values of each field, right and wrong
    "name": ['""', '"é日😀"', r'"\n\u00e9\ud83d\ude00"', r'"\ud83d"', r'"\x"', '"a\tb"', '"a"b"', "null"],
    "paid": ["false", "True", '"true"'],
    "email": ['"a.b+c@d-e.co"', '"a@b"', '"a..b@c"', '"@b"', '"a@-b"', f'"a@{"b" * 63}"', f'"a@{"b" * 64}"'],
    "date": ['"2023-02-29"', '"2000-02-29"', '"1900-02-29"', '"2024-13-01"', '"2024-04-31"', '"24-01-01"'],
    "status": ['"overdue"', '"late"', '"drafts"', "1"],
    "amount": ["0", "-0", "01", ".5", "1.", "-3e+07", "1e123", "1E5", "+1"],
    "tags": ["[]", "[ ]", '["a"]', '["a",]', '["a","b","c","d","e"]', '["a","b","c","d","e","f"]', "[1]"],
    "address": ['{ "street":"" , "zip":"00000" }', '{"street": "a", "zip": "1234"}', '{"zip": "01234", "street": "a"}', "{}"],
}


def samples() -> list[bytes]:
    """Texts on both sides of the language's edge."""
    def written(values: dict[str, str], comma: str = ", ", colon: str = ": ", edge: str = "") -> bytes:
        members = comma.join(f'"{name}"{colon}{value}' for name, value in values.items())
        return f"{{{edge}{members}{edge}}}".encode()

    one_changed = [written(VALUES | {name: value}) for name, values in VARIANTS.items() for value in values]
    spaced = [written(VALUES, f",{blank}", f"{blank}:", blank) for blank in ("", "\n\t", "\r\n    ", "   ", "\x0b")]
    fewer = [written({name: value for name, value in VALUES.items() if name != left_out}) for left_out in VALUES]
    whole = written(VALUES)
    broken = [b"", b" " + whole, whole + b" ", whole[:-1], whole[:-1] + b",}", whole.replace(b"Ada", b"\xc3"),
              whole.replace(b"Ada", b"\xed\xa0\x80"), whole.replace(b"Ada", b"\xf0\x9f\x98\x80")]
    return [whole, *one_changed, *spaced, *fewer, *broken]


def check_agreement() -> int:
    """Returns how many sample texts the schema and the regular expression agree on.

    Raises:
        AssertionError: they disagree on one, or all samples fall on one side.
    """
    machine = JsonSchema(schema()).plan("").machine
    index = Index(REGEX, Vocabulary(256, {bytes([byte]): [byte] for byte in range(256)}))
    verdicts = [(text, accepts(machine, text), _index_accepts(index, text)) for text in samples()]
    disputed = [text for text, ours, theirs in verdicts if ours != theirs]
    assert not disputed, f"the schema and the regular expression disagree on {disputed}"
    assert 0.2 < sum(ours for _, ours, _ in verdicts) / len(verdicts) < 0.8
    return len(verdicts)


def _index_accepts(index: Index, text: bytes) -> bool:
    state = index.get_initial_state()
    for byte in text:
        state = index.get_next_state(state, byte)
        if state is None:
            return False
    return index.is_final_state(state)


# --- contestants, each in a process of its own ----------------------------------------------------------------------


@dataclass(frozen=True)
class Compilation:
    """Seconds, and megabytes at the peak over what the process held when the clock started."""

    prepare_s: float
    compile_s: float
    memory_mb: float
    detail: dict[str, float]
    finished: bool = True


def _ours(size: int, report: Connection) -> None:
    vocab = synthetic(size)
    begun = time.perf_counter()
    vocab.trie
    prepared = time.perf_counter() - begun
    clock = _Clock(report)
    plan = JsonSchema(schema()).plan("")
    planned = clock.seconds()
    automaton = lift(plan.machine, vocab, plan.machine.start)
    took, memory = clock.seconds(), clock.megabytes()
    detail = {"plan_s": planned, "lift_s": took - planned, **shape(automaton)}
    report.send(Compilation(prepared, took, memory, detail))


def _outlines(size: int, report: Connection) -> None:
    vocab = synthetic(size)
    begun = time.perf_counter()
    vocabulary = outlines_vocabulary(vocab)
    prepared = time.perf_counter() - begun
    clock = _Clock(report)
    index = Index(REGEX, vocabulary)
    took, memory = clock.seconds(), clock.megabytes()
    transitions = index.get_transitions()
    detail = {"states": len(transitions), "transitions": sum(map(len, transitions.values()))}
    report.send(Compilation(prepared, took, memory, detail))


def outlines_vocabulary(vocab: Vocab) -> Vocabulary:
    return Vocabulary(vocab.end_tokens[0], {text: [token] for token, text in enumerate(vocab.tokens) if text})


def shape(automaton: Automaton) -> dict[str, int]:
    return {"states": automaton.states, "classes": automaton.classes, "arcs": len(automaton.arcs),
            "sets": len(automaton.sets), "set_entries": len(automaton.sets.items)}


class _Clock:
    """Started when built: tells the parent so, and forgets the process's peak of memory where the kernel allows."""

    def __init__(self, report: Connection):
        gc.collect()
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)         # or what was freed before would hide what is taken now
            Path("/proc/self/clear_refs").write_text("5")
        report.send("ready")
        self._memory, self._begun = _peak(), time.perf_counter()

    def seconds(self) -> float:
        return time.perf_counter() - self._begun

    def megabytes(self) -> float:
        return _peak() - self._memory


def _peak() -> float:
    """Returns the most megabytes this process has held. Not `ru_maxrss` on Linux: that starts from its parent's."""
    with suppress(OSError):
        return int(re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _compiled(contestant: Callable[[int, Connection], None], size: int, cap: float) -> Compilation:
    """Returns what `contestant` reports, or, stopped after `cap` seconds, that as a lower bound."""
    processes = multiprocessing.get_context("spawn")
    here, there = processes.Pipe(duplex=False)
    process = processes.Process(target=contestant, args=(size, there), daemon=True)
    process.start()
    there.close()
    here.recv()
    finished = here.poll(cap)
    result = here.recv() if finished else Compilation(0.0, cap, 0.0, {}, finished=False)
    process.kill()
    process.join()
    return result


# --- the benchmark --------------------------------------------------------------------------------------------------


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--vocab", type=int, default=262_144, help="tokens (default: 262144)")
    parser.add_argument("--repeats", type=int, default=3, help="compilations of ours to take the median of (default: 3)")
    parser.add_argument("--cap", type=float, default=120.0, help="seconds after which the peer is stopped (default: 120)")


def run(options: argparse.Namespace) -> dict[str, Any]:
    agreed = check_agreement()
    ours = sorted((_compiled(_ours, options.vocab, options.cap) for _ in range(options.repeats)),
                  key=lambda compilation: compilation.compile_s)[options.repeats // 2]
    outlines = _compiled(_outlines, options.vocab, options.cap)
    return {
        "benchmark": "compile", "vocab": options.vocab, "fields": len(FIELDS), "samples_agreed": agreed,
        "ours": asdict(ours), "outlines": asdict(outlines), "ratio_to_outlines": outlines.compile_s / ours.compile_s,
    }


def table(report: dict[str, Any]) -> str:
    lines = [f"{report['fields']}-field schema, {report['vocab']:,} tokens; "
             f"schema and regular expression agree on {report['samples_agreed']} texts",
             f"{'':10}{'prepare s':>11}{'compile s':>11}{'memory MB':>11}"]
    for name in ("ours", "outlines"):
        row = report[name]
        bound = "" if row["finished"] else "  stopped: a lower bound"
        lines.append(f"{name:10}{row['prepare_s']:11.2f}{row['compile_s']:11.3f}{row['memory_mb']:11.0f}{bound}")
        lines.append("          " + ", ".join(f"{key} {value:,.3g}" if isinstance(value, float) else f"{key} {value:,}"
                                              for key, value in row["detail"].items()))
    return "\n".join([*lines, f"ours is {report['ratio_to_outlines']:.1f} times as fast"])
