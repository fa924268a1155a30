// The arrow from encoder to decoder: the memory that one hands over to the other, in its colours.

import { drawnSign, make } from "./elements.js";

const MEMORY = ["cell_state", "hidden_state"];

export class Handover {
  constructor(view) {
    this.view = view;
    this.canvas = make("canvas", "memory");
    this.said = make("small", "");
    this.root = make("button", "handover", make("span", "", "memory handed over"), drawnSign("arrow"), this.canvas, this.said);
    this.root.type = "button";
    this.root.addEventListener("click", () => this.view.select(this.view.run.handedOver, this.view.selected?.unit ?? 0));
  }

  draw() {
    const { run, shown } = this.view;
    const column = run.handedOver;
    this.root.hidden = column === undefined;
    if (this.root.hidden) return;
    const isThere = column < shown;
    this.root.classList.toggle("unread", !isThere);
    this.root.classList.toggle("selected", this.view.selected?.column === column);
    const layers = run.layers > 1 ? `, in each of ${run.layers} layers` : "";
    this.said.textContent = `last c and h of the encoder: ${MEMORY.length} × ${run.units} numbers${layers}`;
    this.canvas.hidden = !isThere;
    if (isThere) this.paint(column);
  }

  // The cell state above, the hidden state beneath, of the units that the heatmaps show.
  paint(column) {
    const { run, panels, order } = this.view;
    const rows = MEMORY.map((key) => panels.find(({ meaning }) => meaning.key === key)).filter(Boolean);
    const key = `${run.id} ${order.join()} ${this.view.isDark} ${rows.map(({ quantity }) => run.range(quantity)).join()}`;
    if (this.painted === key || !rows.length) return;
    this.painted = key;
    Object.assign(this.canvas, { width: order.length, height: rows.length });
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(order.length, rows.length);
    rows.forEach((panel, row) => order.forEach((unit, at) => {
      image.data.set([...panel.colourOf(run.value(panel.quantity, column, unit)), 255], 4 * (row * order.length + at));
    }));
    context.putImageData(image, 0, 0);
  }
}
