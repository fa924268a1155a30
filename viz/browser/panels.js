// The heatmaps, one for each quantity: units down, steps across, a divider between one part of the run and the next.

import { fixed, make, tint } from "./elements.js";
import { partAt } from "./run.js";

const DIVIDER = 8; // CSS pixels between two parts
const FEW = 17; // rows that are labelled one by one where there is room; of more only the first and the last
export const READABLE = 80; // units of a network that is small enough to label each of them
const POINTER = 14; // CSS pixels around the middle of the pointer that it covers
const ROOM = 6; // columns kept free beyond those computed, so that not every token moves the others

// Columns there is room for: what is computed, and while computing some more.
export function roomFor({ known, columns, isWriting, isFinished }) {
  if (isFinished) return Math.max(columns, 1);
  if (!isWriting) return Math.max(known, columns, 1);
  const written = Math.max(0, columns - known);
  return known + Math.max(known, Math.ceil((written + 1) / ROOM) * ROOM);
}

// How many heatmaps stand beside each other where there is room.
export function across(count) {
  return count % 3 === 0 ? 3 : count % 2 === 0 ? 2 : Math.min(count, 3);
}

function colourAt(value, [low, high], colours) {
  return colours[Math.max(0, Math.min(255, Math.round(((value - low) / (high - low)) * 255)))];
}

export class Panel {
  constructor(quantity, meaning, view) {
    Object.assign(this, { quantity, meaning, view });
    this.name = [view.name, meaning.key].filter(Boolean).join("-"); // of its own among all panels of a component
    this.pixels = document.createElement("canvas"); // one pixel a cell, rows in the chosen order
    this.painted = []; // what each column of `pixels` shows
    this.paintedFor = "";
    this.root = this.build();
    this.resized = new ResizeObserver(() => view.schedule());
    this.resized.observe(this.plot);
  }

  build() {
    const { meaning } = this;
    this.low = make("span", "limit");
    this.high = make("span", "limit");
    this.ramp = make("span", "ramp");
    this.symbol = make("i", "symbol", meaning.symbol);
    this.title = make("span", "title", meaning.name);
    const role = make("span", "role", meaning.role ?? "");
    const caption = make("figcaption", "", this.symbol, this.title, role, make("span", "legend", this.low, this.ramp, this.high));
    this.canvas = make("canvas", "cells");
    this.dividers = [];
    this.columnMark = make("div", "column-mark");
    this.unitMark = make("div", "unit-mark");
    this.cursor = make("div", "cursor");
    this.cursor.setAttribute("role", "gridcell");
    this.cursor.id = `cursor-${this.name}`;
    const row = make("div", "", this.cursor);
    row.setAttribute("role", "row");
    this.plot = make("div", "plot", this.canvas, this.columnMark, this.unitMark, row);
    this.plot.setAttribute("role", "grid");
    this.plot.dataset.quantity = meaning.key;
    this.rows = make("div", "rows");
    this.ticks = make("div", "ticks");
    this.ticks.setAttribute("aria-hidden", "true");
    this.rows.setAttribute("aria-hidden", "true");
    this.plot.addEventListener("pointermove", (event) => this.view.pointTo(this, event));
    this.plot.addEventListener("pointerleave", () => this.view.pointTo(null));
    this.plot.addEventListener("click", (event) => {
      const cell = this.cellAt(event);
      if (cell) this.view.select(cell.column, cell.unit, this);
    });
    return tint(make("figure", "panel", caption, make("div", "frame", this.rows, this.plot), this.ticks), meaning);
  }

  // Symbol and name in the notation that the page asks for; without one, the usual ones.
  rename([symbol, name] = [this.meaning.symbol, this.meaning.name]) {
    this.symbol.textContent = symbol;
    this.title.textContent = name.charAt(0).toUpperCase() + name.slice(1);
  }

  // As the page is light or dark: where values have a sign, nothing is white on one and black on the other.
  get colours() {
    const { colours, colours_dark: dark } = this.meaning;
    return (this.view.isDark && dark) || colours;
  }

  // Asked of all panels before any of them draws: reading a size after a change would lay the page out anew.
  measure() {
    this.width = this.plot.clientWidth;
    this.height = this.plot.clientHeight;
    this.grown = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16; // with the window
  }

