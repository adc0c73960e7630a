// Syntax errors explained for people: where, what, and what would mend it.

import { say } from "./_config";
import type { Failure } from "./_parser";
import { missingPrefixes } from "./_prefixes";
import { type Token, tokenize } from "./_tokens";

export interface Fault {
  readonly from: number;
  readonly to: number;
  readonly severity: "error" | "warning";
  readonly message: string;
  /** What a click would change. */
  readonly mend?: {
    readonly name: string;
    readonly edits: readonly { from: number; to: number; insert: string }[];
  };
}

const KEYWORDS =
  `BASE PREFIX SELECT CONSTRUCT DESCRIBE ASK WHERE FROM NAMED DISTINCT REDUCED GROUP ORDER HAVING LIMIT
OFFSET VALUES OPTIONAL GRAPH SERVICE SILENT BIND MINUS UNION FILTER EXISTS STR LANG LANGMATCHES DATATYPE BOUND CONCAT
STRLEN UCASE LCASE CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH ABS CEIL FLOOR ROUND COALESCE REGEX SUBSTR
REPLACE COUNT SAMPLE GROUP_CONCAT SEPARATOR ISIRI ISBLANK ISLITERAL ISNUMERIC UNDEF`.split(/\s+/);

/** Signs of East Asian keyboards that look like SPARQL's. */
const WIDE: Readonly<Record<string, string>> = {
  "？": "?",
  "；": ";",
  "。": ".",
  "．": ".",
  "，": ",",
  "、": ",",
  "：": ":",
  "（": "(",
  "）": ")",
  "｛": "{",
  "｝": "}",
  "［": "[",
  "］": "]",
  "＜": "<",
  "＞": ">",
  "＝": "=",
  "＊": "*",
  "＋": "+",
  "－": "-",
  "／": "/",
  "｜": "|",
  "！": "!",
  "＾": "^",
  "＆": "&",
  "＠": "@",
  "＃": "#",
  "＄": "$",
  "“": '"',
  "”": '"',
  "＂": '"',
  "‘": "'",
  "’": "'",
  "\u3000": " ",
};
const WIDE_SIGN = new RegExp(`[${Object.keys(WIDE).join("")}]`, "gu");

/** Find full-width signs outside of strings, comments and IRIs; one click replaces all. */
function wideSigns(tokens: readonly Token[], text: string): Fault[] {
  if (text.search(WIDE_SIGN) < 0) return [];
  const isApart = (at: number) =>
    tokens.some(
      (one) =>
        one.from <= at &&
        at < one.to &&
        (one.kind === "string" || one.kind === "comment" || one.kind === "iri"),
    );
  const isName = (at: number) =>
    tokens.some((one) => one.from <= at && at < one.to && (one.kind === "pname" || one.kind === "var"));
  const found = [...text.matchAll(WIDE_SIGN)].filter(({ index }) => !isApart(index));
  const edits = found.map(({ index, 0: sign }) => ({
    from: index,
    to: index + sign.length,
    insert: WIDE[sign]!,
  }));
  const name = say("narrowSigns", { count: edits.length });
  // Within a name such a sign is valid SPARQL, though hardly meant.
  return edits.slice(0, 20).map(({ from, to, insert }) => ({
    from,
    to,
    severity: isName(from) ? "warning" : "error",
    message: say("wideSign", { found: text.slice(from, to).trim() || "␣", plain: insert.trim() || "␣" }),
    mend: { name, edits },
  }));
}

/** Find the faults that show in the tokens alone; they explain more than an error of the grammar. */
export function tokenFaults(text: string, known: Readonly<Record<string, string>>): Fault[] {
  const tokens = tokenize(text);
  const faults = wideSigns(tokens, text);
  if (faults.length > 0) return faults;
  for (const token of tokens) {
    if (token.kind !== "error") continue;
    const isQuote = token.text.startsWith('"') || token.text.startsWith("'");
    faults.push({
      ...span(token),
      severity: "error",
      message: isQuote ? say("openString") : say("strayCharacter", { found: token.text }),
    });
  }
  // An unclosed string contains what would have closed the brackets, so these aren't reported.
  if (faults.length === 0) faults.push(...brackets(tokens, text));
  for (const prefix of missingPrefixes(text)) {
    const uses = tokens.filter((one) => one.kind === "pname" && one.text.startsWith(`${prefix}:`));
    const first = uses[0];
    if (first === undefined) continue;
    const space = known[prefix];
    const message =
      space === undefined ? say("unknownPrefix", { prefix }) : say("undeclaredPrefix", { prefix });
    const mend =
      space === undefined
        ? {}
        : {
            mend: {
              name: say("addPrefix"),
              edits: [{ from: 0, to: 0, insert: `PREFIX ${prefix}: <${space}>\n` }],
            },
          };
    faults.push({ ...span(first), severity: "error", message, ...mend });
  }
  return faults;
}

function span(token: Token): { from: number; to: number } {
  return { from: token.from, to: token.to };
}

