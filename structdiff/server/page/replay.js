"use strict";
/* Draws runs, while they go on and afterwards. An exported page carries this file as it is, so it imports nothing.
   Whatever a model or a server says becomes text nodes, never markup. */

const HOT = 2.5;              // nats of entropy at which the heat is full
const PACE = 260;             // milliseconds a frame, when playing
const BOXES = { 4: [2, 2], 6: [2, 3], 9: [3, 3], 16: [4, 4] };   // rows and columns of a Sudoku's box

/** Returns a new element; children are elements or plain text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== false && value !== undefined) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Returns control characters as visible marks. */
function visible(piece) {
  return piece.replace(/\t/g, "\u21e5").replace(/[\u0000-\u0008\u000b-\u001f]/g, (one) => String.fromCharCode(0x2400 + one.charCodeAt(0)));
}

/** A player of `runs`, side by side, in `root`. painters: what draws a frame of a type in place of the usual. */
export class Replay {
  constructor(root, runs, painters = {}) {
    this.runs = runs;
    this.shown = 0;
    this.painters = { canvas: paintCanvas, board: paintBoard, edits: paintEdits, ...painters };
    this.panes = runs.map((run, index) => new Pane(run, index, runs.length > 1));
    this.controls = new Controls((index) => this.show(index));
    const panes = element("div", { class: runs.length > 1 ? "panes two" : "panes" }, ...this.panes.map((pane) => pane.root));
    root.replaceChildren(this.controls.root, panes, ...legendOf(runs[0].body));
    this.update();
  }

  get last() {
    return Math.max(...this.runs.map((run) => framesOf(run).length)) - 1;
  }

  /** Draws what is new of the runs; the slider stays at the end where it is there. */
  update() {
    const following = this.shown >= this.controls.last;
    this.controls.last = this.last;
    this.show(following ? this.last : this.shown);
    this.panes.forEach((pane) => pane.finish());
  }

  /** Plays from the first frame. */
  play() {
    this.show(0);
    this.controls.start();
  }

  show(index) {
    this.shown = Math.min(Math.max(index, 0), Math.max(this.last, 0));
    this.panes.forEach((pane) => pane.show(this.shown, this.painters));
    this.controls.show(this.shown);
  }
}

/** The slider, its buttons, and the step in words. */
class Controls {
  constructor(move) {
    this.move = move;
    this.last = -1;
    this.shown = 0;
    this.timer = 0;
    this.slider = element("input", { type: "range", min: 0, max: 0, value: 0, "aria-label": "Forward" });
    this.back = element("button", { type: "button", "aria-label": "Previous forward" }, "\u2039");
    this.next = element("button", { type: "button", "aria-label": "Next forward" }, "\u203a");
    this.play = element("button", { type: "button", class: "play" }, "Play");
    this.said = element("span", { class: "step" });
    this.root = element("div", { class: "controls", role: "group", "aria-label": "Forwards" },
      this.play, this.back, this.slider, this.next, this.said);
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
    this.back.addEventListener("click", () => this.go(this.shown - 1));
    this.next.addEventListener("click", () => this.go(this.shown + 1));
    this.play.addEventListener("click", () => (this.timer ? this.pause() : this.start()));
  }

  go(index) {
    this.pause();
    this.move(index);
  }

  start() {
    if (this.shown >= this.last) this.move(0);
    this.play.textContent = "Pause";
    this.timer = setInterval(() => this.step(), PACE);
  }

  step() {
    if (this.shown >= this.last || !this.root.isConnected) this.pause();
    else this.move(this.shown + 1);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = 0;
    this.play.textContent = "Play";
  }

  show(index) {
    const words = this.last < 0 ? "no forward yet" : `${index + 1} of ${this.last + 1}`;
    this.shown = index;
    this.slider.max = Math.max(this.last, 0);
    this.slider.value = index;
    this.slider.setAttribute("aria-valuetext", words);
    this.said.textContent = words;
    this.slider.disabled = this.play.disabled = this.last < 1;
    this.back.disabled = index <= 0;
    this.next.disabled = index >= this.last;
  }
}

