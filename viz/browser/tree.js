// Draws the tree of a beam search and lets a reader walk it. Nothing is computed here: every number arrives as text.

import { dress, make } from "./elements.js";
import menuStyle from "./menu.css.js";
import { Share } from "./share.js";
import style from "./tree.css.js";

const SVG = "http://www.w3.org/2000/svg";
const ACROSS = 172, DOWN = 56, WIDTH = 142, HEIGHT = 48, EDGE = 14, ROOT_WIDTH = 60; // pixels
const PATIENCE = 10_000; // milliseconds that the outcome of a node is waited for

class Tree {
  constructor(root) {
    this.root = root;
    this.active = null; // the node that Tab reaches
    this.region = make("div", "region");
    this.region.tabIndex = 0;
    this.region.setAttribute("role", "region");
    this.details = make("p", "details");
    this.keys = make(
      "p", "keys", "Keys: → first continuation, ← back, ↑ ↓ within a step, Home start, End best translation, Enter or space goes on from the node.",
    );
    this.told = make("p", "screen-reader");
    this.told.setAttribute("aria-live", "polite");
    const share = new Share({ say: (text) => { this.told.textContent = text; }, link: () => window.location.href });
    this.root.replaceChildren(this.legend(), this.region, this.details, this.keys, share.root, this.told);
    this.region.addEventListener("keydown", (event) => this.key(event));
    this.region.addEventListener("click", (event) => this.take(event.target.closest?.("[role=treeitem]")));
    this.region.addEventListener("focusin", (event) => this.arrive(event.target.closest?.("[role=treeitem]")));
    this.region.addEventListener("pointerover", (event) => this.describe(event.target.closest?.("[role=treeitem]")));
    this.region.addEventListener("pointerleave", () => this.describe(this.active));
  }

  legend() {
    const samples = [
      ["kept best", "path of the best translation"], ["kept", "kept"], ["dropped", "dropped"],
      ["finished", "translation, with its place by score"],
    ].map(([look, text]) => make("li", "", make("i", `sample ${look}`), text));
    const greedy = make("li", "", make("span", "mark", "g"), "what greedy search writes");
    const numbers = make("li", "", "In a box: the token and its log-probability; Σ: log-probability of the path; score: Σ divided by the length penalty");
    return make("ul", "legend", ...samples, greedy, numbers);
  }

  // Called on every run of the Python script; only another tree is built anew.
  update(component) {
    this.component = component;
    const { data } = component;
    if (this.drawn !== data.drawn) {
      const had = this.tree === data.tree ? this.active : null;
      const hadFocus = had !== null && this.root.getRootNode().activeElement === had;
      Object.assign(this, { drawn: data.drawn, tree: data.tree });
      this.build(data);
      this.select(data.selected);
      this.activate(this.boxes.get(Number(had?.dataset.number)) ?? this.selected ?? this.boxes.get(0));
      if (hadFocus) this.active.focus({ preventScroll: true });
      this.look(this.active);
    } else if (data.selected !== this.selectedNumber) {
      this.select(data.selected);
    }
  }

  build({ nodes, language, label }) {
    this.nodes = new Map(nodes.map((node) => [node.number, node]));
    this.boxes = new Map();
    const families = this.families = byParent(nodes);
    const canvas = make("div", "canvas");
    canvas.setAttribute("role", "tree");
    canvas.setAttribute("aria-label", label);
    canvas.setAttribute("aria-orientation", "horizontal");
    const lines = document.createElementNS(SVG, "svg");
    lines.setAttribute("aria-hidden", "true");
    canvas.append(lines);
    const byLine = [...nodes].sort((one, other) => one.step - other.step || one.row - other.row);
    this.columns = [];
    for (const node of byLine) {
      const siblings = families.get(node.parent);
      const box = this.box(node, language, siblings, families.has(node.number));
      this.boxes.set(node.number, box);
      (this.columns[node.step] ??= []).push(node.number);
      canvas.append(box);
    }
    for (const pass of [(node) => !node.best, (node) => node.best]) { // the best path lies above the other lines
      for (const node of nodes) if (node.parent !== null && pass(node)) lines.append(this.line(this.nodes.get(node.parent), node));
    }
    const last = this.columns.length - 1;
    const width = left({ step: last }) + WIDTH + EDGE;
    const height = Math.max(...nodes.map(top)) + HEIGHT + EDGE;
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    lines.setAttribute("width", width);
    lines.setAttribute("height", height);
    const steps = make("div", "steps");
    steps.setAttribute("aria-hidden", "true"); // each node says its step
    steps.style.width = `${width}px`;
    for (let step = 1; step <= last; step += 1) {
      const title = make("span", "", `Step ${step}`);
      title.style.left = `${left({ step })}px`;
      steps.append(title);
    }
    this.region.setAttribute("aria-label", `${label}, to scroll`);
    this.region.replaceChildren(steps, canvas);
  }

