// Which cell a key leads to, and what Python is told of it.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { fixed } from "../../viz/browser/elements.js";
import { across, roomFor } from "../../viz/browser/panels.js";
import { fakeDocument } from "./fake_document.js";

const listening = {}; // to events of the whole page
globalThis.addEventListener = (name, act) => { listening[name] = act; };
const { Choosing, clamped, keysOf, moved } = await import("../../viz/browser/choosing.js");

const kept = [globalThis.document, globalThis.setTimeout, globalThis.clearTimeout];
let waiting; // what is to be done in how many milliseconds
beforeEach(() => {
  globalThis.document = fakeDocument;
  globalThis.requestAnimationFrame = () => 1;
  waiting = [];
  globalThis.setTimeout = (act, after) => waiting.push({ act, after });
  globalThis.clearTimeout = (number) => { if (number) waiting[number - 1] = null; };
});
afterEach(() => {
  [globalThis.document, globalThis.setTimeout, globalThis.clearTimeout] = kept;
});

function plotOf(key) {
  const attributes = {};
  return {
    dataset: { quantity: key }, focused: 0, focus() { this.focused += 1; },
    getAttribute: (name) => attributes[name] ?? null, setAttribute: (name, value) => { attributes[name] = value; },
  };
}

function chooser() {
  const panels = ["forget_gate", "cell_state", "hidden_state"].map((key) => ({
    meaning: { key }, plot: plotOf(key),
  }));
  const told = [];
  const choosing = new (class extends Choosing {
    stacks = [{ panels, order: [2, 0, 1], rowOf: (unit) => [2, 0, 1].indexOf(unit) }];
    lastColumn = 4;
    units = 3;
    words() { return "said"; }
    chosen() { told.push({ ...this.selected, quantity: this.quantity }); }
  })(fakeDocument.createElement("div"), {});
  const press = (key, panel = 0, more = {}) => {
    const event = { key, target: panels[panel].plot, preventDefault() { this.taken = true; }, stopPropagation() {}, ...more };
    choosing.key(event);
    return Boolean(event.taken);
  };
  return { choosing, panels, told, press };
}

test("arrows move by steps and by units in the order they are drawn in, and stay inside", () => {
  const { choosing, press } = chooser();
  choosing.select(1, 2);
  for (const [key, column, unit] of [["ArrowRight", 2, 2], ["ArrowDown", 2, 0], ["ArrowDown", 2, 1], ["ArrowDown", 2, 1], ["PageUp", 2, 2],
    ["End", 4, 2], ["ArrowRight", 4, 2], ["Home", 0, 2], ["ArrowLeft", 0, 2]]) {
    assert.ok(press(key));
    assert.deepEqual(choosing.selected, { column, unit });
  }
});

test("Python is told once the keys rest", () => {
  const { choosing, told, press } = chooser();
  choosing.select(0, 0);
  press("ArrowRight", 1);
  press("ArrowRight", 1);
  assert.deepEqual(told, []);
  const left = waiting.filter(Boolean);
  assert.deepEqual(left.map(({ after }) => after), [200]);
  left[0].act();
  assert.deepEqual(told, [{ column: 2, unit: 0, quantity: "cell_state" }]);
  assert.deepEqual(choosing.live.children, ["said"]);
});

test("a page that is being left asks Python for nothing more, and one that is drawn again does", () => {
  const { choosing } = chooser(), told = [];
  const component = { setTriggerValue: (...each) => told.push(each) };
  globalThis.document = { createElement: () => ({ getContext: () => ({ fillStyle: "#ffffff" }) }) };
  globalThis.getComputedStyle = () => ({ getPropertyValue: () => "" });
  choosing.take(component);
  choosing.trigger("finished", 1);
  listening["page-left"]();
  choosing.trigger("finished", 2);
  choosing.take(component);
  choosing.trigger("finished", 3);
  assert.deepEqual(told, [["finished", 1], ["finished", 3]]);
});

test("a choice that Python made is not told back to it", () => {
  const { choosing, told } = chooser();
  choosing.select(1, 1, null, false);
  assert.deepEqual(waiting, []);
  assert.deepEqual(told, []);
});

test("a number goes to its heatmap, if there is one", () => {
  const { panels, press } = chooser();
  assert.ok(press("3"));
  assert.equal(panels[2].plot.focused, 1);
  assert.deepEqual(panels.map(({ plot }) => plot.getAttribute("tabindex")), ["-1", "-1", "0"]);
  assert.ok(!press("4"));
  assert.ok(!press("0"));
});

test("keys with a modifier and keys that mean nothing are the browser's", () => {
  const { press } = chooser();
  assert.ok(!press("ArrowRight", 0, { ctrlKey: true }));
  assert.ok(!press("Tab"));
  assert.ok(!press("x"));
});

test("a key leads from one cell to another", () => {
  assert.deepEqual(moved("PageDown", 2, 3, 9), [2, 19]);
  assert.equal(moved("F5", 0, 0, 9), undefined);
  assert.deepEqual([-1, 3, 10].map((number) => clamped(number, 9)), [0, 3, 9]);
});

test("the keys that are named are those that there are", () => {
  assert.match(keysOf(6, "heatmap"), /1 to 6 heatmap$/);
  assert.ok(!keysOf(1, "heatmap").includes("heatmap,"));
});

test("numbers have four decimals, no negative zero, and a dash where there is no step", () => {
  assert.deepEqual([0.12345, -0.00001, -0.5, NaN, 2].map(fixed), ["0.1235", "0.0000", "-0.5000", "–", "2.0000"]);
});

test("heatmaps stand in even rows", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 9].map(across), [1, 2, 3, 2, 3, 3, 3]);
});

test("while a translation is written there is room for more of it; what only reads has its room from the start", () => {
  assert.equal(roomFor({ known: 7, columns: 3, isWriting: true, isFinished: false }), 14);
  assert.equal(roomFor({ known: 3, columns: 9, isWriting: true, isFinished: false }), 15);
  assert.equal(roomFor({ known: 30, columns: 3, isWriting: false, isFinished: false }), 30);
  assert.equal(roomFor({ known: 7, columns: 12, isWriting: true, isFinished: true }), 12);
  assert.equal(roomFor({ known: 0, columns: 0, isWriting: true, isFinished: true }), 1);
});
