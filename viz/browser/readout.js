// The selected cell in numbers: of one run with the equations of the cell, or of two runs with their difference.

import { fixed, make, tint, tokenSpan } from "./elements.js";

const NEAR = 1e-3; // of a state: more than single precision can be off
const LEVELS = { picture: "Picture", numbers: "Numbers", maths: "Maths" };

// How much is said of the selected cell: a sentence, its values as well, or the equations with them put in.
class Levels {
  constructor(root, onChosen) {
    this.root = root;
    this.inputs = Object.entries(LEVELS).map(([value, label]) => {
      const input = make("input", "");
      Object.assign(input, { type: "radio", name: "level", value });
      input.addEventListener("change", () => { this.turnTo(value); onChosen(value); });
      return [input, make("label", "", input, label)];
    });
    const labels = this.inputs.map(([, label]) => label);
    root.prepend(make("fieldset", "levels", make("legend", "screen-reader", "Shown of the selected cell"), ...labels));
    this.turnTo("picture");
  }

  turnTo(level) {
    this.root.dataset.level = level;
    for (const [input] of this.inputs) input.checked = input.value === level;
  }
}

export class Readout {
  constructor(onLevel) {
    this.where = make("h2", "where");
    this.what = make("p", "what");
    this.gist = make("p", "gist");
    this.values = make("dl", "values");
    this.identities = make("div", "identities");
    this.runnersUp = make("div", "runners-up");
    this.root = make("aside", "readout", this.where, this.what, this.gist, this.values, this.identities, this.runnersUp);
    this.root.setAttribute("aria-label", "Selected cell");
    this.levels = new Levels(this.root, onLevel);
  }

  list(meanings) {
    this.cells = meanings.map(({ key }) => {
      const value = make("dd", "value");
      value.dataset.quantity = key;
      return value;
    });
    this.values.replaceChildren(...meanings.map((meaning, at) => {
      const term = make("dt", "", make("i", "symbol", meaning.symbol), make("span", "", meaning.name));
      return tint(make("div", "", term, this.cells[at]), meaning);
    }));
  }

  show(run, selected) {
    this.root.classList.toggle("empty", !selected);
    if (!selected) {
      this.where.textContent = "No cell selected";
      return;
    }
    const { column, unit } = selected;
    const step = run.columns[column];
    this.where.textContent = `Unit ${unit}, ${run.stepName(column)}`;
    this.what.replaceChildren("reads ", tokenSpan(step.read, step.language));
    if (step.written) this.what.append(" and writes ", tokenSpan(step.written, step.language), sure(step));
    this.gist.textContent = run.cell === "lstm" ? gistOf(run, column, unit) : "";
    this.cells.forEach((cell, quantity) => { cell.textContent = fixed(run.value(quantity, column, unit)); });
    this.identities.replaceChildren(...(run.cell === "lstm" ? worked(run, column, unit) : []));
    this.runnersUp.replaceChildren(...runnersUp(step));
  }
}

function sure({ probability }) {
  return probability == null ? "" : ` (${fixed(probability)})`;
}

// What one LSTM cell did at one step: what it kept, wrote and showed.
export function gistOf(run, column, unit) {
  const [f, i, o, g, c, h] = ["forget_gate", "input_gate", "output_gate", "candidate", "cell_state", "hidden_state"].map(
    (key) => run.value(run.quantity(key), column, unit));
  const before = run.before("cell_state", column, unit);
  const kept = `Unit ${unit} kept ${(100 * f).toFixed(0)} % of ${short(before)} and added ${short(i * g)}`;
  const made = isNear(f * before + i * g, c) ? `, which makes ${short(c)}.` : `; its state was then set to ${short(c)}.`;
  const shown = isNear(o * Math.tanh(c), h)
    ? `Of tanh(${short(c)}) it showed ${(100 * o).toFixed(0)} %.` : `Its hidden state was set to ${short(h)}.`;
  return `${kept}${made} ${shown}`;
}

// An intervention can set a state to something else than what the gates make of it.
function isNear(made, stored) {
  return Math.abs(made - stored) <= NEAR * Math.max(1, Math.abs(stored));
}

function short(value) {
  return value.toFixed(2).replace(/^-(0\.0+)$/, "$1").replace("-", "−");
}