  box(node, language, siblings, hasChildren) {
    const token = make("span", "token", node.token);
    token.lang = language;
    token.classList.toggle("special", node.special);
    token.classList.toggle("continues", node.continues);
    const word = make("span", "word", token);
    if (node.place) word.append(make("span", "mark", `${node.place}`));
    if (node.greedy) word.append(make("span", "mark", "g"));
    const box = make("div", `node ${node.parent === null ? "root" : { alive: "kept", "cut off": "cut-off" }[node.status] ?? node.status}`);
    box.append(make("div", "above", word, make("span", "number", node.log_probability)));
    if (node.parent !== null) {
      box.append(make("div", "below", make("span", "", `Σ ${node.total}`), make("span", "", `score ${node.score}`)));
    }
    box.classList.toggle("best", node.best);
    Object.assign(box.style, { left: `${left(node)}px`, top: `${top(node)}px` });
    if (node.parent === null) box.style.width = `${ROOT_WIDTH}px`;
    box.dataset.number = node.number;
    box.tabIndex = -1;
    // The name is what stands in the box, so that whoever speaks to the machine can say what they see.
    const aria = { description: node.label, level: node.step + 1, setsize: siblings.length, posinset: siblings.indexOf(node) + 1, selected: false };
    if (hasChildren) aria.expanded = true;
    box.setAttribute("role", "treeitem");
    for (const [name, value] of Object.entries(aria)) box.setAttribute(`aria-${name}`, String(value));
    return box;
  }

  line(parent, node) {
    const line = document.createElementNS(SVG, "path");
    const from = left(parent) + (parent.parent === null ? ROOT_WIDTH : WIDTH), to = left(node);
    const [y, end] = [top(parent) + HEIGHT / 2, top(node) + HEIGHT / 2];
    const middle = (from + to) / 2;
    line.setAttribute("d", `M${from} ${y}C${middle} ${y} ${middle} ${end} ${to} ${end}`);
    line.setAttribute("class", node.best ? "best" : node.status === "dropped" ? "dropped" : "");
    return line;
  }

  select(number) {
    this.selected?.setAttribute("aria-selected", "false");
    this.selectedNumber = number;
    this.selected = this.boxes.get(number) ?? null;
    this.selected?.setAttribute("aria-selected", "true");
    if (this.selected) this.activate(this.selected);
  }

  activate(box) {
    if (!box) return;
    if (this.active) this.active.tabIndex = -1;
    this.active = box;
    box.tabIndex = 0;
    this.describe(box);
  }

  arrive(box) {
    if (box) this.activate(box);
  }

  describe(box) {
    const node = this.nodes?.get(Number(box?.dataset.number));
    this.details.textContent = node ? `Node ${node.number}: ${node.label}.` : "";
  }

  // Bring a node into view inside the region, without moving the page.
  look(box) {
    if (!box) return;
    this.region.scrollLeft = box.offsetLeft - (this.region.clientWidth - box.offsetWidth) / 2;
    this.region.scrollTop = box.offsetTop - (this.region.clientHeight - box.offsetHeight) / 2;
  }

  take(box) {
    if (!box) return;
    box.focus({ preventScroll: true });
    this.select(Number(box.dataset.number));
    this.component.setTriggerValue("picked", this.selectedNumber);
    this.showOutcome(this.selectedNumber, performance.now() + PATIENCE);
  }

  // Bring what follows from a node into view, once it is there; the focus stays in the tree.
  showOutcome(number, until) {
    if (number !== this.selectedNumber || performance.now() > until) return;
    const outcome = document.querySelector(`.st-key-tree_outcome_${number}`);
    if (!outcome?.querySelector("table")) {
      requestAnimationFrame(() => this.showOutcome(number, until));
      return;
    }
    outcome.scrollIntoView({ block: "nearest" });
    this.told.textContent = `What follows from node ${number} stands below the tree.`;
  }

  key(event) {
    const box = event.target.closest("[role=treeitem]");
    if (!box || event.altKey || event.ctrlKey || event.metaKey) return;
    const node = this.nodes.get(Number(box.dataset.number));
    const column = this.columns[node.step], at = column.indexOf(node.number);
    const moves = {
      ArrowRight: () => this.families.get(node.number)?.[0].number, ArrowLeft: () => node.parent,
      ArrowUp: () => column[at - 1], ArrowDown: () => column[at + 1],
      Home: () => 0, End: () => [...this.nodes.values()].findLast((each) => each.best).number,
    };
    if (event.key === "Enter" || event.key === " ") {
      this.take(box);
    } else if (event.key in moves) {
      const next = this.boxes.get(moves[event.key]());
      next?.focus({ preventScroll: true });
      next?.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

function byParent(nodes) {
  const families = new Map();
  for (const node of nodes) {
    if (!families.has(node.parent)) families.set(node.parent, []);
    families.get(node.parent).push(node);
  }
  return families;
}

function left({ step }) {
  return EDGE + (step === 0 ? 0 : ROOT_WIDTH + (ACROSS - WIDTH) + (step - 1) * ACROSS);
}

function top({ row }) {
  return EDGE + row * DOWN;
}

export function draw(component) {
  const root = component.parentElement.querySelector(".beam-tree");
  if (!root.tree) dress(component, style, menuStyle);
  root.tree ??= new Tree(root);
  root.tree.update(component);
}
