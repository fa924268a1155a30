// What is known of one run: a column for each step of encoder and decoder, in the order in which they were computed.

const FORGET = 0, INPUT = 1, OUTPUT = 2, CANDIDATE = 3, CELL = 4, HIDDEN = 5; // order of QUANTITIES in models/recurrent/trace.py

class RunRecord {
  constructor(id) {
    this.id = id;
    this.tokens = []; // of the source
    this.units = 0;
    this.columns = [];
    this.cellLimit = 1;
    this.orders = {};
    this.captions = {};
    this.text = "";
    this.searching = ""; // how far a beam search has come, until the first token of its result
    this.computed = 0; // steps, those of other hypotheses included
    this.state = "waiting"; // waiting, computing, finished, failed
    this.failure = ""; // why, in words
  }

  take({ head, numbers }) {
    if (head.kind === "source") {
      Object.assign(this, { tokens: head.tokens, units: head.units, language: head.language, already: head.already });
      this.orders.stored = Array.from({ length: head.units }, (_, unit) => unit);
      this.state = "computing";
    } else if (head.kind === "search") {
      this.searching = `beam search for ${head.width} translations, step ${head.step}`;
    } else if (head.kind === "end") {
      Object.assign(this, { text: head.text, captions: head.captions, milliseconds: head.milliseconds });
      this.computed = head.computed;
      Object.assign(this, { cellLimit: head.cell_limit, isComplete: head.finished, state: "finished" });
      head.orders.forEach((kind, at) => {
        this.orders[kind] = Array.from(numbers.subarray(at * this.units, (at + 1) * this.units));
      });
    } else {
      const isDecoder = head.kind === "written";
      this.cellLimit = head.cell_limit;
      this.searching = "";
      if (isDecoder) this.text = (this.text + pieceText(head.token)).trimStart();
      this.columns.push({
        isDecoder,
        read: isDecoder ? head.token_read : this.tokens[head.position],
        written: isDecoder ? head.token : null,
        shown: isDecoder ? head.token : this.tokens[head.position],
        probability: head.probability,
        candidates: head.candidates,
        values: numbers.subarray(0, 6 * this.units),
        attention: numbers.subarray(6 * this.units),
      });
    }
  }

  value(quantity, column, unit) {
    return this.columns[column].values[quantity * this.units + unit];
  }

  // The cell state a step started from; the decoder's first step starts from the encoder's last, unchanged.
  previousCell(column, unit) {
    return column === 0 ? 0 : this.value(CELL, column - 1, unit);
  }

  // What is drawn in a column: only where this changes must it be drawn anew.
  content(column) {
    return column;
  }

  range(quantity) {
    if (quantity <= OUTPUT) return [0, 1];
    return quantity === CELL ? [-this.cellLimit, this.cellLimit] : [-1, 1];
  }
}

// Follow a run from the route: its record, each time there is more of it to show; last, finished or failed.
async function* followRun(base, id, pause, signal) {
  const run = new RunRecord(id);
  try {
    for await (const frame of readFrames(`${base}/live/${encodeURIComponent(id)}?pause=${pause}`, signal)) {
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

function pieceText(token) {
  if (token.special) return "";
  const text = token.text === "␣" ? "" : token.text;
  return (token.begins ? " " : "") + text;
}
