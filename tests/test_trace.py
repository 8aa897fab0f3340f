"""The HTML trace: what it holds, that nothing in it can escape, and that it is written whole or not at all."""

import json
import math
import re
from html.parser import HTMLParser

import pytest

from structdiff import trace
from structdiff.errors import StructdiffError
from structdiff.result import Result, Status, Step
from structdiff.verdict import Violation
from structdiff.vocab import Vocab

END, SPECIAL, HOSTILE, BOLD, HALF = 256, 257, 258, 259, 0xE2
ATTACK = "</script><img src=x onerror=alert(1)>"
VOCAB = Vocab((*(bytes([byte]) for byte in range(256)), None, None, ATTACK.encode(), b"[bold]"), (END,))


def step(proposal, kept=None, entropy=None, renoised=None, block=0, level=0.5):
    length = len(proposal)
    return Step(block, level, tuple(proposal), tuple(kept or [True] * length), tuple(entropy or [0.0] * length),
                renoised or {})


def result(*steps, status=Status.VALID, text="hi", violations=()):
    return Result(status, text, tuple(steps[-1].proposal) if steps else (), text, violations, len(steps), 1.25, steps)


class Page(HTMLParser):
    """The elements of a page, and the text of each script."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.scripts, self._script = [], [], None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self._script = dict(attrs).get("type", "")

    def handle_endtag(self, tag):
        self._script = None if tag == "script" else self._script

    def handle_data(self, data):
        if self._script is not None:
            self.scripts.append((self._script, data))

    @property
    def data(self):
        (text,) = [text for kind, text in self.scripts if kind == "application/json"]
        return json.loads(text)

    def attributes(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def page(*args, prompt="say hi", **named):
    return Page(trace.html(result(*args, **named), VOCAB, prompt))


def test_a_page_holds_each_step_up_to_its_first_end_token():
    first = step(b"hX" + bytes([0]), [True, False, True], [0.0, math.log(2), 3.0], {1: "letters are lower case"})
    last = step([104, 105, END, 120])
    data = page(first, last).data
    assert [[data["pieces"][token] for token in one["tokens"]] for one in data["steps"]] == [
        ["h", "X", "\x00"], ["h", "i", "⟨end⟩"]]
    assert data["steps"][0]["kept"] == [1, 0, 1]
    assert data["steps"][0]["sure"] == [100, 50, 5]
    assert data["steps"][0]["rules"] == {"1": "letters are lower case"}


def test_a_page_holds_the_result():
    broken = Violation("minimum", "3 is below 5", "/age", ((0, 1),))
    data = page(step(b"3"), status=Status.UNRESOLVED, text="3", violations=(broken,)).data
    assert (data["status"], data["valid"], data["text"], data["prompt"]) == ("UNRESOLVED", False, "3", "say hi")
    assert data["message"].startswith("the text has the right shape but breaks a rule")
    assert data["violations"] == [{"at": "/age", "rule": "minimum", "message": "3 is below 5"}]
    assert (data["forwards"], data["seconds"]) == (1, 1.25)


@pytest.mark.parametrize("entropy, percent", [(0.0, 100), (-1e-9, 100), (math.inf, 0), (math.nan, 0), (700.0, 0)])
def test_confidence_is_a_percentage_whatever_the_entropy(entropy, percent):
    assert page(step(b"a", entropy=[entropy])).data["steps"][0]["sure"] == [percent]


def test_tokens_that_are_no_text_are_named():
    pieces = page(step([HALF, SPECIAL])).data["pieces"]
    assert pieces == ["⟨E2⟩", "⟨token 257⟩"]


def test_nothing_generated_leaves_the_data():
    hostile = step([HOSTILE, BOLD], renoised={0: ATTACK}, kept=[False, True])
    text = trace.html(result(hostile, text=ATTACK), VOCAB, f"<!-- {ATTACK} \u2028\u2029 & \ud800")
    parsed = Page(text)
    assert not parsed.attributes("img") and len(parsed.attributes("script")) == 2
    assert parsed.data["text"] == ATTACK and parsed.data["pieces"] == [ATTACK, "[bold]"]
    assert parsed.data["prompt"] == f"<!-- {ATTACK} \u2028\u2029 & \ud800"
    assert text.count("<img") == 0 and text.isascii()


def test_data_that_looks_like_the_placeholder_is_data():
    assert page(step(b"a"), text="__TRACE__").data["text"] == "__TRACE__"


@pytest.mark.parametrize("character", "<>&\u2028\u2029")
def test_the_characters_that_html_and_scripts_read_are_escaped(character):
    escaped = trace.embedded({character: character})
    assert character not in escaped and json.loads(escaped) == {character: character}


def test_the_page_asks_nothing_of_the_network():
    text = trace.html(result(step(b"a")), VOCAB, "")
    parsed = Page(text)
    (policy,) = [attrs["content"] for attrs in parsed.attributes("meta")
                 if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'")
    assert not [attrs for _, attrs in parsed.elements if {"src", "href", "action"} & set(attrs)]
    assert not re.search(r"https?:|url\(|@import|fetch\(|XMLHttpRequest", text)


def test_the_script_only_ever_sets_text():
    code = "".join(text for kind, text in page(step(b"a")).scripts if kind == "")
    assert "textContent" in code
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(", code)


def test_controls_have_names_and_steps_are_announced():
    parsed = page(step(b"a"))
    assert all("aria-label" in attrs for attrs in (*parsed.attributes("input"), *parsed.attributes("button")))
    assert [attrs["aria-live"] for _, attrs in parsed.elements if "aria-live" in attrs] == ["polite"]
    ids = [attrs["id"] for _, attrs in parsed.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    references = ("aria-labelledby", "aria-describedby")
    named = [attrs[key] for _, attrs in parsed.elements for key in references if key in attrs]
    assert set(named) <= set(ids)
    code = parsed.scripts[-1][1]
    assert set(re.findall(r'at\("([\w-]+)"\)', code)) <= set(ids)
    assert "tabIndex = 0" in code and "ArrowLeft" in code


def test_a_page_without_steps_still_holds_the_result():
    data = page(status=Status.INFEASIBLE, text="").data
    assert data["steps"] == [] and data["status"] == "INFEASIBLE"


def test_writing_replaces_the_file_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "out.html"
    path.write_text("old")
    trace.write(path, result(step(b"a")), VOCAB, "p")
    assert Page(path.read_text("utf-8")).data["text"] == "hi"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.html"]


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    path = tmp_path / "out.html"
    path.write_text("old")
    monkeypatch.setattr(trace.os, "replace", full)
    with pytest.raises(StructdiffError, match=r"the trace .*out\.html: No space left on device; name a file"):
        trace.write(path, result(step(b"a")), VOCAB, "p")
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name, message", [("missing/out.html", "there is no folder"), (".", "it is a folder")])
def test_an_impossible_path_is_one_clear_sentence(tmp_path, name, message):
    with pytest.raises(StructdiffError, match=f"cannot write the trace .*: {message}"):
        trace.write(tmp_path / name, result(step(b"a")), VOCAB, "p")
