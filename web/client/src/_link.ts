// A query as a link: all of it in the address, packed where that is shorter, nothing kept by the server.

/** The longest link that is put into the address bar automatically. */
export const LONGEST = 4000;

export interface Shared {
  readonly query: string;
  readonly view: string;
}

/** Return the part behind "#" that stands for a query and a view. */
export async function toHash(query: string, view: string): Promise<string> {
  const plain = `query=${encodeURIComponent(query).replace(/%20/g, "+")}`;
  const packed = await pack(query);
  const short = packed !== null && packed.length + 2 < plain.length ? `z=${packed}` : plain;
  return view === "" || view === "table" ? short : `${short}&view=${encodeURIComponent(view)}`;
}

/** Read what a link holds; null where it holds no query. */
export async function fromHash(hash: string): Promise<Shared | null> {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const view = parameters.get("view") ?? "";
  const packed = parameters.get("z");
  const query = packed === null ? parameters.get("query") : await unpack(packed);
  return query === null ? null : { query, view };
}

async function pack(text: string): Promise<string | null> {
  if (typeof CompressionStream === "undefined") return null;
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}

async function unpack(packed: string): Promise<string | null> {
  try {
    const bytes = Uint8Array.from(atob(packed.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(
      await through(bytes, new DecompressionStream("deflate-raw"), 1 << 20),
    );
  } catch {
    return null;
  }
}

/** Send bytes through a stream; more than `most` bytes are refused. */
async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
  most = Infinity,
): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) throw new Error("too long");
    parts.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether the address asks for answers with their sources. */
export function hasSources(): boolean {
  return new URLSearchParams(location.search).get("sources") === "1";
}

/** The address of the page without the query, which stands in its hash. */
export function withoutQuery(): string {
  const parameters = new URLSearchParams(location.search);
  parameters.delete("query");
  const rest = parameters.toString();
  return location.pathname + (rest ? `?${rest}` : "");
}

/** What a new tab begins with. */
export function fresh(): string {
  return "SELECT * WHERE {\n  \n}\n";
}
