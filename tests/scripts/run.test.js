// The record of a run as the scripts keep it: any parts, any quantities.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Follower, followRun, partAt, pieceText, RunRecord } from "../../viz/browser/run.js";

const LSTM = ["forget_gate:gate", "input_gate:gate", "output_gate:gate", "candidate:signed", "cell_state:unbounded", "hidden_state:signed"];
const GRU = ["reset_gate:gate", "update_gate:gate", "candidate:signed", "hidden_state:signed"];

function quantities(described) {
  return described.map((each) => {
    const [key, range] = each.split(":");
    return { key, name: key, symbol: key[0], range };
  });
}

function token(text, more = {}) {
  return { text, begins: true, special: false, unknown: false, ...more };
}

function recordHead(more = {}) {
  return {
    kind: "record", cell: "lstm", units: 2, already: 0, language: "bn", quantities: quantities(LSTM),
    parts: [{ name: "encoder", language: "en", tokens: [token("a"), token("b"), token("c")] }, { name: "decoder", language: "bn" }],
    ...more,
  };
}

function numbersOf(step, count) {
  return Float32Array.from({ length: count }, (_, at) => 100 * step + at);
}

function translation() {
  const run = new RunRecord("x");
  run.take({ head: recordHead(), numbers: new Float32Array(0) });
  for (const position of [0, 1, 2]) {
    run.take({ head: { kind: "step", part: 0, position, limits: { cell_state: position + 1 } }, numbers: numbersOf(position, 12) });
  }
  const said = { token_read: token("<s>", { special: true }), token: token("আমি"), probability: 0.5, candidates: [] };
  run.take({ head: { kind: "step", part: 1, position: 0, limits: { cell_state: 4 }, ...said }, numbers: numbersOf(3, 15) });
  return run;
}

test("a translation has its columns in reading order, and each number in its place", () => {
  const run = translation();
  assert.equal(run.state, "computing");
  assert.deepEqual(run.starts, [0, 3]);
  assert.deepEqual([0, 1, 2, 3, 9].map((column) => run.languageOf(column)), ["en", "en", "en", "bn", "bn"]);
  assert.equal(run.value(run.quantity("cell_state"), 1, 1), 109);
  assert.deepEqual([...run.columns[3].attention], [312, 313, 314]);
  assert.equal(run.text, "আমি");
  assert.deepEqual(run.columns.map((column) => column.read.text), ["a", "b", "c", "<s>"]);
  assert.deepEqual([0, 3, 4].map((column) => run.stepName(column)), ["encoder step 1", "decoder step 1", "no such step"]);
});

test("a token less probable than the run's limit was guessed, the least sure first, once the run is finished", () => {
  const run = new RunRecord("x");
  run.take({ head: recordHead({ guess: 0.2, parts: [{ name: "decoder", language: "bn" }] }), numbers: new Float32Array(0) });
  [0.19, 0.2, 0.9, 0.04].forEach((probability, position) => {
    const said = { token_read: token("a"), token: token(`${position}`), probability, candidates: [] };
    run.take({ head: { kind: "step", part: 0, position, ...said }, numbers: numbersOf(position, 12) });
  });
  assert.deepEqual(run.guesses, [], "not while it is computed");
  run.take({ head: { kind: "end", text: "", finished: true, computed: 4, captions: {}, orders: [] }, numbers: new Float32Array(0) });
  assert.deepEqual(run.guesses.map(({ written }) => written.text), ["3", "0"]);
  for (const column of run.columns) delete column.probability;
  assert.deepEqual(run.guesses, [], "nothing without a probability is a guess");
});

test("a state comes from the step before, also from one part to the next, and from 0 at first", () => {
  const run = translation();
  assert.equal(run.before("cell_state", 0, 1), 0);
  assert.equal(run.before("cell_state", 1, 1), run.value(4, 0, 1));
  assert.equal(run.before("cell_state", 3, 1), run.value(4, 2, 1));
});

test("a part that starts from a state of its own says so", () => {
  const run = new RunRecord("x");
  const parts = [{ name: "", tokens: [token("1")] }, { name: "second", starts: true, tokens: [token("2")] }];
  run.take({ head: recordHead({ parts }), numbers: Float32Array.of(7, 8) });
  for (const part of [0, 1]) run.take({ head: { kind: "step", part, position: 0 }, numbers: numbersOf(part, 12) });
  assert.equal(run.before("cell_state", 0, 1), 0);
  assert.equal(run.before("cell_state", 1, 1), 8);
});

test("only what has no bound takes its range from the run", () => {
  const run = translation();
  assert.deepEqual(LSTM.map((_, quantity) => run.range(quantity)), [[0, 1], [0, 1], [0, 1], [-1, 1], [-4, 4], [-1, 1]]);
});

