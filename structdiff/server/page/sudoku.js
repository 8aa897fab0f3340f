"use strict";
/* A Sudoku to play on: digits are typed, conflicts shown, runs drawn into the same board. */
import { edges, element, sizeOf, symbol, symbolsOf, units } from "./replay.js";

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** Returns the cells' symbols of a puzzle that may have blanks and boxes drawn; "-" alone may be an empty cell. */
export const marksOf = (text) => text.split("\n").filter((line) => !line.includes("+")).join("").replace(/[\s|]/g, "");

export class Sudoku {
  /** root: filled with the board. changed: called after the player typed. */
  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
    this.said = element("p", { class: "summary", "aria-live": "polite" });
  }

  /** Sets the board up. text: a symbol a cell, anything else is an empty cell. */
  load(text) {
    const marks = marksOf(text);
    this.size = Math.sqrt(marks.length);
    this.units = units(this.size);
    this.inputs = new Map();
    this.givens = new Map();
    const rows = Array.from({ length: this.size }, (_, row) => element("div", { class: "line", role: "row" },
      ...Array.from({ length: this.size }, (_, column) => this.cell(row + 1, column + 1, marks[row * this.size + column]))));
    const grid = element("div", { class: "board", role: "grid", "aria-label": `Sudoku of ${this.size} rows` }, ...rows);
    grid.style.setProperty("--size", this.size);
    grid.addEventListener("keydown", (event) => this.key(event));
    grid.addEventListener("input", (event) => this.typed(event.target));
    grid.addEventListener("paste", (event) => this.paste(event));
    grid.addEventListener("focusin", (event) => this.enter(event.target));
    grid.addEventListener("focusin", (event) => this.explain(event));
    grid.addEventListener("pointerover", (event) => this.explain(event));
    this.root.replaceChildren(grid, this.said);
    this.at(1, 1).tabIndex = 0;
    this.judge();
  }

  cell(row, column, mark) {
    const name = `r${row}c${column}`, given = symbolsOf(this.size).includes(mark);
    const input = element("input", { value: given ? mark : "", inputmode: this.size > 9 ? "text" : "numeric", autocomplete: "off", tabindex: -1,
      readonly: given, "data-cell": name, "aria-label": `row ${row}, column ${column}${given ? ", given" : ""}` });
    if (given) this.givens.set(name, mark);
    this.inputs.set(name, input);
    return element("div", { class: `cell ${given ? "given" : "typed"}${edges(row, column, this.size)}`, role: "gridcell" }, input);
  }

  at(row, column) {
    return this.inputs.get(`r${row}c${column}`);
  }

  /** Returns what is given and what the player filled, as text; "." for any other cell. */
  text() {
    const mine = this.typedCells();
    return [...this.inputs].map(([name, input]) => (this.givens.has(name) || mine.has(name) ? input.value : ".")).join("");
  }

  /** Takes away what is not given. */
  clear() {
    for (const input of this.inputs.values()) if (!input.readOnly) this.put(input, "", "typed");
    this.judge();
  }

  /** Takes away what a run filled in. */
  keepMine() {
    const mine = this.typedCells();
    for (const [name, input] of this.inputs) if (!this.givens.has(name) && !mine.has(name)) this.put(input, "", "typed");
    this.judge();
  }

  /** Draws a frame of a run; what the player typed before it stays the player's. */
  show(frame, typed) {
    if (sizeOf(frame.cells) !== this.size) return;
    for (const [name, input] of this.inputs) {
      const value = frame.cells[name], rule = frame.culprits[name];
      const kind = typed.has(name) ? "typed" : rule && value === null ? "again" : "filled";
      if (!this.givens.has(name)) this.put(input, value === null ? "" : symbol(value), kind);
      this.accuse(input, null);
      this.tell(input, rule);
    }
    this.said.textContent = "";
  }

  /** Fills one empty cell from a solved board, the focused one if it can be; returns its name, or null. */
  reveal(solved) {
    const mine = this.typedCells(), empty = [...this.inputs.keys()].filter((name) => !this.givens.has(name) && !mine.has(name));
    const name = empty.includes(this.focused) ? this.focused : empty[0];
    if (!name) return null;
    this.put(this.inputs.get(name), solved[[...this.inputs.keys()].indexOf(name)], "typed");
    this.inputs.get(name).focus();
    this.judge();
    return name;
  }

  /** Returns the names of the cells that the player filled. */
  typedCells() {
    return new Set([...this.inputs].filter(([, input]) => input.value && input.parentNode.classList.contains("typed")).map(([name]) => name));
  }

  put(input, symbol, kind) {
    input.value = symbol;
    input.parentNode.classList.remove("typed", "filled", "again");
    input.parentNode.classList.add(kind);
  }

  typed(input) {
    const symbol = [...input.value.toUpperCase()].reverse().find((one) => symbolsOf(this.size).includes(one)) ?? "";
    this.put(input, symbol, "typed");
    this.judge();
    this.changed();
  }

  /* A whole puzzle replaces the board; anything shorter goes into its cell. */
  paste(event) {
    const text = event.clipboardData.getData("text");
    if (![16, 36, 81, 256].includes(marksOf(text).length)) return;
    event.preventDefault();
    this.load(text);
    this.changed();
  }

  enter(input) {
    if (!input.dataset.cell) return;
    for (const other of this.inputs.values()) other.tabIndex = -1;
    input.tabIndex = 0;
    input.select();
    this.focused = input.dataset.cell;
  }

  key(event) {
    const [row, column] = event.target.dataset.cell.slice(1).split("c").map(Number);
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key in MOVES) {
      const [down, right] = MOVES[event.key];
      event.preventDefault();
      this.at(row + down, column + right)?.focus();
    } else if (event.key === "0" || event.key === "Delete" || event.key === " ") {
      event.preventDefault();
      if (!event.target.readOnly) {
        event.target.value = "";
        this.typed(event.target);
      }
    }
  }

  /** Marks the cells of a unit that hold the same digit, and says which. */
  judge() {
    const rules = new Map();
    for (const [unit, cells] of this.units) {
      for (const name of cells) {
        const symbol = this.inputs.get(name).value;
        const twin = symbol && cells.some((other) => other !== name && this.inputs.get(other).value === symbol);
        if (twin) rules.set(name, [...(rules.get(name) ?? []), `${unit} has ${symbol} twice`]);
      }
    }
    for (const [name, input] of this.inputs) this.accuse(input, rules.get(name)?.join("; "));
    const told = [...new Set([...rules.values()].flat())];
    this.said.textContent = told.length ? `Conflict: ${told.join("; ")}.` : "";
  }

  accuse(input, rule) {
    input.parentNode.classList.toggle("broken", Boolean(rule));
    input.setAttribute("aria-invalid", Boolean(rule));
    this.tell(input, rule);
  }

  /* The rule is said below the board while the pointer or the focus is on its cell. */
  tell(input, rule) {
    if (rule) input.dataset.rule = rule;
    else delete input.dataset.rule;
  }

  explain({ target }) {
    if (target.dataset.rule) this.said.textContent = `${target.dataset.cell}: ${target.dataset.rule}`;
  }
}
