// Points of an answer on a plain map: no tiles, nothing fetched; a scale and a grid of degrees.

import type { Row } from "../_binding";
import { cell, textOf } from "../_cell";
import { say } from "../_config";
import { h, s } from "../_dom";
import { withNames } from "../_naming";
import type { Answer } from "../_run";
import type { View } from "../_viewing";

const WIDTH = 720;
const MOST = 5000;

interface Point {
  readonly x: number;
  readonly y: number;
  readonly row: Row;
}

const WKT = /POINT\s*\(\s*(-?[\d.]+(?:[eE][+-]?\d+)?)\s+(-?[\d.]+(?:[eE][+-]?\d+)?)/i;

export const view: View = {
  name: "map",
  can: canMap,
  fit: ({ rows }) => (rows.length > 1 && rows.every((row) => pointOf(row) !== null) ? 2 : 0),
  draw: ({ answer }) => ({ element: withNames(answer, map) }),
};

/** The point that a row has in any column. */
export function pointOf(row: Row): { x: number; y: number } | null {
  for (const term of Object.values(row)) {
    if (term.type === "uri" || !(term.datatype ?? "").endsWith("wktLiteral")) continue;
    const match = WKT.exec(term.value);
    if (match) return { x: Number(match[1]), y: Number(match[2]) };
  }
  return null;
}

export function canMap(answer: Answer): boolean {
  return answer.rows.slice(0, 500).some((row) => pointOf(row) !== null);
}

export function map(answer: Answer): HTMLElement {
  const points: Point[] = [];
  for (const row of answer.rows) {
    const at = pointOf(row);
    if (at !== null && points.length < MOST) points.push({ ...at, row });
  }
  if (points.length === 0) return h("p", { class: "notice" }, say("noPoints"));
  const chosen = h("div", { class: "chosen", role: "status" });
  const picture = draw(points, (point) => describe(chosen, answer, point.row));
  return h(
    "figure",
    { class: "map" },
    h("figcaption", {}, say("pointsOf", { shown: points.length, all: answer.rows.length })),
    picture as unknown as Node,
    chosen,
  );
}

function describe(into: HTMLElement, answer: Answer, row: Row): void {
  const shown = answer.columns.filter(
    (column) => row[column] !== undefined && !(row[column]!.datatype ?? "").endsWith("wktLiteral"),
  );
  into.replaceChildren(
    h(
      "dl",
      { class: "small" },
      ...shown.map((column) =>
        h("div", {}, h("dt", {}, h("bdi", {}, column)), h("dd", {}, cell(row[column]))),
      ),
    ),
  );
}

function draw(points: readonly Point[], choose: (point: Point) => void): SVGElement {
  const [west, east] = [Math.min(...points.map((p) => p.x)), Math.max(...points.map((p) => p.x))];
  const [south, north] = [Math.min(...points.map((p) => p.y)), Math.max(...points.map((p) => p.y))];
  const narrowing = Math.cos(((south + north) / 2) * (Math.PI / 180)) || 1;
  const span = Math.max((east - west) * narrowing, north - south, 0.01);
  const unit = (WIDTH - 80) / span;
  const height = Math.max(240, Math.min(620, (north - south) * unit + 80));
  const scale = Math.min(unit, (height - 80) / Math.max(north - south, 1e-9));
  const x = (value: number) => WIDTH / 2 + (value - (west + east) / 2) * narrowing * scale;
  const y = (value: number) => height / 2 - (value - (south + north) / 2) * scale;
  const picture = s("svg", {
    viewBox: `0 0 ${WIDTH} ${height}`,
    role: "group",
    "aria-label": say("mapLabel"),
  });
  grid(picture, { west, east, south, north }, x, y, height);
  for (const point of points) {
    const name = textOf(
      Object.values(point.row).find(
        (term) => term.type !== "uri" && !(term.datatype ?? "").endsWith("wktLiteral"),
      ) ?? Object.values(point.row)[0],
    );
    const dot = s(
      "circle",
      {
        cx: x(point.x),
        cy: y(point.y),
        r: points.length > 500 ? 3 : 5,
        class: "dot",
        role: "button",
        "aria-label": name,
      },
      s("title", {}, name),
    );
    if (points.length <= 500) dot.setAttribute("tabindex", "0");
    dot.addEventListener("click", () => choose(point));
    dot.addEventListener("keydown", (event) => (event as KeyboardEvent).key === "Enter" && choose(point));
    picture.append(dot);
  }
  return picture;
}

type Way = (value: number) => number;

function grid(
  picture: SVGElement,
  box: { west: number; east: number; south: number; north: number },
  x: Way,
  y: Way,
  height: number,
): void {
  const step = nice(Math.max(box.east - box.west, box.north - box.south, 0.01) / 4);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  for (let at = Math.floor(box.west / step) * step; at <= box.east + step; at += step) {
    picture.append(s("line", { x1: x(at), x2: x(at), y1: 0, y2: height, class: "grid" }));
    if (x(at) >= 0)
      picture.append(s("text", { x: x(at) + 3, y: height - 4, class: "value" }, `${at.toFixed(digits)}°`));
  }
  for (let at = Math.floor(box.south / step) * step; at <= box.north + step; at += step) {
    picture.append(s("line", { x1: 0, x2: WIDTH, y1: y(at), y2: y(at), class: "grid" }));
    if (y(at) >= 16 && y(at) < height - 18)
      picture.append(s("text", { x: 3, y: y(at) - 3, class: "value" }, `${at.toFixed(digits)}°`));
  }
}

function nice(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const rest = value / power;
  return (rest > 5 ? 10 : rest > 2 ? 5 : rest > 1 ? 2 : 1) * power;
}
