// No rows: which pattern, filter or bracket leaves nothing, and what the data has instead.

import { type Ask, asker } from "./_asking";
import { amount, say } from "./_config";
import { instead, type Mend, wantedThings } from "./_instead";
import { type Group, isWithin, type Pattern, type Query, RDF_TYPE, read } from "./_query";
import { closing, is } from "./_tokens";
import { statedTypes } from "./_types";
import type { Vocabulary } from "./_vocabulary";
import { elsewhere, name, narrow, warnings } from "./_warnings";

const MOST = 14;
const DEEPEST = 4;

export interface Reason {
  readonly message: string;
  readonly from: number;
  readonly to: number;
  readonly mends: readonly Mend[];
}

/** Find why a query has no rows, by a few small questions. */
export async function whyEmpty(
  text: string,
  vocabulary: Vocabulary | null,
  ask: Ask = asker,
): Promise<Reason[]> {
  const query = read(text);
  const told = vocabulary === null ? [] : await fromNumbers(query, vocabulary);
  if (told.length > 0) return told;
  const where = query.groups.find((group) => group.kind !== "template");
  return where === undefined ? [] : new Search(text, query, vocabulary, ask).whole(where);
}

/** Reasons that follow from the counts of the release, with what would mend them. */
async function fromNumbers(query: Query, vocabulary: Vocabulary): Promise<Reason[]> {
  const isOptional = ({ from }: { from: number }) =>
    query.patterns.some(
      ({ predicate, object, group }) =>
        (predicate.from === from || object.from === from) && isWithin(group, ["optional"]),
    );
  const faults = warnings(query, vocabulary).filter((fault) => !isOptional(fault));
  return Promise.all(
    faults.map(async ({ message, from, to, mend }) => {
      const byPredicate = query.patterns.find(({ predicate }) => predicate.from === from);
      const byObject = query.patterns.find(({ object }) => object.from === from);
      if (mend) return { message, from, to, mends: [mend] };
      if (byPredicate !== undefined)
        return { message, from, to, mends: otherClasses(query, byPredicate, vocabulary) };
      return {
        message,
        from,
        to,
        mends: byObject === undefined ? [] : await wantedThings(query, byObject, vocabulary),
      };
    }),
  );
}

/** Offer the classes that do have a property in place of the one that hasn't. */
function otherClasses(query: Query, pattern: Pattern, vocabulary: Vocabulary): Mend[] {
  const iri = pattern.predicate.iri;
  const stated = query.patterns.find(
    ({ subject, predicate, object }) =>
      subject.text === pattern.subject.text &&
      predicate.iri === RDF_TYPE &&
      object.iri !== null &&
      !vocabulary.uses(object.iri).has(iri ?? ""),
  );
  if (iri === null || stated === undefined) return [];
  return narrow(vocabulary.having(iri), vocabulary)
    .slice(0, 3)
    .map(([cls, count]) => {
      const { text } = vocabulary.shorten(cls);
      const edits = [{ from: stated.object.from, to: stated.object.to, insert: text }];
      return { name: say("askFor", { class: name(cls, vocabulary), count: amount(count) }), edits };
    });
}

/** Wraps a group's text in its surroundings, such as GRAPH. */
type Wrap = (body: string) => string;

/** Takes a query apart: each pattern alone, then joined, then the filters, then what stands in inner brackets. */
class Search {
  private readonly head: string;

  constructor(
    private readonly text: string,
    private readonly query: Query,
    private readonly vocabulary: Vocabulary | null,
    private readonly ask: Ask,
  ) {
    this.head = text.slice(0, query.body);
  }

  async whole(where: Group): Promise<Reason[]> {
    const after = this.query.tokens.find(
      (token) => token.from > where.to && is(token, "HAVING", "OFFSET", "LIMIT"),
    );
    if (after !== undefined && (await this.matches(this.inside(where))) === true) {
      return [
        {
          message: say("modifierLeavesNothing", { word: after.text.toUpperCase() }),
          from: after.from,
          to: after.to,
          mends: [],
        },
      ];
    }
    return this.within(where, (body) => body, 0);
  }

  private async within(group: Group, wrap: Wrap, depth: number): Promise<Reason[]> {
    const patterns = group.patterns.slice(0, MOST);
    const alone = await Promise.all(patterns.map((pattern) => this.matches(wrap(triple(pattern)))));
    const none = patterns.filter((_, at) => alone[at] === false);
    if (none.length > 0) return Promise.all(none.map((pattern) => this.nothing(pattern)));
    const { given, made } = this.clauses(group);
    let body = given;
    for (const pattern of connected(patterns)) {
      body += ` ${triple(pattern)}`;
      if ((await this.matches(wrap(body))) === false)
        return [
          reason(say("leavesNothing", { pattern: triple(pattern) }) + this.places(pattern), pattern, []),
        ];
    }
    body += ` ${made}`;
    for (const filter of group.filters) {
      if ((await this.matches(wrap(`${body} ${filter.text}`))) !== false) continue;
      const mend = { name: say("withoutFilter"), edits: [{ from: filter.from, to: filter.to, insert: "" }] };
      return [
        {
          message: say("filterLeavesNothing", { filter: filter.text }),
          from: filter.from,
          to: filter.to,
          mends: [mend],
        },
      ];
    }
    return depth < DEEPEST ? this.inner(group, body, wrap, depth) : [];
  }

