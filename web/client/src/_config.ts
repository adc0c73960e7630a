// What the page tells the script: addresses, words in the reader's language.

export interface Format {
  readonly name: string;
  readonly label: string;
}

export interface Config {
  readonly root: string;
  readonly nonce: string;
  readonly language: string;
  readonly chain: readonly string[];
  /** Whether a release stands behind the endpoint, so that terms can be completed. */
  readonly hasRelease: boolean;
  readonly version: string;
  /** The base of the dataset's own IRIs. */
  readonly base: string;
  readonly prefixes: Readonly<Record<string, string>>;
  readonly results: readonly Format[];
  readonly graphs: readonly Format[];
  /** The formats for saving rows, beside those of SPARQL. */
  readonly tables: readonly Format[];
  /** The language that names are translated from; empty if it is the reader's own. */
  readonly original: string;
  readonly strings: Readonly<Record<string, string>>;
}

const island = globalThis.document?.getElementById("editor-config");

const words = globalThis.document?.getElementById("editor-strings");

export const config: Config = {
  root: "",
  language: globalThis.document?.documentElement?.lang || "und",
  chain: [],
  prefixes: {},
  results: [],
  graphs: [],
  tables: [],
  original: "",
  ...JSON.parse(island?.textContent ?? "{}"),
  strings: JSON.parse(words?.textContent ?? "{}"),
};

const numbers = new Intl.NumberFormat(config.language);

/** Return a phrase in the reader's language, its `{names}` filled. */
export function say(key: string, values: Readonly<Record<string, string | number>> = {}): string {
  const phrase = config.strings[key] ?? key;
  return phrase.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === "number" ? numbers.format(value) : String(value ?? "");
  });
}

export function amount(value: number): string {
  return numbers.format(value);
}

/**
 * A number as it was given, its thousands set apart from five digits on: four may be a year. Nothing is rounded;
 * what isn't written in plain digits stays.
 */
export function grouped(text: string): string {
  const parts = /^([+-]?\d{5,})(\.\d+)?$/.exec(text);
  if (parts === null) return text;
  const fraction = parts[2] ?? "";
  return numbers.format(BigInt(parts[1]!.replace("+", ""))) + fraction;
}

/** Normalise a text for searching: lower case, without separators of thousands. */
export function folded(text: string): string {
  return text.toLowerCase().replace(/(?<=\d)[,\u00a0\u202f](?=\d{3}(?!\d))/g, "");
}

/** An address on this server. */
export function address(path: string): string {
  return config.root + path;
}
