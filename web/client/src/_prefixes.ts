// Adding the PREFIX lines that a query lacks.

import { read } from "./_query";
import { tokenize } from "./_tokens";

export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** Return what adds some prefixes, or null where all are there or unknown. */
export function prefixEdit(
  text: string,
  prefixes: readonly string[],
  known: Readonly<Record<string, string>>,
): Edit | null {
  const query = read(text);
  const lines = prefixes
    .filter((one) => !query.prefixes.has(one) && known[one] !== undefined)
    .map((one) => `PREFIX ${one}: <${known[one]}>`);
  if (lines.length === 0) return null;
  if (query.body > 0)
    return { from: query.body, to: query.body, insert: lines.map((line) => `\n${line}`).join("") };
  const at = behindComments(text);
  return { from: at, to: at, insert: `${lines.join("\n")}\n${/^\s*\n/.test(text.slice(at)) ? "" : "\n"}` };
}

/** Return what adds all the known prefixes that a query uses and doesn't declare; null where it lacks none. */
export function missingEdit(text: string, known: Readonly<Record<string, string>>): Edit | null {
  return prefixEdit(text, missingPrefixes(text), known);
}

/** Return a query with all the known prefixes that it uses and doesn't declare. */
export function withPrefixes(text: string, known: Readonly<Record<string, string>>): string {
  const edit = missingEdit(text, known);
  return edit === null ? text : text.slice(0, edit.from) + edit.insert + text.slice(edit.to);
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
