// The sentence as subwords, and the translation as large chips over their probabilities; and where these were guesses.

import { explain, fixed, make, oneStop, onlyTabStop, shareOfOne, tokenSpan } from "./elements.js";

// Where the network was guessing, beside the translation; nothing for a run that is not finished, or that was sure.
export function guessWords(run) {
  const [least] = run.guesses;
  if (!least) return [];
  const count = run.guesses.length, steps = run.columns.length - run.tokens.length;
  const where = ["“", tokenSpan(least.written, least.language), `” (${howSure(least, run)})`];
  if (count === 1) return [guessSign(), "guessing at ", ...where];
  const extent = count === steps ? "guessing throughout" : `guessing at ${count} of ${steps} tokens`;
  return [guessSign(), `${extent}, least sure of `, ...where];
}

// The mark of a guess, in words for whoever does not see it.
function guessSign(said = "") {
  const sign = make("i", "", "?");
  sign.ariaHidden = "true";
  return make("span", "guess", sign, make("span", "screen-reader", said));
}

function howSure({ probability }, { guess }) {
  const [text, least] = [shareOfOne(probability), shareOfOne(guess)];
  return text === least && probability < guess ? `just below ${least}` : text;
}

// What a token is, and what else was remarked of its chip.
function said({ says }, { ariaDescription: remark }) {
  return [says, remark].filter(Boolean);
}

export class Chips {
  constructor(view) {
    this.view = view;
    this.source = make("div", "source chips");
    this.target = make("div", "target chips");
    for (const row of [this.source, this.target]) {
      row.setAttribute("role", "toolbar");
      oneStop(row, () => reachable(row), (chip) => chip.click());
    }
    this.target.setAttribute("aria-label", "Translation, token by token");
    this.root = make("div", "translation", this.source, this.target);
  }

  clear() {
    this.source.replaceChildren();
    this.target.replaceChildren();
  }

  draw() {
    const { run, shown, selected } = this.view;
    const S = run.tokens.length;
    const { source, target } = this;
    const { guesses } = run;
    target.hidden = run.parts.length > 0 && !run.isWriting;
    source.setAttribute("aria-label", target.hidden ? "What was read, step by step" : "Source subwords");
    while (source.children.length < S) source.append(this.sourceChip(source.children.length));
    while (target.children.length < run.columns.length - S) target.append(this.targetChip(S + target.children.length));
    const looking = selected && selected.column < shown ? run.columns[selected.column].attention : [];
    [...source.children].forEach((chip, column) => {
      chip.classList.toggle("unread", column >= shown);
      chip.classList.toggle("selected", column === selected?.column);
      chip.querySelector(".weight").style.transform = `scaleX(${looking[column] ?? 0})`;
      chip.weight = looking[column];
    });
    [...target.children].forEach((chip, at) => {
      chip.hidden = S + at >= shown;
      chip.classList.toggle("selected", S + at === selected?.column);
      chip.classList.toggle("guessed", guesses.includes(run.columns[S + at]));
    });
    for (const row of [source, target]) {
      const chips = reachable(row);
      const stop = chips.find((chip) => chip.classList.contains("selected")) ?? chips.find((chip) => chip.matches(":focus"));
      onlyTabStop(row.children, stop ?? chips[0]);
    }
  }

  chip(token, column) {
    const chip = make("button", "chip", tokenSpan(token, this.view.run.languageOf(column)));
    chip.type = "button";
    chip.classList.toggle("continues", !token.begins && !token.special);
    chip.classList.toggle("special", token.special);
    chip.addEventListener("click", () => this.view.select(column, this.view.selected?.unit ?? 0));
    return chip;
  }

  sourceChip(column) {
    const token = this.view.run.tokens[column];
    const chip = this.chip(token, column);
    chip.append(make("i", "weight"));
    explain(chip, () => [
      ...said(token, chip), ...(chip.weight == null ? [] : [`Attention weight on this state: ${fixed(chip.weight)}`]),
    ]);
    return chip;
  }

  targetChip(column) {
    const step = this.view.run.columns[column];
    const chip = this.chip(step.written, column);
    explain(chip, () => [...said(step.written, chip), ...this.alternatives(column)]);
    if (step.probability == null) return chip; // written by something that names no alternatives
    const bar = make("i", "bar");
    bar.style.width = `${100 * step.probability}%`;
    const second = step.candidates.find((candidate) => !candidate.written);
    const probability = make("span", "probability", step.probability.toFixed(2));
    chip.append(make("span", "track", bar), make("span", "sure", guessSign("guess"), probability));
    if (second) {
      chip.append(make("span", "runner-up", tokenSpan(second, step.language), ` ${second.probability.toFixed(2)}`));
    }
    return chip;
  }

  // What was probable when a token was written, and whether that was a guess.
  alternatives(column) {
    const { run } = this.view;
    const step = run.columns[column];
    if (step?.probability == null) return [];
    const guess = run.guesses.includes(step) ? [`A guess: its probability was ${howSure(step, run)}, less than ${run.guess}.`] : [];
    const listed = step.candidates.flatMap((each, at) => [
      at ? ", " : "Most probable here: ", tokenSpan(each, step.language), ` ${fixed(each.probability)}`,
    ]);
    return [...guess, listed];
  }
}

// Chips of steps that are there.
function reachable(row) {
  return [...row.children].filter((chip) => !chip.hidden && !chip.classList.contains("unread"));
}
