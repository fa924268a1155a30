// The picture of the heatmaps as an SVG: what is on view stands in it, and nothing outside it is asked for.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { isWithin, svgOf, wrapped } from "../../viz/browser/picture.js";
import { RunRecord } from "../../viz/browser/run.js";
import { fakeDocument } from "./fake_document.js";

before(() => { globalThis.document = fakeDocument; });

const TYPED = "<script>alert(1)</script> & more";

function viewOf(count = 6, more = {}) {
  const run = new RunRecord("x", Array.from({ length: count }, (_, at) => ({ key: `${at}`, range: at ? "signed" : "gate" })));
  run.parts = [{ name: "encoder", language: "en", first: 0 }, { name: "decoder", language: "bn", first: 2 }];
  run.tokens = [{ text: "<to bn>" }, { text: TYPED }];
  run.columns = [...run.tokens, { text: "আমি" }, { text: "</s>" }].map((shown) => ({ shown }));
  const view = {
    run, shown: 4, units: 3, order: [2, 0, 1], window: { first: 0, count: 3 }, selected: { column: 2, unit: 0 },
    rowOf(unit) { return this.order.indexOf(unit); }, ...more,
  };
  view.panels = run.quantities.map((_, quantity) => ({
    quantity, view, colours: Array.from({ length: 256 }, (__, at) => [at, quantity, 0]), meaning: { hue: "#123456", hue_dark: "#abcdef" },
    symbol: { textContent: `s${quantity}` }, title: { textContent: `Quantity ${quantity}` },
  }));
  return view;
}

function drawn(view, more = {}) {
  const asked = [];
  const imageOf = (panel, ...where) => { asked.push([panel.quantity, ...where.slice(0, 2)]); return `data:image/png;base64,${panel.quantity}`; };
  const svg = svgOf(view, { imageOf, paper: "#fff", ink: "#000", lines: [{ text: TYPED, size: 18, language: "en" }], ...more });
  const all = [...svg.all()];
  return { svg, asked, all, of: (tag) => all.filter((each) => each.tag === tag), texts: all.filter((each) => each.tag === "text").map((each) => each.textContent) };
}

test("every quantity has its cells, its title, its limits and its tokens", () => {
  const { asked, texts, of } = drawn(viewOf());
  assert.deepEqual(asked, [0, 1, 2, 3, 4, 5].flatMap((quantity) => [[quantity, 0, 2], [quantity, 2, 4]]));
  for (const quantity of [0, 1, 2, 3, 4, 5]) assert.ok(texts.includes(`s${quantity} Quantity ${quantity}`));
  const counted = (text) => texts.filter((each) => each === text).length;
  assert.deepEqual(["<to bn>", "আমি", "</s>"].map(counted), [6, 6, 6]);
  assert.equal(counted(TYPED), 7, "beside each heatmap, and above them all");
  assert.deepEqual([counted("-1"), counted("0") - 6], [5, 1], "limits; each heatmap has a unit 0 as well");
  assert.deepEqual(texts.filter((text) => /^[0-2]$/.test(text)).slice(2, 5), ["2", "0", "1"], "units in their order");
  const stops = of("linearGradient")[3].children.map((stop) => stop.attributes["stop-color"]);
  assert.deepEqual([stops[0], stops.at(-1)], ["rgb(0,3,0)", "rgb(255,3,0)"]);
});

test("the chosen cell is marked where it stands, and not where it is out of view", () => {
  const marks = (view) => drawn(view).all.filter((each) => each.attributes.class === "selected");
  const [mark, ...others] = marks(viewOf());
  assert.equal(others.length, 5);
  const [image] = drawn(viewOf()).of("image").filter((each) => each.attributes.x === mark.attributes.x);
  assert.equal(Number(mark.attributes.y), Number(image.attributes.y) + image.attributes.height / 3, "unit 0 is the second row");
  assert.deepEqual(marks(viewOf(6, { shown: 2 })), []);
  assert.deepEqual(marks(viewOf(6, { window: { first: 2, count: 1 } })), []);
  assert.deepEqual(marks(viewOf(6, { selected: null })), []);
});

test("nothing in it lies elsewhere, and what was typed is text", () => {
  const { all, of } = drawn(viewOf(), { faces: ["@font-face{src:url(data:font/woff2;base64,x)}"] });
  for (const { tag, attributes, namespace } of all) {
    assert.equal(namespace, "http://www.w3.org/2000/svg");
    assert.ok(["svg", "g", "title", "desc", "style", "rect", "text", "tspan", "image", "linearGradient", "stop"].includes(tag));
    for (const value of Object.values(attributes)) assert.doesNotMatch(value, /^[a-z]+:\/\/|url\((?!#ramp)/);
  }
  for (const { attributes } of of("image")) assert.match(attributes.href, /^data:image\/png/);
  assert.ok(of("text").every(({ children }) => children.every((child) => typeof child === "string" || child.tag === "tspan")));
});

test("other quantities, and a long sentence, have room", () => {
  const [one, six] = [1, 6].map((count) => drawn(viewOf(count)).svg.attributes);
  assert.ok(Number(one.width) < Number(six.width) && Number(one.height) < Number(six.height));
  const view = viewOf();
  view.run.columns.push(...Array.from({ length: 60 }, () => ({ shown: { text: "x" } })));
  view.shown = 64;
  const steps = drawn(view).of("text").filter((each) => each.textContent === "x").map((each) => Number(each.attributes.x));
  assert.ok(steps.slice(1, 60).every((x, at) => x - steps[at] >= 15), "no label on another");
});

test("lines are broken between words alone", () => {
  assert.deepEqual(wrapped("one two three", 8), ["one two", "three"]);
  assert.deepEqual(wrapped("longerthanaline x", 4), ["longerthanaline", "x"]);
});

test("a character is looked for in the ranges of a typeface", () => {
  const ranges = "U+0951-0952, U+0964, u+980-9ff";
  assert.deepEqual([0x951, 0x953, 0x964, 0x965, 0x980, 0x41].map((point) => isWithin(ranges, point)), [true, false, true, false, true, false]);
});