const PAIRS: Readonly<Record<string, string>> = { "}": "{", ")": "(", "]": "[" };

/** Find brackets without a partner. */
function brackets(tokens: readonly Token[], text: string): Fault[] {
  const open: Token[] = [];
  for (const token of tokens) {
    if (token.kind !== "punct") continue;
    if ("{([".includes(token.text)) open.push(token);
    const wanted = PAIRS[token.text];
    if (wanted === undefined) continue;
    const last = open.pop();
    if (last === undefined)
      return [{ ...span(token), severity: "error", message: say("strayBracket", { found: token.text }) }];
    if (last.text !== wanted)
      return [{ ...span(last), severity: "error", message: say("openBracket", { found: last.text }) }];
  }
  const left = open[open.length - 1];
  if (left === undefined) return [];
  const close = { "{": "\n}", "(": ")", "[": "]" }[left.text] ?? "";
  const mend = { name: say("closeBracket"), edits: [{ from: text.length, to: text.length, insert: close }] };
  return [{ ...span(left), severity: "error", message: say("openBracket", { found: left.text }), mend }];
}

/** Explain an error of the grammar. */
export function grammarFault(text: string, failure: Failure): Fault {
  const tokens = tokenize(text).filter((one) => one.kind !== "comment");
  if (failure.offset === null) return meaningFault(tokens, text, failure.message);
  const at = Math.min(failure.offset, text.length);
  const index = tokens.findIndex((one) => one.to > at);
  const here = tokens[index] ?? tokens[tokens.length - 1];
  if (here === undefined) return { from: 0, to: 0, severity: "error", message: say("emptyQuery") };
  const misspelt = nearKeyword(tokens, index < 0 ? tokens.length : index);
  if (misspelt !== null) return misspelt;
  const expected = failure.expected.slice(0, 4).map(plain).filter(Boolean).join(", ");
  const found = index < 0 ? "" : here.text;
  const key =
    found === ""
      ? "endsEarly"
      : expected === "" || failure.expected.length > 4
        ? "unexpected"
        : "unexpectedFor";
  return { ...span(here), severity: "error", message: say(key, { found: found.slice(0, 60), expected }) };
}

const SIGNS: Readonly<Record<string, string>> = {
  Var1: "?variable",
  Var2: "",
  LCurly: "{",
  RCurly: "}",
  LParen: "(",
  RParen: ")",
  Star: "*",
};

function plain(name: string): string {
  return SIGNS[name] ?? name;
}

function meaningFault(tokens: readonly Token[], text: string, message: string): Fault {
  const name = /\?[\w]+/.exec(message)?.[0];
  const isAs = (one: Token, at: number) => tokens[at - 1]?.text.toUpperCase() === "AS" && one.text === name;
  const token =
    name === undefined ? undefined : (tokens.find(isAs) ?? tokens.find((one) => one.text === name));
  const select = tokens.find((one) => one.text.toUpperCase() === "SELECT");
  const where = token ?? ungrouped(tokens) ?? select ?? tokens[0];
  if (where === undefined) return { from: 0, to: text.length, severity: "error", message };
  const isGrouping = /not allowed in projection|ungrouped/i.test(message);
  const isBound = /already bound/i.test(message);
  const said = isGrouping
    ? say("ungrouped", { name: where.text })
    : isBound
      ? say("alreadyBound", { name: name ?? "" })
      : message;
  return { ...span(where), severity: "error", message: said };
}

/** A variable of the projection that isn't grouped by. */
function ungrouped(tokens: readonly Token[]): Token | undefined {
  const group = tokens.findIndex((one) => one.text.toUpperCase() === "GROUP");
  const grouped = new Set(
    group < 0
      ? []
      : tokens
          .slice(group)
          .filter((one) => one.kind === "var")
          .map((one) => one.text),
  );
  let depth = 0;
  for (const token of tokens.slice(tokens.findIndex((one) => one.text.toUpperCase() === "SELECT"))) {
    if (token.text === "{") return undefined;
    if (token.text === "(") depth += 1;
    if (token.text === ")") depth -= 1;
    if (depth === 0 && token.kind === "var" && !grouped.has(token.text)) return token;
  }
  return undefined;
}

/** The word at or before the fault that is almost a keyword. */
function nearKeyword(tokens: readonly Token[], index: number): Fault | null {
  for (let at = Math.min(index, tokens.length - 1); at >= Math.max(0, index - 2); at--) {
    const token = tokens[at]!;
    const upper = token.text.toUpperCase();
    if (token.kind !== "word" || upper.length < 3 || KEYWORDS.includes(upper)) continue;
    const near = KEYWORDS.find((word) => distance(upper, word) <= (word.length > 5 ? 2 : 1));
    if (near === undefined) continue;
    const edits = [{ ...span(token), insert: near }];
    return {
      ...span(token),
      severity: "error",
      message: say("misspelt", { found: token.text, near }),
      mend: { name: near, edits },
    };
  }
  return null;
}

/** Edits between two words, a swap of neighbours counting as one. */
export function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 9;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
