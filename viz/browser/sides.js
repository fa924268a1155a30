// The two runs of a comparison, and the three stacks of heatmaps: A, the difference B − A, and B.

import { Chips, guessWords } from "./chips.js";
import { Course } from "./course.js";
import { make, onlyTabStop, reserve } from "./elements.js";
import { DIFFERENCE, EXPECTED } from "./meanings.js";
import { isSame, stretches } from "./pairing.js";
import { Panel } from "./panels.js";
import { Follower, partAt } from "./run.js";

export const A = 0, B = 1; // places in a pair of columns
const BOLD = 7; // CSS pixels: the least height of an outline, where a unit is less than a pixel high

// One of the two runs: its name, its translation, and the stream that it comes from.
export class Side {
  constructor(key, view) {
    Object.assign(this, { key, view, at: key === "a" ? A : B });
    this.follower = new Follower({
      quantities: EXPECTED,
      turned: () => this.chips.clear(),
      grown: () => view.schedule(),
      ended: (run) => {
        if (run.state === "failed") view.say(`${this.sign}: ${run.failure}`);
        view.ended();
      },
    });
    this.chips = new Chips(this);
    this.course = new Course("Time machine", {
      onMove: (run) => this.follower.follow(run),
      onSettled: (at) => view.settled(key, at),
    });
    this.heading = make("h3", "name");
    this.text = make("output", "text");
    this.guess = make("span", "guesses");
    this.status = make("span", "status");
    const result = make("div", "result", this.text, this.guess, this.status);
    this.root = make("section", `side ${key}`, this.heading, this.course.root, result, this.chips.root);
    this.fixedHeight = [result, this.chips.source, this.chips.target];
  }

  get sign() {
    return this.key.toUpperCase();
  }

  update({ run, name }, states) {
    this.heading.replaceChildren(make("b", "sign", this.sign), ` ${name}`);
    this.root.setAttribute("aria-label", `${this.sign}: ${name}`);
    this.course.rename(`Time machine of ${this.sign}`);
    const isAsked = this.follower.isNews(run) && !this.course.isMoving;
    const at = states.findIndex((state) => state.run === run);
    this.course.update(states, at < 0 ? undefined : at);
    if (isAsked) this.follower.follow(run);
  }

  // --- what the chips ask for

  get run() {
    return this.follower.run;
  }

  get shown() {
    return this.run.columns.length;
  }

  get selected() {
    const { selected, pairs } = this.view;
    const column = selected && pairs[selected.column]?.[this.at];
    return column == null ? null : { column, unit: selected.unit };
  }

  select(column, unit) {
    this.view.select(this.view.pairs.findIndex((pair) => pair[this.at] === column), unit);
  }

  token(column) {
    return this.run.tokens[column] ?? this.run.columns[column]?.shown;
  }

  isKnown(column) {
    return column != null && column < this.run.columns.length;
  }

  // No step here now, and none to come.
  isMissing(column) {
    return column == null ? this.run.state !== "waiting" : this.run.state === "finished" && !this.isKnown(column);
  }

  draw() {
    const { run } = this;
    this.text.textContent = run.text;
    this.text.lang = run.language ?? "";
    this.guess.replaceChildren(...guessWords(run));
    this.status.textContent = run.state === "failed" ? `${run.failure} Load the page again.`
      : run.state === "finished" ? `${run.columns.length} steps${run.isComplete ? "" : ", cut off at the length limit"}`
        : run.searching || `computing step ${run.columns.length + 1}`;
    this.chips.draw();
    [...this.chips.source.children].forEach((chip, column) => this.markChip(chip, column));
    [...this.chips.target.children].forEach((chip, at) => this.markChip(chip, run.tokens.length + at));
    this.fixedHeight.forEach(reserve);
  }

  markChip(chip, column) {
    const isOther = this.view.isOther(this.at, column);
    chip.classList.toggle("other", isOther);
    chip.ariaDescription = isOther ? `not so in ${this.sign === "A" ? "B" : "A"}` : null;
  }
}

// A run, or the difference of both, as the panels see it: a column for each pair of steps.
export class Third {
  constructor(key, view) {
    Object.assign(this, { key, view, name: key });
    this.sides = key === "difference" ? view.sides : [view.sides[key === "a" ? A : B]];
    this.pattern = hatching();
    this.captions = {};
    this.panels = [];
  }

  arrange(meanings) {
    this.panels.forEach((panel) => panel.resized.disconnect());
    this.panels = meanings.map((meaning, quantity) => new Panel(quantity, this.meaning(meaning), this));
    this.panels.forEach((panel) => panel.root.classList.add(this.key));
    onlyTabStop(this.panels.map(({ plot }) => plot), this.panels[0].plot);
  }

  meaning(meaning) {
    if (this.key !== "difference") return meaning;
    return { ...DIFFERENCE, key: meaning.key, symbol: `${DIFFERENCE.symbol}${meaning.symbol}`, name: DIFFERENCE.name.toLowerCase() };
  }

  // --- as a run

  get run() { return this; }
  get id() { return this.view.sides.map((side) => side.run.id).join(" "); }
  get units() { return this.sides[0].run.units; }
  get state() { return this.view.isFinished ? "finished" : "computing"; }
  get starts() { return this.view.starts; }

