// Completions at the cursor: terms, values, variables and keywords, the likeliest first.

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { amount, config, say } from "./_config";
import { freshName, insert, snippet } from "./_inserting";
import { type Place, type Query, RDF_TYPE, read } from "./_query";
import { tokenize } from "./_tokens";
import { lastOfPath, statedTypes, typesAlong, typesOf, variables } from "./_types";
import { type ValueInfo, values } from "./_values";
import { fold, localName, pick, type Short, type TermInfo, type Vocabulary } from "./_vocabulary";

const MOST = 60;
const LONG_LINE = 20_000;
const LONG_WORD = 60;
const CLAUSES = [
  "OPTIONAL { }",
  "FILTER ()",
  "FILTER NOT EXISTS { }",
  "BIND ( AS ?)",
  "VALUES ? { }",
  "UNION { }",
  "MINUS { }",
  "GRAPH ?graph { }",
];
const STARTS = ["SELECT", "CONSTRUCT", "ASK", "DESCRIBE", "PREFIX"];
const MODIFIERS = ["ORDER BY", "GROUP BY", "LIMIT 100", "OFFSET", "HAVING ()", "DESC()", "ASC()"];
const FUNCTIONS = [
  "LANG()",
  "STR()",
  "CONTAINS(, )",
  "STRSTARTS(, )",
  "REGEX(, )",
  "LCASE()",
  "BOUND()",
  "DATATYPE()",
  "YEAR()",
  "COALESCE(, )",
  "IF(, , )",
  "COUNT(*)",
  "SUM()",
  "AVG()",
  "MIN()",
  "MAX()",
  "SAMPLE()",
  'GROUP_CONCAT(; separator=", ")',
  "IN ()",
  "NOT IN ()",
  "EXISTS { }",
];

/** Whether the last list was opened by a key: then Enter accepts an entry even if nothing was typed. */
export let wasExplicit = false;

/** The source of completions for CodeMirror. */
export function completer(vocabulary: () => Vocabulary | null) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const started = performance.now();
    const result = await complete(context, vocabulary());
    performance.measure("completion", { start: started });
    wasExplicit = context.explicit;
    return result;
  };
}

