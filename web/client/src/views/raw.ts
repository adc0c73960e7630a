// An answer as it came.

import { amount, say } from "../_config";
import { h } from "../_dom";
import type { View } from "../_viewing";

const RAW_SHOWN = 200_000;

export const view: View = {
  name: "raw",
  can: () => true,
  draw: ({ answer }) => ({ element: raw(answer.raw) }),
};

function raw(text: string): HTMLElement {
  const shown = text.slice(0, RAW_SHOWN);
  const note =
    text.length > RAW_SHOWN
      ? h("p", { class: "plainly" }, say("rawCut", { shown: amount(RAW_SHOWN), all: amount(text.length) }))
      : null;
  return h("div", {}, note, h("pre", { class: "code", tabindex: 0, dir: "ltr" }, h("code", {}, shown)));
}
