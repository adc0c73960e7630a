// The type of views of an answer: each module of views/ exports a `view`.

import type { Row } from "./_binding";
import type { Answer } from "./_run";

/** What is shown: an answer, the query it answers, and what to do when a reader asks why a row is there. */
export interface Showing {
  readonly answer: Answer;
  readonly query: string;
  readonly why: (row: Row) => void;
}

export interface Drawn {
  readonly element: HTMLElement;
  /** Called whenever it has been put on the page. */
  readonly placed?: () => void;
}

export interface View {
  /** Its name in addresses, and in the words: `view.<name>`. */
  readonly name: string;
  readonly can: (answer: Answer) => boolean;
  /** How well the view suits an answer: the highest number wins; with 0 it is shown only on request. */
  readonly fit?: (answer: Answer) => number;
  readonly draw: (shown: Showing) => Drawn;
}
