// A tolerant parser of queries: prefixes, groups, triple patterns, and what is expected at the end of the text.

import {
  expand,
  type Group,
  type GroupKind,
  type Pattern,
  type Place,
  type Query,
  RDF_TYPE,
  type Term,
} from "./_terms";
import { closing, is, type Token, tokenize } from "./_tokens";

export * from "./_terms";

/** Brackets within brackets that are followed; the endpoint takes fewer. */
const DEEPEST = 100;

/** Read a query. `known` has prefixes that may be used before they are declared: the editor adds them. */
export function read(text: string, known: Readonly<Record<string, string>> = {}): Query {
  return new Reader(text, known).read();
}

class Reader {
  private readonly tokens: Token[];
  private readonly prefixes = new Map<string, string>();
  private readonly patterns: Pattern[] = [];
  private readonly groups: Group[] = [];
  private readonly end: Place = { slot: "start", subject: null, predicate: null, group: null, path: "" };
  private at = 0;
  private form = "";
  private blanks = 0;
  private depth = 0;
  /** Whether the text ends within a bracket. */
  private isOpen = false;

  constructor(
    private readonly text: string,
    private readonly known: Readonly<Record<string, string>>,
  ) {
    this.tokens = tokenize(text).filter((token) => token.kind !== "comment");
  }

