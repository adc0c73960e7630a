import "./document";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../src/_run";
import { fitting, possible, VIEWS } from "../src/_views";

const XSD = "http://www.w3.org/2001/XMLSchema#";
const WKT = "http://www.opengis.net/ont/geosparql#wktLiteral";
const text = (value: string) => ({ type: "literal", value });
const number = (value: number) => ({ type: "literal", value: String(value), datatype: `${XSD}integer` });
const thing = (name: string) => ({ type: "uri", value: `http://e.org/${name}` });
const point = (x: number) => ({ type: "literal", value: `POINT (${x} 30)`, datatype: WKT });

function answer(kind: string, columns: string[], rows: object[], more: object = {}): Answer {
  return { kind, columns, rows, raw: "", boolean: null, sources: null, ...more } as unknown as Answer;
}

const named = answer(
  "rows",
  ["name", "n"],
  [
    { name: text("a"), n: number(1) },
    { name: text("b"), n: number(2) },
  ],
);
const placed = answer(
  "rows",
  ["thing", "at"],
  [
    { thing: thing("a"), at: point(1) },
    { thing: thing("b"), at: point(2) },
  ],
);
const linked = answer(
  "graph",
  ["subject", "predicate", "object"],
  [{ subject: thing("a"), predicate: thing("p"), object: thing("b") }],
);
const said = answer("boolean", [], [], { boolean: true });
const names = (of: Answer): string[] => possible(of).map(({ name }) => name);

test("an answer has the views that can show it, in the order of the buttons", () => {
  assert.deepEqual(
    VIEWS.map(({ name }) => name),
    ["table", "chart", "map", "graph", "raw", "code"],
  );
  assert.deepEqual(names(named), ["table", "chart", "raw", "code"]);
  assert.deepEqual(names(placed), ["table", "map", "raw", "code"]);
  assert.deepEqual(names(linked), ["table", "graph", "raw", "code"]);
  assert.deepEqual(names(said), ["table", "raw", "code"]);
});

test("an answer opens as it is best seen; where sources are asked for, as the table that has them", () => {
  assert.equal(fitting(named).name, "chart");
  assert.equal(fitting(placed).name, "map");
  assert.equal(fitting(linked).name, "graph");
  assert.equal(fitting(said).name, "table");
  assert.equal(fitting({ ...placed, sources: {} } as unknown as Answer).name, "table");
  assert.equal(fitting({ ...named, sources: {} } as unknown as Answer).name, "table");
  assert.equal(fitting(answer("rows", ["x"], [{ x: text("long") }])).name, "table");
});
