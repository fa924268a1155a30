// Which units the heatmaps show.

import assert from "node:assert/strict";
import { test } from "node:test";

import { RunRecord } from "../../viz/browser/run.js";
import { Units } from "../../viz/browser/units.js";

const VARIED = [5, 3, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53];

function unitsOf(units, varied = null, selected = null) {
  const run = new RunRecord("a");
  const stored = Array.from({ length: units }, (_, unit) => unit);
  Object.assign(run, { units, varied, orders: { stored, variance: stored.toReversed() } });
  return new Units({ run, selected });
}

test("the units that vary most come in their order, and the selected one stays in sight", () => {
  const units = unitsOf(64, VARIED);
  assert.deepEqual(units.order, VARIED);
  units.keep(40);
  assert.deepEqual(units.order, VARIED);
  units.keep(7);
  assert.deepEqual(units.order, [...VARIED, 7]);
  units.keep(3);
  assert.deepEqual(units.order, [...VARIED, 7], "rows do not jump while cells are chosen");
  assert.match(units.words(), /^16 of 64 units: those whose memory varies most here, .*and unit 7, which was chosen\.$/);
});

test("until a run has ended, the rows are those of the run before, or evenly spread", () => {
  const units = unitsOf(64);
  assert.deepEqual(units.order, Array.from({ length: 16 }, (_, at) => 4 * at));
  assert.match(units.words(), /known at the end/);
  units.view.run.varied = VARIED;
  assert.deepEqual(units.order, VARIED);
  units.forget();
  units.view.run = { ...units.view.run, varied: null };
  assert.deepEqual(units.order, VARIED);
  units.view.run = { ...units.view.run, units: 32 };
  assert.equal(Math.max(...units.order), 30, "those of another network are none of this one");
});

test("of few units all are shown", () => {
  const units = unitsOf(4, [3, 1, 0, 2]);
  assert.deepEqual(units.order, [0, 1, 2, 3]);
  assert.equal(units.words(), "All 4 units, as stored.");
});

test("all units stand in the chosen order, or some of them around the selected one", () => {
  const units = unitsOf(64, VARIED, { column: 0, unit: 20 });
  Object.assign(units, { kind: "all", orderKind: "variance" });
  assert.deepEqual(units.order.slice(0, 2), [63, 62]);
  assert.deepEqual(units.window(units.view.selected), { first: 0, count: 64 });
  assert.equal(units.words(), "All 64 units, by variance.");
  units.kind = "16";
  assert.equal(units.words(), "16 of 64 units, by variance.");
  assert.deepEqual(units.window(units.view.selected), { first: 32, count: 16 }, "row 43 is in the third stretch");
});
