// Drawings of answers with the names of the things in them.

import { h } from "./_dom";
import { fetchLabels, labelOf } from "./_labels";
import type { Answer } from "./_run";

/** Of how many rows the things are named in a drawing. */
const NAMED = 500;

/** Draw an answer, and once more when the names of what it holds have come. */
export function withNames(answer: Answer, draw: (answer: Answer) => HTMLElement): HTMLElement {
  const holder = h("div", {}, draw(answer));
  const things = answer.rows
    .slice(0, NAMED)
    .flatMap((row) => Object.values(row))
    .filter((term) => term.type === "uri");
  const missing = things.map((term) => term.value).filter((iri) => labelOf(iri) === undefined);
  if (missing.length > 0) void fetchLabels(missing).then(() => holder.replaceChildren(draw(answer)));
  return holder;
}
