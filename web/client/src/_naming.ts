// Drawings of answers with the names of the things in them.

import { h } from "./_dom";
import type { Answer } from "./_run";
import { fetchNames, isNameless } from "./_words";

/** The number of rows whose things are named in a drawing. */
export const NAMED = 500;

/** Draw an answer, and once more when the names of what it holds have come. */
export function withNames(answer: Answer, draw: (answer: Answer) => HTMLElement): HTMLElement {
  const holder = h("div", {}, draw(answer));
  const terms = answer.rows.slice(0, NAMED).flatMap((row) => Object.values(row));
  const missing = terms.filter(isNameless);
  if (missing.length > 0) void fetchNames(missing).then(() => holder.replaceChildren(draw(answer)));
  return holder;
}
