import "./document";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Binding } from "../src/_binding";
import { arranged } from "../src/_columns";
import { fetchLabels } from "../src/_labels";
import type { Answer } from "../src/_run";
import { fitsChart } from "../src/views/chart";

const XSD = "http://www.w3.org/2001/XMLSchema#";

function term(value: string | number): Binding {
  if (typeof value === "number") return { type: "literal", value: String(value), datatype: `${XSD}integer` };
  return { type: value.startsWith("http:") ? "uri" : "literal", value };
}

function answer(columns: string[], ...rows: (string | number)[][]): Answer {
  const filled = rows.map((row) => Object.fromEntries(row.map((value, at) => [columns[at]!, term(value)])));
  return { kind: "rows", columns, rows: filled } as unknown as Answer;
}

test("numbers stand before texts, behind the first column", () => {
  const { shown } = arranged(answer(["a", "b", "n", "c", "m"], ["x", "y", 1, "z", 2], ["u", "v", 3, "w", 4]));
  assert.deepEqual(shown, ["a", "n", "m", "b", "c"]);
});

test("what is equal in all rows folds away, unless nothing were left", () => {
  const folded = arranged(answer(["a", "b", "n"], ["x", "same", 1], ["y", "same", 2]));
  assert.deepEqual(folded.shown, ["a", "n"]);
  assert.deepEqual(
    folded.equal.map((one) => one.column),
    ["b"],
  );
  const all = arranged(answer(["a", "b"], ["x", "y"], ["x", "y"]));
  assert.deepEqual(all.shown, ["a", "b"]);
  assert.deepEqual(arranged(answer(["a", "b"], ["x", "y"])).equal, [], "one row is not all rows");
});

test("of a thing and its name one folds away: the IRI, until it has a name of its own", async () => {
  const rows = answer(["place", "name", "n"], ["http://e.org/1", "One", 5], ["http://e.org/2", "Two", 7]);
  assert.deepEqual(arranged(rows), { shown: ["name", "n"], equal: [], named: ["place"] });
  const before = globalThis.fetch;
  globalThis.fetch = async () =>
    Response.json(
      Object.fromEntries(
        ["1", "2"].map((one) => [
          `http://e.org/${one}`,
          { label: `No. ${one}`, language: "en", named: true, kind: "", page: "" },
        ]),
      ),
    );
  try {
    await fetchLabels(["http://e.org/1", "http://e.org/2"]);
    assert.deepEqual(arranged(rows), { shown: ["place", "n"], equal: [], named: ["name"] });
  } finally {
    globalThis.fetch = before;
  }
});

test("a name that tells more than its thing stays", () => {
  const two = answer(["thing", "name"], ["http://e.org/a", "One"], ["http://e.org/a", "Uno"]);
  assert.deepEqual(arranged(two).named, []);
  const other = answer(["thing", "colour"], ["http://e.org/a", "red"], ["http://e.org/b", "blue"]);
  assert.deepEqual(arranged(other).named, []);
});

test("a column goes by the thing that it is called after", () => {
  const rows = answer(
    ["body", "place", "bodyName"],
    ["http://e.org/c", "http://e.org/d", "B"],
    ["http://e.org/e", "http://e.org/f", "C"],
  );
  assert.deepEqual(arranged(rows).named, ["body"]);
});

test("names with one number or a few open as a chart, more columns as a table", () => {
  assert.equal(fitsChart(answer(["a", "n"], ["x", 1], ["y", 2])), true);
  assert.equal(
    fitsChart(answer(["a", "b", "n"], ["x", "same", 1], ["y", "same", 2])),
    true,
    "what folds away is no column",
  );
  assert.equal(fitsChart(answer(["a", "b", "n"], ["x", "one", 1], ["y", "two", 2])), false);
  assert.equal(
    fitsChart(answer(["a", "n"], ["x", 1], ["x", 2])),
    false,
    "two bars of one name can't be told apart",
  );
  assert.equal(fitsChart(answer(["n"], [1], [2])), false);
  assert.equal(fitsChart(answer(["a", "n"], ["x", 1])), false);
});
