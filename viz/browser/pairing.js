// Two runs side by side: which of their steps belong together, and by how much they differ there.

// Step k of the one with step k of the other; columns counted from where their side begins.
export function stepPairs(firstA, countA, firstB, countB) {
  return Array.from({ length: Math.max(countA, countB) }, (_, step) => [
    step < countA ? firstA + step : null, step < countB ? firstB + step : null,
  ]);
}

// The steps after those whose tokens are known beforehand, as far as they are computed; null where none will come.
export function laterPairs(a, b) {
  const later = (run) => Math.max(0, run.columns.length - run.tokens.length);
  const column = (run, step) => (run.state === "finished" && step >= later(run) ? null : run.tokens.length + step);
  return Array.from({ length: Math.max(later(a), later(b)) }, (_, step) => [column(a, step), column(b, step)]);
}

// How many pairs come before a column of the one and of the other; no pair reaches across two parts.
export function pairsBefore(pairs, column, columnOfOther) {
  return pairs.filter(([one, other]) => (one != null ? one < column : other < columnOfOther)).length;
}

export function isSame(token, other) {
  return token.text === other.text && token.begins === other.begins && token.unknown === other.unknown;
}

const VISIBLE = 0.1; // of a scale: what reaches this far counts as changed

// Where each quantity differs most and by how much, where its scale ends, and how far each unit goes in any of them:
// in the order of their largest difference, and those that reach a tenth of the scale of some quantity.
export function differences({ isKnown, value, pairs, quantities, units, limitOf }) {
  const sizes = quantities.map(() => Array.from({ length: units }, () => 0));
  const places = quantities.map(() => ({ size: 0 }));
  for (let pair = 0; pair < pairs; pair++) {
    if (!isKnown(pair)) continue;
    for (let quantity = 0; quantity < quantities.length; quantity++) {
      for (let unit = 0; unit < units; unit++) {
        const apart = value(quantity, pair, unit), size = Math.abs(apart);
        sizes[quantity][unit] = Math.max(sizes[quantity][unit], size);
        if (size > places[quantity].size) places[quantity] = { size, value: apart };
      }
    }
  }
  const limits = quantities.map((quantity, at) => limitOf(quantity, places[at].size));
  const all = Array.from({ length: units }, (_, unit) => unit);
  const largest = all.map((unit) => Math.max(0, ...sizes.map((of) => of[unit])));
  const order = [...all].sort((one, other) => largest[other] - largest[one] || one - other);
  const changed = all.filter((unit) => sizes.some((of, at) => of[unit] >= VISIBLE * limits[at]));
  return { places, limits, order, changed };
}

// Numbers as stretches without a hole: [1, 2, 3, 7] as [[1, 3], [7, 7]].
export function stretches(numbers) {
  const found = [];
  for (const number of [...numbers].sort((one, other) => one - other)) {
    if (found.length && number <= found.at(-1)[1] + 1) found.at(-1)[1] = number;
    else found.push([number, number]);
  }
  return found;
}
