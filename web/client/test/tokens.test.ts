import assert from "node:assert/strict";
import { test } from "node:test";
import vectors from "../../../tests/vectors/tokens.json";
import { tokenize } from "../src/_tokens";

for (const [text, ...wanted] of vectors as string[][])
  test(`the server sees the same tokens in ${text}`, () => {
    const found = tokenize(text!).filter(({ kind }) => kind !== "comment");
    assert.deepEqual(
      found.map(({ kind, text: one }) => `${kind} ${one}`),
      wanted,
    );
  });
