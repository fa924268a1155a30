// As much of a document as the scripts need to make elements in, for tests without a browser.

class FakeElement {
  constructor(tag, namespace = "") {
    Object.assign(this, { tag, namespace, attributes: {}, children: [], dataset: {}, style: { setProperty() {} } });
    this.classList = { toggle: (name, isOn) => { if (isOn) this.className = [this.className, name].filter(Boolean).join(" "); } };
  }

  append(...children) { this.children.push(...children); }
  replaceChildren(...children) { this.children = children; }
  setAttribute(name, value) { this.attributes[name] = String(value); }
  addEventListener() {}

  get textContent() { return this.children.map((child) => child.textContent ?? child).join(""); }
  set textContent(text) { this.children = [String(text)]; }

  // This element and all below it.
  * all() {
    yield this;
    for (const child of this.children) if (child instanceof FakeElement) yield* child.all();
  }
}

export const fakeDocument = {
  createElement: (tag) => new FakeElement(tag),
  createElementNS: (namespace, tag) => new FakeElement(tag, namespace),
};
