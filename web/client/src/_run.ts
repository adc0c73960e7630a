// Asking the endpoint: with an id by which the query can be stopped, and no answer that isn't whole.

import type { Binding, Row } from "./_binding";
import { address, config } from "./_config";
import type { Sources } from "./_sources";
import { retold } from "./_untold";

export interface Answer {
  readonly kind: "rows" | "boolean" | "graph";
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly boolean: boolean | null;
  /** The answer as it came. */
  readonly raw: string;
  /** How long the query took on the server, and all in all (ms). */
  readonly server: number | null;
  readonly total: number;
  /** What the query's author should know, in the reader's language, and of which kinds it is. */
  readonly hint: string;
  readonly hintKinds: readonly string[];
  /** What its rows rest on, where that was asked for and could be told. */
  readonly sources: Sources | null;
}

/** A problem, as the endpoint tells it (RFC 9457). */
export interface Problem {
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly limit?: string;
  readonly line?: number;
  readonly column?: number;
  readonly status?: number;
}

export class QueryFailed extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
  }
}

const ROWS = "application/sparql-results+json";
const GRAPH = "application/n-triples";
/** How long the server is waited for when a query is stopped (ms). */
const PATIENCE = 3000;

/** One query on its way. */
export class Run {
  private readonly id = randomId();
  private readonly controller = new AbortController();
  private isStopped = false;

  /** Ask. `timeout` (s) is for our own small questions; `sources`: with what the rows rest on. Throws QueryFailed. */
  async ask(query: string, timeout?: number, sources = false): Promise<Answer> {
    const started = performance.now();
    const body = new URLSearchParams({ query });
    if (timeout !== undefined) body.set("timeout", String(timeout));
    if (sources) body.set("sources", "1");
    let hasBegun = false;
    try {
      const response = await fetch(address("/sparql"), {
        method: "POST",
        body,
        headers: {
          Accept: `${ROWS}, ${GRAPH};q=0.9, application/problem+json;q=0.5`,
          "Accept-Language": config.language,
          "Query-Id": this.id,
        },
        signal: this.controller.signal,
      });
      hasBegun = true;
      const text = await response.text();
      if (!response.ok) throw new QueryFailed(problemOf(response, text));
      return read(response, text, performance.now() - started);
    } catch (error) {
      if (error instanceof QueryFailed) throw error;
      const code = this.isStopped ? "query-stopped" : hasBegun ? "broken-off" : "unreachable";
      throw new QueryFailed({ code, title: "", detail: error instanceof Error ? error.message : "" });
    }
  }

  /** Stop the query, here and on the server. */
  async stop(): Promise<void> {
    this.isStopped = true;
    try {
      await fetch(address(`/sparql/queries/${this.id}`), {
        method: "DELETE",
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      // If the server can't be reached, the page stops waiting all the same.
    } finally {
      this.controller.abort();
    }
  }
}

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Read the problem document of an error response. */
export function problemOf(response: Response, text: string): Problem {
  try {
    const found = JSON.parse(text) as Problem;
    if (typeof found.code === "string") return found;
  } catch {
    // Not from our endpoint, but for instance an error page of a proxy.
  }
  return { code: "http", title: `${response.status} ${response.statusText}`, status: response.status };
}

function read(response: Response, text: string, total: number): Answer {
  const timing = /query;dur=([\d.]+)/.exec(response.headers.get("Server-Timing") ?? "");
  const told = readHint(response.headers.get("Query-Hint") ?? "");
  const lost = readLost(response.headers.get("Sources") ?? "");
  const hint = [told.hint, retold(lost)].filter(Boolean).join("; ");
  const common = {
    raw: text,
    server: timing ? Number(timing[1]) : null,
    total,
    ...told,
    hint,
    sources: null,
  };
  const counted = response.headers.get("Row-Count");
  if (!(response.headers.get("Content-Type") ?? "").startsWith(ROWS)) {
    const rows = readTriples(text);
    whole(counted, rows.length);
    return { kind: "graph", columns: ["subject", "predicate", "object"], rows, boolean: null, ...common };
  }
  const found = parse(text);
  if (found.boolean !== undefined)
    return { kind: "boolean", columns: [], rows: [], boolean: found.boolean, ...common };
  const rows = found.results?.bindings ?? [];
  whole(counted, rows.length);
  const sources = found.sources?.traced ? found.sources : null;
  return { kind: "rows", columns: found.head?.vars ?? [], rows, boolean: null, ...common, sources };
}

function parse(text: string): {
  head?: { vars?: string[] };
  results?: { bindings?: Row[] };
  boolean?: boolean;
  sources?: Sources;
} {
  try {
    return JSON.parse(text);
  } catch {
    throw new QueryFailed({ code: "broken-off", title: "" });
  }
}

/** Compare what came with what was counted: a part is never shown as the whole. */
function whole(counted: string | null, came: number): void {
  if (counted !== null && Number(counted) !== came) throw new QueryFailed({ code: "broken-off", title: "" });
}

/** Decode a Display String (RFC 9651 §3.3.8) with its parameter `kinds`. */
export function readHint(text: string): { hint: string; hintKinds: string[] } {
  const match = /^%"([^"]*)"(?:;kinds="([a-z -]*)")?$/.exec(text);
  if (!match) return { hint: "", hintKinds: [] };
  try {
    return { hint: decodeURIComponent(match[1]!), hintKinds: (match[2] ?? "").split(" ").filter(Boolean) };
  } catch {
    return { hint: "", hintKinds: [] };
  }
}

/** Why an answer comes without the sources that were asked for; empty where it has them. */
function readLost(text: string): string {
  const match = /^none;reason=%"([^"]*)"$/.exec(text);
  try {
    return match ? decodeURIComponent(match[1]!) : "";
  } catch {
    return "";
  }
}

const TERM = /\s*(?:<([^>]*)>|_:(\S+)|"((?:[^"\\]|\\.)*)"(?:@([\w-]+)|\^\^<([^>]*)>)?)/y;

/** Read N-Triples. */
export function readTriples(text: string): Row[] {
  const rows: Row[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    TERM.lastIndex = 0;
    const [subject, predicate, object] = [term(line), term(line), term(line)];
    if (subject && predicate && object) rows.push({ subject, predicate, object });
  }
  return rows;
}

function term(line: string): Binding | null {
  const match = TERM.exec(line);
  if (match === null) return null;
  if (match[1] !== undefined) return { type: "uri", value: unescaped(match[1]) };
  if (match[2] !== undefined) return { type: "bnode", value: match[2] };
  const value = unescaped(match[3]!);
  if (match[4] !== undefined) return { type: "literal", value, "xml:lang": match[4] };
  return match[5] === undefined ? { type: "literal", value } : { type: "literal", value, datatype: match[5] };
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  '"': '"',
  "'": "'",
  "\\": "\\",
};

function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(?:u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8})|(.))/g, (_, four, eight, one: string) =>
    one === undefined ? String.fromCodePoint(parseInt(four ?? eight, 16)) : (ESCAPES[one] ?? one),
  );
}
