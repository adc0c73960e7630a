// Warnings of patterns that are valid SPARQL but can't match this data, by the counts of the release.

import { amount, config, say } from "./_config";
import { objectWarning } from "./_objects";
import { isWithin, type Pattern, type Query, RDF_TYPE, type Term } from "./_query";
import type { Fault } from "./_syntax";
import { distance } from "./_syntax";
import { lastStep, statedTypes } from "./_types";
import { fold, localName, pick, type TermInfo, type Vocabulary } from "./_vocabulary";

const MOST_USED = 6;

/** Find patterns that nothing can match. */
export function warnings(query: Query, vocabulary: Vocabulary): Fault[] {
  const faults: Fault[] = [];
  for (const pattern of query.patterns) {
    if (isWithin(pattern.group, ["template", "minus", "exists"])) continue;
    const found = patternWarning(query, pattern, vocabulary);
    if (found !== null) faults.push(found);
  }
  return [...faults, ...tagWarnings(query, vocabulary)];
}

function patternWarning(query: Query, pattern: Pattern, vocabulary: Vocabulary): Fault | null {
  const { subject, predicate, object } = pattern;
  if (predicate.iri === RDF_TYPE) {
    if (object.iri === null) return null;
    const known = vocabulary.isClass(object.iri) ? vocabulary.of(object.iri) : undefined;
    return known !== undefined && known.count > 0
      ? null
      : unknown(object, known === undefined ? "noClass" : "emptyClass", vocabulary.classes, vocabulary);
  }
  const first = firstStep(predicate, query);
  if (first === null) return null;
  if (vocabulary.property(first) === undefined) {
    if (predicate.iri === null) return null;
    const fault = unknown(predicate, "noProperty", vocabulary.properties, vocabulary);
    return fault.mend ? fault : { ...fault, message: fault.message + has(query, subject, vocabulary) };
  }
  const wrong =
    predicate.iri === null
      ? null
      : objectWarning(pattern, vocabulary.property(first)!, name(first, vocabulary));
  if (wrong !== null) return wrong;
  const types = statedTypes(query, subject).filter((type) => vocabulary.uses(type).size > 0);
  const without = types.find((type) => !vocabulary.uses(type).has(first));
  if (without === undefined) return null;
  const others = elsewhere(vocabulary, first);
  const message = `${say("neverOn", { property: name(first, vocabulary), class: name(without, vocabulary) })} ${others}`;
  return { from: predicate.from, to: predicate.to, severity: "warning", message };
}

/** Say which properties the things of a stated class do have. */
function has(query: Query, subject: Term, vocabulary: Vocabulary): string {
  const [cls] = statedTypes(query, subject);
  const most =
    cls === undefined
      ? []
      : [...vocabulary.uses(cls)]
          .filter(([iri]) => iri !== RDF_TYPE)
          .sort((a, b) => b[1] - a[1])
          .slice(0, MOST_USED);
  if (cls === undefined || most.length === 0) return "";
  const list = most
    .map(([iri, count]) => say("termCount", { term: name(iri, vocabulary), count: amount(count) }))
    .join("; ");
  return ` ${say("classHas", { class: name(cls, vocabulary), list })}`;
}