/** One run: its canvas at a frame, what is broken there, and in the end the result. */
class Pane {
  constructor(run, index, titled) {
    this.run = run;
    this.id = `pane${index}`;
    this.drawn = null;
    this.surface = element("div", { class: "surface" });
    this.summary = element("p", { class: "summary" });
    this.tip = element("div", { class: "tip", role: "tooltip", id: `${this.id}-tip`, hidden: true });
    this.rules = element("ol", { class: "rules" });
    this.broken = element("details", { class: "broken-rules", hidden: true }, element("summary"), this.rules);
    this.result = element("div", { class: "result" });
    this.root = element("section", { class: "pane", "aria-label": run.title });
    this.root.append(element("h2", { class: titled ? null : "unseen" }, run.title), this.surface, this.tip, this.summary, this.broken, this.result);
    this.explain();
  }

  show(index, painters) {
    const frames = framesOf(this.run);
    const frame = frames[Math.min(index, frames.length - 1)];
    if (frame === this.drawn && frame) return;
    this.drawn = frame;
    this.hideTip();
    if (!frame) {
      this.surface.replaceChildren(element("pre", { class: "paper" }, this.run.text || "\u2026"));
      return;
    }
    painters[frame.type](this.surface, frame, this.run, this.id);
    this.summary.textContent = summaryOf(frame);
    this.list(frame);
  }

  list(frame) {
    const broken = brokenAt(frame), count = Object.keys(broken).length;
    this.broken.hidden = count === 0;
    this.broken.firstChild.textContent = `${plural(count, frame.type === "board" ? "cell" : "token")} re-noised by a rule`;
    this.rules.replaceChildren(...[...grouped(broken)].map(([rule, places]) =>
      element("li", {}, rule, ": ", ...places.flatMap((at) => [placeOf(frame, at), " "]))));
  }

  finish() {
    if (this.run.told || this.run.fault) this.result.replaceChildren(...resultOf(this.run));
  }

  /* The rule of a token is told where the pointer or the focus is; Escape takes it away. */
  explain() {
    const told = (event) => event.target.closest?.("[data-tip]");
    this.surface.addEventListener("pointerover", (event) => (told(event) ? this.showTip(told(event)) : this.hideTip()));
    this.surface.addEventListener("focusin", (event) => told(event) && this.showTip(told(event)));
    this.surface.addEventListener("focusout", () => this.hideTip());
    this.root.addEventListener("pointerleave", () => this.hideTip());
    this.root.addEventListener("keydown", (event) => event.key === "Escape" && this.hideTip());
    this.surface.addEventListener("keydown", walk);
  }

  showTip(target) {
    const place = target.getClientRects()[0], frame = this.root.getBoundingClientRect();
    this.tip.replaceChildren(...target.dataset.tip.split("\n").map((line) => element("div", {}, line)));
    this.tip.hidden = false;
    const left = Math.max(0, Math.min(place.left - frame.left, frame.width - this.tip.offsetWidth));
    this.tip.style.setProperty("left", `${left}px`);
    this.tip.style.setProperty("top", `${place.bottom - frame.top + 4}px`);
  }

  hideTip() {
    this.tip.hidden = true;
  }
}

/** Arrow keys move from token to token: the canvas is one stop of the Tab key. */
function walk(event) {
  const here = event.target.closest('[role="option"]');
  const moves = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  if (!here || !(event.key in moves) || event.ctrlKey || event.altKey || event.metaKey) return;
  const all = [...here.parentNode.querySelectorAll('[role="option"]')];
  const there = all[Math.min(Math.max(all.indexOf(here) + moves[event.key], 0), all.length - 1)];
  event.preventDefault();
  here.tabIndex = -1;
  there.tabIndex = 0;
  there.focus();
}

/** Returns what the slider goes over: the forwards of a run; a board's with the puzzle and its answer; for a repair its edits. */
function framesOf(run) {
  if (run.told?.edits) return editsOf(run);
  return run.frames[0]?.type === "board" ? boardsOf(run) : run.frames;
}

function editsOf(run) {
  const of = run.told.edits.length;
  return (run.edits ??= Array.from({ length: of + 1 }, (_, applied) => ({ type: "edits", applied, of })));
}

