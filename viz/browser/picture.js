// The heatmaps as one picture, for a lesson or a paper: what is on view, from the pixels that are on view.

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 24, LEFT = 34, CAPTION = 26, TICKS = 92, GAP = 8; // CSS pixels; the gap lies between two parts of a run
const LEAST = 360, STEP = 15, HIGH = 320; // of a heatmap: its least width, the least width of a column, its height
const SHARP = 2; // pixels of the picture for one of its units
const FAMILIES = "'Noto Sans Bengali', 'Noto Sans Devanagari', 'DejaVu Sans Symbols', 'Source Sans', sans-serif";
const STOPS = [0, 51, 102, 127, 128, 153, 204, 255]; // of a colour table, as in the legends of the page

// An SVG of its own, without a reference to anything outside it. `imageOf(panel, from, to, width, height)` gives the
// cells of some columns as a data: address, `faces` the typefaces as rules of CSS with data: addresses.
export function svgOf(view, { imageOf, faces = [], paper, ink, lines }) {
  const { run, shown, panels, window: rows } = view;
  const across = Math.min(3, panels.length);
  const parts = run.starts.map((from, part) => [from, Math.min(run.starts[part + 1] ?? shown, shown)]).filter(([from, to]) => to > from);
  const column = Math.max(STEP, (LEAST - GAP * (parts.length - 1)) / shown);
  const width = column * shown + GAP * (parts.length - 1);
  const height = rows.count * Math.max(1, Math.floor(HIGH / rows.count));
  const whole = MARGIN * 2 + across * (LEFT + width) + (across - 1) * MARGIN;
  const head = lines.flatMap(({ text, size, language }) => wrapped(text, (whole - 2 * MARGIN) / (size * 0.56)).map(
    (line) => ({ line, size, language })));
  const svg = part("svg", { "font-family": FAMILIES, fill: ink });
  svg.append(part("title", {}, "Heatmaps of an LSTM"), part("desc", {}, lines.map(({ text }) => text).join(" ")));
  svg.append(part("style", {}, faces.join("\n")));
  const background = part("rect", { width: whole, fill: paper });
  svg.append(background);
  let y = MARGIN;
  for (const { line, size, language } of head) {
    y += size * 1.1;
    svg.append(label(line, MARGIN, y, { "font-size": size, lang: language }));
    y += size * 0.4;
  }
  const start = y + MARGIN, tall = CAPTION + height + TICKS;
  panels.forEach((panel, at) => {
    const left = MARGIN + (at % across) * (LEFT + width + MARGIN), top = start + Math.floor(at / across) * (tall + MARGIN / 2);
    const group = part("g", { transform: `translate(${left} ${top})` });
    group.append(...heatmap({ panel, view, parts, column, width, height, imageOf, ink, paper, number: at }));
    svg.append(group);
  });
  const end = start + Math.ceil(panels.length / across) * (tall + MARGIN / 2);
  for (const element of [svg, background]) element.setAttribute("height", end);
  svg.setAttribute("width", whole);
  svg.setAttribute("viewBox", `0 0 ${whole} ${end}`);
  return svg;
}