  read(): Query {
    const body = this.prologue();
    let kind: GroupKind = "where";
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at]!;
      if (is(token, "SELECT", "ASK", "CONSTRUCT", "DESCRIBE")) {
        this.form ||= token.text.toUpperCase();
        kind = is(token, "CONSTRUCT") ? "template" : "where";
        this.end.slot = is(token, "CONSTRUCT", "ASK") ? "start" : "projection";
      } else if (is(token, "WHERE")) {
        kind = "where";
      } else if (is(token, "{")) {
        this.group(kind, null, null);
        kind = "where";
        continue;
      } else if (is(token, "}")) {
        this.end.slot = "modifier";
      }
      this.at += 1;
    }
    const { text, tokens, prefixes, form, patterns, groups, end } = this;
    return { text, tokens, prefixes, body, form, patterns, groups, end };
  }

  private prologue(): number {
    let body = 0;
    while (is(this.tokens[this.at], "PREFIX", "BASE")) {
      const start = this.at;
      const isBase = is(this.tokens[this.at], "BASE");
      const name = isBase ? undefined : this.tokens[this.at + 1];
      const iri = this.tokens[this.at + (isBase ? 1 : 2)];
      this.at += 1;
      if (name?.kind === "pname") this.at += 1;
      if (iri?.kind === "iri") {
        this.at += 1;
        if (name?.kind === "pname") this.prefixes.set(name.text.slice(0, -1), iri.text.slice(1, -1));
      } else {
        this.end.slot = "prefix";
        if (this.at === start) break;
      }
      body = this.tokens[this.at - 1]!.to;
    }
    if (this.at < this.tokens.length) this.end.slot = "start";
    return body;
  }

  /** Read a group from its opening bracket on. */
  private group(kind: GroupKind, parent: Group | null, graph: Term | null): void {
    const opening = this.tokens[this.at]!;
    if (this.depth >= DEEPEST) {
      this.at = closing(this.tokens, this.at);
      return;
    }
    this.depth += 1;
    const group: Group = {
      kind,
      from: opening.to,
      to: this.text.length,
      parent,
      graph,
      groups: [],
      patterns: [],
      filters: [],
    };
    (parent?.groups ?? this.groups).push(group);
    this.at += 1;
    Object.assign(this.end, { slot: "subject", subject: null, predicate: null, group, path: "" });
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at]!;
      if (is(token, "}")) {
        group.to = token.from;
        this.depth -= 1;
        this.at += 1;
        const slot = parent === null ? "modifier" : "subject";
        Object.assign(this.end, { slot, subject: null, predicate: null, group: parent, path: "" });
        return;
      }
      this.part(token, group);
    }
  }

  private part(token: Token, group: Group): void {
    if (is(token, "SELECT")) return this.subselect();
    if (is(token, "OPTIONAL", "UNION", "MINUS", "GRAPH", "SERVICE", "{")) return this.nested(token, group);
    if (is(token, "FILTER")) return this.filter(token, group);
    if (is(token, "BIND", "VALUES")) return this.skipClause(token);
    if (is(token, "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET")) return this.modifiers();
    if (is(token, ".")) {
      this.at += 1;
      Object.assign(this.end, { slot: "subject", subject: null, predicate: null });
      return;
    }
    this.triples(group, null);
  }

  private subselect(): void {
    this.end.slot = "projection";
    this.at += 1;
    while (this.at < this.tokens.length && !is(this.tokens[this.at], "{", "}")) this.at += 1;
  }

  private modifiers(): void {
    this.end.slot = "modifier";
    while (this.at < this.tokens.length && !is(this.tokens[this.at], "}")) this.at += 1;
  }

  private nested(token: Token, group: Group): void {
    const word = token.text.toLowerCase();
    let graph: Term | null = null;
    if (!is(token, "{")) this.at += 1;
    Object.assign(this.end, { slot: "subject", subject: null, predicate: null, group });
    if (is(token, "GRAPH", "SERVICE")) {
      if (is(this.tokens[this.at], "SILENT")) this.at += 1;
      this.end.slot = "expression";
      const name = this.tokens[this.at];
      if (name !== undefined && !is(name, "{")) {
        graph = this.single(name);
        this.at += 1;
      }
    }
    const kind = is(token, "{")
      ? is(this.tokens[this.at - 1], "UNION")
        ? "union"
        : "group"
      : (word as GroupKind);
    if (is(this.tokens[this.at], "{")) this.group(kind, group, graph);
  }

  private filter(token: Token, group: Group): void {
    this.end.slot = "expression";
    this.at += 1;
    if (is(this.tokens[this.at], "NOT")) this.at += 1;
    if (is(this.tokens[this.at], "EXISTS")) {
      this.at += 1;
      if (is(this.tokens[this.at], "{")) this.group("exists", group, null);
    } else {
      while (this.at < this.tokens.length && !is(this.tokens[this.at], "(", "{", "}")) this.at += 1;
      if (!is(this.tokens[this.at], "(")) return;
      const start = this.at;
      this.at = closing(this.tokens, this.at);
      if (!this.isClosed(start)) return;
      const to = this.tokens[this.at - 1]!.to;
      group.filters.push({ from: token.from, to, text: this.text.slice(token.from, to) });
    }
    Object.assign(this.end, { slot: "subject", subject: null, predicate: null, group });
  }

  private isClosed(start: number): boolean {
    return this.at - 1 > start && is(this.tokens[this.at - 1], ")", "}", "]");
  }

  private skipClause(token: Token): void {
    this.end.slot = "expression";
    this.at += 1;
    while (this.at < this.tokens.length && !is(this.tokens[this.at], "(", "{", "}")) this.at += 1;
    if (is(token, "VALUES") && is(this.tokens[this.at], "(")) this.at = closing(this.tokens, this.at);
    if (!is(this.tokens[this.at], "(", "{")) return;
    const start = this.at;
    this.at = closing(this.tokens, this.at);
    if (this.isClosed(start)) Object.assign(this.end, { slot: "subject", subject: null, predicate: null });
  }

  /** Read triples of one subject; `given` is the blank node of a bracket. */
  private triples(group: Group, given: Term | null): void {
    let subject = given;
    let predicate: Term | null = null;
    const { end } = this;
    if (subject === null) {
      subject = this.node(group);
      if (subject === null) {
        this.at += 1; // a stray sign
        return;
      }
    }
    if (!this.isOpen) Object.assign(end, { slot: "predicate", subject, predicate: null, group, path: "" });
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at]!;
      if (is(token, ".", "{", "}", "]") || this.isClause(token)) return;
      if (is(token, ";")) {
        predicate = null;
        this.at += 1;
        Object.assign(end, { slot: "predicate", subject, predicate, group, path: "" });
      } else if (is(token, ",")) {
        this.at += 1;
        Object.assign(end, { slot: "object", subject, predicate, group });
      } else if (predicate === null) {
        predicate = this.path();
        if (predicate === null) {
          this.at += 1;
          continue;
        }
        const slot = end.path === "" ? "object" : "predicate";
        Object.assign(end, { slot, subject, predicate, group });
      } else {
        const object = this.node(group);
        if (object === null) {
          this.at += 1;
          continue;
        }
        const pattern = { subject, predicate, object, group };
        group.patterns.push(pattern);
        this.patterns.push(pattern);
        if (!this.isOpen) Object.assign(end, { slot: "subject", subject, predicate: null, group, path: "" });
      }
    }
  }

  private isClause(token: Token): boolean {
    return is(token, "OPTIONAL", "UNION", "MINUS", "GRAPH", "SERVICE", "FILTER", "BIND", "VALUES");
  }

  /** Read a predicate or a path. */
  private path(): Term | null {
    const first = this.tokens[this.at];
    if (first === undefined) return null;
    const start = this.at;
    let depth = 0;
    let due = true; // a step is expected
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at]!;
      const isStep = token.kind === "iri" || token.kind === "pname" || token.kind === "var" || is(token, "A");
      if (due && isStep) due = false;
      else if (due && is(token, "^", "!")) due = true;
      else if (due && is(token, "(")) depth += 1;
      else if (!due && is(token, "/", "|")) due = true;
      else if (!due && is(token, "*", "+", "?")) due = false;
      else if (!due && depth > 0 && is(token, ")")) depth -= 1;
      else break;
      this.at += 1;
    }
    if (this.at === start) return null;
    const last = this.tokens[this.at - 1]!;
    this.end.path = due || depth > 0 ? this.text.slice(first.from, last.to) : "";
    if (this.at === start + 1) return this.single(first);
    return {
      text: this.text.slice(first.from, last.to),
      from: first.from,
      to: last.to,
      iri: null,
      kind: "path",
    };
  }

  /** Read a subject or an object; brackets are read with what they hold. */
  private node(group: Group): Term | null {
    const token = this.tokens[this.at];
    if (token === undefined) return null;
    if (is(token, "[")) {
      this.at += 1;
      this.blanks += 1;
      const blank: Term = {
        text: `?_${this.blanks}`,
        from: token.from,
        to: token.to,
        iri: null,
        kind: "blank",
      };
      if (!is(this.tokens[this.at], "]") && this.depth < DEEPEST) {
        this.depth += 1;
        this.triples(group, blank);
        this.depth -= 1;
      }
      if (is(this.tokens[this.at], "]")) this.at += 1;
      else if (this.at >= this.tokens.length) this.isOpen = true;
      return blank;
    }
    if (is(token, "(")) {
      this.at = closing(this.tokens, this.at);
      const to = this.tokens[this.at - 1]!.to;
      return { text: this.text.slice(token.from, to), from: token.from, to, iri: null, kind: "list" };
    }
    if (is(token, "-", "+") && this.tokens[this.at + 1]?.kind === "number") this.at += 1;
    else if (token.kind === "punct" || token.kind === "lang") return null;
    this.at += 1;
    return token.kind === "string" ? this.literal(token) : this.single(token);
  }

  private literal(token: Token): Term {
    let to = token.to;
    const next = this.tokens[this.at];
    if (next?.kind === "lang" && next.from === to) {
      to = next.to;
      this.at += 1;
    } else if (is(next, "^^")) {
      to = this.tokens[this.at + 1]?.to ?? next!.to;
      this.at += 2;
    }
    return { text: this.text.slice(token.from, to), from: token.from, to, iri: null, kind: "literal" };
  }

  private single(token: Token): Term {
    const { text, from, to } = token;
    if (token.kind === "var") return { text, from, to, iri: null, kind: "var" };
    if (is(token, "A")) return { text, from, to, iri: RDF_TYPE, kind: "iri" };
    if (token.kind === "iri" || token.kind === "pname") {
      const space = this.known[text.slice(0, Math.max(0, text.indexOf(":")))];
      const iri =
        expand(text, this.prefixes) ??
        (space === undefined ? null : space + text.slice(text.indexOf(":") + 1));
      return { text, from, to, iri, kind: "iri" };
    }
    return { text, from, to, iri: null, kind: token.kind === "blank" ? "blank" : "literal" };
  }
}