/** The first step of a plain path; null where it is optional or inverted. */
function firstStep(predicate: Term, query: Query): string | null {
  if (predicate.iri !== null) return predicate.iri;
  if (predicate.kind !== "path" || /[|^(!*?]/.test(predicate.text)) return null;
  const text = predicate.text.split("/")[0]!.trim().replace(/\+$/, "");
  const step = { ...predicate, text, iri: null };
  return lastStep({ predicate: step } as Pattern, query);
}

/** Say where a property does occur. */
export function elsewhere(vocabulary: Vocabulary, property: string): string {
  const places = narrow(vocabulary.having(property), vocabulary).slice(0, 3);
  if (places.length === 0) return "";
  const list = places.map(([cls, n]) => say("timesOn", { count: amount(n), class: name(cls, vocabulary) }));
  return say("insteadOn", { list: list.join("; ") });
}

/** Leave out classes that only repeat what a narrower one says. */
export function narrow(counted: [string, number][], vocabulary: Vocabulary): [string, number][] {
  const seen = new Set(counted.map(([cls]) => cls));
  const above = new Set<string>();
  for (const cls of seen)
    for (const up of (vocabulary.of(cls) as { above?: readonly string[] } | undefined)?.above ?? [])
      above.add(up);
  const kept = counted.filter(([cls]) => !above.has(cls));
  return kept.length > 0 ? kept : counted;
}

export function name(iri: string, vocabulary: Vocabulary): string {
  const term = vocabulary.of(iri);
  const label = pick(term?.labels, config.chain);
  const { text } = vocabulary.shorten(iri);
  return label && fold(label) !== fold(localName(iri)) ? `${text} (${label})` : text;
}

function unknown(term: Term, key: string, among: readonly TermInfo[], vocabulary: Vocabulary): Fault {
  const near = nearest(term.iri ?? term.text, among);
  const message =
    say(key, { name: term.text }) +
    (near === null ? "" : ` ${say("didYouMean", { name: name(near.iri, vocabulary) })}`);
  const fault: Fault = { from: term.from, to: term.to, severity: "warning", message };
  if (near === null) return fault;
  const { text } = vocabulary.shorten(near.iri);
  return { ...fault, mend: { name: text, edits: [{ from: term.from, to: term.to, insert: text }] } };
}

/** Whether a name has every word of another: hasDefaultGeometry those of hasGeometry. */
function hasWords(name: string, other: string): boolean {
  const words = (text: string) =>
    text
      .split(/(?=[A-Z])|[-_\d]+/)
      .map((word) => word.toLowerCase())
      .filter(Boolean);
  const own = words(name);
  const wanted = words(other).filter((word) => !/^(is|has|of|by|in|at)$/.test(word));
  return wanted.length > 0 && wanted.every((word) => own.includes(word));
}

/** The used term whose name is nearest to an unknown one. */
export function nearest(iri: string, among: readonly TermInfo[]): TermInfo | null {
  const wanted = localName(iri).toLowerCase();
  let best: TermInfo | null = null;
  let least = Math.max(1, Math.floor(wanted.length / 4)) + 1;
  for (const term of among) {
    if (term.count === 0) continue;
    const local = localName(term.iri).toLowerCase();
    const edits =
      local === wanted
        ? 0
        : hasWords(localName(term.iri), localName(iri))
          ? 1
          : Math.min(
              distance(wanted, local),
              wanted.length > 4 && (local.includes(wanted) || wanted.includes(local)) ? 2 : 9,
            );
    if (edits < least) {
      least = edits;
      best = term;
    }
  }
  return best;
}

/** Language tags that no text of the data has. */
function tagWarnings(query: Query, vocabulary: Vocabulary): Fault[] {
  const known = new Set(vocabulary.properties.flatMap((one) => Object.keys(one.languages ?? {})));
  if (known.size === 0) return [];
  const faults: Fault[] = [];
  query.tokens.forEach((token, at) => {
    const isCompared = token.kind === "string" && comparesLanguage(query, at);
    if (token.kind !== "lang" && !isCompared) return;
    const tag = token.kind === "lang" ? token.text.slice(1) : token.text.slice(1, -1);
    if (tag === "" || tag === "*" || known.has(tag)) return;
    const lower = tag.toLowerCase();
    const near = known.has(lower)
      ? lower
      : [...known].find((one) => one.startsWith(`${lower}-`) || lower.startsWith(`${one}-`));
    const message = known.has(lower)
      ? say("tagCase", { tag, near: lower })
      : say("noTag", { tag, list: [...known].join(", ") });
    const insert = token.kind === "lang" ? `@${near}` : `"${near}"`;
    const mend =
      near === undefined
        ? {}
        : { mend: { name: insert, edits: [{ from: token.from, to: token.to, insert }] } };
    faults.push({ from: token.from, to: token.to, severity: "warning", message, ...mend });
  });
  return faults;
}

/** Whether a string is compared to LANG(...), which is exact; LANGMATCHES isn't. */
function comparesLanguage(query: Query, at: number): boolean {
  const { tokens } = query;
  const text = (offset: number) => tokens[at + offset]?.text.toUpperCase();
  const before = text(-1) === "=" && text(-2) === ")" && text(-4) === "(" && text(-5) === "LANG";
  const behind = text(1) === "=" && text(2) === "LANG";
  return before || behind || isListed(query, at);
}

function isListed(query: Query, at: number): boolean {
  let open = at - 1;
  while (open > 0 && (query.tokens[open]!.kind === "string" || query.tokens[open]!.text === ",")) open -= 1;
  const text = (offset: number) => query.tokens[open + offset]?.text.toUpperCase();
  return text(0) === "(" && text(-1) === "IN" && text(-2) === ")" && text(-4) === "(" && text(-5) === "LANG";
}
