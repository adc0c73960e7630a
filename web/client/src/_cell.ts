// A term of a result as people read it. Each text is isolated, so that right-to-left marks don't affect its neighbours.

import type { Binding } from "./_binding";
import { config, grouped } from "./_config";
import { bdi, h } from "./_dom";
import { labelOf } from "./_labels";
import { localName } from "./_vocabulary";
import { wordOf } from "./_words";

const NUMBER = /#(integer|decimal|double|float|int|long|short|byte|nonNegativeInteger|positiveInteger)$/;
const LONGEST = 300;

export function isNumber(binding: Binding | undefined): boolean {
  return (
    binding !== undefined &&
    binding.type !== "uri" &&
    NUMBER.test(binding.datatype ?? "") &&
    Number.isFinite(Number(binding.value))
  );
}

/** The text by which a term is sorted, found and shown. */
export function textOf(binding: Binding | undefined): string {
  if (binding === undefined) return "";
  if (binding.type === "uri") return labelOf(binding.value)?.label ?? shorten(binding.value);
  return wordOf(binding)?.label ?? (binding.type === "bnode" ? `_:${binding.value}` : binding.value);
}

/** A term, with a link to its page. */
export function cell(binding: Binding | undefined): Node {
  if (binding === undefined) return h("span", { class: "unbound", "aria-hidden": "true" }, "–");
  if (binding.type !== "uri") return literal(binding);
  const named = labelOf(binding.value);
  const text = named?.label ?? shorten(binding.value);
  const inner = bdi(cut(text), away(named?.language ?? ""));
  if (named?.page) return h("a", { href: named.page, title: cut(binding.value) }, inner);
  if (/^https?:\/\//.test(binding.value))
    return h(
      "a",
      { class: "away", rel: "external noreferrer", href: binding.value, title: cut(binding.value) },
      inner,
    );
  return h("bdi", { class: "iri" }, cut(binding.value));
}

function literal(binding: Binding): Node {
  const text = binding.type === "bnode" ? `_:${binding.value}` : binding.value;
  const language = binding["xml:lang"] ?? "";
  const word = wordOf(binding);
  if (word !== undefined)
    return h(
      "span",
      { title: cut(language ? `${text} @${language}` : text, 2000) },
      bdi(cut(word.label), away(word.language)),
    );
  const inner = bdi(cut(isNumber(binding) ? grouped(text) : text), away(language));
  const note =
    language ||
    (binding.datatype && !NUMBER.test(binding.datatype) && !/#string$/.test(binding.datatype)
      ? localName(binding.datatype)
      : "");
  return h("span", { title: cut(text, 2000) }, inner, note ? h("span", { class: "tag" }, ` ${note}`) : null);
}

/** The language of a text where it isn't the page's. */
function away(language: string): string {
  return language !== config.language.toLowerCase() ? language : "";
}

function cut(text: string, most = LONGEST): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

export function shorten(iri: string): string {
  let best = iri;
  for (const [prefix, space] of Object.entries(config.prefixes)) {
    if (iri.startsWith(space) && iri.length > space.length) {
      const short = `${prefix}:${iri.slice(space.length)}`;
      if (short.length < best.length) best = short;
    }
  }
  return best;
}
