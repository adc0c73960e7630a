// Examples in groups, found by any word of their question or their query.

import { address, config, say } from "./_config";
import { bdi, h } from "./_dom";
import { withPrefixes } from "./_prefixes";
import { fold } from "./_vocabulary";

interface Example {
  readonly key: string;
  readonly question: string;
  readonly language: string;
  readonly group: string;
  readonly sparql: string;
  /** The view of the editor that fits its answer, empty where nothing says so. */
  readonly view: string;
}

/** Takes the query of the example that is chosen, and the view that fits its answer; empty where it doesn't say. */
type Open = (sparql: string, view: string) => void;

/** Return the list of examples; `open` takes the one that is chosen. */
export function examples(open: Open): HTMLElement {
  const list = h("div", { class: "example-list" });
  const input = h("input", {
    type: "search",
    placeholder: say("findExample"),
    "aria-label": say("findExample"),
    autocomplete: "off",
  });
  let every: readonly Example[] = [];
  const draw = () => {
    const folded = fold(input.value);
    list.replaceChildren(
      ...grouped(
        every.filter((one) => matches(one, folded)),
        open,
      ),
    );
  };
  input.addEventListener("input", draw);
  void fetched().then((found) => {
    every = found;
    draw();
  });
  return h(
    "section",
    { class: "examples-panel", "aria-labelledby": "examples-title" },
    h("h2", { id: "examples-title" }, say("examples")),
    input,
    list,
  );
}

/** Fetch the examples; none where the server doesn't give them: queries can be written all the same. */
async function fetched(): Promise<readonly Example[]> {
  try {
    const response = await fetch(address("/query/examples.json"));
    return response.ok ? ((await response.json()) as Example[]) : [];
  } catch {
    return [];
  }
}

function matches(example: Example, folded: string): boolean {
  const text = fold(`${example.question} ${example.key} ${example.sparql}`);
  return folded.split(/\s+/).every((word) => text.includes(word));
}

function grouped(found: readonly Example[], open: Open): Node[] {
  if (found.length === 0) return [h("p", { class: "plainly" }, say("noExample"))];
  const groups = new Map<string, Example[]>();
  for (const one of found) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  return [...groups].flatMap(([group, members]) => [
    h("h3", {}, group === "" ? say("general") : bdi(group)),
    h(
      "ul",
      {},
      ...members.map((one) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              class: "example",
              onclick: () => open(withPrefixes(one.sparql, config.prefixes), one.view),
            },
            bdi(one.question, one.language),
          ),
        ),
      ),
    ),
  ]);
}