/** The start of the word before the cursor. Scanned by hand: a pattern would take long on a long line. */
export function wordStart(text: string): number {
  const line = lastLine(text);
  const start = text.length - line.length;
  const quotes = line.length > LONG_LINE ? [] : [...line.matchAll(/(?<!\\)"/g)];
  if (quotes.length % 2 === 1) return start + quotes[quotes.length - 1]!.index;
  const angle = line.lastIndexOf("<");
  if (angle >= 0 && !/[<>\s]/.test(line.slice(angle + 1))) return start + angle;
  let at = text.length;
  while (at > start && /[\p{L}\p{N}\p{M}_:.-]/u.test(text[at - 1]!)) at -= 1;
  return at > start && /[?$@]/.test(text[at - 1]!) ? at - 1 : at;
}

/** The start of what is typed; where a term is expected, it may be several words, as in a label. */
export function phraseStart(text: string): number {
  let from = wordStart(text);
  for (let words = 0; words < 4; words++) {
    const before = text.slice(Math.max(0, from - LONG_WORD), from);
    const match = /(?<=\s)([\p{L}][\p{L}\p{N}'-]*) $/u.exec(before);
    if (match === null || /^(a|true|false)$|^[A-Z]+$/.test(match[1]!)) break;
    const at = from - before.length + match.index;
    const { slot } = read(text.slice(0, at)).end;
    if (slot !== "predicate" && slot !== "object") break;
    from = at;
  }
  return from;
}

/** Whether a text ends within a comment. */
function isComment(text: string): boolean {
  const line = lastLine(text);
  const first = line.trimStart();
  if (first.startsWith("#") || line.length > LONG_LINE) return true;
  return tokenize(line).at(-1)?.kind === "comment";
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf("\n") + 1);
}

async function complete(
  context: CompletionContext,
  vocabulary: Vocabulary | null,
): Promise<CompletionResult | null> {
  const whole = context.state.doc.toString();
  const before = whole.slice(0, context.pos);
  if (isComment(before)) return null;
  const from = phraseStart(before);
  const word = before.slice(from);
  const place = read(before.slice(0, from), config.prefixes).end;
  // The text after the cursor is read too, for what it says of the variables.
  const query = read(`${before.slice(0, from)} ${whole.slice(context.pos)}`, config.prefixes);
  const isDue = place.slot === "predicate" || place.slot === "object";
  if (word === "" && !context.explicit && !(isDue && /[\s/|^]$/.test(before))) return null;
  const options = await new Completer(query, place, word, vocabulary).options();
  return options.length === 0 || context.aborted
    ? null
    : { from, options: options.slice(0, MOST), filter: false };
}

interface Scored {
  readonly completion: Completion;
  readonly score: number;
  readonly count: number;
}

class Completer {
  private readonly folded: string;
  private readonly found: Scored[] = [];

  constructor(
    private readonly query: Query,
    private readonly place: Place,
    private readonly word: string,
    private readonly vocabulary: Vocabulary | null,
  ) {
    this.folded = fold(word.replace(/^[<"]/, ""));
  }

  async options(): Promise<Completion[]> {
    const { place, word } = this;
    if (word.startsWith("@")) this.languages();
    else if (word.startsWith("?") || word.startsWith("$")) this.variables(place.slot === "object");
    else {
      switch (place.slot) {
        case "start":
        case "prefix":
          this.words(place.slot === "start" ? STARTS : []);
          this.prefixNames();
          break;
        case "subject":
          this.words(CLAUSES);
          this.variables(false);
          if (this.folded.length > 1) await this.values("", [], 5);
          break;
        case "predicate":
          this.properties();
          break;
        case "object":
          await this.objects();
          break;
        case "projection":
          this.words(["WHERE { }", "DISTINCT", "(COUNT(*) AS ?n)"]);
          this.variables(false);
          break;
        case "expression":
          this.words(FUNCTIONS);
          this.variables(false);
          break;
        case "modifier":
          this.words(MODIFIERS);
          this.variables(false);
      }
    }
    this.found.sort((a, b) => a.score - b.score || b.count - a.count);
    return this.found.map(({ completion }) => completion);
  }

  private properties(): void {
    const { vocabulary, place, query } = this;
    // For a subject of a known class, its properties come first.
    const isStated = place.subject !== null && statedTypes(query, place.subject).length > 0;
    if (this.matches("a") && place.path === "") {
      this.add(
        { label: "a", detail: say("isA"), type: "property", apply: insert("a", null) },
        this.folded === "" && !isStated ? -1 : 0,
        isStated ? 0 : 1e12,
      );
    }
    if (vocabulary === null || place.subject === null) return;
    const types =
      place.path === ""
        ? typesOf(query, place.subject, vocabulary)
        : typesAlong(place.path, query.prefixes, vocabulary);
    const allowed = vocabulary.allowed(types);
    for (const one of vocabulary.properties) {
      if (one.iri === RDF_TYPE && place.path === "") continue;
      const count = allowed === null ? one.count : allowed.get(one.iri);
      if (count !== undefined) this.term(one, "property", count, 0);
    }
  }

  private async objects(): Promise<void> {
    const { vocabulary, place, query } = this;
    if (vocabulary === null) return this.variables(true);
    const predicate =
      place.predicate?.iri ?? (place.predicate ? lastOfPath(place.predicate.text, query.prefixes) : null);
    if (predicate === RDF_TYPE) {
      for (const one of vocabulary.classes) this.term(one, "class", one.count, 0);
      return;
    }
    this.variables(true);
    if (predicate !== null && place.subject !== null) {
      const isPath = place.predicate?.iri === null;
      await this.values(predicate, isPath ? [] : typesOf(query, place.subject, vocabulary), 0);
    }
  }

  private async values(property: string, classes: readonly string[], penalty: number): Promise<void> {
    if (this.vocabulary === null) return;
    const found = await values(this.word.replace(/^["<]/, ""), property, classes);
    for (const [at, value] of found.entries()) this.value(value, penalty + at / 1000);
  }

  private value(value: ValueInfo, score: number): void {
    const counted = value.count === undefined ? "" : amount(value.count);
    if (!value.iri) {
      const type = /\^\^<([^>]*)>$/.exec(value.term)?.[1];
      const isPlain = type !== undefined && /#(integer|decimal|boolean)$/.test(type);
      const short = type === undefined ? null : this.vocabulary!.shorten(type);
      const text = isPlain
        ? /^"([^"]*)"/.exec(value.term)![1]!
        : short === null
          ? value.term
          : value.term.replace(/<[^>]*>$/, short.text);
      this.add(
        { label: text, detail: counted, type: "constant", apply: insert(text, isPlain ? null : short) },
        score,
        value.count ?? 0,
      );
      return;
    }
    const known = this.short(value.term);
    const { text } = known;
    const label = pick(value.labels, config.chain) || localName(value.term);
    this.add(
      {
        label: text,
        displayLabel: label,
        detail: `${short(text)} ${counted}`,
        type: "value",
        apply: insert(text, known),
      },
      score,
      value.count ?? 0,
    );
  }

  private term(term: TermInfo, type: string, count: number, penalty: number): void {
    const score = this.vocabulary!.match(term, this.folded);
    if (score === null) return;
    const known = this.short(term.iri);
    const { text } = known;
    const label = pick(term.labels, config.chain) || localName(term.iri);
    const about = pick(term.about, config.chain);
    const completion = {
      label: text,
      displayLabel: label,
      detail: `${short(text)} ${amount(count)}`,
      type,
      apply: insert(text, known),
    };
    this.add(about ? { ...completion, info: about } : completion, score + penalty, count);
  }

  /** The short form of an IRI; the IRI itself where the query means something else by that prefix. */
  private short(iri: string): Short {
    const known = this.vocabulary!.shorten(iri);
    const declared = known.prefix === null ? undefined : this.query.prefixes.get(known.prefix);
    return declared === undefined || declared === known.space
      ? known
      : { text: `<${iri}>`, prefix: null, space: "" };
  }

  private variables(withFresh: boolean): void {
    const names = variables(this.query);
    for (const name of names)
      if (this.matches(name) || this.matches(name.slice(1)))
        this.add({ label: name, type: "variable" }, 2.5, 0);
    const property = this.place.predicate?.iri;
    if (!withFresh || !property || (this.folded !== "" && this.folded !== "?")) return;
    const fresh = freshName(property, names);
    this.add({ label: fresh, detail: say("newVariable"), type: "variable" }, -0.5, 0);
  }

  private languages(): void {
    const property = this.place.predicate?.iri;
    const known = property ? this.vocabulary?.property(property)?.languages : undefined;
    const all =
      known ?? Object.assign({}, ...(this.vocabulary?.properties ?? []).map((one) => one.languages ?? {}));
    for (const [tag, count] of Object.entries(all as Record<string, number>)) {
      if (`@${tag}`.startsWith(this.word.toLowerCase()))
        this.add({ label: `@${tag}`, detail: amount(count), type: "constant" }, 0, count);
    }
  }

  private words(words: readonly string[]): void {
    for (const word of words) {
      if (this.folded === "" || !fold(word).startsWith(this.folded)) continue;
      this.add({ label: word, type: "keyword", apply: snippet(word) }, 0.2, 0);
    }
  }

  private prefixNames(): void {
    for (const [prefix, space] of Object.entries(config.prefixes)) {
      if (this.folded !== "" && prefix.startsWith(this.folded))
        this.add({ label: `${prefix}: <${space}>`, type: "constant" }, 1, 0);
    }
  }

  private matches(name: string): boolean {
    return fold(name).startsWith(this.folded);
  }

  private add(completion: Completion, score: number, count: number): void {
    this.found.push({ completion, score, count });
  }
}

function short(text: string): string {
  return text.length > 48 ? `${text.slice(0, 20)}…${text.slice(-25)}` : text;
}
