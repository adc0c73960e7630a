// Names that an answer gives as texts, as the reader calls the same things: asked for many at a time and kept.
// A switch shows the texts as the answer has them, which is also how they are copied and downloaded.

import { address, config } from "./_config";
import { fetchLabels, labelOf } from "./_labels";
import type { Binding } from "./_run";

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

/** What the reader calls what a text names, if the reader wants that. */
export function wordOf(term: Binding | undefined): Word | undefined {
  return isRetelling ? knownWord(term) : undefined;
}

/** What the reader calls what a text names, whether or not it is shown. */
export function knownWord(term: Binding | undefined): Word | undefined {
  return term === undefined || !mayName(term) ? undefined : kept.get(keyOf(term));
}

/** Whether the name of a term can be asked for and hasn't been. */
export function isNameless(term: Binding): boolean {
  return term.type === "uri" ? labelOf(term.value) === undefined : mayName(term) && !asked.has(keyOf(term));
}

/** Fetch what the reader calls things, those that have an IRI and those that a text names. */
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
    // Without words the texts stand as they are.
  }
}

/** Whether a text may name something in another language than the reader's: the server knows names in one alone. */
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
