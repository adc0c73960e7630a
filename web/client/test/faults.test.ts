import assert from "node:assert/strict";
import { test } from "node:test";
import { type Row, written } from "../src/_binding";
import { whyEmpty } from "../src/_empty";
import { graphQuery, rowQuery, statements } from "../src/_evidence";
import { lineColumn } from "../src/_faults";
import { fromHash, toHash } from "../src/_link";
import { parameters } from "../src/_parameters";
import { check } from "../src/_parser";
import { read } from "../src/_query";
import { readTriples } from "../src/_run";
import { grammarFault, tokenFaults } from "../src/_syntax";
import { localName } from "../src/_vocabulary";
import { nearest, warnings } from "../src/_warnings";
import { snippets } from "../src/views/code";
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

test("a term that isn't there is likened to one that is, by letters or by words", () => {
  const near = (iri: string) => localName(nearest(`http://x/${iri}`, vocabulary.properties)?.iri ?? "");
  assert.equal(near("naem"), "name");
  assert.equal(near("isOwned"), "isOwnedBy");
  assert.equal(near("hasStands"), "standsIn");
  assert.equal(near("colour"), "");
});

test("full-width signs are mended at one click, but not in texts", () => {
  const text = 'SELECT ＊ { ？x ?y "全，部"　}';
  const found = tokenFaults(text, known);
  assert.deepEqual(
    found.map(({ from, to }) => text.slice(from, to)),
    ["＊", "？", "　"],
  );
  const mended = [...found[0]!.mend!.edits]
    .reverse()
    .reduce((one, { from, to, insert }) => one.slice(0, from) + insert + one.slice(to), text);
  assert.equal(mended, 'SELECT * { ?x ?y "全，部" }');
  assert.equal(check(mended), null);
  assert.equal(tokenFaults("SELECT ?x { ?x a ?甲。 }", known)[0]!.severity, "warning");
});

test("a place is told by line and column, in characters", () => {
  assert.deepEqual(lineColumn("a\n𠮷b", 4), { line: 2, column: 2 });
});

test("the terms of a VALUES of one variable are parameters", () => {
  const text = `${PREFIX}SELECT * { VALUES ?p { ex:north <http://s> } ?t a ex:Tree ; ex:standsIn ?p . VALUES ?x { UNDEF } VALUES (?a ?b) { (1 2) } }`;
  const [one, ...rest] = parameters(text, vocabulary);
  assert.equal(rest.length, 0);
  assert.deepEqual(
    [one!.name, one!.property, one!.terms.map(({ iri }) => iri)],
    ["?p", "http://example.org/standsIn", ["http://example.org/north", "http://s"]],
  );
  assert.deepEqual(one!.classes, ["http://example.org/Tree"]);
  assert.equal(text[one!.end], "}");
});

test("what can't match is told from the release's numbers", () => {
  const told = (body: string) =>
    warnings(read(`${PREFIX}SELECT * { ${body} }`), vocabulary).map(({ message }) => message.split(" ")[0]);
  assert.deepEqual(told("?t a ex:Tree ; ex:isOwnedBy ?o"), ["neverOn"]);
  assert.deepEqual(told("?t a ex:Plot ; ex:isOwnedBy ?o"), []);
  assert.deepEqual(told("?t a ex:Tre"), ["noClass"]);
  assert.deepEqual(told("?t a ex:Barn"), ["emptyClass"]);
  assert.deepEqual(told("?t ex:naem ?n"), ["noProperty"]);
  assert.deepEqual(told('?t ex:name "x"@zh-Hans'), ["tagCase"]);
  assert.deepEqual(told('?t ex:name ?n FILTER(LANG(?n) = "zh-Hans")'), ["tagCase"]);
  assert.deepEqual(told('?t ex:name ?n FILTER(LANG(?n) IN ("en", "fr"))'), ["noTag"]);
  assert.deepEqual(told('?t ex:name ?n FILTER(LANGMATCHES(LANG(?n), "zh-Hans"))'), []);
  assert.deepEqual(told('?t ex:name "pear"'), ["needsTag"]);
  assert.deepEqual(told('?t ex:name "pear"@en'), []);
  assert.deepEqual(told('?t ex:standsIn "north"'), ["onlyThings"]);
  assert.deepEqual(told("?t ex:name ex:pear"), ["onlyTexts"]);
  assert.deepEqual(told('?t ex:age "5"'), ["needsDatatype"]);
  assert.deepEqual(told("?t ex:age 5"), []);
  assert.deepEqual(told("?t a ex:Tree MINUS { ?t a ex:Plot ; ex:isOwnedBy ?o }"), []);
});

