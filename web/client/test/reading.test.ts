import assert from "node:assert/strict";
import { test } from "node:test";
import { phraseStart } from "../src/_completion";
import { format } from "../src/_format";
import { freshName } from "../src/_inserting";
import { withPrefixes } from "../src/_prefixes";
import { RDF_TYPE, read } from "../src/_query";
import { tokenize } from "../src/_tokens";
import { typesOf } from "../src/_types";
import { fold, localName, score } from "../src/_vocabulary";
import { PREFIX, vocabulary } from "./graph";

const kinds = (text: string) => tokenize(text).map(({ kind, text: one }) => `${kind} ${one}`);

test("a text is cut into tokens", () => {
  assert.deepEqual(kinds("?x ex:p/ex:q+ 1.5 ."), [
    "var ?x",
    "pname ex:p",
    "punct /",
    "pname ex:q",
    "punct +",
    "number 1.5",
    "punct .",
  ]);
  assert.deepEqual(kinds('"a # b"@zh-Hans # c'), ['string "a # b"', "lang @zh-Hans", "comment # c"]);
  assert.deepEqual(kinds("?a<?b && ?c>1."), [
    "var ?a",
    "punct <",
    "var ?b",
    "punct &&",
    "var ?c",
    "punct >",
    "number 1",
    "punct .",
  ]);
  assert.deepEqual(kinds("ex:a.b. ex:c."), ["pname ex:a.b", "punct .", "pname ex:c", "punct ."]);
  assert.deepEqual(kinds('"open'), ['error "open']);
  assert.deepEqual(kinds("果树"), ["word 果树"]);
});

test("triples are read with lists, paths, blank nodes and groups", () => {
  const query =
    read(`${PREFIX}SELECT * { ?t a ex:Tree ; ex:name "x"@en, "y" . OPTIONAL { ?t ex:standsIn/ex:name ?n }
    ?t ex:has [ ex:of ?z ] . FILTER(?n > 1) FILTER NOT EXISTS { ?t ex:isOwnedBy ?o } } ORDER BY ?n`);
  const told = query.patterns.map(
    ({ subject, predicate, object, group }) =>
      `${group.kind}: ${subject.text} ${predicate.text} ${object.text}`,
  );
  assert.deepEqual(told, [
    "where: ?t a ex:Tree",
    'where: ?t ex:name "x"@en',
    'where: ?t ex:name "y"',
    "optional: ?t ex:standsIn/ex:name ?n",
    "where: ?_1 ex:of ?z",
    "where: ?t ex:has ?_1",
    "exists: ?t ex:isOwnedBy ?o",
  ]);
  assert.equal(query.patterns[0]!.predicate.iri, RDF_TYPE);
  assert.equal(query.groups[0]!.filters[0]!.text, "FILTER(?n > 1)");
  assert.equal(query.end.slot, "modifier");
});

test("what is due at the end of half a query", () => {
  const slot = (text: string) => read(PREFIX + text).end.slot;
  assert.equal(slot("SELECT "), "projection");
  assert.equal(slot("SELECT * { "), "subject");
  assert.equal(slot("SELECT * { ?x "), "predicate");
  assert.equal(slot("SELECT * { ?x a "), "object");
  assert.equal(slot("SELECT * { ?x a ex:Tree ; "), "predicate");
  assert.equal(slot("SELECT * { ?x ex:name ?n , "), "object");
  assert.equal(slot("SELECT * { ?x ex:standsIn/"), "predicate");
  assert.equal(slot("SELECT * { FILTER("), "expression");
  assert.equal(slot("SELECT * { ?x ex:a [ "), "predicate");
  assert.equal(slot("CONSTRUCT { ?x a ?c } WHERE { ?x "), "predicate");
  assert.equal(slot("SELECT * { { SELECT "), "projection");
  assert.equal(read("").end.slot, "start");
});

