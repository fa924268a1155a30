// What both components are made of: elements, tokens, numbers, moves in a grid.

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children); // strings become text nodes: what a person typed stays inert
  return element;
}

function fixed(value) {
  if (Number.isNaN(value)) return "–"; // a step that only the other of two runs has
  return value.toFixed(4).replace(/^-(0\.0+)$/, "$1");
}

function tokenSpan(token, language) {
  const span = make("span", "token", token.text);
  span.lang = language;
  span.classList.toggle("special", token.special);
  span.classList.toggle("unknown", token.unknown);
  if (token.unknown) span.title = "not in the vocabulary: read as <unk>";
  return span;
}

function chooserOf(label, options, act) {
  const select = make("select", "", ...options.map(([value, text]) => {
    const option = make("option", "", text);
    option.value = value;
    return option;
  }));
  select.setAttribute("aria-label", label);
  select.title = label;
  select.addEventListener("change", () => act(select.value));
  make("label", "chooser", select);
  return select;
}

// Column and row that a key leads to from another cell of a grid; undefined for a key that leads nowhere.
function moved(key, column, row, lastColumn) {
  return {
    ArrowLeft: [column - 1, row], ArrowRight: [column + 1, row], ArrowUp: [column, row - 1],
    ArrowDown: [column, row + 1], PageUp: [column, row - 16], PageDown: [column, row + 16],
    Home: [0, row], End: [lastColumn, row],
  }[key];
}

// Put a small label beside the pointer, within the component.
function placeTip(tip, root, event) {
  const box = root.getBoundingClientRect();
  const left = Math.min(event.clientX - box.left + 14, box.width - tip.offsetWidth - 4);
  Object.assign(tip.style, { left: `${left}px`, top: `${event.clientY - box.top + 18}px` });
}

// Keep an element as high as it ever was at this width, so that what stands below it stays where it is.
function reserve(element) {
  const { clientWidth } = element;
  if (element.reservedFor !== clientWidth) {
    element.reservedFor = clientWidth;
    element.style.minHeight = "";
  }
  element.style.minHeight = `${Math.max(parseFloat(element.style.minHeight) || 0, element.offsetHeight)}px`;
}

function isDark(root) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = getComputedStyle(root).getPropertyValue("--st-background-color").trim() || "#ffffff";
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(probe.fillStyle.slice(at, at + 2), 16));
  return red * 0.3 + green * 0.59 + blue * 0.11 < 128;
}
