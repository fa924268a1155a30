// Two runs side by side and their difference. Both are read from the streaming route at once, and compared here.

const THIRDS = ["a", "difference", "b"]; // from left to right
const A = 0, B = 1; // places in a pair of columns
const SMALLEST_LIMIT = 1e-6; // of a colour scale, as in viz/figures/theme.py
const BOLD = 7; // CSS pixels: the least height of an outline, where a unit is less than a pixel high

function roundedUp(size) {
  const unit = 10 ** (Math.floor(Math.log10(Math.max(size, SMALLEST_LIMIT))) - 1);
  return Number((Math.ceil(Math.max(size, SMALLEST_LIMIT) / unit) * unit).toPrecision(2));
}

function isSame(token, other) {
  return token.text === other.text && token.begins === other.begins && token.unknown === other.unknown;
}

// One of the two runs: its name, its translation, and the stream that it comes from.
class Side {
  constructor(key, view) {
    Object.assign(this, { key, view, at: key === "a" ? A : B });
    this.run = new RunRecord("");
    this.chips = new Chips(this);
    this.course = new Course("Time machine", {
      onMove: (run) => this.start(run),
      onSettled: (at) => view.settled(key, at),
    });
    this.heading = make("h3", "name");
    this.text = make("output", "text");
    this.status = make("span", "status");
    const result = make("div", "result", this.text, this.status);
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
    const isAsked = this.asked !== run && this.following !== run && !this.course.isMoving;
    this.asked = run;
    const at = states.findIndex((state) => state.run === run);
    this.course.update(states, at < 0 ? undefined : at);
    if (isAsked) this.start(run);
  }

  async start(id) {
    this.abort?.abort();
    const { signal } = this.abort = new AbortController();
    this.following = id;
    for await (const run of followRun(this.view.base, id, 0, signal)) {
      if (this.run !== run) { // until here the run before stays on view
        this.run = run;
        this.chips.clear();
      }
      this.view.schedule();
    }
    if (signal.aborted) return;
    if (this.run.state === "failed") this.view.say(`${this.sign}: ${this.run.failure}`);
    this.view.ended();
  }

  // --- what the chips ask for

  get shown() {
    return this.run.columns.length;
  }

