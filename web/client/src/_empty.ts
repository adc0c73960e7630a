// No rows: which pattern or filter leaves nothing, and what the data has instead.

import { amount, say } from "./_config";
import { isWithin, read, RDF_TYPE, type Group, type Pattern, type Query } from "./_query";
import { QueryFailed, Run } from "./_run";
import { statedTypes } from "./_types";
import type { Vocabulary } from "./_vocabulary";
import { elsewhere, name, narrow, warnings } from "./_warnings";

const MOST = 14;
const SECONDS = 3;

type Edits = readonly { from: number; to: number; insert: string }[];

export interface Mend {
  readonly name: string;
  readonly edits: Edits;
}

export interface Reason {
  readonly message: string;
  readonly from: number;
  readonly to: number;
  readonly mends: readonly Mend[];
}

/** Find why a query has no rows. `ask` tells whether a pattern matches anything; null where it can't tell in time. */
export async function whyEmpty(text: string, vocabulary: Vocabulary | null, ask: (query: string) => Promise<boolean | null> = askEndpoint): Promise<Reason[]> {
  const query = read(text);
  const told = vocabulary === null ? [] : fromNumbers(query, vocabulary);
  if (told.length > 0) return told;
  const where = query.groups.find((group) => group.kind !== "template");
  if (where === undefined) return [];
  const head = text.slice(0, query.body);
  const patterns = where.patterns.slice(0, MOST);
  const alone = await Promise.all(patterns.map((pattern) => ask(`${head} ASK { ${triple(pattern)} }`)));
  const none = patterns.filter((_, at) => alone[at] === false);
  if (none.length > 0) return none.map((pattern) => reason(say("matchesNothing", { pattern: triple(pattern) }), pattern, []));
  return (await joined(head, text, where, query, vocabulary, ask)) ?? [];
}

/** What the release's own numbers tell, with what would mend it. */
function fromNumbers(query: Query, vocabulary: Vocabulary): Reason[] {
  const isOptional = ({ from }: { from: number }) => query.patterns.some(({ predicate, object, group }) => (predicate.from === from || object.from === from) && isWithin(group, ["optional"]));
  return warnings(query, vocabulary).filter((fault) => !isOptional(fault)).map((fault) => {
    const pattern = query.patterns.find(({ predicate }) => predicate.from === fault.from);
    const mends = fault.mend ? [fault.mend] : pattern ? otherClasses(query, pattern, vocabulary) : [];
    return { message: fault.message, from: fault.from, to: fault.to, mends };
  });
}

/** Offer the classes that do have a property in place of the one that hasn't. */
function otherClasses(query: Query, pattern: Pattern, vocabulary: Vocabulary): Mend[] {
  const iri = pattern.predicate.iri;
  const stated = query.patterns.find(({ subject, predicate, object }) => subject.text === pattern.subject.text && predicate.iri === RDF_TYPE && object.iri !== null && !vocabulary.uses(object.iri).has(iri ?? ""));
  if (iri === null || stated === undefined) return [];
  return narrow(vocabulary.having(iri), vocabulary).slice(0, 3).map(([cls, count]) => {
    const { text } = vocabulary.shorten(cls);
    const edits = [{ from: stated.object.from, to: stated.object.to, insert: text }];
    return { name: say("askFor", { class: name(cls, vocabulary), count: amount(count) }), edits };
  });
}

/** Join the patterns one by one, then the filters: the first that leaves nothing is told. */
async function joined(head: string, text: string, where: Group, query: Query, vocabulary: Vocabulary | null, ask: (query: string) => Promise<boolean | null>): Promise<Reason[] | null> {
  const rest = where.patterns.slice(0, MOST);
  let body = values(text, where);
  for (const pattern of connected(rest)) {
    body += ` ${triple(pattern)}`;
    if ((await ask(`${head} ASK { ${body} }`)) === false) {
      const types = vocabulary === null ? [] : statedTypes(query, pattern.subject);
      const iri = pattern.predicate.iri;
      const more = vocabulary !== null && iri !== null && types.length > 0 ? ` ${elsewhere(vocabulary, iri)}` : "";
      return [reason(say("leavesNothing", { pattern: triple(pattern) }) + more, pattern, [])];
    }
  }
  for (const filter of where.filters) {
    if ((await ask(`${head} ASK { ${body} ${filter.text} }`)) === false) {
      const mend = { name: say("withoutFilter"), edits: [{ from: filter.from, to: filter.to, insert: "" }] };
      return [{ message: say("filterLeavesNothing", { filter: filter.text }), from: filter.from, to: filter.to, mends: [mend] }];
    }
  }
  for (const group of where.groups.filter(({ kind }) => kind !== "optional")) {
    const first = group.patterns[0];
    if (first !== undefined) return [reason(say("groupLeavesNothing", { pattern: triple(first) }), first, [])];
  }
  return null;
}

/** The VALUES of a group: without them its patterns mean something else. */
function values(text: string, where: Group): string {
  const own = text.slice(where.from, where.to);
  return [...own.matchAll(/\bVALUES\s+(?:\?\w+|\([^)]*\))\s*\{[^{}]*\}/gi)].map((match) => match[0]).join(" ");
}

/** Order patterns so that each shares a variable with those before it, where one does. */
function connected(patterns: readonly Pattern[]): Pattern[] {
  const left = [...patterns];
  const known = new Set<string>();
  const order: Pattern[] = [];
  while (left.length > 0) {
    const at = Math.max(0, left.findIndex(({ subject, object }) => known.has(subject.text) || known.has(object.text)));
    const [next] = left.splice(at, 1);
    order.push(next!);
    for (const term of [next!.subject, next!.object]) if (term.kind === "var" || term.kind === "blank") known.add(term.text);
  }
  return order;
}

function triple({ subject, predicate, object }: Pattern): string {
  return `${subject.text} ${predicate.text} ${object.text} .`;
}

function reason(message: string, { subject, object }: Pattern, mends: Reason["mends"]): Reason {
  return { message, from: Math.min(subject.from, object.from), to: object.to, mends };
}

async function askEndpoint(query: string): Promise<boolean | null> {
  try {
    return (await new Run().ask(query, SECONDS)).boolean;
  } catch (error) {
    if (error instanceof QueryFailed) return null;
    throw error;
  }
}