// The two equations of an LSTM's states with the numbers of one cell put in.
function worked(run, column, unit) {
  const [f, i, o, g, c, h] = ["forget_gate", "input_gate", "output_gate", "candidate", "cell_state", "hidden_state"].map(
    (key) => run.value(run.quantity(key), column, unit));
  const before = run.before("cell_state", column, unit);
  const [cell, hidden] = [f * before + i * g, o * Math.tanh(c)];
  return [
    identity("c = f ⊙ c₋₁ + i ⊙ g", `${fixed(f)} × ${fixed(before)} + ${fixed(i)} × ${fixed(g)}`, cell, c),
    make("p", "note", origin(run, column)),
    identity("h = o ⊙ tanh(c)", `${fixed(o)} × tanh(${fixed(c)})`, hidden, h),
  ];
}

// Where the first cell state of a part comes from.
function origin({ columns, parts }, column) {
  const { part, number } = columns[column];
  if (number > 1) return "";
  if (part.before) return "c₋₁ is the cell state that was given before the first step.";
  return column === 0 ? "c₋₁ is 0 before the first step." : `c₋₁ is the ${parts[parts.indexOf(part) - 1].name}'s last cell state.`;
}

function identity(law, put, computed, stored) {
  const residual = computed - stored;
  const lines = [make("b", "", law), make("span", "", `= ${put}`), make("span", "", `= ${fixed(computed)}`)];
  lines.push(make("small", "", `stored ${fixed(stored)}, residual ${residual === 0 ? "0" : residual.toExponential(1)}`));
  return make("p", "identity", ...lines);
}

function runnersUp({ candidates, language }) {
  if (!candidates) return [];
  const lines = candidates.map((candidate) => {
    const bar = make("i", "bar");
    bar.style.width = `${100 * candidate.probability}%`;
    return make("li", "", tokenSpan(candidate, language), make("span", "track", bar), make("span", "value", fixed(candidate.probability)));
  });
  return [make("h3", "", "Most probable next tokens"), make("ol", "", ...lines)];
}

// The selected pair of steps and unit: what both runs have there, and the difference.
export class ReadoutOfBoth {
  constructor(onLevel) {
    this.where = make("h3", "where");
    this.what = make("p", "what");
    const head = make("tr", "", make("td", ""), ...["A", "B", "B − A"].map((name) => heading(name, "col")));
    this.values = make("tbody", "");
    this.gists = make("div", "gists");
    this.identities = make("div", "identities");
    const table = make("table", "values", make("thead", "", head), this.values);
    this.root = make("aside", "readout", this.where, this.what, this.gists, table, this.identities);
    this.root.setAttribute("aria-label", "Selected cell");
    this.levels = new Levels(this.root, onLevel);
  }

  list(meanings) {
    this.cells = meanings.map(() => [0, 0, 0].map(() => make("td", "value")));
    this.values.replaceChildren(...meanings.map((meaning, at) => {
      const row = make("tr", "", heading([make("i", "symbol", meaning.symbol), meaning.name], "row"), ...this.cells[at]);
      row.dataset.quantity = meaning.key;
      return tint(row, meaning);
    }));
  }

  show({ selected, sides, thirds, pairs }) {
    const columns = selected && pairs[selected.column];
    this.root.classList.toggle("empty", !columns);
    if (!columns) {
      this.where.textContent = "No cell selected";
      return;
    }
    const [one, other] = sides.map(({ run, at }) => run.stepName(columns[at]));
    this.where.textContent = `Unit ${selected.unit}, ${one === other ? one : `A: ${one}, B: ${other}`}`;
    this.what.replaceChildren(...sides.map((side) => happened(side, columns[side.at])));
    const [a, difference, b] = thirds;
    const lstms = sides.filter(({ run, at }) => run.cell === "lstm" && columns[at] != null && run.columns[columns[at]]);
    this.gists.replaceChildren(...lstms.map(({ sign, run, at }) => (
      make("p", "gist", make("b", "sign", sign), ` ${gistOf(run, columns[at], selected.unit)}`))));
    this.identities.replaceChildren(...lstms.flatMap(({ sign, run, at }) => (
      [make("h4", "", sign), ...worked(run, columns[at], selected.unit)])));
    this.cells.forEach((cells, quantity) => [a, b, difference].forEach((third, at) => {
      cells[at].textContent = fixed(third.value(quantity, selected.column, selected.unit));
    }));
  }
}

function heading(content, scope) {
  const cell = make("th", "", ...[content].flat());
  cell.scope = scope;
  return cell;
}

function happened({ sign, run }, column) {
  const line = make("span", "happened", make("b", "sign", sign), " ");
  const step = run.columns[column];
  if (!step) line.append("no such step");
  else if (!step.written) line.append("reads ", tokenSpan(step.read, step.language));
  else line.append("writes ", tokenSpan(step.written, step.language), sure(step));
  return line;
}
