// What a term means, shown at the pointer or, by a key, at the cursor.

import { type Extension, StateEffect, StateField } from "@codemirror/state";
import { type EditorView, hoverTooltip, showTooltip, type Tooltip } from "@codemirror/view";
import { shorten } from "./_cell";
import { amount, config, say } from "./_config";
import { bdi, h } from "./_dom";
import { fetchLabels, labelOf } from "./_labels";
import { expand, read } from "./_query";
import { tokenize } from "./_tokens";
import { type PropertyInfo, pick, type Vocabulary } from "./_vocabulary";
import { name, narrow } from "./_warnings";

/** Return the tooltip of the term at a place, or null. */
function tooltip(view: EditorView, pos: number, vocabulary: Vocabulary | null): Tooltip | null {
  const text = view.state.doc.toString();
  const token = tokenize(text).find(
    (one) => one.from <= pos && pos <= one.to && (one.kind === "iri" || one.kind === "pname"),
  );
  if (token === undefined) return null;
  const iri = expand(token.text, read(text).prefixes);
  if (iri === null) return null;
  return { pos: token.from, end: token.to, above: true, create: () => ({ dom: card(iri, vocabulary) }) };
}

function card(iri: string, vocabulary: Vocabulary | null): HTMLElement {
  const info = vocabulary?.of(iri);
  const dom = h("div", { class: "term-card" });
  if (vocabulary === null || info === undefined) {
    void fetchLabels([iri]).then(() => {
      const named = labelOf(iri);
      if (named?.named)
        dom.prepend(
          h("p", { class: "name" }, bdi(named.label, named.language)),
          named.kind ? h("p", { class: "kind" }, named.kind) : "",
        );
    });
    dom.append(h("p", { class: "iri" }, h("bdi", {}, iri)));
    return dom;
  }
  const labels = Object.entries(info.labels ?? {});
  const main = pick(info.labels, config.chain) || shorten(iri);
  dom.append(h("p", { class: "name" }, bdi(main)));
  const others = labels
    .filter(([, label]) => label !== main)
    .map(([language, label]) => bdi(label, language));
  if (others.length > 0)
    dom.append(h("p", { class: "names" }, ...others.flatMap((one, at) => (at > 0 ? [" · ", one] : [one]))));
  const about = pick(info.about, config.chain);
  if (about) dom.append(h("p", { class: "about" }, bdi(about)));
  const isClass = vocabulary.isClass(iri);
  dom.append(
    h("p", { class: "kind" }, say(isClass ? "thingsCount" : "statementsCount", { count: info.count })),
  );
  if (!isClass) {
    const places = narrow(vocabulary.having(iri), vocabulary)
      .slice(0, 4)
      .map(([cls, n]) => `${name(cls, vocabulary)} ${amount(n)}`);
    if (places.length > 0)
      dom.append(h("p", { class: "kind" }, say("foundOn", { list: places.join(" · ") })));
  }
  const example = isClass ? (info as { example?: string }).example : (info as PropertyInfo).example;
  if (example !== undefined) dom.append(exampleOf(typeof example === "string" ? [example] : example, iri));
  return dom;
}

/** An example: a thing of the class, or a statement of the property. */
function exampleOf(parts: readonly string[], property: string): HTMLElement {
  const iris = parts.map((part) => /^<(.*)>$/.exec(part)?.[1] ?? (part.startsWith('"') ? null : part));
  const line = h("p", { class: "example" });
  const draw = () => {
    const texts = parts.map((part, at) =>
      iris[at] ? (labelOf(iris[at]!)?.label ?? shorten(iris[at]!)) : part,
    );
    const shown = texts.length === 1 ? texts : [texts[0]!, shorten(property), texts[1]!];
    line.replaceChildren(
      say("forExample"),
      " ",
      ...shown.flatMap((text, at) => (at > 0 ? [" → ", h("bdi", {}, text)] : [h("bdi", {}, text)])),
    );
  };
  draw();
  void fetchLabels(iris.filter((iri): iri is string => iri !== null)).then(draw);
  return line;
}

const pinned = StateEffect.define<Tooltip | null>();

const pin = StateField.define<Tooltip | null>({
  create: () => null,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(pinned)) return effect.value;
    return transaction.docChanged || transaction.selection ? null : value;
  },
  provide: (field) => showTooltip.from(field),
});

export function hover(vocabulary: () => Vocabulary | null): Extension {
  return [hoverTooltip((view, pos) => tooltip(view, pos, vocabulary()), { hoverTime: 250 }), pin];
}

/** Show what the term at the cursor means; a command for a key. */
export function explainTerm(vocabulary: () => Vocabulary | null) {
  return (view: EditorView): boolean => {
    const found =
      view.state.field(pin) === null ? tooltip(view, view.state.selection.main.head, vocabulary()) : null;
    view.dispatch({ effects: pinned.of(found) });
    return true;
  };
}
