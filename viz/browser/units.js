// Which units the heatmaps show, from top to bottom: those that vary most, all, or a stretch around the selected one.

import { clamped } from "./choosing.js";

const SOME = 16; // as many as vary most
const ORDERS = { stored: "as stored", variance: "by variance", similarity: "by similarity" };

export class Units {
  constructor(view) {
    this.view = view;
    this.kind = "varied"; // varied, all, or how many around the selected unit
    this.orderKind = "stored"; // of all of them
    this.extra = null; // selected though it is none of those that vary most
    this.before = null; // the most varied of the run before, which stay until those of this run are known
  }

  get isVaried() {
    return this.kind === "varied" && this.view.run.units > SOME;
  }

  // The chosen order belongs to the finished run; until then the units stand as stored.
  get shownOrder() {
    if (this.isVaried) return this.order.join();
    return this.orderKind in this.view.run.orders ? this.orderKind : "stored";
  }

  get order() {
    const { run } = this.view;
    if (!this.isVaried) return run.orders[this.shownOrder] ?? [];
    const { varied } = this;
    return this.extra == null || varied.includes(this.extra) ? varied : [...varied, this.extra];
  }

  get varied() {
    const { units, varied } = this.view.run;
    if (varied) return varied;
    if (this.before?.units === units) return this.before.varied;
    return Array.from({ length: SOME }, (_, at) => Math.floor((at * units) / SOME));
  }

  // A unit that is selected stays in sight, though another one vary more.
  keep(unit) {
    if (!this.varied.includes(unit)) this.extra = unit;
  }

  // A run begins or ends: what stood there for another one goes.
  forget() {
    const { units, varied } = this.view.run;
    if (varied) this.before = { units, varied };
    this.extra = null;
  }

  // The rows on view of those in order: all, or a stretch around the selected unit.
  window(selected) {
    const rows = this.order;
    const count = Math.min(Number(this.kind) || rows.length, rows.length);
    const middle = selected ? rows.indexOf(selected.unit) : 0;
    return { first: clamped(Math.floor(middle / count) * count, rows.length - count), count };
  }

  // Which they are and why, in words.
  words() {
    const { units, varied } = this.view.run;
    if (!this.isVaried) {
      const count = this.window(this.view.selected).count;
      return `${Number(this.kind) ? `${count} of` : "All"} ${units} units, ${ORDERS[this.shownOrder]}.`;
    }
    const some = `${SOME} of ${units} units`;
    if (!varied) return `${some}; which of them vary most is known at the end.`;
    const also = this.order.length > SOME ? `, and unit ${this.extra}, which was chosen` : "";
    return `${some}: those whose memory varies most here, alike ones side by side${also}.`;
  }
}