test("any text is read without fault", () => {
  for (const text of [
    "}",
    "{{{{",
    "SELECT * { ?x ; ; , . ] ) }",
    "PREFIX",
    "PREFIX ex:",
    "[ ( { \" ' <",
    "SELECT * { ?a ?b ?c ?d ?e",
    "a".repeat(70_000),
    "{ ".repeat(5000),
    "<".repeat(10_000),
  ]) {
    assert.ok(read(text).tokens.length >= 0, text.slice(0, 20));
    format(text);
  }
});

test("the classes of a variable are those stated, else those of the property's objects", () => {
  const query = read(`${PREFIX}SELECT * { ?t a ex:Tree ; ex:standsIn ?p }`);
  const [tree, plot] = [query.patterns[0]!.subject, query.patterns[1]!.object];
  assert.deepEqual(typesOf(query, tree, vocabulary).map(localName), ["Tree"]);
  assert.deepEqual(typesOf(query, plot, vocabulary).map(localName), ["Plot"]);
  assert.deepEqual([...vocabulary.allowed(["http://example.org/Tree"])!.keys()].map(localName), [
    "standsIn",
    "name",
  ]);
});

test("a term is found by its label in any language, by how that sounds, and by its initials", () => {
  const tree = vocabulary.classes[0]!;
  for (const typed of ["tree", "TREE", "果树", "guoshu", "guo", "gs", "ex:tr"])
    assert.notEqual(vocabulary.match(tree, fold(typed)), null, typed);
  assert.equal(vocabulary.match(tree, fold("plot")), null);
  assert.equal(score("land", "plot of land"), 2);
});

test("several words of a label are one phrase, keywords are not", () => {
  const start = (text: string) => (PREFIX + text).slice(phraseStart(PREFIX + text));
  assert.equal(start("SELECT * { ?t is owned"), "is owned");
  assert.equal(start("SELECT * { ?t a plot of"), "plot of");
  assert.equal(start("SELECT * { ?t OPTIONAL x"), "x");
});

test("a variable is named after its property", () => {
  assert.equal(freshName("http://x/isOwnedBy", []), "?owned");
  assert.equal(freshName("http://x/hasBarnDoor", ["?barnDoor"]), "?barnDoor2");
});

test("prefixes are added once, behind the first comments", () => {
  const known = { ex: "http://example.org/", rdfs: "http://r/" };
  assert.equal(
    withPrefixes("# why\nASK { ?x a ex:Tree }", known),
    "# why\nPREFIX ex: <http://example.org/>\n\nASK { ?x a ex:Tree }",
  );
  assert.equal(
    withPrefixes(`${PREFIX}ASK { ?x rdfs:label ?l }`, known),
    `${PREFIX.trim()}\nPREFIX rdfs: <http://r/>\nASK { ?x rdfs:label ?l }`,
  );
  assert.equal(withPrefixes("ASK { ?x nope:a ?l }", known), "ASK { ?x nope:a ?l }");
});

test("formatting keeps comments and meaning, and doing it twice changes nothing more", () => {
  const text = `# top\n${PREFIX}select distinct ?t (count(*) as ?n) where{?t a ex:Tree;ex:name "a;b"@en,"c". # here
optional{?t ex:standsIn/ex:name ?p filter(lang(?p)="en")}values ?x {ex:a ex:b} {?t ex:a 1}union{?t ex:b -2}}group by ?t limit 5`;
  const once = format(text);
  assert.equal(format(once), once);
  assert.match(once, /# top\n/);
  assert.match(once, /# here/);
  assert.match(once, /\n {2}\?t a ex:Tree ;\n {4}ex:name "a;b"@en, "c" \./);
  assert.match(once, /VALUES \?x \{ ex:a ex:b \}/);
  assert.match(once, /GROUP BY \?t\nLIMIT 5/);
  assert.equal(format('SELECT * { ?x ?y "open }'), 'SELECT * { ?x ?y "open }');
});
