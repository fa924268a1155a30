// What is known of one run: its parts in reading order, and a column for each of their steps, as they were computed.

import { readFrames } from "./stream.js";

const DOTTED_CIRCLE = /^\u25cc/; // stands in for the letter that a sign at the beginning of a token is written onto
const BOUNDS = { gate: [0, 1], signed: [-1, 1] }; // of what is called unbounded, the run says how far it goes

export class RunRecord {
  constructor(id, quantities = []) {
    this.id = id;
    this.cell = ""; // "lstm", or another kind
    this.quantities = quantities; // key, name, symbol and range of each, in the order of the numbers
    this.parts = []; // name, language, first column, and tokens if they are known beforehand
    this.tokens = []; // all that are known beforehand: parts that only read come first
    this.units = 0;
    this.columns = [];
    this.limits = {}; // by quantity
    this.orders = {};
    this.varied = null; // the units that vary most, neighbours alike; known at the end
    this.captions = {};
    this.sentence = ""; // what was translated
    this.text = "";
    this.searching = ""; // how far a beam search has come, until the first token of its result
    this.guess = 0; // a token less probable than this was guessed; 0 where nothing has a probability
    this.computed = 0; // steps, those of other hypotheses included
    this.state = "waiting"; // waiting, computing, finished, failed
    this.failure = ""; // why, in words
  }

  take({ head, numbers }) {
    const takers = { record: this.begin, search: this.search, step: this.grow, end: this.end };
    takers[head.kind]?.call(this, head, numbers);
  }

  begin({ parts, quantities, cell, units, layers = 1, language = "", sentence = "", already, guess = 0 }, numbers) {
    let first = 0, given = 0;
    this.parts = parts.map(({ starts, ...part }) => {
      const before = starts ? numbers.subarray(given, given += units) : null; // its own initial cell state
      const placed = { ...part, before, first };
      first += part.tokens?.length ?? 0;
      return placed;
    });
    this.tokens = parts.flatMap(({ tokens = [] }) => tokens);
    Object.assign(this, { quantities, cell, units, layers, language, sentence, already, guess, state: "computing" });
    this.orders.stored = Array.from({ length: units }, (_, unit) => unit);
  }

  search({ width, step }) {
    this.searching = `beam search for ${width} translations, step ${step}`;
  }

  grow({ part: at, position, token_read: read, token: written = null, probability, candidates, limits = {} }, numbers) {
    const part = this.parts[at];
    const token = part.tokens?.[position];
    const values = this.quantities.length * this.units;
    this.searching = "";
    Object.assign(this.limits, limits);
    if (written) this.text = (this.text + pieceText(written)).trimStart();
    this.columns.push({
      part, number: position + 1, language: part.language ?? "", read: read ?? token, written, shown: written ?? token,
      probability, candidates, values: numbers.subarray(0, values), attention: numbers.subarray(values),
    });
  }

  end({ text, captions, milliseconds, computed, limits = {}, finished, orders }, numbers) {
    Object.assign(this, { text, captions, milliseconds, computed, isComplete: finished, state: "finished" });
    Object.assign(this.limits, limits);
    orders.forEach((kind, at) => {
      this.orders[kind] = Array.from(numbers.subarray(at * this.units, (at + 1) * this.units));
    });
    this.varied = Array.from(numbers.subarray(orders.length * this.units));
  }

  // --- where

  get starts() {
    return this.parts.map(({ first }) => first);
  }

  // The columns of a finished run whose tokens were guessed, the least sure first.
  get guesses() {
    if (this.state !== "finished") return [];
    const guessed = this.columns.filter(({ probability }) => probability < this.guess);
    return guessed.sort((one, other) => one.probability - other.probability);
  }

  // Whether a part brings its tokens only as it writes them.
  get isWriting() {
    return this.parts.some(({ tokens }) => !tokens);
  }

  // The column after which a part that only reads hands its memory to a part that writes; undefined where none does.
  get handedOver() {
    const [reading, writing] = this.parts;
    const isHanded = this.parts.length === 2 && reading.tokens?.length && !writing.tokens && !writing.before;
    return isHanded ? reading.tokens.length - 1 : undefined;
  }

  languageOf(column) {
    return this.parts[partAt(this.starts, column)]?.language ?? "";
  }

  stepName(column) {
    if (column == null || column >= this.columns.length) return "no such step";
    const { part, number } = this.columns[column];
    return this.parts.length > 1 ? `${part.name} step ${number}` : `step ${number}`;
  }

  // --- what

  quantity(key) {
    return this.quantities.findIndex((each) => each.key === key);
  }

  value(quantity, column, unit) {
    return this.columns[column].values[quantity * this.units + unit];
  }

  // A state as a step found it: a part starts from where the part before ended, unless it has a start of its own.
  before(key, column, unit) {
    const { part, number } = this.columns[column];
    if (number === 1 && part.before) return part.before[unit];
    return column === 0 ? 0 : this.value(this.quantity(key), column - 1, unit);
  }

  // What is drawn in a column: only where this changes must it be drawn anew.
  content(column) {
    return column;
  }

  range(quantity) {
    const { key, range } = this.quantities[quantity];
    const limit = this.limits[key] ?? 1;
    return BOUNDS[range] ?? [-limit, limit];
  }
}

// The number of the part that a column belongs to, of parts that start at these columns.
export function partAt(starts, column) {
  return Math.max(0, starts.findLastIndex((start) => start <= column));
}

// Whoever shows one run after the other: the run before stays on view until the next has something to show.
export class Follower {
  constructor({ quantities, turned, grown, ended }) {
    Object.assign(this, { turned, grown, ended, quantities, run: new RunRecord("", quantities) });
  }

  // Whether this is another run than the one that was asked for last, or the one on view.
  isNews(id) {
    const isNews = this.asked !== id && this.following !== id;
    this.asked = id;
    return isNews;
  }

  async follow(id, pause = 0) {
    this.abort?.abort();
    const { signal } = this.abort = new AbortController();
    this.following = id;
    for await (const run of followRun(id, pause, signal, this.quantities)) {
      if (this.run !== run) {
        this.run = run;
        this.turned(run);
      }
      this.grown(run);
    }
    if (!signal.aborted) this.ended(this.run);
  }

  stop() {
    this.abort?.abort();
    this.asked = this.following = null; // whoever shows it again begins again
  }
}

// Follow a run from the route: its record, each time there is more of it to show; last, finished or failed.
export async function* followRun(id, pause, signal, quantities) {
  const run = new RunRecord(id, quantities);
  try {
    const address = new URL(`live/${encodeURIComponent(id)}?pause=${pause}`, document.baseURI);
    for await (const frame of readFrames(address, signal)) {
      if (signal.aborted) return;
      run.take(frame);
      if (run.columns.length >= Math.max(run.already, 1)) yield run;
    }
    if (run.state !== "finished") throw new Error("The connection to the server was lost.");
  } catch (error) {
    if (signal.aborted) return;
    Object.assign(run, { state: "failed", text: "", failure: error.message });
    yield run;
  }
}

export function pieceText(token) {
  if (token.special) return "";
  const text = token.text === "␣" ? "" : token.text.replace(DOTTED_CIRCLE, "");
  return (token.begins ? " " : "") + text;
}
