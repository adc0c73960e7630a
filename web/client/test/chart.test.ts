import "./document";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../src/_run";
import { axes, canChart, chart, fitsChart } from "../src/views/chart";
import type { Element } from "./document";

const XSD = "http://www.w3.org/2001/XMLSchema#";

type Cells = Record<string, number | string | undefined>;

function answer(columns: string[], ...rows: Cells[]): Answer {
  const cell = (value: number | string) => {
    if (typeof value === "number")
      return { type: "literal", value: String(value), datatype: `${XSD}integer` };
    const isDate = /^\d{4}-\d{2}-\d{2}$/.test(value);
    return { type: "literal", value, ...(isDate ? { datatype: `${XSD}date` } : {}) };
  };
  const filled = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, cell(value!)]),
    ),
  );
  return { kind: "rows", columns, rows: filled } as unknown as Answer;
}

const draw = (of: Answer): Element => chart(of) as unknown as Element;
const number = (element: Element, name: string): number => Number(element.attributes[name]);

test("the points of a line stand in the order of time, whatever order the rows have", () => {
  const drawn = draw(
    answer(
      ["day", "n"],
      { day: "2021-03-01", n: 3 },
      { day: "2019-01-01", n: 1 },
      { day: "2020-02-01", n: 2 },
    ),
  );
  const dots = drawn.find("circle");
  const places = dots.map((dot) => number(dot, "cx"));
  assert.deepEqual(
    [...places].sort((a, b) => a - b),
    places,
  );
  assert.deepEqual(
    dots.map((dot) => dot.text),
    ["2019-01-01: 1", "2020-02-01: 2", "2021-03-01: 3"],
  );
  const line = drawn
    .find("polyline")[0]!
    .attributes.points!.split(" ")
    .map((pair) => Number(pair.split(",")[0]));
  assert.deepEqual(line, places);
  const heights = dots.map((dot) => number(dot, "cy"));
  assert.ok(heights[0]! > heights[1]! && heights[1]! > heights[2]!, "more stands higher");
});

test("time is true to scale", () => {
  const dots = draw(
    answer(
      ["day", "n"],
      { day: "2020-01-01", n: 1 },
      { day: "2020-01-11", n: 1 },
      { day: "2020-01-31", n: 1 },
    ),
  ).find("circle");
  const [a, b, c] = dots.map((dot) => number(dot, "cx"));
  assert.ok(Math.abs((c! - b!) / (b! - a!) - 2) < 1e-9);
});

test("a negative bar begins at zero and goes to the left, a positive one to the right", () => {
  const bars = draw(answer(["name", "n"], { name: "gain", n: 30 }, { name: "loss", n: -10 })).find("rect");
  const [gain, loss] = bars.map((bar) => ({
    from: number(bar, "x"),
    to: number(bar, "x") + number(bar, "width"),
  }));
  assert.ok(Math.abs(loss!.to - gain!.from) < 1e-9, "both touch the line of zero");
  assert.ok(loss!.from < gain!.from && gain!.to > gain!.from);
  assert.ok(
    Math.abs((gain!.to - gain!.from) / (loss!.to - loss!.from) - 3) < 1e-9,
    "as long as their numbers say",
  );
});

test("bars keep the order of the rows, and their numbers stand beside them", () => {
  const drawn = draw(answer(["name", "n", "m"], { name: "b", n: 1, m: 2 }, { name: "a", n: 5, m: 0 }));
  assert.deepEqual(
    drawn.find("text", "label").map((one) => one.text),
    ["b", "a"],
  );
  assert.deepEqual(
    drawn.find("text", "value").map((one) => one.text),
    ["1", "2", "5", "0"],
  );
  assert.equal(drawn.find("span", "key").length, 2, "two figures have a legend");
});

test("what is no number, or has none, isn't drawn", () => {
  assert.deepEqual(axes(answer(["a", "b"], { a: "x", b: 1 }, { a: "y" })), { label: "a", figures: ["b"] });
  assert.equal(canChart(answer(["a"], { a: "x" })), false);
  assert.equal(canChart(answer(["a", "b"])), false);
  assert.equal(draw(answer(["a", "b"], { a: "x", b: 1 }, { a: "y" })).find("rect").length, 1);
});

test("a long answer says how many of its rows are drawn", () => {
  const rows = Array.from({ length: 70 }, (_, at) => ({ name: `n${at}`, n: at }));
  const drawn = draw(answer(["name", "n"], ...rows));
  assert.equal(drawn.find("rect").length, 60);
  assert.equal(drawn.find("p", "plainly").length, 1);
});

test("bars stay within the picture, whatever the signs of their numbers", () => {
  for (const numbers of [
    [-10, -20],
    [30, -10],
    [5, 9],
  ]) {
    const rows = numbers.map((n, at) => ({ name: `n${at}`, n }));
    for (const bar of draw(answer(["name", "n"], ...rows)).find("rect")) {
      const from = number(bar, "x");
      assert.ok(from >= 200 && from + number(bar, "width") <= 720, `${numbers}`);
    }
  }
});