  // Left edge and width in CSS pixels of a column.
  place(column) {
    const { run: { starts }, capacity } = this.view;
    const width = (this.width - DIVIDER * (starts.length - 1)) / capacity;
    return { left: column * width + DIVIDER * partAt(starts, column), width };
  }

  cellAt(event) {
    const { run, window: rows, order, shown } = this.view;
    const box = this.plot.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    const row = Math.floor((y / box.height) * rows.count);
    for (let column = 0; column < shown; column++) {
      const { left, width } = this.place(column);
      if (x >= left && x < left + width && row >= 0 && row < rows.count) {
        return { column, unit: order[rows.first + row], run };
      }
    }
    return null;
  }

  // Red, green and blue of a value.
  colourOf(value) {
    return colourAt(value, this.view.run.range(this.quantity), this.colours);
  }

  // Where a cell lies in the window; at least as large as the pointer on it.
  boxOf({ column, unit }, { clientX, clientY }) {
    const { window: rows } = this.view;
    const box = this.plot.getBoundingClientRect();
    const { left, width } = this.place(column);
    const height = box.height / rows.count;
    const top = box.top + (this.view.rowOf(unit) - rows.first) * height;
    return {
      left: Math.min(box.left + left + width / 2, clientX + POINTER),
      top: Math.min(top, clientY - POINTER), bottom: Math.max(top + height, clientY + POINTER),
    };
  }

  paint() {
    const { run, order } = this.view;
    const { colours } = this;
    const [low, high] = run.range(this.quantity);
    const key = `${run.id} ${this.view.shownOrder} ${high} ${this.view.isDark}`;
    if (this.ramped !== colours) {
      this.ramped = colours;
      const stops = [0, 51, 102, 127, 128, 153, 204, 255].map((at) => `rgb(${colours[at].join(",")}) ${at / 2.55}%`);
      this.ramp.style.background = `linear-gradient(to right, ${stops.join(",")})`;
    }
    if (this.paintedFor !== key || this.pixels.width < run.columns.length) {
      this.pixels.width = Math.max(run.tokens.length * 2 + ROOM, run.columns.length + ROOM);
      this.pixels.height = Math.max(order.length, 1);
      this.painted = [];
      this.paintedFor = key;
    }
    const context = this.pixels.getContext("2d");
    for (let column = 0; column < run.columns.length; column++) {
      if (this.painted[column] === run.content(column)) continue;
      this.painted[column] = run.content(column);
      const image = context.createImageData(1, this.pixels.height); // transparent
      for (let row = 0; row < order.length; row++) {
        const value = run.value(this.quantity, column, order[row]);
        if (Number.isNaN(value)) break; // no such step: no unit has a value
        const colour = colourAt(value, [low, high], colours);
        image.data.set([colour[0], colour[1], colour[2], 255], row * 4);
      }
      context.putImageData(image, column, 0);
    }
  }