  /** Look into the brackets within a group, one after the other. */
  private async inner(group: Group, body: string, wrap: Wrap, depth: number): Promise<Reason[]> {
    const parts = group.groups.filter(({ kind }) => kind !== "optional");
    for (let at = 0; at < parts.length; at++) {
      const part = parts[at]!;
      const branches = [part];
      while (parts[at + 1]?.kind === "union") branches.push(parts[++at]!);
      const found = await this.part(part, branches, body, wrap, depth);
      if (found.length > 0) return found;
    }
    return [];
  }

  private async part(
    part: Group,
    branches: readonly Group[],
    body: string,
    wrap: Wrap,
    depth: number,
  ): Promise<Reason[]> {
    const inside = this.inside(part);
    const first = part.patterns[0];
    if (part.kind === "minus" || part.kind === "exists") {
      const key = part.kind === "minus" ? "minusTakesAll" : "existsLeavesNothing";
      const word =
        part.kind === "minus" ? "MINUS" : this.isNegated(part) ? "FILTER NOT EXISTS" : "FILTER EXISTS";
      const left = await this.matches(wrap(`${body} ${word} { ${inside} }`));
      return left === false ? [{ message: say(key), from: part.from, to: part.to, mends: [] }] : [];
    }
    if (part.kind === "graph" && part.graph !== null) return this.graph(part, inside, body, wrap, depth);
    const union = branches.map((one) => `{ ${this.inside(one)} }`).join(" UNION ");
    if ((await this.matches(wrap(union))) === false) {
      const found = await Promise.all(branches.map((one) => this.within(one, wrap, depth + 1)));
      return found.flat();
    }
    const isJoined = first !== undefined && (await this.matches(wrap(`${body} ${union}`))) === false;
    return isJoined ? [reason(say("groupLeavesNothing", { pattern: triple(first) }), first, [])] : [];
  }

  private async graph(
    part: Group,
    inside: string,
    body: string,
    wrap: Wrap,
    depth: number,
  ): Promise<Reason[]> {
    const graph = part.graph!;
    const within: Wrap = (text) => wrap(`GRAPH ${graph.text} { ${text} }`);
    if (graph.iri !== null && (await this.matches(within("?s ?p ?o"))) === false) {
      return [
        { message: say("noSuchGraph", { graph: graph.text }), from: graph.from, to: graph.to, mends: [] },
      ];
    }
    const found = await this.within(part, within, depth + 1);
    if (found.length > 0) return found;
    const first = part.patterns[0];
    const isJoined =
      first !== undefined &&
      (await this.matches(wrap(`${body} GRAPH ${graph.text} { ${inside} }`))) === false;
    return isJoined ? [reason(say("groupLeavesNothing", { pattern: triple(first) }), first, [])] : [];
  }

  private isNegated(part: Group): boolean {
    const before = this.query.tokens.filter((token) => token.to < part.from);
    return is(before[before.length - 2], "NOT");
  }

  /** A pattern that matches nothing: with what the data has instead. */
  private async nothing(pattern: Pattern): Promise<Reason> {
    const found = await instead(pattern, this.query, this.head, this.vocabulary, this.ask);
    return reason(
      say("matchesNothing", { pattern: triple(pattern) }) + (found.message ? ` ${found.message}` : ""),
      pattern,
      found.mends,
    );
  }

  private places({ subject, predicate: { iri } }: Pattern): string {
    const { vocabulary } = this;
    if (
      vocabulary === null ||
      iri === null ||
      iri === RDF_TYPE ||
      statedTypes(this.query, subject).length === 0
    )
      return "";
    return ` ${elsewhere(vocabulary, iri)}`;
  }

  /** The VALUES and BINDs of a group, which are kept, as its patterns and filters mean something else without them. */
  private clauses(group: Group): { given: string; made: string } {
    const tokens = this.query.tokens.filter((token) => token.from >= group.from && token.to <= group.to);
    const found = { VALUES: "", BIND: "" };
    for (let at = 0; at < tokens.length; at++) {
      const token = tokens[at]!;
      const word = is(token, "VALUES") ? "VALUES" : is(token, "BIND") ? "BIND" : null;
      if (word === null) {
        if (is(token, "{")) at = closing(tokens, at) - 1;
        continue;
      }
      while (at < tokens.length && !is(tokens[at], word === "BIND" ? "(" : "{")) at += 1;
      at = closing(tokens, at) - 1;
      found[word] += ` ${this.text.slice(token.from, tokens[at]?.to ?? token.to)}`;
    }
    return { given: found.VALUES, made: found.BIND };
  }

  private inside(group: Group): string {
    return this.text.slice(group.from, group.to);
  }

  private matches(body: string): Promise<boolean | null> {
    return this.ask.matches(`${this.head} ASK { ${body}\n}`);
  }
}

/** Order patterns so that each shares a variable with those before it, where one does. */
function connected(patterns: readonly Pattern[]): Pattern[] {
  const left = [...patterns];
  const known = new Set<string>();
  const order: Pattern[] = [];
  while (left.length > 0) {
    const at = Math.max(
      0,
      left.findIndex(({ subject, object }) => known.has(subject.text) || known.has(object.text)),
    );
    const [next] = left.splice(at, 1);
    order.push(next!);
    for (const term of [next!.subject, next!.object])
      if (term.kind === "var" || term.kind === "blank") known.add(term.text);
  }
  return order;
}

function triple({ subject, predicate, object }: Pattern): string {
  return `${subject.text} ${predicate.text} ${object.text} .`;
}

function reason(message: string, { subject, object }: Pattern, mends: Reason["mends"]): Reason {
  return { message, from: Math.min(subject.from, object.from), to: object.to, mends };
}
