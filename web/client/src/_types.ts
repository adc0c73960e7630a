// The classes of a query's variables, as the query states them or as their properties imply.

import { type Pattern, type Query, RDF_TYPE, type Term } from "./_query";
import type { Vocabulary } from "./_vocabulary";

/** Return the classes that a query states for a term, without those from within FILTER NOT EXISTS and MINUS. */
export function statedTypes(query: Query, term: Term): string[] {
  const found = new Set<string>();
  for (const { subject, predicate, object, group } of query.patterns) {
    const isApart = group.kind === "exists" || group.kind === "minus" || group.kind === "template";
    if (subject.text === term.text && predicate.iri === RDF_TYPE && object.iri !== null && !isApart) {
      found.add(object.iri);
    }
  }
  return [...found];
}

/** Return the classes that a term can be of: those stated, else those that the objects of its property have. */
export function typesOf(query: Query, term: Term, vocabulary: Vocabulary): string[] {
  const stated = statedTypes(query, term);
  if (stated.length > 0) return stated;
  for (const pattern of query.patterns) {
    const last = lastStep(pattern, query);
    if (pattern.object.text !== term.text || last === null) continue;
    const classes = vocabulary.objects(last);
    // Keep only the narrowest class that all objects have; of two with the same count, the narrower comes first.
    const all = vocabulary.property(last)?.iris ?? 0;
    const common = classes.filter(([, n]) => n >= all * 0.98).map(([cls]) => cls);
    if (common.length > 0) return common;
  }
  return [];
}

/** The property that leads to the object: the last step of a plain path. */
export function lastStep(pattern: Pattern, query: Query): string | null {
  if (pattern.predicate.iri !== null) return pattern.predicate.iri;
  return lastOfPath(pattern.predicate.text, query.prefixes);
}

export function lastOfPath(path: string, prefixes: ReadonlyMap<string, string>): string | null {
  const steps = path.split("/").map((step) => step.trim());
  const last = steps[steps.length - 1]?.replace(/[+*?)]+$/, "") ?? "";
  const match = /^([\w-]*):([\w-]+)$/.exec(last);
  const space = match && prefixes.get(match[1]!);
  return match && space !== undefined && space !== null ? space + match[2] : null;
}

/** The classes of the things before the next step of an unfinished path such as "ex:hasPart/". */
export function typesAlong(
  path: string,
  prefixes: ReadonlyMap<string, string>,
  vocabulary: Vocabulary,
): string[] {
  const last = lastOfPath(path.replace(/\/\s*$/, ""), prefixes);
  if (last === null) return [];
  const all = vocabulary.property(last)?.iris ?? 0;
  return vocabulary
    .objects(last)
    .filter(([, n]) => n >= all * 0.98)
    .map(([cls]) => cls);
}

/** The variables of a query, in order of appearance. */
export function variables(query: Query): string[] {
  const seen = new Set<string>();
  for (const token of query.tokens) if (token.kind === "var") seen.add(`?${token.text.slice(1)}`);
  return [...seen];
}
