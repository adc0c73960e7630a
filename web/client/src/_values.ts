// Values that a property has, asked of the server and kept.

import { address } from "./_config";

export interface ValueInfo {
  readonly term: string;
  readonly iri: boolean;
  readonly curie?: string;
  readonly count?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

const kept = new Map<string, readonly ValueInfo[]>();

/** Return values that match a text; nothing when the server doesn't tell. */
export async function values(
  text: string,
  property: string,
  classes: readonly string[],
  kinds: readonly string[] = [],
): Promise<readonly ValueInfo[]> {
  const parameters = new URLSearchParams([
    ["q", text],
    ["property", property],
    ...classes.map((one) => ["class", one]),
    ...kinds.map((one) => ["kind", one]),
  ]);
  const key = parameters.toString();
  const known = kept.get(key);
  if (known !== undefined) return known;
  try {
    const response = await fetch(address(`/query/values.json?${key}`));
    if (!response.ok) return [];
    const found = ((await response.json()) as { values: ValueInfo[] }).values;
    if (kept.size > 500) kept.clear();
    kept.set(key, found);
    return found;
  } catch {
    return [];
  }
}
