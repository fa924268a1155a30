// What microscope and comparison have in common: heatmaps in which a cell is chosen by mouse or key, and the way from
// there to Python. Panels that belong together, with their units in one order, are a stack.

import { isDark, make, onlyTabStop, placeTip } from "./elements.js";
import { Explainer } from "./explaining.js";

const QUIET = 200; // milliseconds without another choice before Python is told

// A page that is being left asks for nothing more: what it asks for would run in the page that comes, of which Streamlit
// then draws nothing.
let pagesLeft = 0;
globalThis.addEventListener?.("page-left", () => { pagesLeft += 1; });

export class Choosing {
  // To be given by whoever extends this: stacks, lastColumn, units, draw(), words(), chosen() and labelOf().
  constructor(root, attention) {
    Object.assign(this, { root, attention });
    this.picked = null; // {column, unit} that was chosen, here or by Python
    this.quantity = null; // of the heatmap that was last in use
    this.live = make("div", "screen-reader");
    this.live.setAttribute("aria-live", "polite");
    this.tip = make("div", "tip");
    this.tip.hidden = true;
    this.explainer = new Explainer(root);
  }

  // What the pointer is on in a heatmap: told beside the cell, anew whenever something was drawn or scrolled.
  pointTo(panel, event) {
    if (!this.pointed && panel) {
      this.pointing = new AbortController();
      addEventListener("scroll", () => this.retell(), { capture: true, passive: true, signal: this.pointing.signal });
    } else if (!panel) this.pointing?.abort();
    this.pointed = panel && { panel, event };
    const cell = panel?.root.isConnected ? panel.cellAt(event) : null;
    this.tip.hidden = !cell;
    if (!cell) return;
    this.tip.replaceChildren(...this.labelOf(panel, cell));
    placeTip(this.tip, this.root, panel.boxOf(cell, event));
  }

  // Something was drawn, and what stands in the labels may be no longer so.
  retell() {
    if (this.pointed) this.pointTo(this.pointed.panel, this.pointed.event);
    this.explainer.refresh();
  }

  // The cell that is marked and read out: while the run goes on, it may be another than the one that was chosen.
  get selected() { return this.followed ?? this.picked; }
  set selected(cell) { this.picked = cell; }
  get followed() { return null; }

  // Called on every run of the Python script.
  take(component) {
    this.component = component;
    this.onPage = pagesLeft;
    const dark = isDark(this.root);
    if (this.isDark !== dark) this.schedule();
    this.isDark = dark;
    this.root.dataset.dark = dark;
    this.root.style.setProperty("--attention", this.attention[dark ? "hue_dark" : "hue"]);
  }

  // To Python. Triggers, not state: choosing the same cell again, in another run, must count as well.
  trigger(name, value) {
    if (this.onPage === pagesLeft) this.component.setTriggerValue(name, value);
  }

  // Strings, and elements for what is in another language.
  say(...parts) {
    this.live.replaceChildren(...parts);
  }

  schedule() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => { this.pending = 0; this.draw(); });
  }

  select(column, unit, panel = null, isOwn = true) {
    if (this.lastColumn < 0) return;
    this.selected = { column: clamped(column, this.lastColumn), unit: clamped(unit, this.units - 1) };
    if (panel) this.focusPanel(panel);
    this.schedule();
    if (isOwn) this.tell();
  }

  tell() {
    clearTimeout(this.sending);
    this.sending = setTimeout(() => {
      this.sending = null;
      this.say(this.words());
      this.chosen();
    }, QUIET);
  }

  focusPanel(panel) {
    this.quantity = panel.meaning.key;
    const stack = this.stacks.find(({ panels }) => panels.includes(panel));
    onlyTabStop(stack.panels.map(({ plot }) => plot), panel.plot);
    panel.plot.focus({ preventScroll: true });
  }

  key(event) {
    const stack = this.stacks.find(({ panels }) => panels.some(({ plot }) => plot === event.target));
    if (!stack || event.altKey || event.ctrlKey || event.metaKey) return;
    const numbered = /^[1-9]$/.test(event.key) && stack.panels[event.key - 1];
    if (numbered) {
      this.turnTo(numbered);
    } else {
      this.quantity = event.target.dataset.quantity;
      const { column, unit } = this.selected ?? { column: 0, unit: stack.order[0] };
      const next = moved(event.key, column, stack.rowOf(unit), this.lastColumn);
      if (!next) return;
      const [nextColumn, row] = next;
      this.select(nextColumn, stack.order[clamped(row, stack.order.length - 1)]);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  // Go to another heatmap by its number.
  turnTo(panel) {
    this.focusPanel(panel);
  }
}

// Column and row that a key leads to from another cell of a grid; undefined for a key that leads nowhere.
export function moved(key, column, row, lastColumn) {
  return {
    ArrowLeft: [column - 1, row], ArrowRight: [column + 1, row], ArrowUp: [column, row - 1],
    ArrowDown: [column, row + 1], PageUp: [column, row - 16], PageDown: [column, row + 16],
    Home: [0, row], End: [lastColumn, row],
  }[key];
}

export function clamped(number, last) {
  return Math.max(0, Math.min(number, last));
}

export function keysOf(count, quantity) {
  const numbers = count > 1 ? `, 1 to ${count} ${quantity}` : "";
  return `Keys in a heatmap: ← → step, ↑ ↓ unit, Page ↑ ↓ 16 units, Home End${numbers}`;
}
