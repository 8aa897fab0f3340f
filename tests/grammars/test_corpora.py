"""The grammars that are shipped, on texts that they must accept and refuse, beside Lark and an independent judge."""

from __future__ import annotations

import codecs
import importlib
import random
import shutil
import warnings
from functools import cache
from pathlib import Path

import pytest

from structdiff.constraints.grammar import SHIPPED, Grammar, shipped
from structdiff.machine import accepts
from oracles import lark_parser, parses

LEAST = 40                 # texts of each corpus
MUTANTS = 40


@cache
def corpus(name: str, kind: str) -> list[str]:
    """Returns the texts of a corpus: separated by lines of `%%`; by `%% escaped` before one that has escapes."""
    texts: list[str] = []
    lines, escaped = [], False
    for line in [*(SHIPPED / f"{name}.{kind}.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n"), "%%"]:
        if line in ("%%", "%% escaped"):
            text = "\n".join(lines)
            texts.append(codecs.decode(text.encode("latin-1", "backslashreplace"), "unicode_escape") if escaped else text)
            lines, escaped = [], line == "%% escaped"
        else:
            lines.append(line)
    return texts


@cache
def machine(name: str):
    return Grammar(name).plan("").machine


def judge(name: str, text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(f"judges.{name.replace('-', '_')}_").accepts(text)


@pytest.mark.parametrize("name", shipped())
def test_corpora_are_judged_as_they_are_labelled(name):
    lark = lark_parser((SHIPPED / f"{name}.lark").read_text(encoding="utf-8"))
    unjudged = () if shutil.which("node") else ("javascript",)          # its judge is node's own parser
    for kind, expected in (("accept", True), ("reject", False)):
        texts = corpus(name, kind)
        assert len(set(texts)) == len(texts) >= LEAST
        for text in texts:
            assert accepts(machine(name), text.encode()) == expected, text
            assert parses(lark, text) == expected, text
            assert name in unjudged or judge(name, text) == expected, text


@pytest.mark.parametrize("name", shipped())
def test_mutated_texts_are_judged_as_lark_does(name):
    lark = lark_parser((SHIPPED / f"{name}.lark").read_text(encoding="utf-8"))
    r = random.Random(name)
    for _ in range(MUTANTS):
        text = mutated(r.choice([text for text in corpus(name, "accept") if text]), r)
        assert accepts(machine(name), text.encode()) == parses(lark, text), text


def mutated(text: str, r: random.Random) -> str:
    at = r.randrange(len(text))
    return text[:at] + r.choice(["", text[at] * 2, text[at : at + 2][::-1] + text[at + 2 : at + 2], r.choice(text)]) + text[at + 1 :]


def test_every_grammar_has_its_files():
    assert shipped() == sorted(Path(path).name.removesuffix(".accept.txt") for path in SHIPPED.glob("*.accept.txt"))
    assert shipped() == sorted(Path(path).name.removesuffix(".reject.txt") for path in SHIPPED.glob("*.reject.txt"))
