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

// Where each quantity differs most and by how much, and how far each unit goes in any of them.
export function differences({ isKnown, value, pairs, quantities, units }) {
  const largest = Array.from({ length: units }, () => 0);
  const places = Array.from({ length: quantities }, () => ({ size: 0 }));
  for (let pair = 0; pair < pairs; pair++) {
    if (!isKnown(pair)) continue;
    for (let quantity = 0; quantity < quantities; quantity++) {
      for (let unit = 0; unit < units; unit++) {
        const apart = value(quantity, pair, unit), size = Math.abs(apart);
        largest[unit] = Math.max(largest[unit], size);
        if (size > places[quantity].size) places[quantity] = { size, value: apart };
      }
    }
  }
  const order = largest.map((_, unit) => unit).sort((one, other) => largest[other] - largest[one] || one - other);
  return { places, order, largest: Math.max(0, ...largest) };
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
