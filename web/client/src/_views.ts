// All views of an answer, in the order of their buttons. The first shows whatever nothing else fits.

import { chartView } from "./_chart";
import { codeView } from "./_code";
import { graphView } from "./_graph";
import { mapView } from "./_map";
import { rawView } from "./_raw";
import type { Answer } from "./_run";
import { tableView } from "./_table";
import type { View } from "./_viewing";

export const VIEWS: View[] = [tableView, chartView, mapView, graphView, rawView, codeView];

export function possible(answer: Answer): View[] {
  return VIEWS.filter(({ can }) => can(answer));
}

/** The view that an answer opens as: the one that fits best. Where sources are asked for a table has them. */
export function fitting(answer: Answer): View {
  const of = (view: View) =>
    answer.sources !== null && answer.kind !== "graph" ? 0 : (view.fit?.(answer) ?? 0);
  return possible(answer).reduce((best, one) => (of(one) > of(best) ? one : best));
}
