// How a quantity looks: its name and symbol as the run says, its hues and colours as in all figures.

import { LIMITS, LOOKS, LSTM } from "./looks.js"; // made from viz/figures/theme.py

export const EXPECTED = LSTM; // what is drawn until a run says what it has
export const DIFFERENCE = LOOKS.difference, ATTENTION = LOOKS.attention;

export function meaningOf(quantity) {
  return { ...(LOOKS[quantity.key] ?? LOOKS[quantity.range]), ...quantity };
}

// Where the scale of a difference ends above and below 0, as difference_limit of viz/figures/theme.py has it.
export function limitOfDifference({ range }, largest) {
  return range === "unbounded" ? LIMITS.find((limit) => limit >= largest) ?? largest : Math.max(1, Math.ceil(largest));
}
