// Two runs side by side and their difference. Both are read from the streaming route at once, and compared here.

import { Choosing, keysOf } from "./choosing.js";
import comparisonStyle from "./comparison.css.js";
import { chooserOf, dress, fixed, inLanguage, make } from "./elements.js";
import { ATTENTION, limitOfDifference, meaningOf } from "./meanings.js";
import menuStyle from "./menu.css.js";
import style from "./microscope.css.js";
import { differences, isSame, laterPairs, pairsBefore, stepPairs } from "./pairing.js";
import { roomFor } from "./panels.js";
import { ReadoutOfBoth } from "./readout.js";
import { Share } from "./share.js";
import { A, B, Side, Third } from "./sides.js";

const THIRDS = ["a", "difference", "b"]; // from left to right

class Comparison extends Choosing {
  constructor(root) {
    super(root, ATTENTION);
    Object.assign(this, { pairs: [], starts: [], known: 0, edited: [], limits: [], changed: [], serial: 0 });
    this.sides = ["a", "b"].map((key) => new Side(key, this));
    this.thirds = THIRDS.map((key) => new Third(key, this));
    this.readout = new ReadoutOfBoth((level) => this.trigger("level", level));
    this.build();
    this.arrange();
  }

  get stacks() { return this.thirds; }
  get units() { return this.thirds[1].units; }
  get lastColumn() { return this.pairs.length - 1; }

  // The newest pair as long as there is no chosen one, or not yet.
  get followed() {
    const { picked, lastColumn } = this;
    if (lastColumn < 0 || picked?.column <= lastColumn) return null;
    const unit = picked?.unit ?? this.stacks[1].order?.[0] ?? 0;
    return { column: lastColumn, unit: Math.min(unit, this.units - 1) }; // a link may ask for one that there is not
  }

  build() {
    this.chooser = chooserOf("Order of units", [["stored", "units as stored"], ["difference", "units by difference"]], () => this.schedule());
    this.onlyChanged = make("input", "");
    this.onlyChanged.type = "checkbox";
    this.onlyChanged.addEventListener("change", () => this.schedule());
    this.scale = make("p", "scale");
    this.switch = this.thirdSwitch();
    this.heads = THIRDS.map((key) => make("h4", key));
    this.grid = make("div", "panels");
    this.grid.addEventListener("keydown", (event) => this.key(event));
    this.keys = make("p", "keys");
    this.readout.root.append(this.keys);
    this.share = new Share({ say: (text) => this.say(text), link: () => window.location.href });
    const filter = make("label", "only", this.onlyChanged, "only units that changed");
    const tools = make("div", "tools", this.scale, this.switch, filter, this.chooser.parentElement, this.share.root);
    const body = make("div", "body", this.grid, this.readout.root);
    this.root.replaceChildren(make("div", "sides", ...this.sides.map((side) => side.root)), tools, body, this.tip, this.explainer.tip, this.live);
  }

  // A row of heatmaps for each quantity that the runs have.
  arrange() {
    const { quantities } = this.sides[A].run;
    const arranged = keysIn(this.sides[A].run);
    if (this.arranged === arranged) return;
    this.arranged = arranged;
    this.meanings = quantities.map(meaningOf);
    for (const third of this.thirds) third.arrange(this.meanings);
    const rows = quantities.flatMap(({ range }, quantity) => {
      const isLowest = quantities[quantity + 1]?.range !== range && (range === "gate" || quantity + 1 === quantities.length);
      return this.thirds.map(({ panels }) => {
        panels[quantity].root.classList.toggle("lowest", isLowest);
        return panels[quantity].root;
      });
    });
    this.grid.replaceChildren(...this.heads, ...rows);
    this.readout.list(this.meanings);
    this.keys.textContent = `${keysOf(quantities.length, "quantity")}, Tab to the next of A, B − A and B.`;
  }

  // Where there is room for one of the three only: which.
  thirdSwitch() {
    const choices = [["a", "A"], ["difference", "B − A"], ["b", "B"]].map(([key, name]) => {
      const input = make("input", "");
      Object.assign(input, { type: "radio", name: "third", value: key, checked: key === "difference" });
      input.addEventListener("change", () => { this.root.dataset.third = key; this.schedule(); });
      return make("label", "", input, name);
    });
    this.root.dataset.third = "difference";
    const set = make("fieldset", "switch", make("legend", "screen-reader", "Shown"), ...choices);
    return set;
  }

  // Called on every run of the Python script; only news changes anything.
  update(component) {
    const { data } = component;
    if (!this.component) this.serial = data.taken;
    this.take(component);
    Object.assign(this, { data, edited: data.edited });
    this.readout.levels.turnTo(data.level);
    for (const side of this.sides) side.update(data[side.key], data.courses[side.key] ?? []);
    const names = { a: `A: ${data.a.name}`, difference: "Difference: B − A", b: `B: ${data.b.name}` };
    this.heads.forEach((head, at) => { head.textContent = names[THIRDS[at]]; });
    const wanted = data.selected;
    const isNews = JSON.stringify(wanted) !== JSON.stringify(this.told);
    this.told = wanted;
    if (wanted && isNews && !this.sending && data.taken >= this.serial) this.selected = { column: wanted.pair, unit: wanted.unit };
    this.schedule();
  }

