// The stub that Streamlit is given: draws what is newest, cleans up once, and says so where its module is missing.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { beforeEach, test } from "node:test";

const SOURCE = await readFile(new URL("../../viz/browser/stub.js", import.meta.url), "utf-8");

let calls;
beforeEach(() => { calls = globalThis.calls = []; });

async function stubOf(module) {
  const address = `data:text/javascript,${encodeURIComponent(module)}//${Math.random()}`;
  globalThis.document = { baseURI: "http://here/", createElement: () => ({ setAttribute(name, value) { this[name] = value; } }) };
  const script = SOURCE.replace("MODULE", () => address);
  return (await import(`data:text/javascript,${encodeURIComponent(script)}//${Math.random()}`)).default;
}

const GOOD = "export const draw = ({ data }) => calls.push(`draw ${data}`); export const leave = ({ data }) => calls.push(`leave ${data}`);";

test("of several draws before the module is there, the newest is drawn", async () => {
  const stub = await stubOf(GOOD);
  const parentElement = {};
  const cleanups = await Promise.all(["one", "two"].map((data) => stub({ data, parentElement })));
  assert.deepEqual(calls, ["draw two"]);
  cleanups[0](); // as Streamlit does with a draw that another one took over from
  assert.deepEqual(calls, ["draw two"]);
  cleanups[1]();
  assert.deepEqual(calls, ["draw two", "leave two"]);
});

test("two places of one component do not know of each other", async () => {
  const stub = await stubOf(GOOD);
  await Promise.all(["one", "two"].map((data) => stub({ data, parentElement: {} })));
  assert.deepEqual(calls, ["draw one", "draw two"]);
});

test("a module without anything to clean up needs none", async () => {
  const stub = await stubOf("export const draw = () => calls.push('drawn');");
  (await stub({ parentElement: {} }))();
  assert.deepEqual(calls, ["drawn"]);
});

test("a module that cannot be loaded is said to be missing", async () => {
  const stub = await stubOf("this is no script");
  const shown = [];
  const cleanup = await stub({ parentElement: { replaceChildren: (...children) => shown.push(...children) } });
  assert.equal(cleanup, undefined);
  assert.equal(shown.length, 1);
  assert.equal(shown[0].role, "alert");
  assert.match(shown[0].textContent, /Load the page again/);
});
