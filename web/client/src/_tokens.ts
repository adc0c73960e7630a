// SPARQL cut into tokens. It never fails: what fits nothing is a token of its own, so that a half-written query
// can be completed, formatted and explained.

export type Kind =
  | "iri"
  | "pname"
  | "var"
  | "blank"
  | "string"
  | "lang"
  | "number"
  | "word"
  | "punct"
  | "comment"
  | "error";

export interface Token {
  readonly kind: Kind;
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

// As kg/sparql/reading/lexer.py has them; tests/vectors/tokens.json is read by the tests of both.
const BASE =
  "A-Za-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f" +
  "\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\u{10000}-\\u{effff}";
const MORE = "\\u00b7\\u0300-\\u036f\\u203f\\u2040";
const CHARS = `${BASE}_\\-0-9${MORE}`;
const ESCAPED = "%[0-9A-Fa-f]{2}|\\\\[_~.\\-!$&'()*+,;=\\/?#@%]";
const PREFIX = `[${BASE}](?:[${CHARS}.]*[${CHARS}])?`;
const LOCAL = `(?:[${BASE}_:0-9]|${ESCAPED})(?:(?:[${CHARS}.:]|${ESCAPED})*(?:[${CHARS}:]|${ESCAPED}))?`;

const RULES: readonly (readonly [Kind, RegExp])[] = [
  ["comment", /#[^\n\r]*/y],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: IRIREF shuts them out (SPARQL 1.1, production 139)
  ["iri", /<(?:[^<>"{}|^`\\\u0000-\u0020]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>/y],
  ["string", /"""(?:(?:"|"")?(?:[^"\\]|\\.))*"""|'''(?:(?:'|'')?(?:[^'\\]|\\.))*'''/suy],
  ["string", /"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'/y],
  ["lang", /@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[A-Za-z]+)?/y],
  ["var", new RegExp(`[?$][${BASE}_0-9][${BASE}_0-9${MORE}]*`, "uy")],
  ["blank", new RegExp(`_:[${BASE}_0-9](?:[${CHARS}.]*[${CHARS}])?`, "uy")],
  ["pname", new RegExp(`(?:${PREFIX})?:(?:${LOCAL})?`, "uy")],
  ["number", /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  // A prefix that is still being typed may contain hyphens.
  ["word", new RegExp(`[${BASE}_][${BASE}\\w\\-]*`, "uy")],
  ["punct", /<<\(?|\)?>>|\{\||\|\}|\^\^|&&|\|\||!=|<=|>=|[{}()[\].,;/|^*+?!=<>~-]/y],
];

/** Cut a text into tokens, comments among them; white space is left out. */
export function tokenize(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at]!)) {
      at += 1;
      continue;
    }
    const token = next(text, at);
    found.push(token);
    at = token.to;
  }
  return found;
}

function next(text: string, at: number): Token {
  for (const [kind, rule] of RULES) {
    rule.lastIndex = at;
    const match = rule.exec(text);
    if (match !== null && match[0] !== "") {
      // "1." before a space ends a triple.
      const word = kind === "number" && match[0].endsWith(".") ? match[0].slice(0, -1) : match[0];
      return { kind, text: word, from: at, to: at + word.length };
    }
  }
  const quote = text[at] === '"' || text[at] === "'";
  const end = quote ? endOfLine(text, at) : at + (text.codePointAt(at)! > 0xffff ? 2 : 1);
  return { kind: "error", text: text.slice(at, end), from: at, to: end };
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/** Return whether a token is this keyword (in capitals) or sign. */
export function is(token: Token | undefined, ...texts: string[]): boolean {
  if (token === undefined || (token.kind !== "word" && token.kind !== "punct")) return false;
  return texts.includes(token.kind === "word" ? token.text.toUpperCase() : token.text);
}

/** Return the index behind the bracket that closes the one at `at`, or the end. */
export function closing(tokens: readonly Token[], at: number): number {
  let depth = 0;
  for (let i = at; i < tokens.length; i++) {
    if (is(tokens[i], "{", "(", "[")) depth += 1;
    else if (is(tokens[i], "}", ")", "]")) depth -= 1;
    if (depth === 0) return i + 1;
  }
  return tokens.length;
}