test("no rows: the numbers tell first, and offer the class that has the property", async () => {
  const text = `${PREFIX}SELECT * { ?t a ex:Tree ; ex:isOwnedBy ?o }`;
  const [reason] = await whyEmpty(text, vocabulary, async () => assert.fail("nothing need be asked"));
  const [mend] = reason!.mends;
  const [edit] = mend!.edits;
  assert.equal(
    text.slice(0, edit!.from) + edit!.insert + text.slice(edit!.to),
    text.replace("ex:Tree", "ex:Plot"),
  );
});

/** Answers to small questions: nothing matches what fits the pattern. */
function asking(no: RegExp, rows: readonly Row[] = []) {
  const asked: string[] = [];
  const matches = async (query: string) => {
    asked.push(query);
    return !no.test(query);
  };
  return { asked, matches, rows: async () => rows };
}

test("no rows: else patterns are asked for alone, joined, then filtered", async () => {
  const text = "SELECT * { ?t ?p ?o . ?o ?q 5 . FILTER(?q > 1) }";
  const found = async (no: RegExp) => (await whyEmpty(text, null, asking(no)))[0]!.message;
  assert.match(await found(/5/), /matchesNothing/);
  assert.match(await found(/\?p.*5/), /leavesNothing/);
  assert.match(await found(/FILTER/), /filterLeavesNothing/);
  assert.deepEqual(await whyEmpty(text, null, { matches: async () => null, rows: async () => [] }), []);
  const { asked, ...ask } = asking(/nothing/);
  await whyEmpty(text, null, ask);
  assert.ok(asked.every((query) => query.trim().startsWith("ASK {")));
});

test("no rows: inner brackets are taken apart too", async () => {
  const found = async (body: string, no: RegExp) =>
    (await whyEmpty(`SELECT * { ${body} }`, null, asking(no))).map(({ message }) => message);
  assert.deepEqual(await found("GRAPH <http://g> { ?s ?p 5 }", /GRAPH/), ["noSuchGraph"]);
  assert.deepEqual(await found("GRAPH <http://g> { ?s ?q 5 }", /5/), ["matchesNothing"]);
  assert.deepEqual(await found("?s ?p ?o MINUS { ?s ?q 5 }", /MINUS/), ["minusTakesAll"]);
  assert.deepEqual(await found("?s ?p ?o FILTER NOT EXISTS { ?s ?q 5 }", /NOT EXISTS/), [
    "existsLeavesNothing",
  ]);
  assert.deepEqual(await found("{ ?s ?p 5 } UNION { ?s ?p 6 }", /[56]/), [
    "matchesNothing",
    "matchesNothing",
  ]);
  assert.deepEqual(await found("{ SELECT ?s { ?s ?p 5 FILTER(?s = 1) } }", /FILTER/), [
    "filterLeavesNothing",
  ]);
  assert.deepEqual(await found("?s ?p ?o } LIMIT 0 #", /nothing/), ["modifierLeavesNothing"]);
  assert.deepEqual(
    await found("?s ?p ?o BIND(1 AS ?x) FILTER(?x = 1)", /ASK \{ {2}\?s \?p \?o \. {2}FILTER/),
    [],
  );
});

test("no rows: the data has the same words with a tag", async () => {
  const text = 'SELECT * { ?t <http://name> "pear" }';
  const rows = [
    {
      o: { type: "literal" as const, value: "pear", "xml:lang": "en" },
      n: { type: "literal" as const, value: "3" },
    },
  ];
  const [reason] = await whyEmpty(text, null, asking(/pear/, rows));
  assert.equal(reason!.mends[0]!.name, '"pear"@en');
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
  assert.deepEqual(row!.object, { type: "literal", value: 'x中\n"y"', "xml:lang": "zh-hans" });
});

test("no query can leave the quotation marks of a program", () => {
  for (const { name, code } of snippets(`ASK { ?x ?y '''"""''' , "\\\\'" }`, "http://h/sparql", false)) {
    if (name.startsWith("Python")) assert.equal(code.split('"""').length, 3, name);
    if (name === "curl") assert.match(code, /'\\''/);
  }
});
