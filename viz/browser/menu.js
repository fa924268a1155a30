// A button with a menu beneath it, which Escape and a click or the focus elsewhere close.

import { make } from "./elements.js";

export class Menu {
  constructor(label, content, onClosed = () => {}) {
    this.onClosed = onClosed;
    this.opener = make("button", "opener", label);
    this.opener.type = "button";
    this.opener.addEventListener("click", () => (this.menu.hidden ? this.open() : this.close()));
    this.menu = make("div", "menu", ...content);
    this.root = make("div", "menu-of", this.opener, this.menu);
    this.root.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Escape" || this.menu.hidden) return;
      this.close();
      this.opener.focus();
    });
    this.root.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.root.contains(relatedTarget)) this.close();
    });
    this.close();
  }

  open() {
    this.menu.hidden = false;
    this.opener.ariaExpanded = "true";
    this.menu.style.translate = "";
    const over = this.menu.getBoundingClientRect().right + 4 - document.documentElement.clientWidth;
    if (over > 0) this.menu.style.translate = `${-over}px`; // into the window
    this.elsewhere = new AbortController();
    document.addEventListener("pointerdown", (event) => {
      if (!event.composedPath().includes(this.root)) this.close();
    }, { signal: this.elsewhere.signal });
  }

  close() {
    this.elsewhere?.abort();
    this.menu.hidden = true;
    this.opener.ariaExpanded = "false";
    this.onClosed();
  }
}
