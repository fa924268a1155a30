// The selected cell in numbers: the six values, and the two identities with these numbers put in.

class Readout {
  constructor(meanings) {
    this.meanings = meanings;
    this.where = make("h3", "where");
    this.what = make("p", "what");
    this.values = make("dl", "values");
    this.cells = meanings.map((meaning) => {
      const value = make("dd", "value");
      value.dataset.quantity = meaning.key;
      const term = make("dt", "", make("i", "symbol", meaning.symbol), make("span", "", meaning.name));
      const line = make("div", "", term, value);
      line.style.setProperty("--hue", meaning.hue);
      line.style.setProperty("--hue-dark", meaning.hue_dark);
      this.values.append(line);
      return value;
    });
    this.identities = make("div", "identities");
    this.runnersUp = make("div", "runners-up");
    this.root = make("aside", "readout", this.where, this.what, this.values, this.identities, this.runnersUp);
    this.root.setAttribute("aria-label", "Selected cell");
  }

  show(run, selected) {
    this.root.classList.toggle("empty", !selected);
    if (!selected) {
      this.where.textContent = "No cell selected";
      return;
    }
    const { column, unit } = selected;
    const step = run.columns[column];
    const number = column - (step.isDecoder ? run.tokens.length : 0) + 1;
    this.where.textContent = `Unit ${unit}, ${step.isDecoder ? "decoder" : "encoder"} step ${number}`;
    this.what.replaceChildren("reads ", tokenSpan(step.read, step.isDecoder ? run.language : "en"));
    if (step.isDecoder) {
      this.what.append(" and writes ", tokenSpan(step.written, run.language), ` (${fixed(step.probability)})`);
    }
    this.cells.forEach((cell, quantity) => { cell.textContent = fixed(run.value(quantity, column, unit)); });
    this.identities.replaceChildren(...this.worked(run, column, unit));
    this.runnersUp.replaceChildren(...this.candidates(step, run.language));
  }

  worked(run, column, unit) {
    const [f, i, o, g, c, h] = this.meanings.map((_, quantity) => run.value(quantity, column, unit));
    const before = run.previousCell(column, unit);
    const [cell, hidden] = [f * before + i * g, o * Math.tanh(c)];
    const handedOver = column === run.tokens.length;
    return [
      this.identity("c = f ⊙ c₋₁ + i ⊙ g", `${fixed(f)} × ${fixed(before)} + ${fixed(i)} × ${fixed(g)}`, cell, c),
      make("p", "note", handedOver ? "c₋₁ is the encoder's last cell state." : column === 0 ? "c₋₁ is 0 before the first step." : ""),
      this.identity("h = o ⊙ tanh(c)", `${fixed(o)} × tanh(${fixed(c)})`, hidden, h),
    ];
  }

  identity(law, put, computed, stored) {
    const residual = computed - stored;
    const lines = [make("b", "", law), make("span", "", `= ${put}`), make("span", "", `= ${fixed(computed)}`)];
    lines.push(make("small", "", `stored ${fixed(stored)}, residual ${residual === 0 ? "0" : residual.toExponential(1)}`));
    return make("p", "identity", ...lines);
  }

  candidates(step, language) {
    if (!step.isDecoder) return [];
    const lines = step.candidates.map((candidate) => {
      const bar = make("i", "bar");
      bar.style.width = `${100 * candidate.probability}%`;
      return make("li", "", tokenSpan(candidate, language), make("span", "track", bar), make("span", "value", fixed(candidate.probability)));
    });
    return [make("h4", "", "Most probable next tokens"), make("ol", "", ...lines)];
  }
}
