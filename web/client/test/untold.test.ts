import assert from "node:assert/strict";
import { test } from "node:test";
import "./document";
import { config } from "../src/_config";
import { retold } from "../src/_untold";

Object.assign(config.strings, {
  "untold.the sources of {form} can't be traced": "无法追溯来源：{form}",
  "untold.{word} queries": "{word} 查询",
  "untold.ask without {word}": "请去掉 {word}",
  "untold.ask without sources": "请不附来源",
  "untold.tracing met a limit: {reason}": "达到上限：{reason}",
  "untold.the query ran longer than {number} s": "超过 {number} 秒",
});

test("a reason is said in the reader's language, and what stands in it too", () => {
  assert.equal(retold("the sources of DESCRIBE queries can't be traced"), "无法追溯来源：DESCRIBE 查询");
  assert.equal(retold("tracing met a limit: the query ran longer than 0.5 s"), "达到上限：超过 0.5 秒");
  assert.equal(retold("ask without sources"), "请不附来源");
  assert.equal(retold("ask without LATERAL"), "请去掉 LATERAL");
});

test("what stands in a reason without being one stays as it is", () => {
  assert.equal(retold("the sources of <x:{form}> $& can't be traced"), "无法追溯来源：<x:{form}> $&");
  assert.equal(retold("too many queries"), "too many queries");
  assert.equal(retold(""), "");
});
