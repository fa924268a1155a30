// Where the network was guessing, in words.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { guessWords } from "../../viz/browser/chips.js";
import { RunRecord } from "../../viz/browser/run.js";
import { fakeDocument } from "./fake_document.js";

before(() => { globalThis.document = fakeDocument; });

function said(...probabilities) {
  const run = new RunRecord("x");
  Object.assign(run, { guess: 0.2, state: "finished", tokens: [{ text: "a" }], columns: [{}] });
  run.columns.push(...probabilities.map((probability, at) => ({ probability, language: "bn", written: { text: `<b>${at}` } })));
  return guessWords(run);
}

function textOf(...probabilities) {
  return said(...probabilities).slice(1).map((each) => each.textContent ?? each).join("");
}

test("one guess, several and nothing but guesses are told apart", () => {
  assert.equal(textOf(0.9, 0.2), "");
  assert.equal(textOf(0.9, 0.06), "guessing at “<b>1” (0.06)");
  assert.equal(textOf(0.1, 0.9, 0.06), "guessing at 2 of 3 tokens, least sure of “<b>2” (0.06)");
  assert.equal(textOf(0.1, 0.0002), "guessing throughout, least sure of “<b>1” (less than 0.01)");
  assert.equal(textOf(0.9, 0.1996), "guessing at “<b>1” (just below 0.20)");
});

test("the token is in an element of its own, with its language", () => {
  const [token] = said(0.9, 0.06).filter((each) => each.lang);
  assert.deepEqual([token.textContent, token.lang], ["<b>1", "bn"]);
});
