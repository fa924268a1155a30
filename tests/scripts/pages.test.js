import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.history = { pushState() {}, replaceState() {} };
globalThis.addEventListener ??= () => {};
const { current, isStep } = await import("../../viz/browser/pages.js");

const at = (path) => new URL(path, "http://localhost:8501");

test("a sentence, a language, a network, a beam and a page are steps, and a moved cell is none", () => {
  const from = at("/?sentence=Go.&to=bn&column=2");
  for (const to of ["/?sentence=Run!&to=bn", "/?sentence=Go.&to=mr&column=2", "/cell?sentence=Go.&to=bn&column=2",
    "/?sentence=Go.&to=bn&column=2&network=untrained", "/?sentence=Go.&to=bn&column=2&beam=3"]) {
    assert.ok(isStep(from, at(to)), to);
  }
  for (const to of ["/?sentence=Go.&to=bn&column=3", "/?sentence=Go.&to=bn&column=2&unit=7", "/?sentence=Go.&to=bn"]) {
    assert.ok(!isStep(from, at(to)), to);
  }
});

test("a page that was just opened fills its address in without a step", () => {
  assert.ok(!isStep(at("/"), at("/?sentence=Go.&to=bn")));
  assert.ok(isStep(at("/cell?sentence=Go.&to=bn"), at("/trust")));
});

test("the current page is the one that the address ends with, below any path, or the first", () => {
  const links = ["", "cell", "trust"].map((href) => ({ getAttribute: () => href }));
  const name = (path) => current(links, path).getAttribute("href");
  assert.deepEqual(["/", "/cell", "/some/where/", "/some/where", "/some/where/trust", "/translate"].map(name),
    ["", "cell", "", "", "trust", ""]);
});
