"use strict";
/* The page: a form that says what to ask, a stage where the answer resolves. */
import { emptyRun, follow, modelName } from "./client.js";
import { exported } from "./export.js";
import { element, Replay } from "./replay.js";
import { marksOf, Sudoku } from "./sudoku.js";

const at = (id) => document.getElementById(id);
const examples = await (await fetch("page/examples.json")).json();

/* What is asked about the text field in each mode. */
const MODES = {
  json: { rows: 10, label: "JSON Schema", note: "" },
  regex: { rows: 3, label: "Regex", note: "The whole answer matches it." },
  grammar: { rows: 8, label: "Grammar", note: "Lark\u2019s notation, LALR(1); GBNF and xgrammar\u2019s EBNF are read too." },
  choice: { rows: 5, label: "Choices", note: "One a line." },
  puzzle: { rows: 10, label: "Puzzle", note: "In the usual notation; \u201c.\u201d is an empty cell." },
  repair: { rows: 10, label: "Broken text", note: "It gets the least change that makes it valid." },
};

const state = { runs: [], stopper: null };
const board = new Sudoku(at("board"), () => { board.keepMine(); clearStage(); });
const mode = () => new FormData(at("ask")).get("mode");
const kind = () => at("kind").value;
const onBoard = () => mode() === "puzzle" && kind() === "sudoku";

// --- the form -----------------------------------------------------------------------------------------------------

function showMode() {
  const shown = [mode(), ...(onBoard() ? ["sudoku"] : [])];
  for (const part of document.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").some((one) => shown.includes(one));
  at("text-field").hidden = onBoard();
  at("text-label").textContent = MODES[mode()].label;
  at("text-note").textContent = MODES[mode()].note;
  at("text").rows = MODES[mode()].rows;
  showExamples();
}

function showExamples() {
  const puzzle = examples.puzzles.find((one) => one.kind === kind());
  at("about").textContent = onBoard() ? puzzle.about.split(". ")[0] + "." : puzzle.about;
  const list = mode() !== "puzzle" ? examples[mode()] : onBoard() ? examples.sudoku : [{ name: "Example", text: puzzle.text }];
  at("examples").replaceChildren(...list.map((example) => {
    const chip = element("button", { type: "button", class: "chip" }, example.name);
    chip.addEventListener("click", () => take(example));
    return chip;
  }));
  take(list[0]);
}

function take(example) {
  if (example.prompt !== undefined) at("prompt").value = example.prompt;
  if (example.format) at("format").value = example.format;
  if (onBoard()) board.load(example.text);
  else at("text").value = example.text;
  clearStage();
}

/** Returns the body of the request; throws where a field cannot be read. */
function asked() {
  const text = at("text").value;
  const talk = (content) => ({ messages: [{ role: "user", content }] });
  if (mode() === "puzzle") return { ...talk(`Solve the ${kind()}.`), puzzle: { kind: kind(), text: onBoard() ? board.text() : text } };
  if (mode() === "repair") return { ...talk("Repair the text."), repair: { text, format: at("format").value } };
  return { ...talk(at("prompt").value), seed: whole("seed"), max_tokens: whole("most"), ...constraint(text) };
}

function constraint(text) {
  if (mode() === "json") return { response_format: { type: "json_schema", json_schema: { name: "answer", schema: schemaOf(text) } } };
  if (mode() === "choice") return { structured_outputs: { choice: text.split("\n").filter((line) => line !== "") } };
  return { structured_outputs: { [mode()]: text } };
}

function schemaOf(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw Object.assign(new Error(`the schema is not JSON: ${error.message}`), { param: "response_format" });
  }
}

function whole(id) {
  const value = Number(at(id).value);
  if (at(id).value !== "" && Number.isInteger(value)) return value;
  throw Object.assign(new Error(`${id === "seed" ? "the seed" : "the number of tokens"} is a whole number`), { param: id });
}

/** Returns the runs to make: the one asked for and, where wanted, the same prompt and seed with no constraint. */
function wanted() {
  const body = asked(), wantsJson = mode() === "json";
  const runs = [{ ...emptyRun("With the constraint", body), wantsJson }];
  if (body.seed === undefined || !at("compare").checked) return runs;
  const { response_format, structured_outputs, ...free } = body;
  return [...runs, { ...emptyRun("Without", free), wantsJson, free: true }];
}

// --- a run --------------------------------------------------------------------------------------------------------

async function run(event) {
  event.preventDefault();
  if (state.stopper) return state.stopper.abort();
  clearStage();
  try {
    state.runs = wanted();
  } catch (error) {
    return refuse(error);
  }
  await watch(state.runs);
}

/** Follows the runs to their end, drawing at most once a screen frame. */
async function watch(runs) {
  const typed = onBoard() ? board.typedCells() : null;
  const replay = new Replay(at("replay"), runs, onBoard() ? { board: (_, frame) => board.show(frame, typed) } : {});
  const stopper = new AbortController();
  let due = 0;
  const changed = () => (due ||= requestAnimationFrame(() => { due = 0; replay.update(); }));
  at("replay").classList.toggle("on-board", onBoard());
  at("empty").hidden = true;
  busy(stopper);
  if (at("stage").getBoundingClientRect().top > innerHeight / 2) at("stage").scrollIntoView();
  await Promise.all(runs.map(async (one) => {
    await follow(one, { key: at("key").value, signal: stopper.signal, changed });
    if (refused(runs[0])) stopper.abort();               // there is nothing to compare with
  }));
  cancelAnimationFrame(due);
  if (state.stopper !== stopper) return;                 // another run has taken the stage
  busy(null);
  replay.update();
  finish(replay);
}

