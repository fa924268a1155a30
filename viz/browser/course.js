// The time machine: a slider through the states of a training, each with a run of its own. Moving it needs no Python.

import { make, sign } from "./elements.js";

const SETTLED = 600; // milliseconds after the last move until Python is told
const EACH = 1500; // milliseconds a state stays on view while it plays

export class Course {
  constructor(name, { onMove, onSettled }) {
    Object.assign(this, { onMove, onSettled, states: [], at: 0 });
    this.slider = make("input", "");
    Object.assign(this.slider, { type: "range", min: 0, step: 1 });
    this.slider.addEventListener("input", () => {
      const at = Number(this.slider.value); // before anything is drawn, which sets it back
      this.stop();
      this.move(at);
      this.settle();
    });
    this.button = make("button");
    this.button.type = "button";
    this.button.addEventListener("click", () => (this.player ? this.pause() : this.play()));
    this.said = make("output", "said");
    this.label = make("span", "name", name);
    this.root = make("div", "course", this.button, make("label", "", this.label, this.slider), this.said);
    this.root.hidden = true;
    this.rename(name);
  }

  // On the way from one state to another: what Python says of the run before is out of date.
  get isMoving() {
    return Boolean(this.player || this.settling);
  }

  rename(name) {
    this.label.textContent = name;
    this.slider.setAttribute("aria-label", name);
  }

  update(states, at) {
    this.root.hidden = states.length === 0;
    if (this.root.hidden) {
      this.stop();
      clearTimeout(this.settling);
      this.settling = null;
      return;
    }
    this.states = states;
    this.slider.max = states.length - 1;
    if (!this.isMoving) this.at = at ?? this.at;
    this.at = Math.max(0, Math.min(this.at, states.length - 1));
    this.draw();
  }

  move(at) {
    this.at = at;
    this.draw();
    this.onMove(this.states[at].run);
  }

  play() {
    clearTimeout(this.settling);
    this.settling = null;
    const last = this.states.length - 1;
    this.player = setInterval(() => {
      this.move(Math.min(this.at + 1, last));
      if (this.at >= last) this.pause();
    }, EACH);
    this.move(this.at === last ? 0 : this.at);
  }

  pause() {
    this.stop();
    this.settle();
  }

  stop() {
    clearInterval(this.player);
    this.player = null;
    this.draw();
  }

  settle() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      this.settling = null;
      this.onSettled(this.at);
    }, SETTLED);
  }

  draw() {
    if (this.root.hidden) return;
    const { label = "", score = "" } = this.states[this.at] ?? {};
    const text = [label, score].filter(Boolean).join(", ");
    this.slider.value = this.at;
    this.slider.setAttribute("aria-valuetext", text);
    this.said.replaceChildren(make("b", "", label), ` ${score}`);
    this.said.setAttribute("aria-live", this.player ? "polite" : "off"); // a slider that is moved says so by itself
    const action = this.player ? "Pause" : "Play";
    sign(this.button, action.toLowerCase(), `${action}: ${this.label.textContent}`);
    this.root.dataset.at = this.at;
  }
}
