// What a view of an answer is: a module of views/ that exports `view`.

import type { Answer, Row } from "./_run";

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
  /** How well an answer is seen so: 0 if it should be asked for, else the highest number wins. */
  readonly fit?: (answer: Answer) => number;
  readonly draw: (shown: Showing) => Drawn;
}
