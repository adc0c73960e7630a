// Replaces names in an answer by the names of the same things in the reader's language; fetched many at a time, and
// kept. A switch shows the texts of the answer itself, which are also what is copied and downloaded.

import type { Binding } from "./_binding";
import { address, config } from "./_config";
import { fetchLabels, labelOf } from "./_labels";

export interface Word {
  readonly label: string;
  readonly language: string;
}

const BATCH = 200;
const LONGEST = 2000;
const kept = new Map<string, Word>();
const asked = new Map<string, Promise<void>>();
let isRetelling = true;

/** Whether names are shown as the reader calls things. */
export function retells(): boolean {
  return isRetelling;
}

export function setRetelling(wanted: boolean): void {
  isRetelling = wanted;
}

/** The name in the reader's language for a text of the answer, if such names are switched on. */
export function wordOf(term: Binding | undefined): Word | undefined {
  return isRetelling ? knownWord(term) : undefined;
}

/** The name in the reader's language for a text of the answer, whether or not they are switched on. */
export function knownWord(term: Binding | undefined): Word | undefined {
  return term === undefined || !mayName(term) ? undefined : kept.get(keyOf(term));
}

/** Whether the name of a term can be asked for and hasn't been. */
export function isNameless(term: Binding): boolean {
  return term.type === "uri" ? labelOf(term.value) === undefined : mayName(term) && !asked.has(keyOf(term));
}

/** Fetch names in the reader's language, for things that have an IRI and for those that a text names. */
export async function fetchNames(terms: Iterable<Binding>): Promise<void> {
  const all = [...terms];
  const iris = all.filter((term) => term.type === "uri").map((term) => term.value);
  await Promise.all([fetchLabels(iris), fetchWords(all.filter(mayName))]);
}

async function fetchWords(terms: readonly Binding[]): Promise<void> {
  const fresh = [...new Map(terms.map((term) => [keyOf(term), term]))].filter(([key]) => !asked.has(key));
  for (let at = 0; at < fresh.length; at += BATCH) {
    const batch = fresh.slice(at, at + BATCH);
    const coming = fetchBatch(batch.map(([, term]) => term));
    for (const [key] of batch) asked.set(key, coming);
  }
  await Promise.all(terms.map((term) => asked.get(keyOf(term))));
}

async function fetchBatch(batch: readonly Binding[]): Promise<void> {
  try {
    const response = await fetch(address("/query/words.json"), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(batch.map((term) => ({ value: term.value, language: term["xml:lang"] ?? "" }))),
    });
    if (!response.ok) return;
    const words = (await response.json()) as (Word | null)[];
    batch.forEach((term, at) => {
      const word = words[at];
      if (word) kept.set(keyOf(term), word);
    });
  } catch {
    // If the request fails, the texts are shown as they are.
  }
}

/** Whether a text may be a name in the one language that the server translates names from. */
function mayName(term: Binding): boolean {
  if (config.original === "" || term.type === "uri" || term.type === "bnode" || term.value.length > LONGEST)
    return false;
  const language = term["xml:lang"];
  return language === undefined
    ? term.datatype === undefined || /#string$/.test(term.datatype)
    : language.toLowerCase() === config.original;
}

function keyOf(term: Binding): string {
  return `${term["xml:lang"] ?? ""}\n${term.value}`;
}
