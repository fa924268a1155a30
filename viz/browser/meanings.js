// How a quantity looks: its name and symbol as the run says, its hues and colours as in all figures.

import { LOOKS, LSTM } from "./looks.js"; // made from viz/figures/theme.py

export { LIMITS } from "./looks.js";
export const EXPECTED = LSTM; // what is drawn until a run says what it has
export const DIFFERENCE = LOOKS.difference, ATTENTION = LOOKS.attention;

export function meaningOf(quantity) {
  return { ...(LOOKS[quantity.key] ?? LOOKS[quantity.range]), ...quantity };
}
