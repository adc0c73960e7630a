// Saving an answer as a file. It is fetched whole before it is saved: a part never becomes a file.

import { address, config, type Format, say } from "./_config";
import { h } from "./_dom";
import { type Answer, problemOf, QueryFailed } from "./_run";

/** The longest address that all servers and proxies on the way accept. */
const LONGEST = 7000;

/** Return the row of formats; `failed` is told what went wrong. */
export function downloads(answer: Answer, query: string, failed: (error: QueryFailed) => void): HTMLElement {
  const formats = answer.kind === "graph" ? config.graphs : config.results;
  const tables = answer.kind === "rows" ? config.tables : [];
  const button = ({ name, label }: Format, fetched: () => Promise<Response>) => {
    const made = h(
      "button",
      {
        type: "button",
        class: "link",
        title: `.${name}`,
        onclick: async () => {
          made.setAttribute("aria-busy", "true");
          try {
            save(await whole(fetched), `query.${name}`);
          } catch (error) {
            if (!(error instanceof QueryFailed)) throw error;
            failed(error);
          } finally {
            made.removeAttribute("aria-busy");
          }
        },
      },
      label,
    );
    return made;
  };
  const own = formats.map((one) =>
    button(one, () =>
      fetch(address("/sparql"), {
        method: "POST",
        body: new URLSearchParams({
          query,
          format: one.name,
          ...(answer.sources === null ? {} : { sources: "1" }),
        }),
      }),
    ),
  );
  const asked = new URLSearchParams({ query }).toString();
  const further =
    asked.length > LONGEST
      ? []
      : tables.map((one) => button(one, () => fetch(address(`/result.${one.name}?${asked}`))));
  return h("p", { class: "downloads" }, h("span", { class: "plainly" }, say("download")), ...own, ...further);
}

async function whole(fetched: () => Promise<Response>): Promise<Blob> {
  try {
    const response = await fetched();
    if (!response.ok) throw new QueryFailed(problemOf(response, await response.text()));
    return await response.blob();
  } catch (error) {
    if (error instanceof QueryFailed) throw error;
    throw new QueryFailed({ code: "broken-off", title: "" });
  }
}

function save(blob: Blob, name: string): void {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