function heatmap({ panel, view, parts, column, width, height, imageOf, ink, paper, number }) {
  const { run, order, selected, shown, window: rows } = view;
  const { meaning } = panel;
  const hue = (view.isDark && meaning.hue_dark) || meaning.hue;
  const [low, high] = run.range(panel.quantity);
  const ramp = part("linearGradient", { id: `ramp-${number}` }, ...STOPS.map(
    (stop) => part("stop", { offset: stop / 255, "stop-color": `rgb(${panel.colours[stop].join(",")})` })));
  const at = (each) => LEFT + each * column + GAP * Math.max(0, parts.findLastIndex(([from]) => from <= each));
  const right = LEFT + width;
  const role = meaning.role ? ` · ${meaning.role}` : "";
  const title = part("text", { x: LEFT, y: 16, "font-size": 15, fill: hue, "font-weight": 600 });
  title.append(part("tspan", { "font-style": "italic", "font-family": "'Source Serif', Georgia, serif" }, panel.symbol.textContent), ` ${panel.title.textContent}${role}`);
  const elements = [
    ramp, title,
    label(String(low), right - 86, 16, { "text-anchor": "end" }),
    part("rect", { x: right - 80, y: 7, width: 44, height: 9, fill: `url(#ramp-${number})`, stroke: ink, "stroke-opacity": 0.4 }),
    label(String(high), right - 30, 16),
  ];
  for (const [from, to] of parts) {
    const box = { x: at(from), y: CAPTION, width: column * (to - from), height };
    elements.push(part("image", {
      ...box, href: imageOf(panel, from, to, box.width * SHARP, height * SHARP), preserveAspectRatio: "none", style: "image-rendering:pixelated",
    }), part("rect", { ...box, fill: "none", stroke: ink, "stroke-opacity": 0.5 }));
  }
  const each = rows.count <= 16 ? 1 : rows.count - 1; // as on the page: every unit, or the first and the last
  for (let row = 0; row < rows.count; row += each) {
    elements.push(label(String(order[rows.first + row]), LEFT - 5, CAPTION + (row + 0.5) * (height / rows.count) + 4, { "text-anchor": "end", "font-size": 12 }));
  }
  for (let step = 0; step < shown; step++) {
    const { text } = step < run.tokens.length ? run.tokens[step] : run.columns[step].shown;
    const x = at(step) + column / 2, y = CAPTION + height + 6;
    elements.push(label(text, x, y, {
      transform: `rotate(90 ${x} ${y})`, dy: 4, "font-size": 13, lang: run.languageOf(step), "font-weight": step === selected?.column ? 700 : 400,
    }));
  }
  const row = selected ? view.rowOf(selected.unit) - rows.first : -1;
  if (selected && selected.column < shown && row >= 0 && row < rows.count) {
    const size = Math.max(height / rows.count, 7);
    const box = { x: at(selected.column), y: CAPTION + (row + 0.5) * (height / rows.count) - size / 2, width: column, height: size, fill: "none" };
    elements.push(part("rect", { ...box, stroke: paper, "stroke-width": 5 }), part("rect", { ...box, stroke: ink, "stroke-width": 2, class: "selected" }));
  }
  return elements;
}

function part(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) element.setAttribute(name, value);
  element.append(...children); // strings become text nodes: what a person typed stays inert
  return element;
}

function label(text, x, y, attributes = {}) {
  return part("text", { x, y, "font-size": 13, ...attributes }, text);
}

// A text in lines of about so many letters.
export function wrapped(text, letters) {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (lines.at(-1) && lines.at(-1).length + word.length >= letters) lines.push("");
    lines.push(`${lines.pop()} ${word}`.trimStart());
  }
  return lines;
}

// --- in a browser

// The picture of what is on view, as a file: of type "svg" or "png".
export async function pictureOf(view, type, lines) {
  const style = getComputedStyle(view.root);
  const [paper, ink] = ["--st-background-color", "--st-text-color"].map((name) => style.getPropertyValue(name).trim());
  const faces = type === "svg" ? await facesFor(textOf(view, lines)) : [];
  const svg = svgOf(view, { imageOf: cellsOf, faces, paper, ink, lines });
  if (type === "svg") return new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" });
  const canvas = await painted(svg);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

// The SVG in pixels. Not by way of an image of it: a browser draws that without waiting for the typefaces in it.
async function painted(svg) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(svg.getAttribute("width") * SHARP);
  canvas.height = Math.round(svg.getAttribute("height") * SHARP);
  const context = canvas.getContext("2d");
  context.scale(SHARP, SHARP);
  context.imageSmoothingEnabled = false;
  const texts = [...svg.querySelectorAll("text")];
  await Promise.all(texts.map((text) => document.fonts.load(fontOf(text), text.textContent)));
  for (const element of svg.querySelectorAll("rect, text, image")) {
    context.save();
    for (const each of [element.parentNode, element]) move(context, each.getAttribute("transform"));
    await PAINTERS[element.tagName](context, element, svg);
    context.restore();
  }
  return canvas;
}

