// The microscope: reads a run from the streaming route and draws it column by column, without asking Python again.

import { Chips } from "./chips.js";
import { Choosing, keysOf, onlyTabStop } from "./choosing.js";
import { Course } from "./course.js";
import { chooserOf, dress, fixed, make, placeTip, reserve, sign, tokenSpan } from "./elements.js";
import { ATTENTION, EXPECTED, meaningOf } from "./meanings.js";
import style from "./microscope.css.js";
import { across, Panel, roomFor } from "./panels.js";
import { Readout } from "./readout.js";
import { Follower, pieceText } from "./run.js";

const PLAY_PAUSE = 700; // milliseconds between steps when a finished run is stepped through

class View extends Choosing {
  constructor(root) {
    super(root, ATTENTION);
    this.shown = 0; // columns revealed
    this.orderKind = "stored";
    this.zoom = 0; // units shown; 0 for all
    this.pause = 0; // seconds between computed steps
    this.isPaused = false;
    this.follower = new Follower({
      quantities: EXPECTED,
      turned: (run) => this.turned(run),
      grown: (run) => { if (!this.isPaused) this.shown = run.columns.length; this.schedule(); },
      ended: (run) => (run.state === "finished" ? this.finished(run) : this.say(this.statusText())),
    });
    this.chips = new Chips(this);
    this.readout = new Readout();
    this.course = new Course("Time machine", {
      onMove: (run) => this.start(run),
      onSettled: (at) => this.trigger("course", { side: "a", at }),
    });
    this.build();
    this.arrange();
  }

