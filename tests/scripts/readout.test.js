// What the selected cell did, said from the numbers of the run.

import assert from "node:assert/strict";
import { test } from "node:test";

import { gistOf } from "../../viz/browser/readout.js";
import { RunRecord } from "../../viz/browser/run.js";

const KEYS = ["forget_gate", "input_gate", "output_gate", "candidate", "cell_state", "hidden_state"];

function runOf(...steps) {
  const run = new RunRecord("a", KEYS.map((key) => ({ key })));
  const part = { name: "only", before: null };
  Object.assign(run, { units: 1, cell: "lstm", parts: [part] });
  run.columns = steps.map((values, at) => ({ part, number: at + 1, values: Float32Array.from(values) }));
  return run;
}

test("a cell is said to have kept, added and shown what its gates let through", () => {
  const run = runOf([0.9, 0.5, 0.1, 1, 0.5, 0.05], [0.66, 0.25, 0.07, -0.4, 0.23, 0.0158]);
  assert.equal(gistOf(run, 1, 0), "Unit 0 kept 66 % of 0.50 and added −0.10, which makes 0.23. Of tanh(0.23) it showed 7 %.");
});

test("before the first step there is nothing to keep, and nothing is not below zero", () => {
  const run = runOf([0.9, 0.001, 0.1, -0.5, -0.0005, 0]);
  assert.match(gistOf(run, 0, 0), /kept 90 % of 0\.00 and added 0\.00, which makes 0\.00\./);
});

test("a state that an intervention has set is not said to come from the gates", () => {
  const run = runOf([0.9, 0.5, 0.1, 1, 2, 0.05]);
  const said = "Unit 0 kept 90 % of 0.00 and added 0.50; its state was then set to 2.00. Its hidden state was set to 0.05.";
  assert.equal(gistOf(run, 0, 0), said);
});
