"""The page: what it is made of, and how it behaves in a browser."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from pathlib import Path

import httpx
import pytest
from hatchling.builders.wheel import WheelBuilder
from scripted import PAUSE, Script, app, boards, canvas, ended, serving, text, written
from starlette.applications import Starlette

import structdiff
from structdiff.server import page

FOLDER = Path(page.__file__).parent / "page"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
try:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import Browser, Page, expect, sync_playwright
except ImportError:
    CHROMIUM = None
browsing = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH, and the packages playwright and axe-playwright-python")
EVIL = '<img src=x onerror="document.title=1"></script><b>'
MODES = ("json", "regex", "grammar", "choice", "puzzle", "repair")


# --- what it is made of -------------------------------------------------------------------------------------------------


def fetched() -> dict[str, httpx.Response]:
    async def fetch():
        transport = httpx.ASGITransport(Starlette(routes=page.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            return {route.path: await client.get(route.path) for route in page.routes()}

    return asyncio.run(fetch())


def test_every_file_is_served_with_its_type_and_the_policy():
    answers = fetched()
    assert set(answers) == {"/", "/page/examples.json"} | {f"/page/{name}" for name in page.ASSETS}
    for answer in answers.values():
        assert answer.status_code == 200 and answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        policy = dict(part.split(maxsplit=1) for part in answer.headers["content-security-policy"].split("; "))
        assert policy["default-src"] == policy["form-action"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert answers["/"].headers["content-type"].startswith("text/html")
    assert answers["/page/page.js"].headers["content-type"].startswith("text/javascript")


def test_every_file_of_the_folder_is_served_and_every_file_that_is_asked_for_is_there():
    assert {file.name for file in FOLDER.iterdir()} == {*page.ASSETS, "page.html", "examples.json"}
    wanted = set(re.findall(r'(?:href|src)="(page/[^"]+)"', (FOLDER / "page.html").read_text()))
    wanted |= {f"page/{name}" for file in FOLDER.glob("*.js") for name in re.findall(r'from "\./([^"]+)"', file.read_text())}
    assert wanted and {f"/{name}" for name in wanted} <= set(fetched())


def test_the_wheel_has_every_file_of_the_folder():
    builder = WheelBuilder(str(FOLDER.parents[2]))
    packed = {Path(file.distribution_path).name for file in builder.recurse_included_files() if "server/page/" in file.distribution_path}
    assert packed == {file.name for file in FOLDER.iterdir()}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.*")), ids=lambda file: file.name)
def test_no_text_is_parsed_as_markup_or_script(file):
    parsing = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|srcdoc|\beval\(|new Function|setHTML"
    assert not re.search(parsing, file.read_text())
    assert not re.search(r'\son\w+="|\sstyle="|<script>', file.read_text()) or file.name == "examples.json"


def test_nothing_is_loaded_from_elsewhere():
    allowed = {"http://www.w3.org/2000/svg"}
    assert {found for file in FOLDER.iterdir() for found in re.findall(r"https?://[^\s\"')]+", file.read_text())} <= allowed


def test_the_examples_are_what_they_say():
    examples = page.examples()
    assert set(examples) == {"json", "regex", "grammar", "choice", "sudoku", "repair", "puzzles"}
    made = {"json": lambda text: structdiff.JsonSchema(json.loads(text)), "regex": structdiff.Regex, "grammar": structdiff.Grammar,
            "choice": lambda text: structdiff.Choice(text.split("\n"))}
    for mode, make in made.items():
        assert all(structdiff.check("", make(example["text"])) is not None and example["prompt"] for example in examples[mode])
    for example in examples["sudoku"]:
        assert structdiff.solve(structdiff.read_puzzle("sudoku", example["text"]), count=2).unique
    for example in examples["puzzles"]:
        assert structdiff.read_puzzle(example["kind"], example["text"]) and example["about"]


def test_the_broken_examples_are_broken_and_can_be_repaired():
    for example in page.examples()["repair"]:
        found = structdiff.repair(example["text"], example["format"])
        assert found.text is not None and found.edits


# --- in a browser -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def script():
    made = Script()
    yield made
    made.gate.set()


@pytest.fixture
def address(script):
    with serving(app(script)) as url:
        yield url


@pytest.fixture
def visit(browser: Browser, address: str):
    """Opens the page; in the end nothing may have gone wrong in it."""
    wrong, contexts = [], []

    def noted(kind: str, text: str) -> None:
        if kind in ("error", "warning") and "status of 4" not in text:     # refusals are told on the page too
            wrong.append(text)

    def opened(mode: str = "json", width: int = 1280, model: str = "model: scripted", **options) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **{"reduced_motion": "reduce", **options})
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(10_000)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("console", lambda message: noted(message.type, message.text))
        tab.goto(address)
        expect(tab.locator("#model")).to_have_text(model)
        tab.locator(f"input[value={mode}]").check(force=True)
        return tab

    opened.wrong = wrong
    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def run(tab: Page, seconds: float = 10) -> None:
    tab.locator("#run").click()
    expect(tab.locator("#stage")).to_have_attribute("aria-busy", "false", timeout=1000 * seconds)


def slide(tab: Page, to: int) -> None:
    tab.get_by_role("slider", name="Forward").fill(str(to))


def alone(tab: Page) -> None:
    tab.get_by_label("Side by side").uncheck()


BROKEN = canvas('{"|parcels|":|99|\n', "xx   ", entropy=[0.0, 0.3, 0.0, 2.0, 2.4], pinned="x", renoised={"3": "maximum: 99 is more than 20"})


@browsing
def test_the_canvas_resolves_while_the_run_goes_on(visit, script):
    script.answer = lambda body: [BROKEN, PAUSE, canvas('{"parcels":|3|}', "xxx", forward=2), text('{"parcels":3}'), ended()]
    tab = visit()
    alone(tab)
    tab.locator("#run").click()
    tokens = tab.get_by_role("option")
    expect(tokens).to_have_count(5)
    expect(tab.locator("#state")).to_have_text("Running…")
    expect(tab.locator(".summary").first).to_contain_text("kept 2 of 5 tokens, pinned 1, re-noised by a rule 1")
    script.gate.set()
    expect(tab.locator("#state")).to_have_text("Valid after 2 forwards.")
    expect(tokens).to_have_text(['{"parcels":', "3", "}"])


@browsing
def test_kept_pinned_and_renoised_differ_in_form_and_not_in_colour_alone(visit, script):
    script.answer = lambda body: [BROKEN, text("{}"), ended()]
    tab = visit()
    alone(tab)
    run(tab)
    look = "e => { const s = getComputedStyle(e); return [s.fontStyle, s.fontWeight, s.textDecorationStyle, s.borderBottomWidth, s.borderTopWidth] }"
    pinned, kept, again, broken = (tuple(tab.get_by_role("option").nth(at).evaluate(look)) for at in (0, 1, 2, 3))
    assert len({pinned, kept, again, broken}) == 4
    heat = [tab.get_by_role("option").nth(at).evaluate("e => getComputedStyle(e).backgroundColor") for at in (0, 1, 3)]
    assert len(set(heat)) == 3                          # entropy 0, 0.3 and 2 nats
    assert tab.get_by_role("option").nth(3).evaluate("e => getComputedStyle(e, '::after').content") == '"!"'


@browsing
def test_the_broken_rule_is_told_on_hover_and_on_focus(visit, script):
    script.answer = lambda body: [BROKEN, text("{}"), ended()]
    tab = visit()
    alone(tab)
    run(tab)
    tip, rule = tab.get_by_role("tooltip"), "rule broken: maximum: 99 is more than 20"
    expect(tip).to_be_hidden()
    tab.get_by_role("option").nth(3).hover()
    expect(tip).to_contain_text(rule)
    tab.mouse.move(0, 0)
    expect(tip).to_be_hidden()
    tab.get_by_role("option").first.focus()
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    expect(tip).to_contain_text(rule)
    expect(tab.get_by_role("option").nth(3)).to_have_accessible_name(re.compile("99.*re-noised.*maximum: 99 is more than 20"))
    tab.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    tab.get_by_text("1 token re-noised by a rule").click()
    expect(tab.locator(".rules li").first).to_have_text('maximum: 99 is more than 20: "99" ')


@browsing
def test_the_slider_goes_back_over_the_forwards(visit, script):
    script.answer = lambda body: [canvas("a", " "), canvas("b", " ", forward=2), canvas("c", "x", forward=3), text("c"),
                                  canvas("d", "x", block=1, forward=4), text("d"), ended(forwards=4)]
    tab = visit("choice")
    alone(tab)
    run(tab)
    paper = tab.locator(".canvas")
    for at, shown in ((0, "a"), (1, "b"), (2, "c"), (3, "cd")):
        slide(tab, at)
        expect(paper).to_have_text(shown)
        expect(tab.locator(".step")).to_have_text(f"{at + 1} of 4")
    expect(tab.get_by_label("Next forward")).to_be_disabled()
    tab.get_by_label("Previous forward").click()
    expect(paper).to_have_text("c")
    tab.get_by_role("button", name="Play").click()
    expect(paper).to_have_text("cd")


@browsing
def test_side_by_side_is_the_same_prompt_and_seed_with_no_constraint(visit, script):
    script.answer = lambda body: written("", '{"n": 10000000000000000001}' if "response_format" in body else "Well, it is ten.")
    tab = visit()
    tab.get_by_label("Prompt").fill("How many?")
    tab.get_by_label("Seed").fill("7")
    tab.locator("#text").fill('{"type": "object"}')
    run(tab)
    bound, free = sorted(script.asked, key=lambda body: "response_format" not in body)
    assert bound.pop("response_format")["json_schema"]["schema"] == {"type": "object"}
    assert bound == free and free["seed"] == 7 and free["messages"] == [{"role": "user", "content": "How many?"}] and free["stream"]
    left, right = tab.get_by_role("region", name="With the constraint"), tab.get_by_role("region", name="Without")
    expect(left).to_contain_text("Valid: it satisfies the constraint")
    expect(left.locator("dl.tree")).to_have_text("n10000000000000000001")
    expect(right).to_contain_text("it is not JSON")
    expect(right.locator("pre")).to_have_text("Well, it is ten.")


@browsing
@pytest.mark.parametrize("mode, field", [("regex", "regex"), ("grammar", "grammar"), ("choice", "choice"), ("repair", None)])
def test_each_mode_sends_its_own_field(visit, script, mode, field):
    tab = visit(mode)
    tab.locator("#text").fill("a\nb")
    run(tab)
    body = script.asked[0] if "structured_outputs" in script.asked[0] or mode == "repair" else script.asked[1]
    if mode == "repair":
        assert body["repair"] == {"text": "a\nb", "format": "json"}
    else:
        assert body["structured_outputs"] == {field: ["a", "b"] if mode == "choice" else "a\nb"}


@browsing
def test_markup_in_what_a_model_or_a_server_says_stays_text(visit, script, tmp_path):
    script.answer = lambda body: [canvas(EVIL, " ", renoised={"0": EVIL}), text(json.dumps({EVIL: EVIL})), ended(
        valid="response_format" in body, message=EVIL, violations=[{"pointer": EVIL, "rule": EVIL, "message": EVIL}])]
    tab = visit()
    run(tab)
    tab.get_by_role("option").first.hover()
    expect(tab.locator(".canvas").first).to_contain_text(EVIL)
    expect(tab.locator("dl.tree dt")).to_have_text(EVIL)
    assert tab.locator("#stage img, #stage b").count() == 0 and tab.title() == "structdiff: watch it write"
    script.answer = lambda body: (400, {"message": EVIL, "param": None})
    run(tab)
    expect(tab.get_by_role("alert")).to_contain_text(EVIL)
    assert tab.locator("#stage img, #stage b").count() == 0


@browsing
def test_the_browser_itself_refuses_to_parse_a_string(visit):
    tab = visit()
    assert "TrustedHTML" in tab.evaluate("() => { try { document.body.innerHTML = '<b>x</b>'; return 'parsed' } catch (e) { return e.message } }")
    assert "TrustedHTML" in visit.wrong.pop()           # the console's note of the refusal


@browsing
def test_a_refusal_is_told_at_the_field_it_is_about(visit, script):
    script.answer = lambda body: (400, {"message": "the regular expression '[' has an unclosed '[' at 0", "param": "structured_outputs", "code": "x"})
    tab = visit("regex")
    alone(tab)
    run(tab)
    expect(tab.get_by_role("alert")).to_contain_text("unclosed '[' at 0")
    expect(tab.get_by_label("Regex", exact=True).and_(tab.locator("textarea"))).to_have_attribute("aria-invalid", "true")
    tab.locator("#text").fill("a")
    expect(tab.get_by_role("alert")).to_be_hidden()


@browsing
@pytest.mark.parametrize("chunks, said", [
    ([BROKEN, {"error": {"message": "the model failed: OutOfMemoryError", "type": "server_error"}}], "the model failed: OutOfMemoryError"),
    ([BROKEN], "the stream ended before the answer did")])
def test_a_stream_that_breaks_off_is_never_shown_as_an_answer(visit, script, chunks, said):
    script.answer = lambda body: chunks
    tab = visit()
    alone(tab)
    run(tab)
    expect(tab.get_by_role("alert")).to_contain_text(said)
    expect(tab.locator("#state")).to_have_text("Not finished.")
    assert tab.locator(".verdict.good").count() == 0


@browsing
def test_what_is_not_valid_is_told_with_its_violations(visit, script):
    script.answer = lambda body: [text('{"a": 5}'), ended(False, message="the text breaks a rule", violations=[
        {"pointer": "/a", "rule": "maximum", "message": "5 is more than 3"}])]
    tab = visit()
    alone(tab)
    run(tab)
    expect(tab.locator(".verdict")).to_have_text("✗ UNRESOLVED: the text breaks a rule")
    expect(tab.locator(".result li")).to_have_text("/a 5 is more than 3 (maximum)")
    assert tab.locator("dl.tree").count() == 0


@browsing
def test_a_schema_that_is_not_json_is_never_sent(visit, script):
    tab = visit()
    tab.locator("#text").fill("{")
    tab.locator("#run").click()
    expect(tab.get_by_role("alert")).to_contain_text("the schema is not JSON")
    assert script.asked == []


@browsing
def test_a_run_can_be_stopped_and_another_begun(visit, script):
    script.answer = lambda body: [BROKEN, PAUSE, *written("", "b")]
    tab = visit("choice")
    alone(tab)
    tab.locator("#run").click()
    expect(tab.get_by_role("option")).to_have_count(5)
    tab.get_by_role("button", name="Stop").click()
    expect(tab.locator("#state")).to_have_text("Stopped.")
    assert script.left.wait(10)
    script.gate.set()
    run(tab)
    expect(tab.locator("#state")).to_have_text("Valid after 2 forwards.")


@browsing
def test_the_key_is_sent_and_stored_nowhere(visit, script):
    tab = visit("choice")
    tab.get_by_text("API key", exact=True).click()
    tab.get_by_label("API key of this server").fill("s3cret")
    run(tab)
    assert set(script.keys) == {"Bearer s3cret"}
    assert tab.evaluate("() => localStorage.length + sessionStorage.length") == 0 and tab.context.cookies() == []
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Export").click()
    assert "s3cret" not in Path(download.value.path()).read_text()


@browsing
def test_a_server_that_wants_a_key_is_given_one(visit, script):
    script.locked = "s3cret"
    tab = visit("choice", model="the API key is missing or wrong")
    tab.get_by_label("API key of this server").fill("s3cret")      # the field has opened by itself
    tab.keyboard.press("Enter")
    expect(tab.locator("#model")).to_have_text("model: scripted")


@browsing
def test_an_export_replays_the_run_with_no_network(visit, script, browser, tmp_path):
    script.answer = lambda body: [canvas("</script><i>", " "), canvas(EVIL, "x", forward=2), text(EVIL), ended()]
    tab = visit("choice")
    tab.get_by_label("Prompt").fill(EVIL)
    run(tab)
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Export").click()
    download.value.save_as(tmp_path / "run.html")
    with browser.new_context(offline=True) as context:
        replay, wrong, requests = context.new_page(), [], []
        replay.on("console", lambda message: wrong.append(message.text))
        replay.on("pageerror", lambda error: wrong.append(str(error)))
        replay.on("request", lambda request: requests.append(request.url))
        replay.goto((tmp_path / "run.html").as_uri())
        expect(replay.locator(".canvas").first).to_have_text(EVIL)
        slide(replay, 0)
        expect(replay.locator(".canvas").first).to_have_text("</script><i>")
        expect(replay.locator(".asked pre").first).to_have_text(EVIL)
        assert replay.locator("img, i, b").count() == 0 and len(requests) == 1 and wrong == []


@browsing
def test_before_its_scripts_run_the_page_sends_nothing(browser, address):
    with browser.new_context(java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto(address)
        expect(tab.get_by_role("button", name="Generate")).to_be_disabled()


# --- puzzles and repairs --------------------------------------------------------------------------------------------------

FOUR, SOLVED = "1.....3.....2.4.", "1324423134122143"


def four(visit) -> Page:
    tab = visit("puzzle")
    tab.get_by_role("button", name="4 by 4").click()
    return tab


def cell(tab: Page, row: int, column: int):
    return tab.get_by_role("grid").get_by_label(f"row {row}, column {column}")


@browsing
def test_digits_are_typed_by_keyboard_and_conflicts_are_shown(visit):
    tab = four(visit)
    cell(tab, 1, 1).focus()
    tab.keyboard.press("5")                             # given: nothing happens
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("9")                             # no digit of this board
    expect(cell(tab, 1, 2)).to_have_value("")
    tab.keyboard.press("1")
    expect(cell(tab, 1, 1)).to_have_value("1")
    expect(tab.get_by_text("Conflict: row 1 has 1 twice; box 1 has 1 twice.")).to_be_visible()
    for column in (1, 2):
        expect(cell(tab, 1, column)).to_have_attribute("aria-invalid", "true")
    tab.keyboard.press("2")                             # a digit takes another's place
    expect(cell(tab, 1, 2)).to_have_value("2")
    expect(cell(tab, 1, 1)).to_have_attribute("aria-invalid", "false")
    tab.keyboard.press("Delete")
    expect(cell(tab, 1, 2)).to_have_value("")


@browsing
def test_solve_fills_the_board_in_and_the_slider_empties_it(visit, script):
    script.answer = lambda body: boards(body["puzzle"]["text"], SOLVED)
    tab = four(visit)
    cell(tab, 1, 2).fill("3")
    run(tab)
    assert script.asked[0]["puzzle"] == {"kind": "sudoku", "text": "13" + FOUR[2:]}
    for at, symbol in enumerate(SOLVED):
        expect(cell(tab, at // 4 + 1, at % 4 + 1)).to_have_value(symbol)
    expect(tab.locator(".verdict")).to_contain_text("every rule holds; it is the only solution")
    tab.get_by_role("button", name="Check").click()     # what the run filled in is not the player's
    expect(tab.locator("#state")).to_have_text("No mistake so far; 11 cells to go.")
    assert script.asked[1]["puzzle"]["text"] == "13" + FOUR[2:]
    slide(tab, 1)
    expect(cell(tab, 1, 3)).to_have_value("")
    cell(tab, 1, 3).hover()
    expect(tab.get_by_text("r1c3: all different in row 1")).to_be_visible()


@browsing
def test_typing_takes_the_board_back_from_a_run(visit, script):
    script.answer = lambda body: boards(body["puzzle"]["text"], SOLVED)
    tab = four(visit)
    run(tab)
    cell(tab, 2, 2).fill("3")
    expect(tab.get_by_role("slider", name="Forward")).to_have_count(0)
    expect(cell(tab, 1, 2)).to_have_value("")
    expect(cell(tab, 2, 2)).to_have_value("3")


@browsing
def test_a_board_that_came_at_once_is_played(visit, script):
    script.answer = lambda body: boards(body["puzzle"]["text"], SOLVED)
    tab = visit("puzzle", reduced_motion="no-preference")
    tab.get_by_role("button", name="4 by 4").click()
    run(tab)
    expect(tab.locator(".play")).to_have_text("Pause")
    expect(tab.locator(".step")).to_have_text("3 of 3")
    expect(tab.locator(".play")).to_have_text("Play")


@browsing
def test_a_hint_fills_one_cell_and_a_check_tells_of_a_mistake(visit, script):
    script.answer = lambda body: boards(body["puzzle"]["text"], SOLVED)
    tab = four(visit)
    cell(tab, 2, 2).focus()
    tab.get_by_role("button", name="Hint").click()
    expect(tab.locator("#state")).to_have_text("Hint: r2c2 is 2.")
    expect(cell(tab, 2, 2)).to_have_value("2")
    script.answer = lambda body: (400, {"message": "the puzzle has no solution: r1c1=1 r2c2=2", "param": "puzzle"})
    tab.get_by_role("button", name="Check").click()
    expect(tab.get_by_role("alert")).to_contain_text("the puzzle has no solution: r1c1=1 r2c2=2")
    tab.get_by_role("button", name="Clear my digits").click()
    expect(cell(tab, 2, 2)).to_have_value("")
    expect(cell(tab, 1, 1)).to_have_value("1")


@browsing
def test_a_whole_puzzle_can_be_pasted(visit):
    tab = four(visit)
    cell(tab, 1, 2).focus()
    tab.evaluate("""text => { const data = new DataTransfer(); data.setData("text", text);
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })) }""",
                 ". 2 | . .\n. . | . .\n----+----\n. . | . 3\n. . | . .\n")
    expect(cell(tab, 1, 2)).to_have_value("2")
    expect(cell(tab, 3, 4)).to_have_value("3")
    expect(cell(tab, 1, 1)).to_have_value("")


@browsing
def test_a_repair_is_shown_edit_by_edit_against_the_bytes_that_were_given(visit, script):
    edits = [{"start": 6, "end": 7, "deleted": "'", "inserted": '"'}, {"start": 10, "end": 10, "deleted": "", "inserted": "}"}]
    script.answer = lambda body: [text('{"é":"1"}'), ended(edits=edits, confidence=0.87)]
    tab = visit("repair")
    tab.locator("#text").fill('{"é":\'1"\n')
    assert len('{"é":\'1"\n'.encode()) == 10            # é is two bytes
    run(tab)
    paper = tab.locator(".surface .paper")
    expect(paper.locator("del")).to_have_text("'")
    expect(paper.locator("ins")).to_have_text(['"', "}"])
    expect(tab.locator(".result")).to_contain_text("confidence 87 %")
    slide(tab, 1)
    expect(paper.locator("ins")).to_have_count(1)
    slide(tab, 0)
    expect(paper.locator("mark")).to_have_count(2)


# --- for everyone ---------------------------------------------------------------------------------------------------------


def anything(body):
    """Returns an answer with all there is to see in its mode."""
    if "puzzle" in body:
        return boards(body["puzzle"]["text"], body["puzzle"]["text"].replace(".", "1"))
    edits = {"edits": [{"start": 0, "end": 1, "deleted": "x", "inserted": "y"}]} if "repair" in body else {}
    return [BROKEN, canvas("x" * 200, "x"), text(json.dumps({"a": [1, None, "y" * 300]})), ended(**edits)]


@browsing
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barrier_is_found_by_axe(visit, script, scheme):
    script.answer = anything
    tab = visit(color_scheme=scheme, bypass_csp=True)
    for mode in MODES:
        tab.locator(f"input[value={mode}]").check(force=True)
        run(tab)
        slide(tab, 0)
        found = Axe().run(tab).response["violations"]
        assert [(mode, rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found] == []


@browsing
def test_a_phone_needs_no_scrolling_sideways(visit, script):
    script.answer = anything
    tab = visit(width=360)
    for mode in MODES:
        tab.locator(f"input[value={mode}]").check(force=True)
        run(tab)
        assert (mode, tab.evaluate("() => document.documentElement.scrollWidth")) == (mode, 360)


@browsing
def test_the_keyboard_reaches_everything_and_is_never_trapped(visit, script):
    script.answer = lambda body: [BROKEN, BROKEN, text("{}"), ended()]
    tab = visit()
    tab.locator("#prompt").focus()
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("#state")).to_have_text("Valid after 2 forwards.")

    def stops():
        """Yields where the Tab key stops, and whether that is visible, up to the end of the page."""
        for _ in range(60):
            tab.keyboard.press("Tab")
            name, visible = tab.evaluate("""() => { const e = document.activeElement;
                return [e.id || e.getAttribute("aria-label") || e.tagName, e.matches(":focus-visible")] }""")
            if name == "BODY":
                return
            yield name, visible
        raise AssertionError("the Tab key never leaves the page")

    list(stops())                                       # from the prompt to the end, and from there
    seen = list(stops())
    names = [name for name, _ in seen]
    assert [name for name, visible in seen if not visible] == []
    assert {"prompt", "text", "seed", "most", "compare", "run", "export", "Forward", "theme"} <= set(names)
    assert len([name for name in names if "entropy" in name]) == 2     # one stop a canvas


@browsing
def test_the_theme_follows_the_system_until_it_is_chosen(visit):
    tab = visit(color_scheme="dark")
    paint = "() => getComputedStyle(document.body).backgroundColor"
    dark = tab.evaluate(paint)
    tab.get_by_role("button", name="Light theme").click()
    light = tab.evaluate(paint)
    tab.emulate_media(color_scheme="light")
    assert tab.evaluate(paint) == light != dark
    assert visit(color_scheme="light").evaluate(paint) == light


@browsing
def test_the_progress_of_a_run_is_announced(visit, script):
    tab = visit("choice")
    expect(tab.get_by_role("status")).to_have_text("Ready.")
    run(tab)
    expect(tab.get_by_role("status")).to_have_text("Valid after 2 forwards.")
    expect(tab.get_by_role("slider", name="Forward")).to_have_attribute("aria-valuetext", "2 of 2")


HARD = "1....7.9..3..2...8..96..5....53..9...1..8...26....4...3......1..4......7..7...3.."


@browsing
def test_the_real_server_and_the_shipped_model(browser):
    """All of it together: the canvas, the comparison, a puzzle, a repair."""
    with serving(structdiff.server.app(structdiff.load(None))) as url, browser.new_context(reduced_motion="reduce") as context:
        tab = context.new_page()
        tab.set_default_timeout(60_000)
        tab.goto(url)
        run(tab, 100)
        expect(tab.get_by_role("region", name="With the constraint").locator("dd")).to_have_text(["KX-2203", "Ada Lindholm", "3", "Nordpost"])
        expect(tab.get_by_role("region", name="Without").locator("pre")).not_to_be_empty()
        kept = []
        for at in range(3):
            slide(tab, at)
            kept.append(tab.locator(".kept, .pinned").count())
        assert 0 < kept[0] <= kept[2] and tab.locator(".re-noised").count() > 0
        tab.locator("input[value=puzzle]").check(force=True)
        tab.get_by_role("button", name="Hard").click()
        run(tab, 100)
        digits = tab.get_by_role("grid").get_by_role("textbox").evaluate_all("inputs => inputs.map(input => Number(input.value))")
        assert digits == list(structdiff.solve(structdiff.read_puzzle("sudoku", HARD)).values.values())
        tab.locator("input[value=repair]").check(force=True)
        run(tab, 100)
        assert json.loads(tab.locator(".result pre").inner_text())["number"] == "KX-2203"
        expect(tab.locator(".surface ins").last).to_have_text("true")
