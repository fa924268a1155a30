// What explains itself when it is pointed at or reached by keyboard: one tooltip for all of a component.

import { make, placeTip } from "./elements.js";

const PATIENCE = 150; // milliseconds for the pointer to come from what is explained to the explanation

export class Explainer {
  constructor(root) {
    this.root = root;
    this.on = null; // what is explained now
    this.dismissed = null; // what has the focus and was not to be explained any longer
    this.tip = make("div", "explanation");
    this.tip.id = "explanation";
    this.tip.setAttribute("role", "tooltip");
    this.tip.hidden = true;
    root.addEventListener("pointerover", ({ target }) => {
      const found = explained(target);
      if (found) this.show(found);
      else if (this.tip.contains(target)) clearTimeout(this.leaving);
      else this.leave();
    });
    root.addEventListener("pointerleave", ({ pointerType }) => { if (pointerType !== "touch") this.leave(); });
    root.addEventListener("focusin", ({ target }) => { if (target.matches(":focus-visible")) this.focus(target); });
    root.addEventListener("focusout", () => this.hide());
  }

  focus(target) {
    this.dismissed = null;
    const found = explained(target);
    if (found) this.show(found);
    else this.hide();
  }

  show(element) {
    clearTimeout(this.leaving);
    if (this.on !== element) this.hide();
    const words = element.explanation();
    this.tip.hidden = !words.length;
    if (this.tip.hidden) return;
    if (!this.on) this.listen();
    this.on = element;
    this.tip.replaceChildren(...words.map((line) => make("p", "", ...[line].flat())));
    element.setAttribute("aria-describedby", this.tip.id);
    placeTip(this.tip, this.root, element.getBoundingClientRect());
  }

  get focused() {
    return this.root.getRootNode().activeElement;
  }

  // Escape and a touch elsewhere end it, wherever the focus is.
  listen() {
    const { signal } = this.shown = new AbortController();
    document.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      this.dismissed = this.focused;
      this.hide();
    }, { signal });
    document.addEventListener("pointerdown", (event) => { if (!event.composedPath().includes(this.on)) this.hide(); }, { signal });
  }

  // Where the pointer has left, what the keyboard is on is explained again.
  leave() {
    clearTimeout(this.leaving);
    if (!this.on) return;
    this.leaving = setTimeout(() => {
      const { focused } = this;
      if (focused?.matches(":focus-visible") && explained(focused) && focused !== this.dismissed) this.show(focused);
      else this.hide();
    }, PATIENCE);
  }

  hide() {
    clearTimeout(this.leaving);
    this.shown?.abort();
    this.on?.removeAttribute("aria-describedby");
    this.on = null;
    this.tip.hidden = true;
  }

  // After something was drawn: what is no longer there is not explained, what has changed is explained as it is now.
  refresh() {
    if (!this.on) return;
    if (this.on.isConnected && this.on.checkVisibility()) this.show(this.on);
    else this.hide();
  }
}

// A chip explains all that is in it.
function explained(target) {
  return target.closest?.("button[data-explained]") ?? target.closest?.("[data-explained]");
}
