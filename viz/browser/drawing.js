// Builds the drawing of a cell and its equations from their description, and steps through its stages.
// Nothing is computed here: every number arrives as text, and every text becomes a text node.

import style from "./drawing.css.js";
import { dress, isDark, make, onlyTabStop } from "./elements.js";
import { EXPECTED, meaningOf } from "./meanings.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDE_ENOUGH = 1120; // pixels; below, the drawing for narrow screens
const QUIET = 150; // milliseconds without another step before Python is told

function level(parent, tag, [text, where]) {
  const part = tag === "tspan" ? document.createElementNS(SVG, "tspan") : document.createElement({ base: "span", sub: "sub", sup: "sup" }[where]);
  part.textContent = text;
  parent.append(part);
  return part;
}

// Raised and lowered letters of an SVG text: each stretch says how far it is from the one before.
function fillText(element, pieces) {
  const shift = { base: 0, sub: 0.28, sup: -0.42 };
  let at = 0;
  for (const piece of pieces) {
    const part = level(element, "tspan", piece);
    const size = piece[1] === "base" ? 1 : 0.9;
    if (shift[piece[1]] !== at) part.setAttribute("dy", `${((shift[piece[1]] - at) / size).toFixed(3)}em`);
    if (size !== 1) part.setAttribute("class", "small");
    at = shift[piece[1]];
  }
}

function shape(description) {
  const element = document.createElementNS(SVG, description.tag);
  for (const [name, value] of Object.entries(description.attributes)) element.setAttribute(name, value);
  element.setAttribute("class", description.role);
  element.dataset.stages = description.stages.join(" ");
  if (description.quantity) element.style.setProperty("--hue", `var(--${description.quantity})`);
  if (description.name) element.dataset.name = description.name;
  if (description.language) element.setAttribute("lang", description.language);
  if (description.pieces) fillText(element, description.pieces);
  return element;
}

function fragment(part) {
  if (part.pieces) {
    const math = make("span", "math");
    for (const piece of part.pieces) level(math, "span", piece);
    return math;
  }
  if (part.number === undefined) return document.createTextNode(part.text);
  const number = make("span", `number ${part.role}`, part.number);
  number.dataset.name = part.name;
  return number;
}

class Cell {
  constructor(root) {
    this.root = root;
    this.stage = null;
    this.live = make("div", "screen-reader");
    this.live.setAttribute("aria-live", "polite");
    this.control = make("div", "stages");
    this.control.setAttribute("role", "toolbar");
    this.control.setAttribute("aria-label", "Stage; arrow keys step");
    this.control.addEventListener("keydown", (event) => this.key(event));
    this.says = make("p", "says");
    this.sheet = make("div", "sheet");
    this.caption = make("p", "caption");
    this.equations = make("div", "equations");
    const head = make("div", "head", this.control, this.says);
    root.replaceChildren(head, this.sheet, this.caption, this.equations, this.live);
    new ResizeObserver(() => this.fit()).observe(root);
  }

  update(component) {
    this.component = component;
    const { data } = component;
    const isNew = JSON.stringify(data) !== this.shown;
    if (isNew) {
      this.data = data;
      this.shown = JSON.stringify(data);
      this.stage ??= data.stage; // from then on it is the reader's, and Python is told
      this.buildControl();
      this.buildEquations();
      this.caption.textContent = data.caption;
      this.layout = null;
    }
    const dark = isDark(this.root);
    for (const { key, hue, hue_dark: light } of EXPECTED.map(meaningOf)) this.root.style.setProperty(`--${key}`, dark ? light : hue);
    this.fit();
    this.mark();
  }

  buildControl() {
    if (this.buttons) return; // the stages are always the same: a rebuilt button would lose the focus
    const button = (text, act, label) => {
      const element = make("button", "", text);
      element.type = "button";
      if (label) element.setAttribute("aria-label", label);
      element.addEventListener("click", () => element.ariaDisabled !== "true" && act());
      return element;
    };
    this.back = button("‹ Back", () => this.go(this.stage - 1), "Back");
    this.next = button("Next ›", () => this.go(this.stage + 1), "Next");
    this.buttons = this.data.stages.map(({ name }, stage) => button(stage ? `${stage} ${name}` : name, () => this.go(stage)));
    this.control.replaceChildren(this.back, ...this.buttons, this.next);
  }

  buildEquations() {
    const blocks = this.data.stages.slice(1).map(({ name, equations, residuals }, at) => {
      const block = make("section", "block", make("h4", "", `${at + 1} ${name}`));
      block.dataset.stages = String(at + 1);
      for (const { name: of, role, fragments } of equations) {
        const line = make("p", role, ...fragments.map(fragment));
        line.dataset.equation = of;
        block.append(line);
      }
      block.append(make("p", "residuals", ...residuals.map(fragment)));
      return block;
    });
    this.equations.replaceChildren(...blocks);
  }

  // The drawing that suits the width there is.
  fit() {
    if (!this.data) return;
    const layout = this.root.clientWidth >= WIDE_ENOUGH ? "wide" : "tall";
    if (layout === this.layout) return;
    this.layout = layout;
    const { width, height, elements } = this.data.drawings.find((each) => each.layout === layout);
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", this.data.label);
    svg.setAttribute("class", layout);
    svg.append(...elements.map(shape));
    this.sheet.replaceChildren(svg);
    this.mark();
  }

  // What belongs to the stage stands out by line, weight and name; the rest steps back.
  mark() {
    if (!this.data) return;
    const last = this.data.stages.length - 1;
    this.root.dataset.stage = this.stage;
    for (const element of this.root.querySelectorAll("[data-stages]")) {
      const isOn = element.dataset.stages.split(" ").includes(String(this.stage));
      element.classList.toggle("on", this.stage > 0 && isOn);
      element.classList.toggle("off", this.stage > 0 && !isOn);
    }
    this.buttons.forEach((button, stage) => {
      if (stage === this.stage) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
    onlyTabStop(this.control.children, this.buttons[this.stage]);
    this.back.ariaDisabled = String(this.stage === 0); // not `disabled`: that would take the focus from a keyboard
    this.next.ariaDisabled = String(this.stage === last);
    this.says.textContent = this.data.stages[this.stage].says;
  }

  key(event) {
    const last = this.buttons.length - 1;
    const to = { ArrowLeft: this.stage - 1, ArrowRight: this.stage + 1, Home: 0, End: last }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.go(to);
    this.buttons[this.stage].focus();
  }

  go(stage) {
    if (stage < 0 || stage >= this.data.stages.length || stage === this.stage) return;
    this.stage = stage;
    this.mark();
    this.live.textContent = this.data.stages[stage].says;
    clearTimeout(this.sending);
    this.sending = setTimeout(() => this.component.setTriggerValue("stage", this.stage), QUIET);
  }
}

export function draw(component) {
  const root = component.parentElement.querySelector(".cell");
  if (!root.view) dress(component, style);
  root.view ??= new Cell(root);
  root.view.update(component);
}
