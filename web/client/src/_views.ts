// All views of an answer, in the order of their buttons. The first shows whatever nothing else fits.

import type { Answer } from "./_run";
import type { View } from "./_viewing";
import { EVERY } from "./views";

/** Those whose buttons come first, in this order; all others follow, by name. */
const FIRST = ["table", "chart", "map", "graph", "raw", "code"];

const place = ({ name }: View) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);

export const VIEWS: readonly View[] = [...EVERY].sort((one, other) => place(one) - place(other));

export function possible(answer: Answer): View[] {
  return VIEWS.filter(({ can }) => can(answer));
}

/** The view that an answer opens in: the one that fits best, but the table if sources were asked for. */
export function fitting(answer: Answer): View {
  const of = (view: View) =>
    answer.sources !== null && answer.kind !== "graph" ? 0 : (view.fit?.(answer) ?? 0);
  return possible(answer).reduce((best, one) => (of(one) > of(best) ? one : best));
}
