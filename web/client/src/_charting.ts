// The type of charts: each module of charts/ exports a `chart`; the one that fits best is used.

import type { Row } from "./_binding";

export const WIDTH = 720;

/** What is drawn: rows that all have the first of the figures, and the column that names them, if one does. */
export interface Figures {
  readonly rows: readonly Row[];
  readonly label: string | null;
  readonly figures: readonly string[];
}

export interface Chart {
  /** How well it draws them: 0 where it can't; bars, which always can, say 1. */
  readonly fit: (asked: Figures) => number;
  /** How many rows it draws at most; a reader is told how many are left out. */
  readonly most: number;
  readonly draw: (asked: Figures) => HTMLElement;
}
