// What is wrong with a query, as a list below it: for readers without a pointer to rest on the underlined words.

import { say } from "./_config";
import { h } from "./_dom";
import type { Fault } from "./_syntax";

const MOST = 4;

export interface Wishes {
  readonly goTo: (fault: Fault) => void;
  readonly mend: (fault: Fault) => void;
}

/** Return the line and the column of a place, both from 1; columns count characters. */
export function lineColumn(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  const start = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: [...before.slice(start)].length + 1 };
}

/** Fill a list with faults. */
export function listFaults(
  list: HTMLElement,
  text: string,
  faults: readonly Fault[],
  { goTo, mend }: Wishes,
): void {
  const items = faults.slice(0, MOST).map((fault) => {
    const place = h(
      "button",
      { type: "button", class: "link", onclick: () => goTo(fault) },
      say("lineColumn", lineColumn(text, fault.from)),
    );
    const button =
      fault.mend &&
      h(
        "button",
        { type: "button", class: "plain mend", onclick: () => mend(fault) },
        h("bdi", {}, fault.mend.name),
      );
    return h("li", { class: fault.severity }, place, " ", h("bdi", {}, fault.message), " ", button);
  });
  const more = faults.length > MOST ? h("li", {}, say("moreFaults", { count: faults.length - MOST })) : null;
  list.replaceChildren(...items, ...(more ? [more] : []));
  list.hidden = faults.length === 0;
}