  draw() {
    const { run, shown, window: rows } = this.view;
    const { width, height } = this;
    if (!width || !run.units) return;
    this.paint();
    const scale = window.devicePixelRatio || 1;
    const [pixelWidth, pixelHeight] = [Math.round(width * scale), Math.round(height * scale)];
    if (this.canvas.width !== pixelWidth || this.canvas.height !== pixelHeight) {
      this.canvas.width = pixelWidth;
      this.canvas.height = pixelHeight;
    }
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, pixelWidth, pixelHeight);
    context.imageSmoothingEnabled = false;
    const { starts } = run;
    starts.forEach((from, part) => {
      const to = Math.min(starts[part + 1] ?? shown, shown);
      if (to <= from) return;
      const { left, width: column } = this.place(from);
      context.drawImage(
        this.pixels, from, rows.first, to - from, rows.count,
        left * scale, 0, column * (to - from) * scale, pixelHeight,
      );
    });
    this.view.overlay?.(this, context, scale);
    this.divide(starts.slice(1));
    const [low, high] = run.range(this.quantity);
    this.low.textContent = String(low);
    this.high.textContent = String(high);
    this.mark();
    this.label();
  }

  divide(starts) {
    while (this.dividers.length < starts.length) {
      this.dividers.push(make("div", "divider"));
      this.canvas.after(this.dividers.at(-1));
    }
    this.dividers.forEach((divider, at) => {
      divider.hidden = at >= starts.length;
      if (!divider.hidden) divider.style.left = `${this.place(starts[at]).left - DIVIDER}px`;
    });
  }

  mark() {
    const { run, selected, window: rows, shown } = this.view;
    const { meaning } = this;
    const isShown = selected && selected.column < shown;
    for (const element of [this.columnMark, this.unitMark, this.cursor]) element.hidden = !isShown;
    this.plot.setAttribute("aria-label", run.captions[meaning.key] || `${meaning.name}${run.state === "finished" ? "" : ", being computed"}`);
    this.plot.setAttribute("aria-rowcount", this.view.order.length);
    this.plot.setAttribute("aria-colcount", run.columns.length);
    this.plot.removeAttribute("aria-activedescendant");
    if (!isShown) return;
    this.plot.setAttribute("aria-activedescendant", this.cursor.id);
    const { left, width } = this.place(selected.column);
    const row = this.view.rowOf(selected.unit) - rows.first;
    const height = this.height / rows.count;
    Object.assign(this.columnMark.style, { left: `${left}px`, width: `${width}px` });
    Object.assign(this.unitMark.style, { top: `${row * height}px`, height: `${Math.max(height, 1)}px` });
    this.unitMark.hidden = this.cursor.hidden = row < 0 || row >= rows.count;
    const size = Math.max(height, 7);
    Object.assign(this.cursor.style, {
      left: `${left}px`, width: `${width}px`, top: `${(row + 0.5) * height - size / 2}px`, height: `${size}px`,
    });
    this.cursor.setAttribute("aria-colindex", selected.column + 1);
    this.cursor.parentElement.setAttribute("aria-rowindex", this.view.rowOf(selected.unit) + 1);
    this.cursor.setAttribute("aria-selected", "true");
    this.cursor.setAttribute(
      "aria-label", `${meaning.name} ${fixed(run.value(this.quantity, selected.column, selected.unit))}`,
    );
  }

  label() {
    const { run, selected, shown, window: rows, order } = this.view;
    const count = Math.max(run.tokens.length, shown);
    while (this.ticks.children.length < count) this.ticks.append(make("span", ""));
    const step = this.place(0).width;
    const size = Math.max(12 * this.grown, Math.min(13 * this.grown, step / 1.2));
    const across = 1.2 * size; // labels stand upright; where columns are narrower than one, some go without
    const every = Math.ceil(across / step - 0.01);
    this.ticks.style.fontSize = `${size}px`;
    [...this.ticks.children].forEach((tick, column) => {
      const token = column < run.tokens.length ? run.tokens[column] : run.columns[column]?.shown;
      const isCrowded = column % every > 0 || (every > 1 && Math.abs(column - selected?.column) * step < across);
      tick.hidden = column >= count || !token || (isCrowded && column !== selected?.column);
      if (tick.hidden) return;
      const { left, width } = this.place(column);
      tick.style.left = `${left + width / 2}px`;
      const text = every > 1 ? `${column - run.starts[partAt(run.starts, column)] + 1} ${token.text}` : token.text;
      if (tick.textContent !== text) tick.textContent = text; // numbered where not every step has its label
      tick.lang = run.languageOf(column);
      tick.className = [
        column === selected?.column && "selected", column >= shown && "unread", token.unknown && "unknown",
        text.length === 1 && "sign",
      ].filter(Boolean).join(" ");
    });
    const isFew = rows.count <= (run.units <= READABLE ? READABLE : FEW);
    const apart = isFew ? Math.ceil((0.9 * 12 * this.grown * rows.count) / this.height) : rows.count - 1;
    const wanted = [];
    for (let row = 0; row < rows.count; row += apart) wanted.push(row);
    while (this.rows.children.length < wanted.length) this.rows.append(make("span", ""));
    [...this.rows.children].forEach((label, at) => {
      label.hidden = at >= wanted.length;
      if (label.hidden) return;
      label.textContent = order[rows.first + wanted[at]];
      const share = isFew ? (wanted[at] + 0.5) / rows.count : at;
      label.style.top = `${share * 100}%`;
      label.style.transform = `translateY(${isFew ? -50 : at * -100}%)`;
    });
  }
}
