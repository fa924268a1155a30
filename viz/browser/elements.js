// What all components are made of: their style, elements, tokens, numbers.

const GAP = 3; // CSS pixels between a label and what it explains
const sheets = new Map(); // of each style's text

// Dress the shadow root that a component lives in, before anything is drawn in it.
export function dress({ parentElement: place }, ...styles) {
  place.adoptedStyleSheets = styles.map((text) => {
    if (!sheets.has(text)) {
      sheets.set(text, new CSSStyleSheet());
      sheets.get(text).replaceSync(text);
    }
    return sheets.get(text);
  });
}

export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children); // strings become text nodes: what a person typed stays inert
  return element;
}

// The signs of the players, drawn: no typeface that ships has them. All in a square of 16.
const SIGNS = {
  first: "M3 3h2v10H3zM13 3v10L6 8z",
  back: "M10 3l1.4 1.4L7.8 8l3.6 3.6L10 13 5 8z",
  play: "M4 3l9 5-9 5z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  forward: "M6 3L4.6 4.4 8.2 8l-3.6 3.6L6 13l5-5z",
  last: "M11 3h2v10h-2zM3 3l7 5-7 5z",
  arrow: "M1 6.6h9V3l5.4 5L10 13V9.4H1z",
  again: "M8 3a5 5 0 1 0 5 5h-1.6A3.4 3.4 0 1 1 8 4.6V7l4-3.2L8 .6z",
};

export function drawnSign(name) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  drawn.setAttribute("viewBox", "0 0 16 16");
  drawn.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SIGNS[name]);
  drawn.append(path);
  return drawn;
}

// Give a button its sign, and its name to whoever does not see it.
export function sign(button, name, label) {
  if (button.dataset.sign !== name) {
    button.replaceChildren(drawnSign(name));
    button.dataset.sign = name;
  }
  button.title = label;
  button.setAttribute("aria-label", label);
}

// The one of several elements that Tab reaches. Asked for is the attribute: the property of an element that cannot be
// focused at all is -1 as well.
export function onlyTabStop(elements, element) {
  for (const each of elements) {
    const wanted = each === element ? "0" : "-1";
    if (each.getAttribute("tabindex") !== wanted) each.setAttribute("tabindex", wanted);
  }
}

// Make a row of buttons one tab stop: the arrow keys, Home and End go from one to another, and Tab comes back to the
// last. `buttons` are those that can be gone to now; `went` is told where a key has led.
export function oneStop(row, buttons, went = () => {}) {
  row.addEventListener("focusin", ({ target }) => onlyTabStop(row.querySelectorAll("button"), target.closest("button")));
  row.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const all = buttons(), at = all.indexOf(event.target);
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (!all[next] || next === at) return;
    all[next].focus();
    went(all[next]);
  });
}

export function fixed(value) {
  if (Number.isNaN(value)) return "–"; // a step that only the other of two runs has
  return value.toFixed(4).replace(/^-(0\.0+)$/, "$1");
}

// Words in a language of their own, among others.
export function inLanguage(text, language) {
  const span = make("span", "", text);
  span.lang = language ?? "";
  return span;
}

// As share_of_one of viz/figures/wording.py: what only rounding would make 0 or 1 is told from it.
export function shareOfOne(value) {
  const text = value.toFixed(2);
  if (text === "1.00" && value < 1) return "more than 0.99";
  return text === "0.00" && value > 0 ? "less than 0.01" : text;
}

export function tokenSpan(token, language) {
  const span = inLanguage(token.text, language);
  span.className = "token";
  span.classList.toggle("special", token.special);
  span.classList.toggle("unknown", token.unknown);
  if (token.says && (token.special || token.unknown)) explain(span, () => [token.says]);
  return span;
}

export function chooserOf(label, options, act) {
  const select = make("select", "", ...options.map(([value, text]) => {
    const option = make("option", "", text);
    option.value = value;
    return option;
  }));
  select.setAttribute("aria-label", label);
  select.addEventListener("change", () => act(select.value));
  make("label", "chooser", make("span", "", label), select);
  return select;
}

// Give an element its explanation: `words` returns lines of nodes and strings, asked for whenever it is shown.
export function explain(element, words) {
  element.explanation = words;
  element.dataset.explained = "";
}

// Put a small label below what it explains, within the component; above it where the window ends.
export function placeTip(tip, root, { left, top, bottom }) {
  const box = root.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = tip;
  const isBelow = bottom + GAP + height <= window.innerHeight || top - GAP - height < 0;
  const y = isBelow ? bottom + GAP : top - GAP - height;
  const x = Math.max(0, Math.min(left - box.left, box.width - width - 4));
  Object.assign(tip.style, { left: `${x}px`, top: `${y - box.top}px` });
}

// Keep an element as high as it ever was at this width, so that what stands below it stays where it is.
export function reserve(element) {
  const { clientWidth } = element;
  if (element.reservedFor !== clientWidth) {
    element.reservedFor = clientWidth;
    element.style.minHeight = "";
  }
  element.style.minHeight = `${Math.max(parseFloat(element.style.minHeight) || 0, element.offsetHeight)}px`;
}

export function isDark(root) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = getComputedStyle(root).getPropertyValue("--st-background-color").trim() || "#ffffff";
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(probe.fillStyle.slice(at, at + 2), 16));
  return red * 0.3 + green * 0.59 + blue * 0.11 < 128;
}

// Give an element the hues of what it shows; the style takes the one for a light or a dark page.
export function tint(element, { hue, hue_dark: dark }) {
  element.style.setProperty("--hue", hue);
  element.style.setProperty("--hue-dark", dark);
  return element;
}
