// Suggestions from the data for an object that no statement has.

import type { Ask } from "./_asking";
import { type Row, written } from "./_binding";
import { amount, config, say } from "./_config";
import { plainText } from "./_objects";
import type { Pattern, Query } from "./_query";
import { typesOf } from "./_types";
import { values } from "./_values";
import { pick, type Vocabulary } from "./_vocabulary";

const OFFERED = 5;
/** How many characters of a suggested text are shown. */
const LONGEST = 200;

/** A change that would bring rows, and what it is called. */
export interface Mend {
  readonly name: string;
  readonly edits: readonly { from: number; to: number; insert: string }[];
}

/** A value that the data has, and how often, where that is known. */
interface Found {
  readonly term: string;
  readonly count?: number | undefined;
}

/** Look for values of the property with the same words, else for values that contain these words. */
export async function instead(
  { subject, predicate, object }: Pattern,
  query: Query,
  head: string,
  vocabulary: Vocabulary | null,
  ask: Ask,
): Promise<{ message: string; mends: Mend[] }> {
  const text = plainText(object.text.replace(/@[\w-]+$/, ""));
  if (object.iri !== null) {
    const isKnown = await ask.matches(`${head} ASK { ${object.text} ?p ?o }`);
    return { message: isKnown === false ? say("unknownThing", { name: object.text }) : "", mends: [] };
  }
  if (text === null || text === "" || predicate.iri === null) return { message: "", mends: [] };
  const classes = vocabulary === null ? [] : typesOf(query, subject, vocabulary);
  const indexed = vocabulary === null ? [] : await listed(text, predicate.iri, classes);
  const found = indexed.length > 0 ? indexed : await searched(predicate.text, object.text, head, ask);
  if (found.length === 0) return { message: "", mends: [] };
  const list = found
    .map(({ term, count }) => (count === undefined ? term : say("termCount", { term, count: amount(count) })))
    .join("; ");
  const mends = found.map(({ term }) => ({
    name: term,
    edits: [{ from: object.from, to: object.to, insert: term }],
  }));
  return { message: say("insteadTerms", { list }), mends };
}

/** Texts from the server's completion: quick, where a query would read every text. */
async function listed(text: string, property: string, classes: readonly string[]): Promise<Found[]> {
  const found = await values(text, property, classes);
  const fit = found.filter(({ term, iri }) => !iri && term.length <= LONGEST);
  return fit.slice(0, OFFERED).map(({ term, count }) => ({ term, count: count ?? undefined }));
}

/** The texts that queries find. */
async function searched(predicate: string, object: string, head: string, ask: Ask): Promise<Found[]> {
  const find = (test: string) =>
    ask.rows(
      `${head} SELECT ?o (COUNT(*) AS ?n) WHERE { ?s ${predicate} ?o FILTER(${test}) } GROUP BY ?o ORDER BY STRLEN(STR(?o)) DESC(?n) LIMIT ${OFFERED}`,
    );
  const same = await find(`LCASE(STR(?o)) = LCASE(STR(${object}))`);
  const rows = same.length > 0 ? same : await find(`CONTAINS(LCASE(STR(?o)), LCASE(STR(${object})))`);
  return rows
    .map((row) => ({ term: short(row), count: Number(row.n?.value ?? 0) }))
    .filter(({ term }) => term !== "");
}

function short(row: Row): string {
  const term = row.o;
  return term === undefined || term.type === "uri" || term.value.length > LONGEST
    ? ""
    : (written(term) ?? "");
}

/** Things with the name that the query has as a text, for a property whose values are things. */
export async function wantedThings(
  query: Query,
  { subject, predicate, object }: Pattern,
  vocabulary: Vocabulary,
): Promise<Mend[]> {
  const text = plainText(object.text.replace(/@[\w-]+$/, ""));
  if (text === null || predicate.iri === null) return [];
  const found = await values(text, predicate.iri, typesOf(query, subject, vocabulary));
  return found
    .filter((one) => one.iri)
    .slice(0, OFFERED)
    .map((one) => {
      const { prefix, space, text: name } = vocabulary.shorten(one.term);
      const isMeant = prefix !== null && query.prefixes.get(prefix) === space;
      const insert = isMeant ? name : `<${one.term}>`;
      return {
        name: `${pick(one.labels, config.chain)} ${name}`.trim(),
        edits: [{ from: object.from, to: object.to, insert }],
      };
    });
}
