// What a chosen completion does to the text.

import { type Completion, startCompletion } from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import { prefixEdit } from "./_prefixes";
import { localName, type Short } from "./_vocabulary";

/** Name a variable after a property: ex:isPartOf gives ?part, ex:hasColour ?colour. */
export function freshName(property: string, taken: readonly string[]): string {
  const words = localName(property)
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[\s_-]+/);
  const kept = words.filter((word) => !/^(is|has|of|by|in|at|the|for|with)$/i.test(word));
  const name = (kept.length > 0 ? kept : words)
    .map((w, i) => (i === 0 ? w.toLowerCase() : w[0]!.toUpperCase() + w.slice(1)))
    .join("");
  const base = `?${name.replace(/\W/g, "") || "value"}`;
  let fresh = base;
  for (let n = 2; taken.includes(fresh); n++) fresh = `${base}${n}`;
  return fresh;
}

/** Insert a term, and the PREFIX line that it needs. */
export function insert(text: string, known: Short | null) {
  return (view: EditorView, completion: Completion, from: number, to: number): void => {
    const added = !known?.prefix
      ? null
      : prefixEdit(view.state.doc.toString(), [known.prefix], { [known.prefix]: known.space });
    // The closing bracket or quote that the editor added is replaced with the text.
    const end = text.startsWith('"') && view.state.sliceDoc(to, to + 1) === '"' ? to + 1 : to;
    const changes = [
      ...(added ? [added] : []),
      { from, to: end, insert: text + (completion.type === "variable" ? "" : " ") },
    ];
    const shift = added ? added.insert.length : 0;
    const anchor = from + shift + text.length + (completion.type === "variable" ? 0 : 1);
    view.dispatch({ changes, selection: { anchor }, userEvent: "input.complete", scrollIntoView: true });
    // After a property, its values are completed next.
    if (completion.type === "property") startCompletion(view);
  };
}

/** Insert a word with room for what goes into its brackets. */
export function snippet(text: string) {
  return (view: EditorView, _: Completion, from: number, to: number): void => {
    const bracket = /[({]/.exec(text)?.index ?? -1;
    const inside = bracket < 0 ? text.length : bracket + (text[bracket] === "{" ? 2 : 1);
    const spaced = bracket < 0 ? `${text} ` : text;
    view.dispatch({
      changes: { from, to, insert: spaced },
      selection: { anchor: from + (bracket < 0 ? spaced.length : inside) },
      userEvent: "input.complete",
    });
  };
}