  get selected() {
    const { selected, pairs } = this.view;
    const column = selected && pairs[selected.pair]?.[this.at];
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
class Third {
  constructor(key, view) {
    Object.assign(this, { key, view, name: key });
    this.sides = key === "difference" ? view.sides : [view.sides[key === "a" ? A : B]];
    this.pattern = hatching();
    this.captions = {};
    this.panels = MEANINGS.map((meaning, quantity) => new Panel(quantity, this.meaning(meaning), this));
    this.panels.forEach((panel) => panel.root.classList.add(key));
    this.panels[0].plot.tabIndex = 0;
    this.panels.slice(1).forEach((panel) => { panel.plot.tabIndex = -1; });
  }

  meaning(meaning) {
    if (this.key !== "difference") return meaning;
    return { ...DIFFERENCE, key: meaning.key, symbol: `${DIFFERENCE.symbol}${meaning.symbol}`, name: DIFFERENCE.name.toLowerCase() };
  }

  // --- as a run

  get run() { return this; }
  get id() { return this.view.sides.map((side) => side.run.id).join(" "); }
  get units() { return this.sides[0].run.units; }
  get language() { return this.sides[0].run.language; }

  refresh() {
    const { pairs, sources } = this.view;
    this.columns = pairs.map((pair) => ({ shown: this.token(pair), isDecoder: false }));
    this.tokens = this.columns.slice(0, sources).map(({ shown }) => shown);
    this.stored = Array.from({ length: this.units }, (_, unit) => unit);
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
    if (this.key === "difference") return [-this.view.limit, this.view.limit];
    const [low, high] = this.sides[0].run.range(quantity);
    const limit = Math.max(...this.view.sides.map((side) => side.run.cellLimit));
    return quantity === CELL ? [-limit, limit] : [low, high];
  }

  // --- as the view of a panel

  get shown() { return this.columns.length; }
  get capacity() { return this.view.capacity; }
  get window() { return { first: 0, count: this.units }; }
  get order() { return this.view.byDifference(this) ?? this.stored; }
  get shownOrder() { return this.order === this.stored ? "stored" : `difference ${this.view.contents}`; }
  get selected() { return this.view.selected && { column: this.view.selected.pair, unit: this.view.selected.unit }; }

  rowOf(unit) { return this.order.indexOf(unit); }
  schedule() { this.view.schedule(); }
  hover(panel, event) { this.view.hover(this, panel, event); }
  select(pair, unit, panel) { this.view.select(pair, unit, panel, this); }

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
    const row = panel.height / this.units;
    for (const edit of this.view.edited.filter(({ quantity }) => quantity === panel.meaning.key)) {
      const units = edit.units.length ? stretches(edit.units.map((unit) => this.rowOf(unit))) : [[0, this.units - 1]];
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
    const { run, at } = this.sides[0];
    const start = side === "encoder" ? 0 : run.tokens.length;
    const end = side === "encoder" ? run.tokens.length : Infinity;
    return this.view.pairs.flatMap((pair, column) => {
      const own = pair[at];
      const isIn = own != null && own >= start && own < end && own - start >= first && own - start <= (last ?? Infinity);
      return isIn ? [column] : [];
    });
  }
}

// Numbers in order as stretches without a hole: [1, 2, 3, 7] as [[1, 3], [7, 7]].
function stretches(numbers) {
  const found = [];
  for (const number of [...numbers].sort((one, other) => one - other)) {
    if (found.length && number <= found.at(-1)[1] + 1) found.at(-1)[1] = number;
    else found.push([number, number]);
  }
  return found;
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

// The selected pair and unit in numbers: what both runs have there, and the difference.
class Both {
  constructor() {
    this.where = make("h3", "where");
    this.what = make("p", "what");
    this.cells = MEANINGS.map(() => [0, 0, 0].map(() => make("td", "value")));
    const head = make("tr", "", make("td", ""), ...["A", "B", "B − A"].map((name) => {
      const cell = make("th", "", name);
      cell.scope = "col";
      return cell;
    }));
    const rows = MEANINGS.map((meaning, at) => {
      const name = make("th", "", make("i", "symbol", meaning.symbol), meaning.name);
      name.scope = "row";
      const row = make("tr", "", name, ...this.cells[at]);
      row.dataset.quantity = meaning.key;
      row.style.setProperty("--hue", meaning.hue);
      row.style.setProperty("--hue-dark", meaning.hue_dark);
      return row;
    });
    this.root = make("aside", "readout", this.where, this.what, make("table", "values", make("thead", "", head), make("tbody", "", ...rows)));
    this.root.setAttribute("aria-label", "Selected cell");
  }

  show(view) {
    const { selected, sides, thirds } = view;
    const isShown = Boolean(selected && view.pairs[selected.pair]);
    this.root.classList.toggle("empty", !isShown);
    if (!isShown) {
      this.where.textContent = "No cell selected";
      return;
    }
    const columns = view.pairs[selected.pair];
    const places = sides.map((side) => stepName(side.run, columns[side.at]));
    const [one, other] = places;
    this.where.textContent = `Unit ${selected.unit}, ${one === other ? one : `A: ${one}, B: ${other}`}`;
    this.what.replaceChildren(...sides.map((side) => happened(side, columns[side.at])));
    const [a, difference, b] = thirds;
    this.cells.forEach((cells, quantity) => [a, b, difference].forEach((third, at) => {
      cells[at].textContent = fixed(third.value(quantity, selected.pair, selected.unit));
    }));
  }
}

function stepName(run, column) {
  if (column == null || column >= run.columns.length) return "no such step";
  const S = run.tokens.length;
  return column < S ? `encoder step ${column + 1}` : `decoder step ${column - S + 1}`;
}

function happened({ sign, run }, column) {
  const line = make("span", "happened", make("b", "sign", sign), " ");
  const step = run.columns[column];
  if (!step) line.append("no such step");
  else if (!step.isDecoder) line.append("reads ", tokenSpan(step.read, "en"));
  else line.append("writes ", tokenSpan(step.written, run.language), ` (${fixed(step.probability)})`);
  return line;
}

class Comparison {
  constructor(root) {
    Object.assign(this, { root, pairs: [], sources: 0, selected: null, edited: [], limit: SMALLEST_LIMIT, serial: 0 });
    this.sides = ["a", "b"].map((key) => new Side(key, this));
    this.thirds = THIRDS.map((key) => new Third(key, this));
    this.readout = new Both();
    this.build();
  }

  build() {
    this.live = make("div", "screen-reader");
    this.live.setAttribute("aria-live", "polite");
    this.tip = make("div", "tip");
    this.tip.hidden = true;
    this.chooser = chooserOf("Order of units", [["stored", "units as stored"], ["difference", "units by difference"]], () => this.schedule());
    this.scale = make("p", "scale");
    this.switch = this.thirdSwitch();
    this.heads = THIRDS.map((key) => make("h4", key));
    const rows = MEANINGS.flatMap((_, quantity) => this.thirds.map((third) => third.panels[quantity].root));
    const panels = make("div", "panels", ...this.heads, ...rows);
    panels.addEventListener("keydown", (event) => this.key(event));
    this.readout.root.append(make("p", "keys", "Keys in a heatmap: ← → step, ↑ ↓ unit, Page ↑ ↓ 16 units, Home End, 1 to 6 quantity, Tab to the next of A, B − A and B."));
    const tools = make("div", "tools", this.scale, this.switch, this.chooser.parentElement);
    const body = make("div", "body", panels, this.readout.root);
    this.root.replaceChildren(make("div", "sides", ...this.sides.map((side) => side.root)), tools, body, this.tip, this.live);
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
    Object.assign(this, { component, data, base: data.base, edited: data.edited });
    const dark = isDark(this.root);
    this.root.dataset.dark = dark;
    this.root.style.setProperty("--attention", dark ? data.attention.dark : data.attention.light);
    for (const side of this.sides) side.update(data[side.key], data.courses[side.key] ?? []);
    const names = { a: `A: ${data.a.name}`, difference: "Difference: B − A", b: `B: ${data.b.name}` };
    this.heads.forEach((head, at) => { head.textContent = names[THIRDS[at]]; });
    const wanted = data.selected;
    const isNews = JSON.stringify(wanted) !== JSON.stringify(this.told);
    this.told = wanted;
    if (wanted && isNews && !this.sending && data.taken >= this.serial) this.selected = { ...wanted };
    this.schedule();
  }

  trigger(name, value) {
    this.component.setTriggerValue(name, value);
  }

  say(text) {
    this.live.textContent = text;
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
    this.say(`Both runs are finished. ${this.sides.map((side) => `${side.sign}: ${side.run.text}.`).join(" ")}`);
    this.trigger("finished", id);
  }

  // --- what belongs together

  get isFinished() {
    return this.sides.every((side) => side.run.state === "finished");
  }

  get areAlike() {
    return this.sides[A].run.units === this.sides[B].run.units;
  }

  // Both runs with the pairing that Python made for them, once it has.
  get isPaired() {
    const { pairs, a, b } = this.data;
    return Boolean(pairs) && a.run === this.sides[A].run.id && b.run === this.sides[B].run.id;
  }

  refresh() {
    const [a, b] = this.sides.map((side) => side.run);
    this.pairs = this.isPaired ? this.data.pairs : [...this.sourcePairs(a, b), ...targetPairs(a, b)];
    this.sources = this.pairs.filter(([one, other]) => (one != null ? one < a.tokens.length : other < b.tokens.length)).length;
    for (const third of this.thirds) third.refresh();
    this.contents = `${this.thirds[0].id} ${this.pairs.map((_, pair) => this.thirds[1].content(pair)).join(" ")}`;
    const measured = [this.contents, a.state, b.state, this.data.a.name, this.data.b.name].join(" ");
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

  // The size of the largest difference so far, and the units by their largest.
  measureDifferences() {
    const difference = this.thirds[1];
    const largest = Array.from({ length: difference.units }, () => 0);
    this.largest = MEANINGS.map(() => ({ size: 0 })); // of each quantity: where, and how large
    for (let pair = 0; pair < this.pairs.length; pair++) {
      if (!difference.isKnown(pair)) continue;
      for (let quantity = 0; quantity < MEANINGS.length; quantity++) {
        for (let unit = 0; unit < largest.length; unit++) {
          const value = difference.value(quantity, pair, unit), size = Math.abs(value);
          largest[unit] = Math.max(largest[unit], size);
          if (size > this.largest[quantity].size) this.largest[quantity] = { size, value, pair, unit };
        }
      }
    }
    this.limit = roundedUp(Math.max(0, ...largest));
    this.isEqual = !largest.some(Boolean);
    this.unitsByDifference = largest.map((_, unit) => unit).sort((one, other) => largest[other] - largest[one] || one - other);
  }

  byDifference(third) {
    return this.chooser.value === "difference" && this.areAlike && third.units === this.unitsByDifference?.length ? this.unitsByDifference : null;
  }

  get capacity() {
    if (this.isFinished) return Math.max(this.pairs.length, 1);
    const written = this.pairs.length - this.sources;
    return this.sources + Math.max(this.sources, Math.ceil((written + 1) / ROOM) * ROOM);
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
    difference.captions = this.isFinished ? Object.fromEntries(MEANINGS.map(
      (meaning, quantity) => [meaning.key, this.differenceCaption(meaning, quantity)])) : {};
  }

  differenceCaption(meaning, quantity) {
    const [a, difference, b] = this.thirds;
    const gaps = this.pairs.filter((_, pair) => difference.isGap(pair)).length;
    const best = this.largest[quantity];
    const start = `Difference of ${meaning.name.toLowerCase()}, B minus A: `;
    const largest = best.size === 0 ? "none anywhere." : `the largest is ${fixed(best.value)}, unit ${best.unit} at ${this.placeName(best.pair)
      } (A ${fixed(a.value(quantity, best.pair, best.unit))}, B ${fixed(b.value(quantity, best.pair, best.unit))}).`;
    const missing = gaps === 0 ? "" : ` ${gaps} of ${this.pairs.length} columns are steps that only one run has.`;
    return `${start}${largest}${missing} All six differences share the colour scale from ${-this.limit} to ${this.limit}.`;
  }

  // All six are drawn on one scale: how far each one goes stands above it.
  nameDifferences() {
    this.thirds[1].panels.forEach((panel, quantity) => {
      const { size, value } = this.largest[quantity];
      panel.rename([panel.meaning.symbol, size ? `largest ${fixed(value)}` : "no difference"]);
    });
  }

  placeName(pair) {
    const [one, other] = this.sides.map((side) => stepName(side.run, this.pairs[pair][side.at]));
    return one === other ? one : `A's ${one} and B's ${other}`;
  }

  // --- choosing a cell

  select(pair, unit, panel = null, third = null) {
    if (!this.pairs.length) return;
    const units = this.thirds[1].units;
    this.selected = { pair: Math.max(0, Math.min(pair, this.pairs.length - 1)), unit: Math.max(0, Math.min(unit, units - 1)) };
    if (panel) this.focusPanel(panel, third);
    this.schedule();
    clearTimeout(this.sending);
    this.sending = setTimeout(() => {
      this.sending = null;
      this.serial += 1;
      this.say(`${this.readout.where.textContent}: ` + MEANINGS.map((meaning, quantity) => {
        const [a, difference, b] = this.thirds.map((each) => fixed(each.value(quantity, this.selected.pair, this.selected.unit)));
        return `${meaning.name} A ${a}, B ${b}, difference ${difference}`;
      }).join("; "));
      this.trigger("selected", { ...this.selected, quantity: this.quantity, serial: this.serial });
    }, 200);
  }

  focusPanel(panel, third) {
    this.quantity = panel.meaning.key;
    third.panels.forEach((each) => { each.plot.tabIndex = each === panel ? 0 : -1; });
    panel.plot.focus({ preventScroll: true });
    panel.plot.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const third = this.thirds.find((each) => each.panels.some((panel) => panel.plot === event.target));
    if (!third || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key >= "1" && event.key <= "6") {
      const { pair, unit } = this.selected ?? { pair: 0, unit: third.order[0] };
      this.select(pair, unit, third.panels[Number(event.key) - 1], third);
    } else {
      this.quantity = event.target.dataset.quantity;
      const { pair, unit } = this.selected ?? { pair: 0, unit: third.order[0] };
      const next = moved(event.key, pair, third.rowOf(unit), this.pairs.length - 1);
      if (!next) return;
      const [nextPair, row] = next;
      this.select(nextPair, third.order[Math.max(0, Math.min(row, third.units - 1))]);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  hover(third, panel, event) {
    const cell = panel?.cellAt(event);
    this.tip.hidden = !cell;
    if (!cell) return;
    const [a, difference, b] = this.thirds.map((each) => fixed(each.value(panel.quantity, cell.column, cell.unit)));
    const { symbol } = MEANINGS[panel.quantity];
    this.tip.replaceChildren(
      make("b", "", third.key === "difference" ? `Δ${symbol} = ${difference}` : `${symbol} = ${third.key === "a" ? a : b}`),
      ` unit ${cell.unit}, ${this.placeName(cell.column)} (A ${a}, B ${b})`,
    );
    placeTip(this.tip, this.root, event);
  }

  // --- drawing

  schedule() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => { this.pending = 0; this.draw(); });
  }

  draw() {
    const panels = this.thirds.flatMap((third) => third.panels);
    for (const panel of panels) panel.measure();
    this.refresh();
    this.note();
    for (const side of this.sides) side.draw();
    this.scale.replaceChildren(...this.scaleWords());
    for (const panel of panels) panel.draw();
    this.readout.show(this);
  }

  // For tests, and for whoever looks at the page from outside.
  note() {
    const [a, b] = this.sides.map((side) => side.run);
    const states = [a.state, b.state];
    const state = ["failed", "waiting", "computing"].find((each) => states.includes(each)) ?? "finished";
    Object.assign(this.root.dataset, {
      state, aRun: a.id, bRun: b.id, aState: a.state, bState: b.state, columns: this.pairs.length,
      aColumns: a.columns.length, bColumns: b.columns.length, limit: this.limit, paired: this.isPaired,
    });
  }

  scaleWords() {
    if (!this.areAlike && this.isFinished) {
      const [a, b] = this.sides.map((side) => side.run.units);
      return [`A has ${a} units and B ${b}: there is no difference to draw.`];
    }
    if (this.isEqual && this.isFinished) return ["Both runs are the same to the last bit: every difference is 0."];
    const gaps = this.pairs.some((_, pair) => this.thirds[1].isGap(pair));
    return [`All six differences share one scale, ${-this.limit} to ${this.limit}.`.replaceAll("-", "−"), gaps ? " Hatched: a step that only one run has." : ""];
  }
}

// Step k of the one with step k of the other; columns counted from where their side begins.
function stepPairs(firstA, countA, firstB, countB) {
  return Array.from({ length: Math.max(countA, countB) }, (_, step) => [
    step < countA ? firstA + step : null, step < countB ? firstB + step : null,
  ]);
}

function targetPairs(a, b) {
  const written = (run) => Math.max(0, run.columns.length - run.tokens.length);
  const column = (run, step) => (run.state === "finished" && step >= written(run) ? null : run.tokens.length + step);
  return Array.from({ length: Math.max(written(a), written(b)) }, (_, step) => [column(a, step), column(b, step)]);
}

export default function (component) {
  const root = component.parentElement.querySelector(".comparison");
  root.view ??= new Comparison(root);
  root.view.update(component);
  return () => {
    for (const side of root.view.sides) {
      side.abort?.abort();
      side.asked = side.following = null; // whoever shows it again begins again
    }
  };
}
