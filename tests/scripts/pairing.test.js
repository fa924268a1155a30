// Two runs side by side: which steps belong together, and by how much they differ.

import assert from "node:assert/strict";
import { test } from "node:test";

import { differences, isSame, laterPairs, pairsBefore, stepPairs, stretches } from "../../viz/browser/pairing.js";

const run = (state, tokens, columns) => ({ state, tokens: Array(tokens), columns: Array(columns) });

test("steps are paired by their number, and the longer side goes on alone", () => {
  assert.deepEqual(stepPairs(0, 2, 0, 3), [[0, 0], [1, 1], [null, 2]]);
  assert.deepEqual(stepPairs(2, 1, 3, 0), [[2, null]]);
});

test("what is written is paired while it comes; a finished run has no more steps, an unfinished one may", () => {
  assert.deepEqual(laterPairs(run("computing", 2, 3), run("computing", 3, 5)), [[2, 3], [3, 4]]);
  assert.deepEqual(laterPairs(run("finished", 2, 3), run("computing", 3, 5)), [[2, 3], [null, 4]]);
  assert.deepEqual(laterPairs(run("computing", 2, 1), run("waiting", 0, 0)), []);
});

test("pairs of the sources come before those of the targets", () => {
  const pairs = [[0, 0], [null, 1], [1, 2], [2, 3], [3, null]];
  assert.equal(pairsBefore(pairs, 2, 3), 3);
  assert.equal(pairsBefore(pairs, 0, 0), 0);
});

test("tokens are the same if they read the same and stand the same way", () => {
  const token = { text: "a", begins: true, unknown: false };
  assert.ok(isSame(token, { ...token, probability: 1 }));
  assert.ok(!isSame(token, { ...token, begins: false }));
  assert.ok(!isSame(token, { ...token, unknown: true }));
});

test("the largest difference of each quantity, and the units by their largest in any", () => {
  const values = [[[0, 1, -3, 0.2], [0, 9, 9, 9]], [[0, 0, 0, 0], [0, 9, 9, 9]], [[0.5, 0, 0, 0.01], [0, 9, 9, 9]]]; // quantity, pair, unit
  const { places, limits, order, changed } = differences({
    isKnown: (pair) => pair === 0, value: (quantity, pair, unit) => values[quantity][pair][unit], pairs: 2, units: 4,
    quantities: ["a", "b", "c"], limitOf: (quantity, size) => ({ a: 4, b: 1, c: 1 + size }[quantity]),
  });
  assert.deepEqual(places, [{ size: 3, value: -3 }, { size: 0 }, { size: 0.5, value: 0.5 }]);
  assert.deepEqual(limits, [4, 1, 1.5]);
  assert.deepEqual(order, [2, 1, 0, 3]);
  assert.deepEqual(changed, [0, 1, 2]); // unit 3 reaches no tenth: 0.2 of 4, 0.01 of 1.5
});

test("numbers become stretches", () => {
  assert.deepEqual(stretches([7, 1, 3, 2]), [[1, 3], [7, 7]]);
  assert.deepEqual(stretches([]), []);
  assert.deepEqual(stretches([2, 2, 3]), [[2, 3]]);
});
