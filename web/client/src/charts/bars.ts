// Bars for names: one for each figure of a row.

import { textOf } from "../_cell";
import { type Chart, type Figures, WIDTH } from "../_charting";
import { amount, grouped, say } from "../_config";
import { h, s } from "../_dom";

const LABEL = 200;
const BAR = 24;
/** Room for the names of the axes. */
const HEAD = 20;
/** The most figures that a row has bars for. */
const SERIES = 3;

export const chart: Chart = { fit: () => 1, most: 60, draw };

function draw({ rows, label, figures: all }: Figures): HTMLElement {
  const figures = all.slice(0, SERIES);
  const numbers = rows.flatMap((row) => figures.map((figure) => Number(row[figure]?.value ?? 0)));
  const least = Math.min(0, ...numbers);
  const most = Math.max(0, ...numbers) || 1;
  const scale = (value: number) => ((value - least) / (most - least)) * (WIDTH - LABEL - 80);
  const tall = BAR * figures.length + 8;
  const picture = s("svg", {
    viewBox: `0 ${-HEAD} ${WIDTH} ${rows.length * tall + 4 + HEAD}`,
    role: "img",
    "aria-label": say("chartOf", { figure: figures.join(", ") }),
  });
  picture.append(
    ...(label === null
      ? []
      : [s("text", { x: LABEL - 8, y: -6, class: "axis", "text-anchor": "end" }, label)]),
    s("text", { x: LABEL, y: -6, class: "axis" }, `${figures.join(", ")} →`),
  );
  rows.forEach((row, at) => {
    const name = label === null ? String(at + 1) : textOf(row[label]);
    const group = s("g", { transform: `translate(0 ${at * tall})` });
    group.append(
      s(
        "title",
        {},
        `${name}: ${figures.map((figure) => `${row[figure] ? grouped(row[figure].value) : "–"}`).join(", ")}`,
      ),
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
