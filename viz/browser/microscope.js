// The microscope: reads a run from the streaming route and draws it column by column, without asking Python again.

import { Chips, guessWords } from "./chips.js";
import { Choosing, keysOf } from "./choosing.js";
import { Course } from "./course.js";
import {
  chooserOf, dress, fixed, inLanguage, make, oneStop, onlyTabStop, reserve, sign, tokenSpan,
} from "./elements.js";
import { Handover } from "./handover.js";
import { ATTENTION, EXPECTED, meaningOf } from "./meanings.js";
import { Menu } from "./menu.js";
import menuStyle from "./menu.css.js";
import style from "./microscope.css.js";
import { across, Panel, READABLE, roomFor } from "./panels.js";
import { Readout } from "./readout.js";
import { Follower, pieceText } from "./run.js";
import { Share } from "./share.js";
import { Units } from "./units.js";

const PLAY_PAUSE = 700; // milliseconds between steps when a finished run is stepped through

class View extends Choosing {
  constructor(root) {
    super(root, ATTENTION);
    this.shown = 0; // columns revealed
    this.rows = new Units(this);
    this.pause = 0; // seconds between computed steps
    this.isPaused = false;
    this.follower = new Follower({
      quantities: EXPECTED,
      turned: (run) => this.turned(run),
      grown: (run) => { if (!this.isPaused) this.shown = run.columns.length; this.schedule(); },
      ended: (run) => (run.state === "finished" ? this.finished(run) : this.say(this.statusText())),
    });
    this.chips = new Chips(this);
    this.handover = new Handover(this);
    this.readout = new Readout((level) => this.trigger("level", level));
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
    this.guess = make("span", "guesses");
    this.status = make("span", "status");
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
    onlyTabStop(transport.children, this.buttons.play);
    oneStop(transport, () => [...transport.children]);
    this.choosers = {
      pause: chooserOf("Pace", [["0", "as computed"], ["0.2", "5 steps a second"], ["1", "1 step a second"]], (value) => {
        this.pause = Number(value);
        this.trigger("pace", value);
        this.startAgain();
      }),
      units: chooserOf("Units shown", [
        ["varied", "16 that vary most"], ["all", "all units"], ["64", "64 around the selected"], ["16", "16 around the selected"],
      ], (value) => this.showUnits(value)),
      order: chooserOf(
        "Order of units", [["stored", "as stored"], ["variance", "by variance"], ["similarity", "by similarity"]],
        (value) => this.orderUnits(value),
      ),
    };
    const view = new Menu("View", Object.values(this.choosers).map((chooser) => chooser.parentElement));
    this.unitsSaid = make("span", "units-said");
    this.unitsSwitch = make("button", "units-switch");
    this.unitsSwitch.type = "button";
    this.unitsSwitch.addEventListener("click", () => this.showUnits(this.rows.isVaried ? "all" : "varied"));
    this.unitsLine = make("p", "units", this.unitsSaid, " ", this.unitsSwitch);
    this.share = new Share({
      say: (text) => this.say(text), link: () => this.link(), view: this, picture: () => this.pictureLines(),
    });
    this.tools = make("div", "tools", transport, view.root, this.unitsLine, this.share.root);
    this.result = make("div", "result", this.text, this.badge, this.guess, this.status);
    this.reads = make("span", "name");
    this.writes = make("div", "writes", make("span", "name", "decoder writes"), this.chips.target);
    this.flow = make(
      "div", "flow", make("div", "reads", this.reads, this.chips.source), this.handover.root, this.writes, this.result,
    );
    this.grid = make("div", "panels");
    this.grid.addEventListener("keydown", (event) => this.key(event));
    this.keys = make("p", "keys");
    this.readout.root.append(this.keys);
    const body = make("div", "body", this.grid, this.readout.root);
    this.root.replaceChildren(this.course.root, this.flow, this.tools, body, this.tip, this.explainer.tip, this.live);
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
    onlyTabStop(this.panels.map(({ plot }) => plot), this.panels[0].plot);
    this.readout.list(meanings);
    this.keys.textContent = `${keysOf(this.panels.length, "heatmap")}.`;
  }

  get run() { return this.follower.run; }
  get stacks() { return [this]; }
  get units() { return this.run.units; }
  get lastColumn() { return this.shown - 1; }

  get shownOrder() { return this.rows.shownOrder; }
  get order() { return this.rows.order; }
  get window() { return this.rows.window(this.selected); }

