import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchLabels, labelOf } from "../src/_labels";

test("who asks for a name that is on its way waits for it", async () => {
  const waiting: ((response: Response) => void)[] = [];
  const before = globalThis.fetch;
  globalThis.fetch = () => new Promise((answer) => waiting.push(answer));
  try {
    const iri = "http://example.org/one";
    let isThere = false;
    const first = fetchLabels([iri]);
    const second = fetchLabels([iri]).then(() => {
      isThere = true;
    });
    await new Promise((passed) => setTimeout(passed, 10));
    assert.equal(isThere, false);
    assert.equal(waiting.length, 1);
    waiting[0]!(Response.json({ [iri]: { label: "One", language: "en", named: true, kind: "", page: "" } }));
    await Promise.all([first, second]);
    assert.equal(labelOf(iri)?.label, "One");
  } finally {
    globalThis.fetch = before;
  }
});