test("a line has a point for each row, however many", () => {
  const day = (at: number) => new Date(Date.UTC(2020, 0, 1 + at)).toISOString().slice(0, 10);
  const drawn = draw(answer(["day", "n"], ...Array.from({ length: 70 }, (_, n) => ({ day: day(n), n }))));
  assert.equal(drawn.find("circle").length, 70);
  assert.equal(drawn.find("p", "plainly").length, 0);
});

test("months are as long as they are", () => {
  const days = ["2020-02-01", "2020-03-01", "2020-03-31"].map((day) => ({ day, n: 1 }));
  const [a, b, c] = draw(answer(["day", "n"], ...days))
    .find("circle")
    .map((dot) => number(dot, "cx"));
  assert.ok(Math.abs((c! - b!) / (b! - a!) - 30 / 29) < 1e-9);
});

test("one date is no line", () => {
  const drawn = draw(answer(["day", "n"], { day: "2020-01-01", n: 1 }));
  assert.deepEqual([drawn.find("rect").length, drawn.find("circle").length], [1, 0]);
});

test("an answer opens as a chart when its rows and figures are few", () => {
  const rows = (length: number, ...more: string[]) =>
    Array.from({ length }, (_, n) => ({
      name: `n${n}`,
      n,
      ...Object.fromEntries(more.map((one, at) => [one, n * (at + 2)])),
    }));
  assert.equal(fitsChart(answer(["name", "n"], ...rows(60))), true);
  assert.equal(fitsChart(answer(["name", "n"], ...rows(61))), false);
  assert.equal(fitsChart(answer(["name", "n", "m", "o"], ...rows(5, "m", "o"))), true);
  assert.equal(fitsChart(answer(["name", "n", "m", "o", "p"], ...rows(5, "m", "o", "p"))), false);
});

test("axes are named in the drawing itself", () => {
  const bars = draw(answer(["name", "n"], { name: "b", n: 1 }, { name: "a", n: 5 }));
  assert.deepEqual(
    bars.find("text", "axis").map((one) => one.text),
    ["name", "n →"],
  );
  const line = draw(answer(["day", "n"], { day: "2020-01-01", n: 1 }, { day: "2020-01-11", n: 2 }));
  assert.deepEqual(
    line.find("text", "axis").map((one) => one.text),
    ["↑ n", "day →"],
  );
});

test("a line fills its height: the highest at the top, whatever is below zero above the ground", () => {
  const heights = (...numbers: number[]) =>
    draw(answer(["day", "n"], ...numbers.map((n, at) => ({ day: `2020-01-0${at + 1}`, n }))))
      .find("circle")
      .map((dot) => number(dot, "cy"));
  assert.deepEqual(heights(1, 2), [145, 30]);
  assert.deepEqual(heights(-5, 5), [260, 30]);
});

test("a line's ends and heights are named", () => {
  const drawn = draw(answer(["day", "n"], { day: "2020-01-01", n: 1 }, { day: "2020-01-11", n: 2 }));
  const texts = (name: string) => drawn.find("text", name).map((one) => one.text);
  assert.deepEqual(texts("label"), ["2020-01-01", "2020-01-11"]);
  assert.deepEqual(texts("value"), ["0", "1", "2"]);
});

test("dates among other names are no line", () => {
  const drawn = draw(answer(["day", "n"], { day: "2020-01-01", n: 1 }, { day: "later", n: 2 }));
  assert.equal(drawn.find("rect").length, 2);
});

test("a row has three bars at most, one below the other, and nothing is a bar to be seen", () => {
  const bars = draw(answer(["name", "a", "b", "c", "d"], { name: "x", a: 9, b: 0, c: 3, d: 4 })).find("rect");
  assert.equal(bars.length, 3);
  const places = bars.map((bar) => number(bar, "y"));
  assert.ok(places[0]! < places[1]! && places[1]! < places[2]!);
  assert.equal(number(bars[1]!, "width"), 1);
});

test("names have room for 28 letters, or half as many characters of full width", () => {
  const named = (name: string) => draw(answer(["name", "n"], { name, n: 1 })).find("text", "label")[0]!.text;
  assert.equal(named("a".repeat(28)), "a".repeat(28));
  assert.equal(named("里".repeat(14)), "里".repeat(14));
  assert.equal(named("里".repeat(15)), `${"里".repeat(13)}…`);
});

test("rows without a name are numbered from one, and a bar tells its number whole", () => {
  const drawn = draw(answer(["n"], { n: 1 }, { n: 2 }));
  assert.deepEqual(
    drawn.find("text", "label").map((one) => one.text),
    ["1", "2"],
  );
  const long = answer(["name", "n"], { name: "a", n: 0 });
  Object.assign(long.rows[0]!["n"]!, { value: "12345678901234567890" });
  const told = draw(long).find("title")[0]!.text;
  assert.equal(told.replace(/\D/g, ""), "12345678901234567890");
});

test("an answer that is drawn whole says nothing of being cut, and names that come twice are no chart", () => {
  const rows = Array.from({ length: 60 }, (_, at) => ({ name: `n${at}`, n: at }));
  assert.equal(draw(answer(["name", "n"], ...rows)).find("p", "plainly").length, 0);
  const twice = [..."aab"].map((name, n) => ({ name, n }));
  assert.equal(fitsChart(answer(["name", "n"], ...twice)), false);
});
