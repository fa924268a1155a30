// One row per source state: a range input, a number, and the share that is left when all are scaled to sum to 1.

import { dress, make } from "./elements.js";
import style from "./weights.css.js";

class Weights {
  constructor(root) {
    this.root = root;
    this.rows = [];
  }

  // Called on every run of the Python script; what is being typed stays until another step or run is looked at.
  update(component) {
    this.component = component;
    const { data } = component;
    if (this.of === data.of) return;
    this.of = data.of;
    this.build(data);
  }

  build({ tokens, weights }) {
    const list = make("div", "rows");
    this.rows = tokens.map((token, at) => {
      const row = make("label", "row");
      const name = make("span", "token", token);
      name.title = token;
      const range = this.input("range", `Weight on ${token}`, { min: 0, max: 1, step: 0.01 });
      const number = this.input("number", `Weight on ${token}, as a number`, { min: 0, step: 0.01 });
      const share = make("output", "share");
      range.value = weights[at];
      number.value = Number(weights[at].toFixed(4));
      range.addEventListener("input", () => { number.value = range.value; this.scale(); });
      number.addEventListener("input", () => { range.value = number.value; this.scale(); });
      row.append(name, range, number, share);
      list.append(row);
      return { number, share };
    });
    this.button = make("button", "apply", "Apply these weights");
    this.button.type = "button";
    this.button.addEventListener("click", () => this.component.setTriggerValue("weights", { of: this.of, values: this.values }));
    this.root.replaceChildren(list, this.button);
    this.scale();
  }

  input(type, label, bounds) {
    const input = make("input", type);
    Object.assign(input, { type, ...bounds });
    input.setAttribute("aria-label", label);
    return input;
  }

  get values() {
    return this.rows.map(({ number }) => Number(number.value));
  }

  scale() {
    const { values } = this;
    const isGood = values.every((value) => Number.isFinite(value) && value >= 0);
    const sum = isGood ? values.reduce((total, value) => total + value, 0) : 0;
    this.rows.forEach(({ share }, at) => {
      share.textContent = sum ? `${(100 * values[at] / sum).toFixed(0)} %` : isGood ? "0 %" : "–";
    });
    this.button.disabled = !isGood;
  }
}

export function draw(component) {
  const root = component.parentElement.querySelector(".weights");
  if (!root.weights) dress(component, style);
  root.weights ??= new Weights(root);
  root.weights.update(component);
}
