// A chart of an answer: bars for names, a line for dates; every number can be read in the table beside it.

import { isNumber, textOf } from "./_cell";
import { arranged } from "./_columns";
import { amount, say } from "./_config";
import { h, s } from "./_dom";
import type { Answer, Binding, Row } from "./_run";

const MOST = 60;
const WIDTH = 720;
const LABEL = 200;
const BAR = 24;

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
  if (rows.length < 2 || rows.length > MOST || !canChart(answer)) return false;
  const { shown } = arranged(answer);
  const { label, figures } = axes({ ...answer, columns: shown });
  if (label === null || figures.length === 0 || figures.length > 3 || figures.length + 1 !== shown.length)
    return false;
  return new Set(rows.map((row) => row[label]?.value)).size === rows.length;
}

function isDate(term: Binding | undefined): boolean {
  return (
    term !== undefined &&
    term.type !== "uri" &&
    /#(date|dateTime|gYear|gYearMonth)$/.test(term.datatype ?? "")
  );
}

export function chart(answer: Answer): HTMLElement {
  const { label, figures } = axes(answer);
  const figure = figures[0];
  if (figure === undefined) return h("p", { class: "notice" }, say("noNumbers"));
  const rows = answer.rows.filter((row) => row[figure] !== undefined);
  const isTimed = label !== null && rows.length > 1 && rows.every((row) => isDate(row[label]));
  const drawn = isTimed ? line(rows, label, figure) : bars(rows.slice(0, MOST), label, figures.slice(0, 3));
  const left = isTimed ? 0 : rows.length - MOST;
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, label === null ? figure : say("by", { figure, label })),
    drawn,
    left > 0 ? h("p", { class: "plainly" }, say("firstOf", { shown: MOST, all: rows.length })) : null,
  );
}

function bars(rows: readonly Row[], label: string | null, figures: readonly string[]): HTMLElement {
  const numbers = rows.flatMap((row) => figures.map((figure) => Number(row[figure]?.value ?? 0)));
  const least = Math.min(0, ...numbers);
  const most = Math.max(0, ...numbers) || 1;
  const scale = (value: number) => ((value - least) / (most - least)) * (WIDTH - LABEL - 80);
  const tall = BAR * figures.length + 8;
  const picture = s("svg", {
    viewBox: `0 0 ${WIDTH} ${rows.length * tall + 4}`,
    role: "img",
    "aria-label": say("chartOf", { figure: figures.join(", ") }),
  });
  rows.forEach((row, at) => {
    const name = label === null ? String(at + 1) : textOf(row[label]);
    const group = s("g", { transform: `translate(0 ${at * tall})` });
    group.append(
      s("title", {}, `${name}: ${figures.map((figure) => `${row[figure]?.value ?? "–"}`).join(", ")}`),
    );
    group.append(
      s(
        "text",
        { x: LABEL - 8, y: tall / 2, class: "label", "text-anchor": "end", "dominant-baseline": "middle" },
        cut(name),
      ),
    );
    figures.forEach((figure, place) => {
      const value = Number(row[figure]?.value ?? 0);
      const from = LABEL + Math.min(scale(0), scale(value));
      const width = Math.max(1, Math.abs(scale(value) - scale(0)));
      group.append(
        s("rect", { x: from, y: 4 + place * BAR, width, height: BAR - 6, class: `bar series-${place}` }),
      );
      group.append(
        s(
          "text",
          {
            x: from + width + 6,
            y: 4 + place * BAR + (BAR - 6) / 2,
            class: "value",
            "dominant-baseline": "middle",
          },
          amount(value),
        ),
      );
    });
    picture.append(group);
  });
  const legend =
    figures.length > 1
      ? h(
          "p",
          { class: "legend" },
          ...figures.map((figure, place) =>
            h("span", { class: `key series-${place}` }, h("bdi", {}, figure)),
          ),
        )
      : null;
  return h("div", {}, legend, picture as unknown as Node);
}

function cut(text: string): string {
  const wide = [...text].reduce((sum, one) => sum + (one.codePointAt(0)! > 0x2e80 ? 2 : 1), 0);
  if (wide <= 28) return text;
  let room = 27;
  let kept = "";
  for (const one of text) {
    room -= one.codePointAt(0)! > 0x2e80 ? 2 : 1;
    if (room < 0) break;
    kept += one;
  }
  return `${kept}…`;
}

function moment(text: string): number {
  const [year, month, day] = text.split(/[-T]/).map(Number);
  return Date.UTC(year ?? 0, (month || 1) - 1, day || 1);
}

function line(rows: readonly Row[], label: string, figure: string): HTMLElement {
  const points = rows
    .map((row) => ({ x: moment(row[label]!.value), y: Number(row[figure]!.value), name: row[label]!.value }))
    .sort((a, b) => a.x - b.x);
  const [first, last] = [points[0]!, points[points.length - 1]!];
  const most = Math.max(0, ...points.map((point) => point.y)) || 1;
  const least = Math.min(0, ...points.map((point) => point.y));
  const x = (value: number) => 60 + ((value - first.x) / (last.x - first.x || 1)) * (WIDTH - 100);
  const y = (value: number) => 260 - ((value - least) / (most - least)) * 230;
  const picture = s("svg", {
    viewBox: `0 0 ${WIDTH} 300`,
    role: "img",
    "aria-label": say("chartOf", { figure }),
  });
  for (const tick of [least, (least + most) / 2, most]) {
    picture.append(s("line", { x1: 60, x2: WIDTH - 40, y1: y(tick), y2: y(tick), class: "grid" }));
    picture.append(
      s(
        "text",
        { x: 52, y: y(tick), class: "value", "text-anchor": "end", "dominant-baseline": "middle" },
        amount(tick),
      ),
    );
  }
  picture.append(
    s("polyline", { points: points.map((point) => `${x(point.x)},${y(point.y)}`).join(" "), class: "line" }),
  );
  for (const point of points)
    picture.append(
      s(
        "circle",
        { cx: x(point.x), cy: y(point.y), r: 4, class: "dot" },
        s("title", {}, `${point.name}: ${point.y}`),
      ),
    );
  for (const [point, anchor] of [
    [first, "start"],
    [last, "end"],
  ] as const) {
    picture.append(s("text", { x: x(point.x), y: 285, class: "label", "text-anchor": anchor }, point.name));
  }
  return h("div", {}, picture as unknown as Node);
}