  settled(side, at) {
    this.toldFinished = this.thirds[0].id; // Python looks at both runs anyway
    this.trigger("course", { side, at });
  }

  ended() {
    const { id } = this.thirds[0];
    if (!this.isFinished || this.sides.some((side) => side.course.isMoving) || this.toldFinished === id) return;
    this.toldFinished = id;
    this.refresh();
    this.say("Both runs are finished.", ...this.sides.flatMap(
      ({ sign, run }) => [` ${sign}: `, inLanguage(run.text, run.language), "."]));
    this.trigger("finished", id);
  }

  // --- what belongs together

  get isFinished() {
    return this.sides.every((side) => side.run.state === "finished");
  }

  get areAlike() {
    const [a, b] = this.sides.map(({ run }) => `${run.units} ${keysIn(run)}`);
    return a === b;
  }

  // Both runs with the pairing that Python made for them, once it has.
  get isPaired() {
    const { pairs, a, b } = this.data;
    return Boolean(pairs) && a.run === this.sides[A].run.id && b.run === this.sides[B].run.id;
  }

  refresh() {
    const [a, b] = this.sides.map((side) => side.run);
    this.arrange();
    this.pairs = this.isPaired ? this.data.pairs : [...this.sourcePairs(a, b), ...laterPairs(a, b)];
    const { parts } = a.parts.length ? a : b;
    this.starts = parts.map((_, part) => pairsBefore(this.pairs, a.starts[part] ?? 0, b.starts[part] ?? 0));
    this.known = pairsBefore(this.pairs, a.tokens.length, b.tokens.length);
    for (const third of this.thirds) third.refresh();
    this.contents = `${this.thirds[0].id} ${this.pairs.map((_, pair) => this.thirds[1].content(pair)).join(" ")}`;
    const measured = [this.contents, a.state, b.state, this.isPaired, this.data.a.name, this.data.b.name].join(" ");
    if (measured === this.measuredFor) return;
    this.measuredFor = measured;
    this.measureDifferences();
    this.caption();
    this.nameDifferences();
  }

  // The source tokens as Python has aligned them, if these are the sources; otherwise step by step.
  sourcePairs(a, b) {
    const pairs = this.data.source_pairs;
    const count = (at) => pairs.filter((pair) => pair[at] != null).length;
    return count(A) === a.tokens.length && count(B) === b.tokens.length ? pairs : stepPairs(0, a.tokens.length, 0, b.tokens.length);
  }

  // The largest differences so far, the scales that follow from them, and the units by their largest.
  measureDifferences() {
    const difference = this.thirds[1];
    const { places, order, limits, changed } = differences({
      isKnown: (pair) => difference.isKnown(pair), value: (...at) => difference.value(...at),
      pairs: this.pairs.length, quantities: this.meanings, units: this.units, limitOf: limitOfDifference,
    });
    const isEqual = places.every(({ size }) => size === 0);
    Object.assign(this, { largest: places, unitsByDifference: order, limits, changed, isEqual });
  }

  // Where no unit has changed there would be nothing to look at: then all of them stay.
  get isFiltered() {
    return this.onlyChanged.checked && this.changed.length > 0;
  }

  // The units from top to bottom where the reader has asked for an order or for some of them only; null for as stored.
  unitsFor(third) {
    if (!this.areAlike || third.units !== this.unitsByDifference?.length) return null;
    const units = this.chooser.value === "difference" ? this.unitsByDifference : third.stored;
    if (!this.isFiltered) return units === third.stored ? null : units;
    const changed = new Set(this.changed);
    return units.filter((unit) => changed.has(unit));
  }

  get capacity() {
    const isWriting = this.sides.some(({ run }) => run.isWriting);
    return roomFor({ known: this.known, columns: this.pairs.length, isWriting, isFinished: this.isFinished });
  }

  // Whether a step of one run read or wrote what the other run did not, in the step that belongs to it.
  isOther(at, column) {
    const pair = this.pairs.find((each) => each[at] === column);
    if (!pair) return false;
    const [side, other] = [this.sides[at], this.sides[1 - at]];
    const [token, against] = [side.token(column), other.token(pair[1 - at])];
    return token && against ? !isSame(token, against) : other.isMissing(pair[1 - at]);
  }

  // --- in words

  caption() {
    const [a, difference, b] = this.thirds;
    for (const third of [a, b]) {
      const [side] = third.sides;
      third.captions = Object.fromEntries(Object.entries(side.run.captions).map(
        ([quantity, caption]) => [quantity, `${side.sign}, ${this.data[side.key].name}: ${caption}`]));
    }
    difference.captions = (this.isPaired && this.data.captions) || {}; // Python's, like all captions
  }

