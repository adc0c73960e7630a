// Why an answer has no rows, as a list of reasons with what would mend each.

import { say } from "./_config";
import { h } from "./_dom";
import { type Reason, whyEmpty } from "./_empty";
import type { Answer } from "./_run";
import type { Vocabulary } from "./_vocabulary";

/** The kinds of hints from the endpoint that the editor finds itself, with what would mend them. */
const TOLD_HERE = new Set(["no-tag", "no-term", "misspelt-term", "unlike-object"]);

/** What may be done with a reason: shown in the text, or mended. */
export interface Doing {
  readonly select: (from: number, to: number) => void;
  readonly mend: (edits: readonly { from: number; to: number; insert: string }[]) => void;
}

/** Find the reasons; `box` first shows that they are being looked for, then lists them. */
export async function explainEmpty(
  box: HTMLElement,
  query: string,
  { hint, hintKinds }: Answer,
  vocabulary: Vocabulary | null,
  doing: Doing,
): Promise<void> {
  box.replaceChildren(h("p", {}, say("whyEmpty")));
  const reasons = await whyEmpty(query, vocabulary);
  const isNew = hint !== "" && (reasons.length === 0 || !hintKinds.every((kind) => TOLD_HERE.has(kind)));
  const shown = [
    ...(isNew ? [h("li", { class: "hint" }, h("bdi", {}, hint))] : []),
    ...reasons.map((one) => item(one, doing)),
  ];
  if (shown.length === 0) shown.push(h("li", {}, say("whyEmptyUnknown")));
  box.replaceChildren(h("p", {}, h("strong", {}, say("noRows"))), h("ul", {}, ...shown));
}

function item({ message, from, to, mends }: Reason, { select, mend }: Doing): HTMLElement {
  const buttons = mends.map(({ name, edits }) =>
    h("button", { type: "button", class: "plain mend", onclick: () => mend(edits) }, h("bdi", {}, name)),
  );
  return h(
    "li",
    {},
    h(
      "p",
      {},
      h("bdi", {}, message),
      " ",
      h("button", { type: "button", class: "link", onclick: () => select(from, to) }, say("showIt")),
    ),
    h("p", { class: "mends" }, ...buttons),
  );
}