const refused = (run) => Boolean(run.fault) && !run.frames.length && !run.text;

function busy(stopper) {
  state.stopper = stopper;
  at("run").classList.toggle("stop", Boolean(stopper));
  at("run").textContent = stopper ? "Stop" : { puzzle: "Solve", repair: "Repair" }[mode()] ?? "Generate";
  at("stage").setAttribute("aria-busy", Boolean(stopper));
  at("state").textContent = stopper ? "Running\u2026" : "Ready.";
}

function finish(replay) {
  const [first] = state.runs;
  at("export").hidden = refused(first);
  if (refused(first)) at("replay").replaceChildren();
  if (first.fault) return refuse(first.fault);
  const { valid, status, forwards } = first.told;
  const cost = forwards ? ` after ${forwards} forward${forwards === 1 ? "" : "s"}` : "";
  at("state").textContent = `${valid ? "Valid" : status}${cost}.`;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (first.body.puzzle && !still) replay.play();        // a board comes all at once: too fast to be seen
}

/** Returns the field that a parameter of the request is from; none for a board. */
function fieldOf(param) {
  const own = { messages: "prompt", seed: "seed", max_tokens: "most", most: "most" }[param?.split(/[.[]/)[0]];
  return own ?? (param && !onBoard() ? "text" : null);
}

/** Says what went wrong, at the field it is about. */
function refuse({ message, param = null }) {
  const field = fieldOf(param);
  at("state").textContent = message === "stopped" ? "Stopped." : "Not finished.";
  if (message === "stopped") return;
  at("fault").replaceChildren(element("strong", {}, "It did not work. "), message);
  at("fault").hidden = false;
  if (field) at(field).setAttribute("aria-invalid", "true");
}

function clearStage() {
  state.stopper?.abort();
  state.runs = [];
  busy(null);
  at("replay").replaceChildren();
  at("export").hidden = true;
  at("empty").hidden = onBoard();
  forget();
}

/** What was asked has changed: a fault no longer belongs to it. */
function forget() {
  at("fault").hidden = true;
  for (const field of document.querySelectorAll('.ask [aria-invalid="true"]')) field.removeAttribute("aria-invalid");
}

async function download() {
  const link = element("a", { href: URL.createObjectURL(new Blob([await exported(state.runs)], { type: "text/html" })), download: "structdiff-run.html" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// --- playing ------------------------------------------------------------------------------------------------------

/** Returns the board solved from where it stands, or null; then what the server said is shown. */
async function solved() {
  if (state.stopper) return null;                        // a run is filling the board in
  const one = emptyRun("A look ahead", asked());
  at("state").textContent = "Looking\u2026";
  await follow(one, { key: at("key").value, changed: () => {} });
  at("state").textContent = "Ready.";
  if (!one.fault && one.told.valid) return marksOf(one.text);
  refuse(one.fault ?? { message: one.told.message ?? "the board has no solution" });
  return null;
}

async function hint() {
  forget();
  const text = await solved();
  const name = text && board.reveal(text);
  if (text) at("state").textContent = name ? `Hint: ${name} is ${board.inputs.get(name).value}.` : "The board is full, and right.";
}

async function check() {
  forget();
  const open = board.text().split(".").length - 1;
  if (await solved()) at("state").textContent = open ? `No mistake so far; ${open} cell${open === 1 ? "" : "s"} to go.` : "Solved: every rule holds.";
}

// --- the rest -----------------------------------------------------------------------------------------------------

async function greet() {
  try {
    at("model").textContent = `model: ${await modelName(at("key").value)}`;
  } catch (error) {
    at("model").textContent = error.message;
    at("access").open = error.code === "invalid_api_key";
  }
}

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (prefersDark.matches ? "dark" : "light")) === "dark";

function toggleTheme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  nameTheme();
}

function nameTheme() {
  at("theme").textContent = isDark() ? "Light theme" : "Dark theme";
}

at("kind").append(...examples.puzzles.map((one) => element("option", { value: one.kind }, one.kind.replace("-", " "))));
at("ask").addEventListener("submit", run);
at("ask").addEventListener("input", (event) => (event.target.name === "mode" || event.target === at("kind") ? showMode() : forget()));
at("ask").addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && at("ask").requestSubmit());
at("key").addEventListener("change", greet);
at("theme").addEventListener("click", toggleTheme);
prefersDark.addEventListener("change", nameTheme);
at("hint").addEventListener("click", hint);
at("check").addEventListener("click", check);
at("clear").addEventListener("click", () => { board.clear(); clearStage(); });
at("blank").addEventListener("click", () => { board.load(".".repeat(board.inputs.size)); clearStage(); });
at("export").addEventListener("click", download);
nameTheme();
showMode();
greet();
at("run").disabled = false;                              // before this the browser itself would submit the form