/* What the denoiser leaves open is found by search, so the last forward need not be the answer. */
function boardsOf(run) {
  const [first] = run.frames, given = new Set(first.given);
  const cells = Object.fromEntries(Object.entries(first.cells).map(([name, value]) => [name, given.has(name) ? value : null]));
  run.start ??= { ...first, cells, culprits: {}, text: run.body.puzzle.text, words: "As it was given" };
  if (run.told?.valid) run.end ??= { ...first, cells: run.told.cells, culprits: {}, text: run.text, words: "The answer: every rule holds" };
  return [run.start, ...run.frames, ...(run.end ? [run.end] : [])];
}

/** Returns the rule each place breaks, by place: of a canvas a position, of a board a cell. */
const brokenAt = (frame) => frame.renoised ?? frame.culprits ?? {};

/** Returns the places of each rule. */
function grouped(broken) {
  const places = new Map();
  for (const [at, rule] of Object.entries(broken)) places.set(rule, [...(places.get(rule) ?? []), at]);
  return places;
}

function placeOf(frame, at) {
  return frame.type === "board" ? element("code", {}, at) : element("code", { title: `position ${at}` }, JSON.stringify(frame.tokens[at]));
}

function summaryOf(frame) {
  if (frame.type === "edits") return frame.applied ? `${plural(frame.applied, "edit")} of ${frame.of}` : "as it was given";
  const broken = Object.keys(brokenAt(frame)).length;
  if (frame.words) return frame.words;
  if (frame.type === "board") {
    const values = Object.values(frame.cells);
    const filled = values.filter((value) => value !== null).length;
    return `Forward ${frame.forward}: ${filled} of ${plural(values.length, "cell")} filled, re-noised by a rule ${broken}`;
  }
  const count = (flags) => flags.filter(Boolean).length;
  const mean = frame.entropy.reduce((sum, one) => sum + one, 0) / Math.max(frame.entropy.length, 1);
  return `Block ${frame.block + 1}, forward ${frame.forward}, level ${frame.level.toFixed(2)}: kept ${count(frame.kept)} of ` +
    `${plural(frame.kept.length, "token")}, pinned ${count(frame.pinned)}, re-noised by a rule ${broken}, mean entropy ${mean.toFixed(2)} nats`;
}

function legendOf({ puzzle, repair }) {
  if (repair) return [];
  const token = (kind, words, sample = kind) => element("li", {}, element("span", { class: `token ${kind}` }, sample), ` ${words}`);
  const ramp = element("span", { class: "ramp", role: "img", "aria-label": "from pale to strong" });
  const board = () => [token("given", "in the puzzle"), token("filled", "by the run"), token("re-noised", "re-noised: goes back to noise", "~")];
  const canvas = () => [
    token("kept", "stays on the canvas"), token("pinned", "the constraint leaves only this"), token("re-noised", "goes back to noise"),
    token("re-noised broken", "by a rule: hover, or move to it by the arrow keys", "token"), element("li", {}, "entropy 0 ", ramp, ` ${HOT} nats`)];
  return [element("ul", { class: "legend", "aria-label": "Legend" }, ...(puzzle ? board() : canvas()))];
}

// --- a canvas of tokens -------------------------------------------------------------------------------------------

function paintCanvas(surface, frame, run, id) {
  const tokens = frame.tokens.flatMap((piece, at) => (piece === "" ? [] : [tokenAt(frame, at, id)]));
  if (tokens.length) tokens[0].tabIndex = 0;
  const list = tokens.length ? element("span", { role: "listbox", "aria-label": "Tokens of the canvas" }, ...tokens) : "";
  surface.replaceChildren(element("div", { class: "paper canvas" }, visible(frame.done), list));
}

function tokenAt(frame, at, id) {
  const rule = frame.renoised[at];
  const words = stateOf(frame, at);
  const told = `${words}, entropy ${frame.entropy[at].toFixed(2)} nats`;
  const span = element("span", {
    class: `token ${words.split(" ").join("-")}${rule === undefined ? "" : " broken"}`, role: "option", tabindex: -1, "aria-selected": "false",
    "aria-label": `${JSON.stringify(frame.tokens[at])}, ${told}${rule === undefined ? "" : `, rule broken: ${rule}`}`,
    "aria-describedby": rule === undefined ? null : `${id}-tip`,
    "data-tip": `position ${at}: ${told}${rule === undefined ? "" : `\nrule broken: ${rule}`}`,
  });
  span.style.setProperty("--share", Math.min(frame.entropy[at] / HOT, 1).toFixed(3));
  spell(span, frame.tokens[at], frame.kept[at]);
  return span;
}

