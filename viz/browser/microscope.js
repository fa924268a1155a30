// The instrument: reads a run from the streaming route and draws it column by column, without asking Python again.

const PLAY_PAUSE = 700; // milliseconds between steps when a finished run is stepped through

class View {
  constructor(root) {
    this.root = root;
    this.run = new RunRecord("");
    this.shown = 0; // columns revealed
    this.selected = null; // {column, unit}
    this.orderKind = "stored";
    this.zoom = 0; // units shown; 0 for all
    this.pause = 0; // seconds between computed steps
    this.isPaused = false;
    this.panels = MEANINGS.map((meaning, quantity) => new Panel(quantity, meaning, this));
    this.chips = new Chips(this);
    this.readout = new Readout(MEANINGS);
    this.course = new Course("Time machine", {
      onMove: (run) => this.start({ run, base: this.base }),
      onSettled: (at) => this.trigger("course", { side: "a", at }),
    });
    this.tip = make("div", "tip");
    this.tip.hidden = true;
    this.build();
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
    for (const [name, sign, label, act] of [
      ["first", "⏮", "First step", () => this.reveal(1)],
      ["back", "‹", "One step back", () => this.reveal(this.shown - 1)],
      ["play", "⏸", "Pause", () => this.togglePlay()],
      ["forward", "›", "One step forward", () => this.reveal(this.shown + 1)],
      ["last", "⏭", "Whole run", () => this.reveal(Infinity)],
      ["again", "↻", "Compute again", () => this.trigger("again", Date.now())],
    ]) {
      const button = make("button", name, sign);
      button.type = "button";
      button.title = label;
      button.setAttribute("aria-label", label);
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
    const grid = make("div", "panels", ...this.panels.map((panel) => panel.root));
    grid.addEventListener("keydown", (event) => this.key(event));
    const keys = make("p", "keys", "Keys in a heatmap: ← → step, ↑ ↓ unit, Page ↑ ↓ 16 units, Home End, 1 to 6 heatmap.");
    this.readout.root.append(keys);
    this.panels.forEach((panel, at) => { panel.plot.tabIndex = at === 0 ? 0 : -1; });
    const body = make("div", "body", grid, this.readout.root);
    this.fixedHeight = [header, this.chips.root];
    this.root.replaceChildren(this.course.root, header, this.chips.root, body, this.tip, this.live);
  }

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

  // Columns there is room for: what is computed, and while computing some more.
  get capacity() {
    const { run } = this;
    const S = run.tokens.length;
    if (run.state === "finished") return Math.max(run.columns.length, 1);
    const written = Math.max(0, run.columns.length - S);
    return S + Math.max(S, Math.ceil((written + 1) / ROOM) * ROOM);
  }

  // Called on every run of the Python script; only news changes anything.
  update(component) {
    const { data } = component;
    this.component = component;
    this.root.classList.toggle("compact", Boolean(data.compact));
    this.panels.forEach((panel, at) => panel.rename(data.titles?.[at]));
    const order = data.order in { stored: 1, variance: 1, similarity: 1 } ? data.order : "stored";
    const isAsked = this.asked !== data.run && this.following !== data.run && !this.course.isMoving;
    this.asked = data.run;
    if (isAsked) {
      this.orderKind = this.choosers.order.value = order;
      clearTimeout(this.sending);
      this.selected = null;
      this.wanted = data.selected;
      this.serial = data.serial;
      this.start(data);
    } else if (this.serial !== data.serial) {
      this.serial = data.serial;
      if (data.selected) this.select(data.selected.column, data.selected.unit, null, false);
    }
    this.badge.textContent = data.badge.text;
    this.badge.className = `badge ${data.badge.kind}`;
    this.course.update(data.course ?? [], data.course_at);
    const dark = isDark(this.root);
    this.root.dataset.dark = dark;
    this.root.style.setProperty("--attention", dark ? data.attention.dark : data.attention.light);
  }

  startAgain() {
    if (this.run.state === "computing") this.start({ run: this.following, base: this.base });
  }

  async start({ run: id, base }) {
    this.abort?.abort();
    const { signal } = this.abort = new AbortController();
    Object.assign(this, { base, following: id });
    this.stopPlaying();
    this.isPaused = false;
    for await (const run of followRun(base, id, this.pause, signal)) {
      if (this.run !== run) { // until here the run before stays on view
        this.run = run;
        this.shown = 0;
        this.chips.clear();
      }
      if (!this.isPaused) this.shown = run.columns.length;
      this.schedule();
    }
    if (signal.aborted) return;
    if (this.run.state === "finished") this.finished(this.run);
    else this.say(this.statusText());
  }

  finished(run) {
    const S = run.tokens.length;
    const wanted = this.wanted ?? { column: S, unit: run.orders.variance[0] };
    this.wanted = null;
    this.selected ??= {
      column: Math.min(wanted.column ?? S, run.columns.length - 1), unit: Math.min(wanted.unit ?? run.orders.variance[0], run.units - 1),
    };
    this.say(`${run.text}. Translated in ${run.columns.length - S} tokens.`);
    if (!this.course.isMoving) this.trigger("finished", run.id);
    this.schedule();
  }

  // To Python. Triggers, not state: choosing the same cell again, in another run, must count as well.
  trigger(name, value) {
    this.component.setTriggerValue(name, value);
  }

  say(text) {
    this.live.textContent = text;
  }

  select(column, unit, panel = null, isOwn = true) {
    if (!this.run.columns.length) return;
    this.selected = {
      column: Math.max(0, Math.min(column, this.shown - 1)), unit: Math.max(0, Math.min(unit, this.run.units - 1)),
    };
    if (panel) this.focusPanel(panel);
    this.schedule();
    if (!isOwn) return;
    clearTimeout(this.sending);
    if (!this.player) this.sending = setTimeout(() => {
      this.say(`${this.readout.where.textContent}: ` + MEANINGS.map((meaning, quantity) => (
        `${meaning.name} ${fixed(this.run.value(quantity, this.selected.column, this.selected.unit))}`)).join(", "));
      this.trigger("selected", this.selected);
    }, 200);
  }

  focusPanel(panel) {
    this.panels.forEach((each) => { each.plot.tabIndex = each === panel ? 0 : -1; });
    panel.plot.focus({ preventScroll: true });
  }

  key(event) {
    const panel = this.panels.find((each) => each.plot === event.target);
    if (!panel || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key >= "1" && event.key <= "6") {
      this.focusPanel(this.panels[Number(event.key) - 1]);
    } else {
      const { column, unit } = this.selected ?? { column: 0, unit: this.order[0] };
      const row = this.rowOf(unit);
      const next = moved(event.key, column, row, this.shown - 1);
      if (!next) return;
      const [nextColumn, nextRow] = next;
      this.select(nextColumn, this.order[Math.max(0, Math.min(nextRow, this.run.units - 1))]);
    }
    event.preventDefault();
    event.stopPropagation();
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
    const step = this.run.columns[cell.column];
    const language = step.isDecoder ? this.run.language : "en";
    const value = fixed(this.run.value(panel.quantity, cell.column, cell.unit));
    this.tip.replaceChildren(
      make("b", "", `${panel.meaning.symbol} = ${value}`), ` unit ${cell.unit}, `, step.isDecoder ? "writes " : "reads ",
      tokenSpan(step.shown, language),
    );
    placeTip(this.tip, this.root, event);
  }

  schedule() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => { this.pending = 0; this.draw(); });
  }

  draw() {
    const { run, shown } = this;
    for (const panel of this.panels) panel.measure();
    Object.assign(this.root.dataset, { state: run.state, columns: run.columns.length, shown, run: run.id });
    this.text.textContent = shown === run.columns.length ? run.text : this.textUpTo(shown);
    this.text.lang = run.language ?? "";
    this.status.textContent = this.statusText();
    const isRunning = (run.state === "computing" && !this.isPaused) || this.player;
    Object.assign(this.buttons.play, { textContent: isRunning ? "⏸" : "⏵", title: isRunning ? "Pause" : "Play" });
    this.buttons.play.setAttribute("aria-label", isRunning ? "Pause" : "Play");
    const { first, back, forward, last } = this.buttons; // not `disabled`: that would take the focus from a keyboard
    first.ariaDisabled = back.ariaDisabled = String(shown <= 1);
    forward.ariaDisabled = last.ariaDisabled = String(shown >= run.columns.length);
    this.chips.draw();
    if (!this.course.root.hidden) this.fixedHeight.forEach(reserve);
    for (const panel of this.panels) panel.draw();
    this.readout.show(run, this.selected && this.selected.column < shown ? this.selected : null);
  }

  textUpTo(shown) {
    const written = this.run.columns.slice(this.run.tokens.length, shown);
    return written.map((column) => pieceText(column.written)).join("").trimStart();
  }

  statusText() {
    const { run, shown } = this;
    if (run.state === "failed") return `${run.failure} Press ↻ to compute it again.`;
    if (run.state !== "finished") {
      return this.isPaused ? "paused" : run.searching || `computing step ${run.columns.length + 1}`;
    }
    if (shown < run.columns.length) return `step ${shown} of ${run.columns.length} of the finished run`;
    const cut = run.isComplete ? "" : ", cut off at the length limit";
    const others = run.computed > run.columns.length ? ` of ${run.computed} computed` : "";
    return `${run.columns.length} steps${others} in ${run.milliseconds.toFixed(0)} ms${cut}`;
  }
}

export default function (component) {
  const root = component.parentElement.querySelector(".microscope");
  root.view ??= new View(root);
  root.view.update(component);
  return () => {
    root.view.abort?.abort();
    root.view.asked = root.view.following = null; // whoever shows it again begins again
  };
}