test("a record of one part and of another cell's quantities is as good", () => {
  const run = new RunRecord("x");
  const parts = [{ name: "", language: "", tokens: ["1", "2"].map((text) => token(text)) }];
  run.take({ head: recordHead({ cell: "gru", quantities: quantities(GRU), parts }), numbers: new Float32Array(0) });
  for (const position of [0, 1]) run.take({ head: { kind: "step", part: 0, position, limits: {} }, numbers: numbersOf(position, 8) });
  run.take({ head: { kind: "end", text: "", finished: true, milliseconds: null, computed: 2, captions: {}, orders: [] }, numbers: new Float32Array(0) });
  assert.equal(run.state, "finished");
  assert.equal(run.isWriting, false);
  assert.deepEqual([run.quantity("update_gate"), run.quantity("cell_state")], [1, -1]);
  assert.equal(run.value(3, 1, 0), 106);
  assert.equal(run.stepName(1), "step 2");
  assert.deepEqual(run.orders, { stored: [0, 1] });
});

test("the end brings the orders of the units", () => {
  const run = translation();
  const head = { kind: "end", text: "আমি", finished: true, milliseconds: 3, computed: 4, limits: { cell_state: 5 }, captions: { candidate: "said" }, orders: ["variance", "similarity"] };
  run.take({ head, numbers: Float32Array.of(1, 0, 0, 1) });
  assert.deepEqual(run.orders, { stored: [0, 1], variance: [1, 0], similarity: [0, 1] });
  assert.deepEqual(run.range(4), [-5, 5]);
  assert.equal(run.captions.candidate, "said");
});

test("frames of a kind that is not known yet are passed over", () => {
  const run = translation();
  run.take({ head: { kind: "something new" }, numbers: new Float32Array(0) });
  assert.equal(run.columns.length, 4);
});

test("a column belongs to the last part that starts before it", () => {
  assert.deepEqual([0, 2, 3, 8].map((column) => partAt([0, 3], column)), [0, 0, 1, 1]);
  assert.equal(partAt([0], 5), 0);
  assert.equal(partAt([], 0), 0);
});

test("pieces are written with the spaces between words, and without marks", () => {
  const pieces = [token("সে"), token("টা", { begins: false }), token("␣"), token("ই", { begins: false }), token("</s>", { special: true })];
  assert.equal(pieces.map(pieceText).join(""), " সেটা ই");
  const lone = [token("ঘুম"), token("\u25cc\u09be", { begins: false })]; // a sign that is shown without its letter
  assert.equal(lone.map(pieceText).join(""), " ঘুম\u09be");
});

async function followed(heads) {
  const kept = [globalThis.fetch, globalThis.document];
  globalThis.document = { baseURI: "http://here/x/cell?sentence=a" };
  let asked;
  const bytes = heads.flatMap((head) => [...framed(head)]);
  globalThis.fetch = async (address) => { asked = String(address); return new Response(Uint8Array.from(bytes)); };
  const states = [];
  for await (const run of followRun("a/b", 0.2, new AbortController().signal, [])) states.push([run.state, run.columns.length, run.failure]);
  [globalThis.fetch, globalThis.document] = kept;
  return { asked, states };
}

function framed(head, numbers = 12) {
  const text = JSON.stringify(head).padEnd(Math.ceil(JSON.stringify(head).length / 4) * 4);
  const bytes = new Uint8Array(8 + text.length + 4 * numbers);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  new DataView(bytes.buffer).setUint32(4, 4 * numbers, true);
  bytes.set(new TextEncoder().encode(text), 8);
  return bytes;
}

test("a run is asked for below the address of the pages, and shown from its first column on", async () => {
  const steps = [0, 1].map((position) => ({ kind: "step", part: 0, position }));
  const end = { kind: "end", text: "", finished: true, computed: 2, captions: {}, orders: [] };
  const { asked, states } = await followed([recordHead(), ...steps, end]);
  assert.equal(asked, "http://here/x/live/a%2Fb?pause=0.2");
  assert.deepEqual(states, [["computing", 1, ""], ["computing", 2, ""], ["finished", 2, ""]].map((state) => [...state]));
});

test("a stream that ends early has failed, in words", async () => {
  const { states } = await followed([recordHead(), { kind: "step", part: 0, position: 0 }]);
  assert.deepEqual(states.at(-1), ["failed", 1, "The connection to the server was lost."]);
});

test("only another run than the one asked for or on view is news", () => {
  const follower = new Follower({ quantities: [] });
  assert.equal(follower.isNews("one"), true);
  assert.equal(follower.isNews("one"), false);
  follower.following = "two";
  assert.equal(follower.isNews("two"), false);
  follower.stop();
  assert.equal(follower.isNews("two"), true);
});