  build() {
    this.text = make("output", "text");
    this.badge = make("span", "badge");
    this.status = make("span", "status");
    this.live = make("div", "screen-reader");
    this.live.setAttribute("aria-live", "polite");
    this.buttons = {};
    const transport = make("div", "transport");
    transport.setAttribute("role", "toolbar");
    transport.setAttribute("aria-label", "Step through the run");
    for (const [name, label, act] of [
      ["first", "First step", () => this.reveal(1)],
      ["back", "One step back", () => this.reveal(this.shown - 1)],
      ["play", "Play", () => this.togglePlay()],
      ["forward", "One step forward", () => this.reveal(this.shown + 1)],
      ["last", "Whole run", () => this.reveal(Infinity)],
      ["again", "Compute again", () => this.trigger("again", Date.now())],
    ]) {
      const button = make("button", name);
      button.type = "button";
      sign(button, name, label);
      button.addEventListener("click", () => button.ariaDisabled !== "true" && act());
      this.buttons[name] = button;
      transport.append(button);
    }
    transport.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      const next = this.shown + by;
      if (next >= 1 && next <= this.run.columns.length) this.reveal(next);
    });
    this.choosers = {
      pause: chooserOf("Pace", [["0", "as computed"], ["0.2", "5 steps a second"], ["1", "1 step a second"]], (value) => {
        this.pause = Number(value);
        this.startAgain();
      }),
      order: chooserOf(
        "Order of units", [["stored", "as stored"], ["variance", "by variance"], ["similarity", "by similarity"]],
        (value) => { this.orderKind = value; this.trigger("order", value); this.schedule(); },
      ),
      zoom: chooserOf("Units shown", [["0", "all units"], ["64", "64 units"], ["16", "16 units"]], (value) => {
        this.zoom = Number(value);
        this.schedule();
      }),
    };
    const tools = make("div", "tools", transport, ...Object.values(this.choosers).map((chooser) => chooser.parentElement));
    const header = make("div", "header", make("div", "result", this.text, this.badge, this.status), tools);
    this.grid = make("div", "panels");
    this.grid.addEventListener("keydown", (event) => this.key(event));
    this.keys = make("p", "keys");
    this.readout.root.append(this.keys);
    const body = make("div", "body", this.grid, this.readout.root);
    this.fixedHeight = [header, this.chips.root];
    this.root.replaceChildren(this.course.root, header, this.chips.root, body, this.tip, this.live);
  }

  // Heatmaps for the quantities that the run has; they stay as long as the next run has the same.
  arrange() {
    const { quantities } = this.run;
    const arranged = quantities.map(({ key, range }) => `${key} ${range}`).join();
    if (this.arranged === arranged) return;
    this.arranged = arranged;
    const meanings = quantities.map(meaningOf);
    this.panels?.forEach((panel) => panel.resized.disconnect());
    this.panels = meanings.map((meaning, quantity) => new Panel(quantity, meaning, this));
    const columns = across(this.panels.length);
    this.panels.forEach((panel, at) => {
      panel.root.classList.toggle("lowest", at + columns >= this.panels.length);
      panel.rename(this.titles?.[panel.meaning.key]);
    });
    this.grid.replaceChildren(...this.panels.map((panel) => panel.root));
    this.root.style.setProperty("--across", columns);
    this.root.style.setProperty("--count", this.panels.length);
    onlyTabStop(this.panels, this.panels[0]);
    this.readout.list(meanings);
    this.keys.textContent = `${keysOf(this.panels.length, "heatmap")}.`;
  }

  get run() { return this.follower.run; }
  get stacks() { return [this]; }
  get units() { return this.run.units; }
  get lastColumn() { return this.shown - 1; }

  // The chosen order belongs to the finished run; until then the units stand as stored.
  get shownOrder() {
    return this.orderKind in this.run.orders ? this.orderKind : "stored";
  }

  get order() {
    return this.run.orders[this.shownOrder] ?? [];
  }

  rowOf(unit) {
    return this.order.indexOf(unit);
  }

  // The rows on view: all, or a stretch around the selected unit.
  get window() {
    const all = this.run.units;
    const count = Math.min(this.zoom || all, all);
    const middle = this.selected ? this.rowOf(this.selected.unit) : 0;
    const page = Math.floor(middle / count) * count;
    return { first: Math.max(0, Math.min(page, all - count)), count };
  }

  get capacity() {
    const { tokens, columns, state, isWriting } = this.run;
    return roomFor({ known: tokens.length, columns: columns.length, isWriting, isFinished: state === "finished" });
  }

  // Called on every run of the Python script; only news changes anything.
  update(component) {
    const { data } = component;
    this.take(component);
    this.root.classList.toggle("compact", Boolean(data.compact));
    this.titles = data.titles;
    this.panels.forEach((panel) => panel.rename(data.titles?.[panel.meaning.key]));
    const order = data.order in { stored: 1, variance: 1, similarity: 1 } ? data.order : "stored";
    const isAsked = this.follower.isNews(data.run) && !this.course.isMoving;
    if (isAsked) {
      this.orderKind = this.choosers.order.value = order;
      clearTimeout(this.sending);
      this.selected = null;
      this.wanted = data.selected;
      this.serial = data.serial;
      this.start(data.run);
    } else if (this.serial !== data.serial) {
      this.serial = data.serial;
      if (data.selected) this.select(data.selected.column, data.selected.unit, null, false);
    }
    this.badge.hidden = !data.badge;
    this.badge.textContent = data.badge?.text ?? "";
    this.badge.className = `badge ${data.badge?.kind ?? ""}`;
    this.course.update(data.course ?? [], data.course_at);
  }

  start(id) {
    this.stopPlaying();
    this.isPaused = false;
    this.follower.follow(id, this.pause);
  }

  startAgain() {
    if (this.run.state === "computing") this.start(this.follower.following);
  }

  turned() {
    this.shown = 0;
    this.chips.clear();
    this.arrange();
  }

  finished(run) {
    const { column, unit } = this.wanted ?? {};
    this.wanted = null;
    this.selected ??= {
      column: Math.min(column ?? run.starts.at(-1), run.columns.length - 1),
      unit: Math.min(unit ?? run.orders.variance?.[0] ?? 0, run.units - 1),
    };
    const written = run.columns.length - run.tokens.length;
    this.say(run.isWriting ? `${run.text}. Translated in ${written} tokens.` : `All ${run.columns.length} steps are there.`);
    if (!this.course.isMoving) this.trigger("finished", run.id);
    this.schedule();
  }

  tell() {
    if (this.player) clearTimeout(this.sending); // there will be another in a moment
    else super.tell();
  }

  // The selected cell in words, and to Python.
  words() {
    const { column, unit } = this.selected;
    const values = this.panels.map(({ meaning, quantity }) => `${meaning.name} ${fixed(this.run.value(quantity, column, unit))}`);
    return `${this.readout.where.textContent}: ${values.join(", ")}`;
  }

  chosen() {
    this.trigger("selected", this.selected);
  }

  // Show the first `count` columns only, and select the last of them.
  reveal(count) {
    if (!this.run.columns.length) return;
    this.stopPlaying();
    this.isPaused = this.run.state === "computing" && count !== Infinity;
    this.setShown(count);
  }

  setShown(count) {
    this.shown = Math.max(1, Math.min(count, this.run.columns.length));
    this.select(this.shown - 1, this.selected?.unit ?? 0);
  }

  togglePlay() {
    if (this.run.state === "computing") {
      this.isPaused = !this.isPaused;
      if (!this.isPaused) this.setShown(Infinity);
    } else if (this.player) {
      this.reveal(this.shown);
    } else {
      const start = this.shown === this.run.columns.length ? 1 : this.shown;
      this.player = setInterval(() => {
        if (this.shown + 1 < this.run.columns.length) this.setShown(this.shown + 1);
        else this.reveal(Infinity);
      }, PLAY_PAUSE);
      this.setShown(start);
    }
    this.schedule();
  }

  stopPlaying() {
    clearInterval(this.player);
    this.player = null;
  }

  hover(panel, event) {
    const cell = panel?.cellAt(event);
    this.tip.hidden = !cell;
    if (!cell) return;
    const { shown, written, language } = this.run.columns[cell.column];
    const value = fixed(this.run.value(panel.quantity, cell.column, cell.unit));
    this.tip.replaceChildren(
      make("b", "", `${panel.meaning.symbol || panel.meaning.name} = ${value}`), ` unit ${cell.unit}, `, written ? "writes " : "reads ",
      tokenSpan(shown, language),
    );
    placeTip(this.tip, this.root, event);
  }

  draw() {
    const { run, shown } = this;
    for (const panel of this.panels) panel.measure();
    Object.assign(this.root.dataset, { state: run.state, columns: run.columns.length, shown, run: run.id });
    this.text.textContent = shown === run.columns.length ? run.text : this.textUpTo(shown);
    this.text.lang = run.language ?? "";
    this.status.textContent = this.statusText();
    const isRunning = (run.state === "computing" && !this.isPaused) || this.player;
    sign(this.buttons.play, isRunning ? "pause" : "play", isRunning ? "Pause" : "Play");
    const { first, back, forward, last } = this.buttons; // not `disabled`: that would take the focus from a keyboard
    first.ariaDisabled = back.ariaDisabled = String(shown <= 1);
    forward.ariaDisabled = last.ariaDisabled = String(shown >= run.columns.length);
    this.chips.draw();
    if (!this.course.root.hidden) this.fixedHeight.forEach(reserve);
    for (const panel of this.panels) panel.draw();
    this.readout.show(run, this.selected && this.selected.column < shown ? this.selected : null);
  }

  textUpTo(shown) {
    const written = this.run.columns.slice(0, shown).map((column) => column.written);
    return written.filter(Boolean).map(pieceText).join("").trimStart();
  }

  statusText() {
    const { run, shown } = this;
    if (run.state === "failed") return `${run.failure} Press “Compute again”.`;
    if (run.state !== "finished") {
      return this.isPaused ? "paused" : run.searching || `computing step ${run.columns.length + 1}`;
    }
    if (shown < run.columns.length) return `step ${shown} of ${run.columns.length} of the finished run`;
    const cut = run.isComplete ? "" : ", cut off at the length limit";
    const others = run.computed > run.columns.length ? ` of ${run.computed} computed` : "";
    const time = run.milliseconds == null ? "" : ` in ${run.milliseconds.toFixed(0)} ms`;
    return `${run.columns.length} steps${others}${time}${cut}`;
  }
}

function rootOf({ parentElement }) {
  return parentElement.querySelector(".microscope");
}

export function draw(component) {
  const root = rootOf(component);
  if (!root.view) dress(component, style);
  root.view ??= new View(root);
  root.view.update(component);
}

export function leave(component) {
  rootOf(component)?.view?.follower.stop();
}
