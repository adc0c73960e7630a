// Small questions of our own to the endpoint, each with a time of its own.

import type { Row } from "./_binding";
import { QueryFailed, Run } from "./_run";

const SECONDS = 3;

export interface Ask {
  /** Whether anything matches; null where that can't be told in time. */
  readonly matches: (query: string) => Promise<boolean | null>;
  /** The rows of a query; none where they don't come in time. */
  readonly rows: (query: string) => Promise<readonly Row[]>;
}

export const asker: Ask = {
  matches: async (query) => (await answer(query))?.boolean ?? null,
  rows: async (query) => (await answer(query))?.rows ?? [],
};

async function answer(query: string) {
  try {
    return await new Run().ask(query, SECONDS);
  } catch (error) {
    if (error instanceof QueryFailed) return null;
    throw error;
  }
}
