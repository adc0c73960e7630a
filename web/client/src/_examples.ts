// Examples in groups, found by any word of their question or their query.

import { config, type Example, say } from "./_config";
import { bdi, h } from "./_dom";
import { withPrefixes } from "./_prefixes";
import { fold } from "./_vocabulary";

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
  const draw = () =>
    list.replaceChildren(
      ...grouped(
        config.examples.filter((one) => matches(one, fold(input.value))),
        open,
      ),
    );
  input.addEventListener("input", draw);
  draw();
  return h(
    "section",
    { class: "examples-panel", "aria-labelledby": "examples-title" },
    h("h2", { id: "examples-title" }, say("examples")),
    input,
    list,
  );
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
