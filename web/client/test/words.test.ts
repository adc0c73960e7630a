import assert from "node:assert/strict";
import { test } from "node:test";
import type { Binding } from "../src/_binding";
import { textOf } from "../src/_cell";
import { config } from "../src/_config";
import { fetchNames, isNameless, knownWord, setRetelling } from "../src/_words";

const north: Binding = { type: "literal", value: "North slope", "xml:lang": "en" };
const other: Binding = { type: "literal", value: "Nordhang", "xml:lang": "de" };
const count: Binding = {
  type: "literal",
  value: "3",
  datatype: "http://www.w3.org/2001/XMLSchema#integer",
};

test("a text is shown as the reader calls what it names, and as it is when that is wanted", async () => {
  const before = globalThis.fetch;
  const sent: unknown[] = [];
  globalThis.fetch = async (_address, options) => {
    sent.push(JSON.parse(String(options?.body)));
    return Response.json([{ label: "北坡", language: "zh-hans" }]);
  };
  try {
    await fetchNames([north]);
    assert.deepEqual(sent, [], "who reads the original language first has nothing put");
    Object.assign(config, { original: "en" });
    assert.equal(isNameless(north), true);
    await fetchNames([north, other, count, north]);
    await fetchNames([north]);
    assert.deepEqual(sent, [[{ value: "North slope", language: "en" }]], "one name is asked for once");
    assert.equal(isNameless(north), false);
    assert.equal(textOf(north), "北坡");
    setRetelling(false);
    assert.equal(textOf(north), "North slope");
    assert.equal(knownWord(north)?.label, "北坡", "the switch knows that there is something to switch");
  } finally {
    setRetelling(true);
    Object.assign(config, { original: "" });
    globalThis.fetch = before;
  }
});