// What svgOf makes, drawn as it says.
const PAINTERS = {
  async image(context, element) {
    const image = new Image();
    image.src = element.getAttribute("href");
    await image.decode();
    context.drawImage(image, ...numbersOf(element, "x", "y", "width", "height"));
  },
  rect(context, element, svg) {
    const box = numbersOf(element, "x", "y", "width", "height"), fill = element.getAttribute("fill");
    if (fill !== "none") {
      context.fillStyle = fill.startsWith("url(") ? rampOf(context, svg.querySelector(fill.slice(4, -1)), box) : fill;
      context.fillRect(...box);
    }
    if (!element.hasAttribute("stroke")) return;
    context.strokeStyle = element.getAttribute("stroke");
    context.lineWidth = element.getAttribute("stroke-width") ?? 1;
    context.globalAlpha = element.getAttribute("stroke-opacity") ?? 1;
    context.strokeRect(...box);
  },
  text(context, element, svg) {
    let [x] = numbersOf(element, "x");
    const [y, down] = numbersOf(element, "y", "dy");
    context.fillStyle = element.getAttribute("fill") ?? svg.getAttribute("fill");
    context.textAlign = element.getAttribute("text-anchor") ?? "start";
    for (const run of element.childNodes) {
      context.font = fontOf(element, run);
      context.fillText(run.textContent, x, y + down);
      x += context.measureText(run.textContent).width;
    }
  },
};

function fontOf(text, run = text) {
  const said = (name, otherwise) => run.getAttribute?.(name) ?? text.getAttribute(name) ?? otherwise;
  return `${said("font-style", "normal")} ${said("font-weight", 400)} ${said("font-size")}px ${said("font-family", FAMILIES)}`;
}

function move(context, transform) {
  const [kind, ...by] = (transform ?? "").split(/[ ()]+/).filter(Boolean);
  if (kind === "translate") context.translate(...by.map(Number));
  if (kind !== "rotate") return;
  const [angle, x, y] = by.map(Number);
  context.translate(x, y);
  context.rotate((angle * Math.PI) / 180);
  context.translate(-x, -y);
}

function rampOf(context, gradient, [x, , width]) {
  const ramp = context.createLinearGradient(x, 0, x + width, 0);
  for (const stop of gradient.children) ramp.addColorStop(Number(stop.getAttribute("offset")), stop.getAttribute("stop-color"));
  return ramp;
}

function numbersOf(element, ...names) {
  return names.map((name) => Number(element.getAttribute(name) ?? 0));
}

// Cells as they were painted for the page, each as large as it will be.
function cellsOf(panel, from, to, width, height) {
  const { window: rows } = panel.view;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width);
  canvas.height = Math.round(height);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(panel.pixels, from, rows.first, to - from, rows.count, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

function textOf({ run }, lines) {
  return [...lines, ...run.tokens, ...run.columns.map(({ shown }) => shown)].map(({ text }) => text).join("");
}

// Those of the shipped typefaces that a text needs, with all that is in their files: a picture asks nobody for them.
async function facesFor(text) {
  const points = [...new Set(text)].map((letter) => letter.codePointAt(0));
  const rules = [...document.styleSheets].flatMap(rulesOf).filter((rule) => {
    const [from, to] = [rule.style.getPropertyValue("src"), rule.style.getPropertyValue("unicode-range")];
    return from.includes("app/static/") && to && points.some((point) => isWithin(to, point));
  });
  return Promise.all(rules.map(async ({ style }) => {
    const [, address] = /url\(["']?([^"')]+)["']?\)/.exec(style.getPropertyValue("src"));
    const answer = await fetch(new URL(address, document.baseURI));
    const said = ["font-family", "font-weight", "unicode-range"].map((name) => `${name}:${style.getPropertyValue(name)}`);
    return `@font-face{${said.join(";")};src:url(${await addressOf(await answer.blob())})}`;
  }));
}

function rulesOf(sheet) {
  try {
    return [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule);
  } catch {
    return []; // another site's
  }
}

// Whether a character stands in a range of CSS: "U+0951-0952, U+0964".
export function isWithin(ranges, point) {
  return ranges.split(",").some((range) => {
    const [from, to = from] = range.trim().replace(/^U\+/i, "").split("-").map((digits) => parseInt(digits, 16));
    return from <= point && point <= to;
  });
}

function addressOf(blob) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
}
