// What can be taken away from a page: its link, and where there are heatmaps of one run, their picture.

import { make } from "./elements.js";
import { Menu } from "./menu.js";
import { pictureOf } from "./picture.js";

export class Share {
  // `say` speaks to whoever does not see it, `link` gives the address; with `picture` the lines above a picture.
  constructor({ say, link, view, picture }) {
    Object.assign(this, { say, link, view, picture });
    this.said = make("p", "said");
    this.field = make("input", "");
    this.field.readOnly = true;
    this.field.setAttribute("aria-label", "Link to this page");
    const acts = [button("Copy link", () => this.copy())];
    if (picture) {
      for (const type of ["png", "svg"]) acts.push(button(`Save picture (${type.toUpperCase()})`, () => this.save(type)));
    }
    this.root = new Menu("Share", [...acts, this.field, this.said], () => this.forget()).root;
  }

  forget() {
    this.field.hidden = true;
    this.said.textContent = "";
  }

  tell(text) {
    this.said.textContent = text;
    this.say(text);
  }

  // Where the browser does not let a page write to the clipboard, the link is there to be copied by hand.
  async copy() {
    const address = this.link();
    try {
      await navigator.clipboard.writeText(address);
      this.field.hidden = true;
      this.tell("Link copied.");
    } catch {
      this.field.hidden = false;
      this.field.value = address;
      this.field.focus();
      this.field.select();
      this.tell("The browser keeps its clipboard to itself: the link is selected, copy it from here.");
    }
  }

  async save(type) {
    if (!this.view.run.columns.length) return this.tell("There is nothing to save yet.");
    try {
      const address = URL.createObjectURL(await pictureOf(this.view, type, this.picture()));
      const anchor = make("a", "");
      Object.assign(anchor, { href: address, download: `lstm-heatmaps.${type}` });
      anchor.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      this.tell("Picture saved.");
    } catch {
      this.tell("The picture could not be made. Load the page again.");
    }
  }
}

function button(name, act) {
  const made = make("button", "", name);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}
