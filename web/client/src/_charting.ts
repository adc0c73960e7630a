// What a way to draw figures is. The registry of them all is CHARTS, in _charts.ts.

import type { Row } from "./_run";

export const WIDTH = 720;

/** What is drawn: rows that all have the first of the figures, and the column that names them, if one does. */
export interface Figures {
  readonly rows: readonly Row[];
  readonly label: string | null;
  readonly figures: readonly string[];
}

export interface Chart {
  readonly can: (asked: Figures) => boolean;
  /** How many rows it draws at most; a reader is told how many are left out. */
  readonly most: number;
  readonly draw: (asked: Figures) => HTMLElement;
}
