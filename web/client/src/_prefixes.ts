// Adding the PREFIX lines that a query lacks.

import { read } from "./_query";
import { tokenize } from "./_tokens";

export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** Return what adds one prefix, or null where it is there or unknown. */
export function prefixEdit(text: string, prefix: string, known: Readonly<Record<string, string>>): Edit | null {
  const query = read(text);
  const space = known[prefix];
  if (query.prefixes.has(prefix) || space === undefined) return null;
  const line = `PREFIX ${prefix}: <${space}>`;
  if (query.body > 0) return { from: query.body, to: query.body, insert: `\n${line}` };
  const at = behindComments(text);
  return { from: at, to: at, insert: `${line}\n${/^\s*\n/.test(text.slice(at)) ? "" : "\n"}` };
}

/** Return a query with all the known prefixes that it uses and doesn't declare. */
export function withPrefixes(text: string, known: Readonly<Record<string, string>>): string {
  let whole = text;
  for (const prefix of missingPrefixes(text)) {
    const edit = prefixEdit(whole, prefix, known);
    if (edit !== null) whole = whole.slice(0, edit.from) + edit.insert + whole.slice(edit.to);
  }
  return whole;
}

/** The prefixes that a query uses without declaring them. */
export function missingPrefixes(text: string): string[] {
  const { prefixes, tokens } = read(text);
  const used = new Set<string>();
  tokens.forEach((token, at) => {
    const isDeclared = tokens[at - 1]?.text.toUpperCase() === "PREFIX";
    if (token.kind === "pname" && !isDeclared) used.add(token.text.slice(0, token.text.indexOf(":")));
  });
  return [...used].filter((prefix) => !prefixes.has(prefix));
}

/** The start of the first line that is no comment. */
function behindComments(text: string): number {
  const first = tokenize(text).find((token) => token.kind !== "comment");
  if (first === undefined) return text.length;
  return text.lastIndexOf("\n", first.from) + 1;
}