function stateOf(frame, at) {
  if (!frame.kept[at]) return "re-noised";
  return frame.pinned[at] ? "pinned" : "kept";
}

/* A newline that stays breaks the line; one that is noise only shows its mark. */
function spell(span, piece, breaks) {
  visible(piece).split("\n").forEach((line, index) => {
    if (index) span.append(element("span", { class: "mark" }, "\u23ce"), breaks ? "\n" : "");
    span.append(line);
  });
}

// --- a board ------------------------------------------------------------------------------------------------------

const SYMBOLS = "123456789ABCDEFG";
export const symbol = (value) => SYMBOLS[value - 1];
export const symbolsOf = (size) => SYMBOLS.slice(0, size);

/** Returns the number of rows of a Sudoku's cells. */
export const sizeOf = (cells) => Math.sqrt(Object.keys(cells).length);

/** Returns the classes that draw a box's lines around a cell, rows and columns from 1. */
export function edges(row, column, size) {
  const [high, wide] = BOXES[size] ?? [size, size];
  return `${row % high === 0 && row < size ? " low-edge" : ""}${column % wide === 0 && column < size ? " right-edge" : ""}`;
}

/** Returns which of a Sudoku's cells must differ, by name: rows, columns and boxes. */
export function units(size) {
  const [high, wide] = BOXES[size], found = new Map();
  for (let row = 1; row <= size; row++) {
    for (let column = 1; column <= size; column++) {
      const box = Math.floor((row - 1) / high) * (size / wide) + Math.floor((column - 1) / wide) + 1;
      for (const name of [`row ${row}`, `column ${column}`, `box ${box}`]) found.set(name, [...(found.get(name) ?? []), `r${row}c${column}`]);
    }
  }
  return found;
}

function paintBoard(surface, frame, run) {
  const grid = run.body.puzzle.kind.startsWith("sudoku") ? gridOf(frame) : element("pre", { class: "paper layout" }, frame.text);
  surface.replaceChildren(grid);
}

function gridOf(frame) {
  const size = sizeOf(frame.cells), rows = Array.from({ length: size }, (_, row) => row + 1);
  const cell = (row, column) => {
    const name = `r${row}c${column}`, value = frame.cells[name], rule = frame.culprits[name];
    const kind = frame.given.includes(name) ? "given" : rule && value === null ? "again" : "filled";
    return element("td", { class: `cell ${kind}${edges(row, column, size)}`, "data-tip": rule ? `${name}: ${rule}` : null },
      value === null ? rule ? "~" : "\u00a0" : symbol(value));
  };
  const grid = element("table", { class: "board", "aria-label": "The board at this forward" },
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...rows.map((column) => cell(row, column))))));
  grid.style.setProperty("--size", size);
  return grid;
}

// --- a repair -----------------------------------------------------------------------------------------------------

/* Edits are in bytes of the text that was given. Those not applied yet are only marked. */
function paintEdits(surface, frame, run) {
  const bytes = new TextEncoder().encode(run.body.repair.text), paper = element("div", { class: "paper" });
  const text = (start, end) => new TextDecoder().decode(bytes.slice(start, end));
  let at = 0;
  run.told.edits.forEach(({ start, end, inserted }, index) => {
    paper.append(text(at, start), ...marked(text(start, end), inserted, index < frame.applied));
    at = end;
  });
  paper.append(text(at, bytes.length));
  surface.replaceChildren(paper);
}

function marked(deleted, inserted, applied) {
  if (!applied) return [element("mark", { class: "fault" }, deleted || "\u2038")];
  return [deleted && element("del", {}, visible(deleted)), inserted && element("ins", {}, visible(inserted))].filter(Boolean);
}

