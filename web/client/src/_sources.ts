// What an answer's rows rest on, where it was asked with its sources: numbered documents, and a link to each passage.

import { cell } from "./_cell";
import { address, say } from "./_config";
import { h } from "./_dom";
import { fetchLabels, labelOf } from "./_labels";
import { retold } from "./_untold";

interface Made {
  readonly passage: string;
  /** The passage's document, by number. */
  readonly document: number;
}

interface Statement {
  readonly graphs: readonly number[];
  readonly from?: readonly { readonly rule: number; readonly ways: readonly (readonly number[])[] }[];
}

/** The member `sources` of an answer; docs/sources-of-answers.md says what its parts mean. */
export interface Sources {
  readonly traced: boolean;
  readonly reason?: string;
  readonly summary: {
    readonly rows: number;
    readonly documents: number;
    readonly most?: { readonly document: number; readonly rows: number };
  };
  readonly documents: readonly { readonly document: string }[];
  readonly graphs: readonly { readonly graph: string; readonly from: readonly Made[] }[];
  readonly statements: readonly Statement[];
  readonly rows: readonly {
    readonly ways: readonly (readonly number[])[];
    readonly others?: readonly number[];
    readonly independent: number;
    readonly lacking?: string;
  }[];
}

/** Passages of one row that are shown; the answer itself has all. */
const SHOWN = 8;
const NAMED = 400;

/** The passages that a row's statements stand in, in the order of their documents. */
export function passages(sources: Sources, at: number): Made[] {
  const row = sources.rows[at];
  if (row === undefined) return [];
  const seen = new Set<number>();
  const queue = [...row.ways.flat(), ...(row.others ?? [])];
  const found = new Map<string, Made>();
  for (let number = queue.pop(); number !== undefined; number = queue.pop()) {
    if (seen.has(number)) continue;
    seen.add(number);
    const statement = sources.statements[number]!;
    for (const graph of statement.graphs)
      for (const made of sources.graphs[graph]!.from) found.set(made.passage, made);
    for (const one of statement.from ?? []) queue.push(...one.ways.flat());
  }
  return [...found.values()].sort((a, b) => a.document - b.document || (a.passage < b.passage ? -1 : 1));
}

/** A row's passages as links, numbered as their documents are in the list. */
export function sourceCell(sources: Sources, at: number): HTMLElement {
  const made = passages(sources, at);
  const row = sources.rows[at];
  const links = made.slice(0, SHOWN).map((one) => {
    const named = labelOf(one.passage);
    return h(
      "a",
      { href: named?.page || one.passage, title: named?.label ?? one.passage },
      `[${one.document + 1}]`,
    );
  });
  const more = made.length > SHOWN ? h("span", { class: "plainly" }, ` +${made.length - SHOWN}`) : null;
  const lacking = row?.lacking ? h("span", { class: "lacking", title: retold(row.lacking) }, " ⚠") : null;
  const title = row === undefined ? null : say("independentTexts", { count: row.independent });
  return h("span", { class: "row-sources", title }, ...links.flatMap((link) => [link, " "]), more, lacking);
}

/** The answer's documents, numbered, with what most rows rest on, and as a reference list. */
export function sourceList(sources: Sources, query: string): HTMLElement {
  const { summary, documents } = sources;
  const link = (at: number) => cell({ type: "uri", value: documents[at]!.document });
  const most =
    summary.most === undefined
      ? []
      : [
          " ",
          say("mostRests", { rows: summary.most.rows, all: summary.rows }),
          " ",
          link(summary.most.document),
        ];
  const asked = new URLSearchParams({ query }).toString();
  const styles = [
    ["gbt7714", "GB/T 7714"],
    ["bibtex", "BibTeX"],
    ["ris", "RIS"],
    ["csl", "CSL-JSON"],
  ] as const;
  const references = styles.map(([style, label]) =>
    h("a", { href: address(`/references.${style}?${asked}`), download: "" }, label),
  );
  return h(
    "section",
    { class: "answer-sources", "aria-label": say("sources") },
    h("p", {}, h("strong", {}, say("restsOn", { documents: summary.documents })), ...most),
    h("ol", {}, ...documents.map((_, at) => h("li", {}, link(at)))),
    documents.length > 0
      ? h(
          "p",
          { class: "downloads" },
          h("span", { class: "plainly" }, say("references")),
          ...references.flatMap((one) => [" ", one]),
        )
      : null,
  );
}

/** Fetch the names of what will be shown. */
export async function nameSources(sources: Sources): Promise<void> {
  const made = sources.graphs.flatMap((graph) => graph.from.map((one) => one.passage));
  await fetchLabels([...sources.documents.map((one) => one.document), ...made].slice(0, NAMED));
}
