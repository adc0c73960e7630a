// A line for dates: one point for each row, in the order of time.

import type { Binding } from "../_binding";
import { type Chart, type Figures, WIDTH } from "../_charting";
import { amount, say } from "../_config";
import { h, s } from "../_dom";

export const chart: Chart = {
  fit: ({ rows, label }) =>
    label !== null && rows.length > 1 && rows.every((row) => isDate(row[label])) ? 2 : 0,
  most: Infinity,
  draw,
};

function isDate(term: Binding | undefined): boolean {
  return (
    term !== undefined &&
    term.type !== "uri" &&
    /#(date|dateTime|gYear|gYearMonth)$/.test(term.datatype ?? "")
  );
}

function moment(text: string): number {
  const [year, month, day] = text.split(/[-T]/).map(Number);
  return Date.UTC(year ?? 0, (month || 1) - 1, day || 1);
}

function draw({ rows, label, figures }: Figures): HTMLElement {
  const figure = figures[0]!;
  const points = rows
    .map((row) => ({
      x: moment(row[label!]!.value),
      y: Number(row[figure]!.value),
      name: row[label!]!.value,
    }))
    .sort((a, b) => a.x - b.x);
  const [first, last] = [points[0]!, points[points.length - 1]!];
  const most = Math.max(0, ...points.map((point) => point.y)) || 1;
  const least = Math.min(0, ...points.map((point) => point.y));
  const x = (value: number) => 60 + ((value - first.x) / (last.x - first.x || 1)) * (WIDTH - 100);
  const y = (value: number) => 260 - ((value - least) / (most - least)) * 230;
  const picture = s("svg", {
    viewBox: `0 -20 ${WIDTH} 340`,
    role: "img",
    "aria-label": say("chartOf", { figure }),
  });
  picture.append(
    s("text", { x: 0, y: -4, class: "axis" }, `↑ ${figure}`),
    s("text", { x: WIDTH, y: 312, class: "axis", "text-anchor": "end" }, `${label} →`),
  );
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
        s("title", {}, `${point.name}: ${amount(point.y)}`),
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
