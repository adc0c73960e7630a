// A chart of an answer: which columns it has figures in, and how they are best drawn; every number can be
// read in the table beside it.

import { isNumber } from "../_cell";
import { arranged } from "../_columns";
import { say } from "../_config";
import { h } from "../_dom";
import { withNames } from "../_naming";
import type { Answer } from "../_run";
import type { View } from "../_viewing";
import { EVERY as CHARTS } from "../charts";

/** The most rows for which an answer opens as a chart. */
const FITTING = 60;

export const view: View = {
  name: "chart",
  can: canChart,
  fit: (answer) => (fitsChart(answer) ? 1 : 0),
  draw: ({ answer }) => ({ element: withNames(answer, chart) }),
};

export interface Axes {
  readonly label: string | null;
  readonly figures: readonly string[];
}

/** Choose what to draw: the columns of numbers, and the first other one as their label. */
export function axes(answer: Answer): Axes {
  const some = answer.rows.slice(0, 200);
  const isFilled = (column: string) => some.some((row) => row[column] !== undefined);
  const figures = answer.columns.filter(
    (column) => isFilled(column) && some.every((row) => row[column] === undefined || isNumber(row[column])),
  );
  const rest = answer.columns.filter((column) => !figures.includes(column) && isFilled(column));
  return { label: rest[0] ?? null, figures };
}

export function canChart(answer: Answer): boolean {
  return answer.kind === "rows" && answer.rows.length > 0 && axes(answer).figures.length > 0;
}

/** Whether an answer is best seen as a chart: few rows, each a name or a date with one number or a few. */
export function fitsChart(answer: Answer): boolean {
  const { rows } = answer;
  if (rows.length < 2 || rows.length > FITTING || !canChart(answer)) return false;
  const { shown } = arranged(answer);
  const { label, figures } = axes({ ...answer, columns: shown });
  if (label === null || figures.length === 0 || figures.length > 3 || figures.length + 1 !== shown.length)
    return false;
  return new Set(rows.map((row) => row[label]?.value)).size === rows.length;
}

export function chart(answer: Answer): HTMLElement {
  const { label, figures } = axes(answer);
  const figure = figures[0];
  if (figure === undefined) return h("p", { class: "notice" }, say("noNumbers"));
  const asked = { rows: answer.rows.filter((row) => row[figure] !== undefined), label, figures };
  const { most, draw } = CHARTS.reduce((best, one) => (one.fit(asked) > best.fit(asked) ? one : best));
  const all = asked.rows.length;
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, label === null ? figure : say("by", { figure, label })),
    draw({ ...asked, rows: asked.rows.slice(0, most) }),
    all > most ? h("p", { class: "plainly" }, say("firstOf", { shown: most, all })) : null,
  );
}
