// Formatting a query: a line for each clause and triple, two spaces for each level. Comments stay; only space changes.

import { closing, is, type Token, tokenize } from "./_tokens";

const LINE_STARTS = [
  "PREFIX",
  "BASE",
  "SELECT",
  "CONSTRUCT",
  "ASK",
  "DESCRIBE",
  "FROM",
  "WHERE",
  "GROUP",
  "HAVING",
  "ORDER",
  "LIMIT",
  "OFFSET",
  "VALUES",
  "OPTIONAL",
  "MINUS",
  "GRAPH",
  "SERVICE",
  "FILTER",
  "BIND",
];
const KEYWORDS = new Set([
  ...LINE_STARTS,
  "NAMED",
  "DISTINCT",
  "REDUCED",
  "AS",
  "BY",
  "ASC",
  "DESC",
  "UNION",
  "IN",
  "NOT",
  "EXISTS",
  "UNDEF",
  "SILENT",
  "SEPARATOR",
]);

const MOST = 20_000;

/** Lay a query out. What can't be cut into tokens is left as it is. */
export function format(text: string): string {
  const tokens = tokenize(text);
  if (tokens.length > MOST || tokens.some((token) => token.kind === "error")) return text;
  const formatted = new Layout(text, tokens).lay();
  // A formatter must never change what is asked.
  return same(tokens, tokenize(formatted)) ? formatted : text;
}

function same(a: readonly Token[], b: readonly Token[]): boolean {
  const plain = (token: Token) =>
    token.kind === "word" && KEYWORDS.has(token.text.toUpperCase())
      ? token.text.toUpperCase()
      : token.text.trimEnd();
  return a.length === b.length && a.every((token, at) => plain(token) === plain(b[at]!));
}

class Layout {
  private lines: string[] = [];
  private line = "";
  private depth = 0;
  /** Within a subject's list, behind ";". */
  private isContinued = false;
  private parens = 0;
  private hasBody = false;
  private sameLine = -1;

  constructor(
    private readonly text: string,
    private readonly tokens: readonly Token[],
  ) {}

  lay(): string {
    for (const [at, token] of this.tokens.entries()) this.token(token, at);
    this.flush();
    return `${this.lines
      .join("\n")
      .replace(/\n{3,}/g, "\n\n")
      .trim()}\n`;
  }

  private token(token: Token, at: number): void {
    const before = this.tokens[at - 1];
    if (token.kind === "comment") return this.comment(token, before);
    this.keepBlankLine(token, before);
    if (at < this.sameLine) return this.append(token, before);
    if (is(token, "{")) return this.open(token, at, before);
    if (is(token, "}")) return this.close(token, at);
    if (this.parens === 0 && this.startsLine(token, before)) this.flush();
    this.append(token, before);
    if (is(token, "(", "[")) this.parens += 1;
    if (is(token, ")", "]")) this.parens = Math.max(0, this.parens - 1);
    if (this.parens === 0) this.behind(token);
  }

  private behind(token: Token): void {
    if (is(token, ".") && this.depth > 0) {
      this.flush();
      this.isContinued = false;
    } else if (is(token, ";")) {
      this.flush();
      this.isContinued = true;
    }
  }

  private startsLine(token: Token, before: Token | undefined): boolean {
    if (token.kind !== "word") return this.line !== "" && this.endsPrologue(before) && !is(token, ".");
    const word = token.text.toUpperCase();
    if (!LINE_STARTS.includes(word)) return false;
    if (word === "SELECT" || word === "CONSTRUCT" || word === "ASK" || word === "DESCRIBE") {
      if (!this.hasBody && this.lines.length > 0 && this.depth === 0) {
        this.flush();
        if (!this.lines[this.lines.length - 1]?.startsWith("#")) this.lines.push("");
      }
      this.hasBody = true;
    }
    if (word === "GRAPH" && is(before, "CLEAR")) return false;
    this.isContinued = false;
    return true;
  }

  /** After "}" or a FILTER, a new triple starts on a new line. */
  private endsPrologue(before: Token | undefined): boolean {
    return is(before, "}") || (is(before, ")") && /^\s*(FILTER|BIND)\b/i.test(this.line));
  }

  private comment(token: Token, before: Token | undefined): void {
    const isTrailing = before !== undefined && !this.text.slice(before.to, token.from).includes("\n");
    if (isTrailing && this.line === "" && this.lines.length > 0) {
      this.lines[this.lines.length - 1] += ` ${token.text.trimEnd()}`;
      return;
    }
    if (isTrailing) {
      this.line += ` ${token.text.trimEnd()}`;
    } else {
      this.flush();
      this.keepBlankLine(token, before);
      this.line = this.indent() + token.text.trimEnd();
    }
    this.flush();
  }

  private keepBlankLine(token: Token, before: Token | undefined): void {
    if (before === undefined || this.line !== "" || (this.depth === 0 && !this.hasBody)) return;
    if (/\n\s*\n/.test(this.text.slice(before.to, token.from)) && this.lines[this.lines.length - 1] !== "")
      this.lines.push("");
  }

  private open(token: Token, at: number, before: Token | undefined): void {
    const end = closing(this.tokens, at);
    const inside = this.tokens.slice(at + 1, end - 1);
    const isShort =
      inside.every((one) => !is(one, "{", ".", ";") && one.kind !== "comment") && inside.length <= 12;
    const isInline =
      isShort &&
      (this.isValues() || /\b(EXISTS|OPTIONAL|GRAPH \S+)$/i.test(this.line.trim())) &&
      !inside.some((one) => is(one, "FILTER"));
    this.append(token, before);
    if (isInline) {
      this.sameLine = end;
      return;
    }
    this.flush();
    this.depth += 1;
    this.isContinued = false;
  }

  private isValues(): boolean {
    return /^\s*VALUES\b/i.test(this.line);
  }

  private close(token: Token, at: number): void {
    this.flush();
    this.depth = Math.max(0, this.depth - 1);
    this.isContinued = false;
    this.line = this.indent() + token.text;
    const next = this.tokens[at + 1];
    if (!is(next, "UNION", ".")) this.flush();
  }

  private append(token: Token, before: Token | undefined): void {
    const upper = token.text.toUpperCase();
    const text = token.kind === "word" && KEYWORDS.has(upper) ? upper : token.text;
    if (this.line === "") this.line = this.indent() + text;
    else this.line += (this.needsSpace(token, before) ? " " : "") + text;
    if (at(token, this.sameLine, this.tokens)) this.flush();
  }

  private needsSpace(token: Token, before: Token | undefined): boolean {
    if (before === undefined) return false;
    const hadSpace = before.to < token.from;
    if (is(token, ",") || is(token, ")") || is(before, "(") || is(token, "]") || is(before, "["))
      return is(token, "]") || is(before, "[") ? hadSpace : false;
    if (is(token, ".", ";")) return true;
    if (
      is(token, "/", "|", "^", "*", "+", "?", "^^", "-", "!", "(") ||
      is(before, "/", "|", "^", "^^", "-", "+", "*", "!")
    )
      return hadSpace;
    return token.kind !== "lang";
  }

  private indent(): string {
    return "  ".repeat(Math.min(this.depth, 50) + (this.isContinued ? 1 : 0));
  }

  private flush(): void {
    if (this.line !== "") this.lines.push(this.line.trimEnd());
    this.line = "";
  }
}

/** Whether a token ends a bracket that stays on one line. */
function at(token: Token, end: number, tokens: readonly Token[]): boolean {
  return end > 0 && tokens[end - 1] === token && is(token, "}");
}
