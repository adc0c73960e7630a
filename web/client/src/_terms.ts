// What a query is made of: terms, triple patterns, groups.

import type { Token } from "./_tokens";

export const RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";

export interface Term {
  /** As written; a path keeps its spaces. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** What it stands for, where it is a single IRI. */
  readonly iri: string | null;
  readonly kind: "iri" | "var" | "literal" | "blank" | "path" | "list";
}

export interface Pattern {
  readonly subject: Term;
  readonly predicate: Term;
  readonly object: Term;
  readonly group: Group;
}

export interface Filter {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export type GroupKind =
  | "where"
  | "group"
  | "optional"
  | "union"
  | "minus"
  | "graph"
  | "exists"
  | "service"
  | "template";

export interface Group {
  readonly kind: GroupKind;
  /** The offset after the opening bracket. */
  readonly from: number;
  /** The offset of the closing bracket. */
  to: number;
  readonly parent: Group | null;
  readonly groups: Group[];
  readonly patterns: Pattern[];
  readonly filters: Filter[];
  readonly graph: Term | null;
}

export type Slot =
  | "start"
  | "subject"
  | "predicate"
  | "object"
  | "expression"
  | "projection"
  | "modifier"
  | "prefix";

export interface Place {
  slot: Slot;
  subject: Term | null;
  predicate: Term | null;
  group: Group | null;
  /** Within a path, after "/": the text so far isn't the whole predicate. */
  path: string;
}

export interface Query {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly prefixes: ReadonlyMap<string, string>;
  /** Where the prologue ends and the query begins. */
  readonly body: number;
  readonly form: string;
  readonly patterns: readonly Pattern[];
  readonly groups: readonly Group[];
  readonly end: Place;
}

/** Return what a name stands for, or null where its prefix isn't declared. */
export function expand(name: string, prefixes: ReadonlyMap<string, string>): string | null {
  if (name.startsWith("<")) return name.slice(1, -1);
  const at = name.indexOf(":");
  const space = prefixes.get(name.slice(0, at));
  return at < 0 || space === undefined ? null : space + name.slice(at + 1).replace(/\\(.)/g, "$1");
}

/** Whether a group is of one of these kinds, or lies in one that is. */
export function isWithin(group: Group, kinds: readonly GroupKind[]): boolean {
  for (let at: Group | null = group; at !== null; at = at.parent) if (kinds.includes(at.kind)) return true;
  return false;
}