// --- what was asked, and the result ---------------------------------------------------------------------------------------------------

/** Returns what a run was asked, for readers of an export. */
export function askedOf({ body }) {
  const { messages, ...rest } = body;
  return element("section", { class: "asked", "aria-label": "What was asked" }, element("h3", {}, "Prompt"),
    element("pre", { class: "paper" }, messages.map((one) => one.content).join("\n\n")),
    element("details", { class: "raw" }, element("summary", {}, "Request"), element("pre", { class: "paper" }, JSON.stringify(rest, null, 2))));
}

function resultOf(run) {
  if (run.fault) return [verdict(false, "Not finished", run.fault.message)];
  const { valid, status, message, violations = [] } = run.told;
  const head = run.free ? freely(run) : valid ? verdict(true, "Valid", meaningOf(run)) : verdict(false, status, message ?? "");
  const broken = element("ul", { class: "rules" }, ...violations.map((one) =>
    element("li", {}, element("code", {}, one.pointer || "/"), ` ${one.message} `, element("span", { class: "soft" }, `(${one.rule})`))));
  return [head, element("p", { class: "summary" }, costOf(run)), ...(violations.length ? [broken] : []), ...valueOf(run)];
}

function meaningOf({ body, told }) {
  if (body.repair) return `it is ${body.repair.format.toUpperCase()} again`;
  if (body.puzzle) return `every rule holds${told.unique ? "; it is the only solution" : told.unique === false ? "; there are others" : ""}`;
  return "it satisfies the constraint";
}

function costOf({ told: { forwards, renoised, confidence }, seconds }) {
  const time = `${seconds.toFixed(seconds < 0.1 ? 2 : 1)} s`;
  return [...(forwards ? [plural(forwards, "forward")] : []), ...(renoised ? [`${renoised} re-noised by a rule`] : []),
    ...(confidence === undefined ? [] : [`confidence ${Math.round(confidence * 100)} %`]), time].join(" \u00b7 ");
}

function verdict(good, title, words) {
  return element("p", { class: `verdict ${good ? "good" : "bad"}` }, element("span", { "aria-hidden": "true" }, good ? "\u2713 " : "\u2717 "),
    element("strong", {}, title), words ? `: ${words}` : "");
}

/** No constraint, no promise; whether it is JSON at all can still be told. */
function freely(run) {
  if (!run.wantsJson) return element("p", { class: "verdict" }, element("strong", {}, "Free text"), ": nothing was promised, nothing is checked");
  if (valuesOf(run).length === 0) return verdict(false, "Free text", "it is not JSON");
  return element("p", { class: "verdict" }, element("strong", {}, "Free text"), ": it is JSON; the schema is not checked");
}

function valueOf(run) {
  const text = element("pre", { class: "paper" }, run.text || "(nothing)"), [value] = run.free || !run.told.valid ? [] : valuesOf(run);
  if (value === undefined) return [element("h3", {}, "Text"), text];
  return [element("h3", {}, "Value"), tree(value), element("details", { class: "raw" }, element("summary", {}, "Text"), text)];
}

/** Returns the value that a text stands for; none where it is no JSON. */
function valuesOf({ text, wantsJson }) {
  try {
    return wantsJson ? [JSON.parse(text, asWritten)] : [];
  } catch {
    return [];
  }
}

/* A number stands as it was written: a double need not hold all its digits. */
class Written {
  constructor(text) {
    this.text = text;
  }
}

function asWritten(_, value, context) {
  return typeof value === "number" ? new Written(context?.source ?? String(value)) : value;
}

function tree(value) {
  if (value instanceof Written) return element("span", { class: "leaf number" }, value.text);
  if (value === "") return "\u201c\u201d";
  if (value === null || typeof value !== "object") return element("span", { class: `leaf ${typeof value}` }, String(value));
  if (Array.isArray(value)) return value.length ? element("ol", { class: "tree" }, ...value.map((one) => element("li", {}, tree(one)))) : "[ ]";
  const pairs = Object.entries(value).map(([key, one]) => element("div", {}, element("dt", {}, key), element("dd", {}, tree(one))));
  return pairs.length ? element("dl", { class: "tree" }, ...pairs) : "{ }";
}
