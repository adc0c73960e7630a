// Names of things in results, asked for many at a time and kept.

import { address } from "./_config";

export interface Named {
  readonly label: string;
  readonly language: string;
  readonly named: boolean;
  readonly kind: string;
  /** Its page on this server; empty where it has none. */
  readonly page: string;
}

const BATCH = 200;
const kept = new Map<string, Named>();
/** The IRIs that were asked for, each with a promise of its answer. */
const asked = new Map<string, Promise<void>>();

export function labelOf(iri: string): Named | undefined {
  return kept.get(iri);
}

/** Fetch names that aren't known yet; resolves when all requests for these IRIs, also earlier ones, have ended. */
export async function fetchLabels(iris: Iterable<string>): Promise<void> {
  const wanted = [...new Set(iris)].filter((iri) => iri.length < 2000);
  const fresh = wanted.filter((iri) => !asked.has(iri));
  for (let at = 0; at < fresh.length; at += BATCH) {
    const batch = fresh.slice(at, at + BATCH);
    const coming = fetchBatch(batch);
    for (const iri of batch) asked.set(iri, coming);
  }
  await Promise.all(wanted.map((iri) => asked.get(iri)));
}

async function fetchBatch(batch: readonly string[]): Promise<void> {
  try {
    const response = await fetch(address("/query/labels.json"), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(batch),
    });
    if (!response.ok) return;
    for (const [iri, named] of Object.entries((await response.json()) as Record<string, Named>))
      kept.set(iri, named);
  } catch {
    // Without names the IRIs themselves are shown.
  }
}