  // How far each one goes stands above it, beside the ends of its scale.
  nameDifferences() {
    this.thirds[1].panels.forEach((panel, quantity) => {
      const { size, value } = this.largest[quantity];
      panel.rename([panel.meaning.symbol, size ? `largest ${fixed(value)}` : "no difference"]);
    });
  }

  placeName(pair) {
    const [one, other] = this.sides.map(({ run, at }) => run.stepName(this.pairs[pair][at]));
    return one === other ? one : `A's ${one} and B's ${other}`;
  }

  // --- choosing a cell

  words() {
    const { column, unit } = this.selected;
    const values = this.meanings.map(({ name }, quantity) => {
      const [a, difference, b] = this.thirds.map((each) => fixed(each.value(quantity, column, unit)));
      return `${name} A ${a}, B ${b}, difference ${difference}`;
    });
    return `${this.readout.where.textContent}: ${values.join("; ")}`;
  }

  chosen() {
    this.serial += 1;
    const { column: pair, unit } = this.picked;
    this.trigger("selected", { pair, unit, quantity: this.quantity, serial: this.serial });
  }

  focusPanel(panel) {
    super.focusPanel(panel);
    panel.plot.scrollIntoView({ block: "nearest" });
  }

  // Python shows the quantity that is looked at, so it is told of it.
  turnTo(panel) {
    const { column, unit } = this.selected ?? { column: 0, unit: panel.view.order[0] };
    this.select(column, unit, panel);
  }

  // A cell under the pointer, in words.
  labelOf(panel, cell) {
    const third = panel.view;
    const [a, difference, b] = this.thirds.map((each) => fixed(each.value(panel.quantity, cell.column, cell.unit)));
    const { symbol, name } = this.meanings[panel.quantity];
    const called = symbol || name;
    return [
      make("b", "", third.key === "difference" ? `Δ${called} = ${difference}` : `${called} = ${third.key === "a" ? a : b}`),
      ` unit ${cell.unit}, ${this.placeName(cell.column)} (A ${a}, B ${b})`,
    ];
  }

  // --- drawing

  draw() {
    this.arrange();
    const panels = this.thirds.flatMap((third) => third.panels);
    for (const panel of panels) panel.measure();
    this.refresh();
    for (const third of this.thirds) third.show(this.unitsFor(third));
    this.note();
    for (const side of this.sides) side.draw();
    this.scale.replaceChildren(...this.scaleWords());
    for (const panel of panels) panel.draw();
    this.readout.show(this);
    this.retell();
  }

  // For tests, and for whoever looks at the page from outside.
  note() {
    const [a, b] = this.sides.map((side) => side.run);
    const states = [a.state, b.state];
    const state = ["failed", "waiting", "computing"].find((each) => states.includes(each)) ?? "finished";
    Object.assign(this.root.dataset, {
      state, aRun: a.id, bRun: b.id, aState: a.state, bState: b.state, columns: this.pairs.length,
      aColumns: a.columns.length, bColumns: b.columns.length, limits: this.limits.join(" "), changed: this.changed.length, paired: this.isPaired,
    });
  }

  scaleWords() {
    if (!this.areAlike && this.isFinished) {
      const [a, b] = this.sides.map((side) => side.run.units);
      return [`A has ${a} units and B ${b}: there is no difference to draw.`];
    }
    if (this.isEqual && this.isFinished) return ["Both runs are the same to the last bit: every difference is 0."];
    const gaps = this.pairs.some((_, pair) => this.thirds[1].isGap(pair));
    return [this.limitsInWords(), this.changedInWords(), gaps ? " Hatched: a step that only one run has." : ""];
  }

  // Those that share a scale together: "Scales: Δf, Δi, Δo, Δg and Δh −1 to 1; Δc −5.5 to 5.5."
  limitsInWords() {
    const said = [...new Set(this.limits)].map((limit) => {
      const names = this.meanings.filter((_, at) => this.limits[at] === limit).map(({ symbol, name }) => `Δ${symbol || name.toLowerCase()}`);
      return `${names.join(", ")} −${limit} to ${limit}`;
    });
    return `Scales: ${said.join("; ")}.`;
  }

  changedInWords() {
    if (!this.onlyChanged.checked) return "";
    const count = this.changed.length;
    if (!count) return " No unit changed by as much as a tenth of a scale, so all are shown.";
    return ` Shown: ${count} of ${this.units} units, changed by a tenth of a scale or more in some quantity.`;
  }
}

// Which quantities a run has: others cannot be subtracted from them.
function keysIn({ quantities }) {
  return quantities.map(({ key, range }) => `${key} ${range}`).join();
}

function rootOf({ parentElement }) {
  return parentElement.querySelector(".comparison");
}

export function draw(component) {
  const root = rootOf(component);
  if (!root.view) dress(component, style, comparisonStyle, menuStyle);
  root.view ??= new Comparison(root);
  root.view.update(component);
}

export function leave(component) {
  rootOf(component)?.view?.sides.forEach((side) => side.follower.stop());
}
