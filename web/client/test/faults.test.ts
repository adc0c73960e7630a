import assert from "node:assert/strict";
import { test } from "node:test";
import { whyEmpty } from "../src/_empty";
import { graphQuery, rowQuery, statements } from "../src/_evidence";
import { fromHash, toHash } from "../src/_link";
import { check } from "../src/_parser";
import { read } from "../src/_query";
import { readTriples, written } from "../src/_run";
import { snippets } from "../src/_code";
import { grammarFault, tokenFaults } from "../src/_syntax";
import { warnings } from "../src/_warnings";
import { PREFIX, vocabulary } from "./graph";

const known = { ex: "http://example.org/" };

function fault(text: string): [string, string] {
  const [first] = tokenFaults(text, known);
  const found = first ?? grammarFault(text, check(text)!);
  return [text.slice(found.from, found.to), found.message];
}

test("each kind of error is marked where it is", () => {
  assert.deepEqual(fault('SELECT * { ?x ?y "open }'), ['"open }', "openString"]);
  assert.deepEqual(fault("SELECT * { ?x ?y ?z "), ["{", "openBracket"]);
  assert.deepEqual(fault("SELECT * { ?x ?y ?z } }"), ["}", "strayBracket"]);
  assert.deepEqual(fault("SELECT * { ?x a ex:Tree }"), ["ex:Tree", "undeclaredPrefix"]);
  assert.deepEqual(fault("SELECT * { ?x a zz:Tree }"), ["zz:Tree", "unknownPrefix"]);
  assert.deepEqual(fault("SELCET ?x { ?x ?y ?z }"), ["SELCET", "misspelt"]);
  assert.deepEqual(fault("SELECT ?x WHRE { ?x ?y ?z }"), ["WHRE", "misspelt"]);
  assert.deepEqual(fault("SELECT ?x { ?x ?y . }"), [".", "unexpected"]);
  assert.deepEqual(fault("SELECT ?x { ?x ?y ?z FILTER(?z > ) }"), [")", "unexpected"]);
  assert.deepEqual(fault("SELECT ?x (COUNT(?y) AS ?n) { ?x ?z ?y }"), ["?x", "ungrouped"]);
  assert.deepEqual(fault("SELECT ?x { ?x ?y ?z BIND(1 AS ?x) }"), ["?x", "alreadyBound"]);
  assert.equal(check(`${PREFIX}SELECT ?x { ?x a ex:Tree ; ex:p/ex:q* "果树"@zh-hans }`), null);
});

test("what can't match is told from the release's numbers", () => {
  const told = (body: string) => warnings(read(`${PREFIX}SELECT * { ${body} }`), vocabulary).map(({ message }) => message.split(" ")[0]);
  assert.deepEqual(told("?t a ex:Tree ; ex:isOwnedBy ?o"), ["neverOn"]);
  assert.deepEqual(told("?t a ex:Plot ; ex:isOwnedBy ?o"), []);
  assert.deepEqual(told("?t a ex:Tre"), ["noClass"]);
  assert.deepEqual(told("?t a ex:Barn"), ["emptyClass"]);
  assert.deepEqual(told("?t ex:naem ?n"), ["noProperty"]);
  assert.deepEqual(told('?t ex:name "x"@zh-Hans'), ["tagCase"]);
  assert.deepEqual(told('?t ex:name ?n FILTER(LANG(?n) = "zh-Hans")'), ["tagCase"]);
  assert.deepEqual(told('?t ex:name ?n FILTER(LANG(?n) IN ("en", "fr"))'), ["noTag"]);
  assert.deepEqual(told('?t ex:name ?n FILTER(LANGMATCHES(LANG(?n), "zh-Hans"))'), []);
  assert.deepEqual(told("?t a ex:Tree MINUS { ?t a ex:Plot ; ex:isOwnedBy ?o }"), []);
});

test("no rows: the numbers tell first, and offer the class that has the property", async () => {
  const text = `${PREFIX}SELECT * { ?t a ex:Tree ; ex:isOwnedBy ?o }`;
  const [reason] = await whyEmpty(text, vocabulary, async () => assert.fail("nothing need be asked"));
  const [mend] = reason!.mends;
  const [edit] = mend!.edits;
  assert.equal(text.slice(0, edit!.from) + edit!.insert + text.slice(edit!.to), text.replace("ex:Tree", "ex:Plot"));
});

test("no rows: else patterns are asked for alone, joined, then filtered", async () => {
  const asked: string[] = [];
  const ask = (no: RegExp) => async (query: string) => {
    asked.push(query);
    return !no.test(query);
  };
  const text = "SELECT * { ?t ?p ?o . ?o ?q 5 . FILTER(?q > 1) }";
  assert.match((await whyEmpty(text, null, ask(/5/)))[0]!.message, /matchesNothing/);
  assert.match((await whyEmpty(text, null, ask(/\?p.*5/)))[0]!.message, /leavesNothing/);
  assert.match((await whyEmpty(text, null, ask(/FILTER/)))[0]!.message, /filterLeavesNothing/);
  assert.deepEqual(await whyEmpty(text, null, async () => null), []);
  assert.ok(asked.every((query) => query.trim().startsWith("ASK {")));
});

test("a row's own values are put into the query's patterns", () => {
  const text = `${PREFIX}SELECT ?t (COUNT(?o) AS ?n) { ?t a ex:Tree ; ex:name "x"@en ; ex:has ?o FILTER NOT EXISTS { ?t ex:no ?q } } GROUP BY ?t`;
  const row = { t: { type: "uri" as const, value: "http://t" }, n: { type: "literal" as const, value: "2" } };
  assert.match(rowQuery(text, row)!, /SELECT \* WHERE \{ VALUES \(\?t\) \{ \(<http:\/\/t>\) \}/);
  const found = statements(read(text), { ...row, o: { type: "literal", value: 'a"b\n' } });
  assert.equal(found.length, 3);
  assert.match(graphQuery(found), /\(<http:\/\/t> <http:\/\/example.org\/has> "a\\"b\\n"\)/);
  assert.equal(written({ type: "uri", value: "http://a> } #" }), null);
});

test("a link holds the query and the view", async () => {
  for (const query of ["ASK {}", `SELECT * { ?x ?y "果树 & # +" } ${"?x a ?c . ".repeat(90)}`]) {
    const hash = await toHash(query, "map");
    assert.deepEqual(await fromHash(`#${hash}`), { query, view: "map" });
  }
  assert.ok((await toHash("?x a ?c . ".repeat(90), "")).length < 120);
  assert.equal(await fromHash("#z=broken!!"), null);
  assert.equal(await fromHash(""), null);
});

test("triples are read as they are written", () => {
  const [row] = readTriples('<http://a> <http://b> "x\\u4e2d\\n\\"y\\""@zh-hans .\n# no\n');
  assert.deepEqual(row!["object"], { type: "literal", value: 'x中\n"y"', "xml:lang": "zh-hans" });
});

test("no query can leave the quotation marks of a program", () => {
  for (const { name, code } of snippets(`ASK { ?x ?y '''"""''' , "\\\\'" }`, "http://h/sparql", false)) {
    if (name.startsWith("Python")) assert.equal(code.split('"""').length, 3, name);
    if (name === "curl") assert.match(code, /'\\''/);
  }
});