  refresh() {
    const { pairs, known } = this.view;
    this.columns = pairs.map((pair) => ({ shown: this.token(pair) }));
    this.tokens = this.columns.slice(0, known).map(({ shown }) => shown);
    this.stored = Array.from({ length: this.units }, (_, unit) => unit);
  }

  // Units from top to bottom, all or some of them; as stored if null.
  show(units) {
    this.ordered = units;
    this.shownOrder = units?.join() ?? "stored";
  }

  languageOf(pair) {
    const { run: { parts } } = this.sides[0];
    return parts[partAt(this.starts, pair)]?.language ?? "";
  }

  columnOf(pair, side) {
    return this.view.pairs[pair][side.at];
  }

  token(pair) {
    const [token, other] = this.sides.map((side) => side.token(pair[side.at]));
    if (this.sides.length === 1 || (token && other && isSame(token, other))) return token;
    return { text: `${token?.text ?? "–"} ≠ ${other?.text ?? "–"}` };
  }

  isKnown(pair) {
    return this.sides.every((side) => side.isKnown(this.columnOf(pair, side))) && (this.sides.length < 2 || this.view.areAlike);
  }

  isGap(pair) {
    return this.sides.some((side) => side.isMissing(this.columnOf(pair, side))) || (this.sides.length > 1 && !this.view.areAlike);
  }

  content(pair) {
    return `${this.view.pairs[pair]} ${this.isKnown(pair)}`;
  }

  value(quantity, pair, unit) {
    if (!this.isKnown(pair)) return NaN;
    const [value, other] = this.sides.map((side) => side.run.value(quantity, this.columnOf(pair, side), unit));
    return this.sides.length === 1 ? value : other - value;
  }

  range(quantity) {
    if (this.key === "difference") {
      const limit = this.view.limits[quantity] ?? 1;
      return [-limit, limit];
    }
    const ranges = this.view.sides.map(({ run }) => run.range(quantity)); // what has no bound has the wider of both
    return [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))];
  }

  // --- as the view of a panel

  get shown() { return this.columns.length; }
  get capacity() { return this.view.capacity; }
  get isDark() { return this.view.isDark; }
  get window() { return { first: 0, count: this.order.length }; }
  get order() { return this.ordered ?? this.stored; }
  get selected() { return this.view.selected; }

  rowOf(unit) { return this.order.indexOf(unit); }
  schedule() { this.view.schedule(); }
  pointTo(panel, event) { this.view.pointTo(panel, event); }
  select(pair, unit, panel) { this.view.select(pair, unit, panel); }

  overlay(panel, context, scale) {
    context.fillStyle = context.createPattern(this.pattern, "repeat");
    for (let pair = 0; pair < this.columns.length; pair++) {
      if (!this.isGap(pair)) continue;
      const { left, width } = panel.place(pair);
      context.fillRect(left * scale, 0, width * scale, panel.height * scale);
    }
    if (this.key === "b") this.outline(panel, context, scale);
  }

  // Where the hand went in: a dashed frame around the units and steps that were set.
  outline(panel, context, scale) {
    const row = panel.height / this.order.length;
    for (const edit of this.view.edited.filter(({ quantity }) => quantity === panel.meaning.key)) {
      const rows = edit.units.map((unit) => this.rowOf(unit)).filter((each) => each >= 0);
      const units = edit.units.length ? stretches(rows) : [[0, this.order.length - 1]];
      for (const [from, to] of stretches(this.columnsOf(edit))) {
        const left = panel.place(from).left + 1, right = panel.place(to).left + panel.place(to).width - 1;
        for (const [first, last] of units) {
          const height = Math.max((last - first + 1) * row - 2, BOLD);
          const wanted = ((first + last + 1) / 2) * row - height / 2;
          const top = Math.max(1, Math.min(wanted, panel.height - height - 1));
          dashedFrame(context, [left, top, right - left, height].map((length) => length * scale), scale);
        }
      }
    }
  }

  columnsOf({ side, first, last }) {
    const { run: { parts, starts }, at } = this.sides[0];
    const part = parts.findIndex(({ name }) => name === side);
    const [start, end] = [starts[part], starts[part + 1] ?? Infinity];
    return this.view.pairs.flatMap((pair, column) => {
      const own = pair[at];
      const isIn = own != null && own >= start && own < end && own - start >= first && own - start <= (last ?? Infinity);
      return isIn ? [column] : [];
    });
  }
}

// Black dashes on white: seen on every colour.
function dashedFrame(context, box, scale) {
  context.save();
  for (const [colour, width, dashes] of [["#fff", 3, []], ["#000", 2, [5, 4]]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: width * scale });
    context.setLineDash(dashes.map((length) => length * scale));
    context.strokeRect(...box);
  }
  context.restore();
}

function hatching() {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const context = tile.getContext("2d");
  Object.assign(context, { strokeStyle: "rgba(128, 128, 128, 0.75)", lineWidth: 1.2 });
  context.beginPath();
  for (const at of [-4, 4, 12]) {
    context.moveTo(at - 4, 8);
    context.lineTo(at + 4, 0);
  }
  context.stroke();
  return tile;
}