  rowOf(unit) {
    return this.order.indexOf(unit);
  }

  showUnits(kind) {
    this.rows.kind = this.choosers.units.value = kind;
    this.trigger("units", kind);
    this.schedule();
  }

  // An order is one of all units.
  orderUnits(kind) {
    this.rows.orderKind = kind;
    if (this.rows.isVaried) this.rows.kind = this.choosers.units.value = "all";
    this.trigger("order", kind);
    this.schedule();
  }

  // The newest column, while the run is played as it is computed or before anything is chosen in it; in the unit that
  // was chosen or looked at last, or else the first on view.
  get followed() {
    const { picked, run, shown } = this;
    if (run.state !== "computing" || this.isPaused || !shown) return null;
    if (!this.pause && picked && picked.column < shown) return null;
    const unit = picked?.unit ?? this.wanted?.unit ?? this.unitBefore ?? this.order[0];
    return { column: shown - 1, unit: Math.min(unit, run.units - 1) };
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
    const place = data.compact ? this.result : this.tools; // where they serve to pick a cell there are no other tools
    if (this.unitsLine.parentElement !== place) place.append(this.unitsLine);
    this.titles = data.titles;
    this.readout.levels.turnTo(data.level ?? "picture");
    this.panels.forEach((panel) => panel.rename(data.titles?.[panel.meaning.key]));
    this.takePace(data.pace ?? "0");
    const isAsked = this.follower.isNews(data.run) && !this.course.isMoving;
    if (isAsked) {
      this.rows.orderKind = this.choosers.order.value = data.order ?? "stored";
      this.rows.kind = this.choosers.units.value = data.units ?? "varied";
      clearTimeout(this.sending);
      this.unitBefore = this.selected?.unit;
      this.selected = null;
      this.isStandIn = false;
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

  // Only another pace than Python has told before: the reader may have chosen one since.
  takePace(pace) {
    if (this.toldPace === pace) return;
    this.toldPace = this.choosers.pause.value = pace;
    this.pause = Number(pace);
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
    this.rows.forget();
    this.chips.clear();
    this.arrange();
  }

  finished(run) {
    const { column, unit } = this.wanted ?? {};
    this.wanted = null;
    this.rows.forget(); // what stood there while it was computed
    const usual = Math.min(unit ?? run.orders.variance?.[0] ?? 0, run.units - 1);
    this.picked ??= { column: Math.min(column ?? run.starts.at(-1), run.columns.length - 1), unit: usual };
    if (this.isStandIn) this.picked.unit = usual;
    this.isStandIn = false;
    const written = run.columns.length - run.tokens.length;
    const guess = guessWords(run).slice(1);
    const sure = guess.length ? [" The network was ", ...guess, "."] : [];
    if (run.isWriting) this.say(inLanguage(run.text, run.language), `. Translated in ${written} tokens.`, ...sure);
    else this.say(`All ${run.columns.length} steps are there.`);
    if (!this.course.isMoving) this.trigger("finished", run.id);
    this.schedule();
  }

  tell() {
    if (this.player) clearTimeout(this.sending); // there will be another in a moment
    else super.tell();
  }

  // The address of the page with the cell that is on view, also where Python does not know of it yet.
  link() {
    const address = new URL(window.location);
    for (const [name, value] of Object.entries(this.selected ?? {})) address.searchParams.set(name, value);
    return address.href;
  }

  // What stands above a picture of the heatmaps: what was translated, by what, and how its units stand.
  pictureLines() {
    const { run, shown } = this;
    const state = this.course.states[this.course.at];
    const network = !this.course.root.hidden && state?.run === run.id ? `Time machine, ${state.label}` : this.component.data.network;
    const steps = shown < run.columns.length ? `, the first ${shown} of ${run.columns.length} steps` : "";
    return [
      { text: run.sentence, size: 18, language: "en" }, { text: shown < run.columns.length ? this.textUpTo(shown) : run.text, size: 24, language: run.language },
      { text: [network, `${this.rows.words().slice(0, -1)}${steps}`].filter(Boolean).join(" · "), size: 14 },
      { text: this.selected && this.selected.column < shown ? `Selected: ${this.words()}` : "", size: 14 },
    ].filter(({ text }) => text);
  }

  // The selected cell in words, and to Python.
  words() {
    const { column, unit } = this.selected;
    const values = this.panels.map(({ meaning, quantity }) => `${meaning.name} ${fixed(this.run.value(quantity, column, unit))}`);
    return `${this.readout.where.textContent}: ${values.join(", ")}`;
  }

  chosen() {
    this.trigger("selected", this.picked);
  }

  // Show the first `count` columns only, and select the last of them.
  reveal(count) {
    if (!this.run.columns.length) return;
    this.stopPlaying();
    this.setShown(count);
    this.isPaused = this.run.state === "computing" && count !== Infinity;
  }

  setShown(count) {
    this.shown = Math.max(1, Math.min(count, this.run.columns.length));
    const isStandIn = this.isStandIn || !this.picked;
    this.select(this.shown - 1, this.selected?.unit ?? this.wanted?.unit ?? 0, null, !isStandIn);
    this.isStandIn = isStandIn;
  }

  // Which unit varies most is known at the end: until then another may stand in for it, of which Python is not told.
  select(...choice) {
    this.isStandIn = false;
    super.select(...choice);
  }

  togglePlay() {
    if (this.run.state === "computing") {
      this.setShown(this.isPaused ? Infinity : this.shown);
      this.isPaused = !this.isPaused;
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

  // A cell under the pointer, in words.
  labelOf(panel, cell) {
    const { shown, written, language } = this.run.columns[cell.column];
    const value = fixed(this.run.value(panel.quantity, cell.column, cell.unit));
    return [
      make("b", "", `${panel.meaning.symbol || panel.meaning.name} = ${value}`), ` unit ${cell.unit}, `, written ? "writes " : "reads ",
      tokenSpan(shown, language),
    ];
  }

  draw() {
    const { run, shown } = this;
    for (const panel of this.panels) panel.measure();
    if (this.selected) this.rows.keep(this.selected.unit);
    Object.assign(this.root.dataset, { state: run.state, columns: run.columns.length, shown, run: run.id });
    this.text.textContent = shown === run.columns.length ? run.text : this.textUpTo(shown);
    this.text.lang = run.language ?? "";
    this.guess.replaceChildren(...(shown < run.columns.length ? [] : guessWords(run)));
    this.status.textContent = this.statusText();
    const isRunning = (run.state === "computing" && !this.isPaused) || this.player;
    sign(this.buttons.play, isRunning ? "pause" : "play", isRunning ? "Pause" : "Play");
    const { first, back, forward, last } = this.buttons; // not `disabled`: that would take the focus from a keyboard
    first.ariaDisabled = back.ariaDisabled = String(shown <= 1);
    forward.ariaDisabled = last.ariaDisabled = String(shown >= run.columns.length);
    this.writes.hidden = run.units > 0 && !run.isWriting;
    this.root.classList.toggle("readable", run.units > 0 && run.units <= READABLE); // every unit has a line to itself
    this.root.style.setProperty("--units", run.units);
    this.reads.textContent = run.isWriting ? "encoder reads" : "read, step by step";
    this.chips.draw();
    this.handover.draw();
    this.sayUnits();
    if (!this.course.root.hidden) reserve(this.flow);
    for (const panel of this.panels) panel.draw();
    this.showReadout(this.selected && this.selected.column < shown ? this.selected : null);
    this.retell();
  }

  // A mark that stands in no chip is reached by keyboard in the readout, also after that was written anew.
  showReadout(selected) {
    const { what } = this.readout;
    const focused = [...what.children].indexOf(this.root.getRootNode().activeElement);
    this.readout.show(this.run, selected);
    for (const token of what.querySelectorAll("[data-explained]")) {
      token.tabIndex = 0;
      token.setAttribute("role", "term");
    }
    what.children[focused]?.focus({ preventScroll: true });
  }

  sayUnits() {
    const isFew = this.order.length === this.run.units && !Number(this.rows.kind); // no choice to be made
    this.choosers.order.value = this.rows.isVaried ? "similarity" : this.rows.orderKind;
    this.unitsSaid.textContent = this.run.units ? this.rows.words() : "";
    this.unitsSwitch.hidden = (isFew && this.rows.kind === "varied") || (isFew && this.run.units <= 16);
    this.unitsSwitch.textContent = this.rows.isVaried ? `Show all ${this.run.units}` : "Show the 16 that vary most";
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
  if (!root.view) dress(component, style, menuStyle);
  root.view ??= new View(root);
  root.view.update(component);
}

export function leave(component) {
  rootOf(component)?.view?.follower.stop();
}
