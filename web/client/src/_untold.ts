/** Why sources aren't told: the server says it in English, and the page in its reader's language. */

import { config } from "./_config";

const PREFIX = "untold.";
const PLACES: Readonly<Record<string, string>> = { word: "[A-Z]+(?: \\*)?", number: "[0-9.e+]+" };

interface Told {
  readonly pattern: RegExp;
  readonly phrase: string;
}

let known: readonly Told[] | null = null;

/** What the page can say, texts without places first. */
function table(): readonly Told[] {
  if (known !== null) return known;
  const found = Object.entries(config.strings).filter(([key]) => key.startsWith(PREFIX));
  const ordered = found
    .map(([key, phrase]) => ({ text: key.slice(PREFIX.length), phrase }))
    .sort((a, b) => Number(a.text.includes("{")) - Number(b.text.includes("{")));
  known = ordered.map(({ text, phrase }) => ({ pattern: pattern(text), phrase }));
  return known;
}

function pattern(text: string): RegExp {
  const pieces = text.split(/\{(\w+)\}/); // texts and names in turns
  const parts = pieces.map((piece, at) =>
    at % 2 === 1 ? `(?<${piece}>${PLACES[piece] ?? "[^]+"})` : piece.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"),
  );
  return new RegExp(`^${parts.join("")}$`);
}

/** A reason or a hint in the reader's language; any other text as it is. */
export function retold(text: string): string {
  for (const { pattern, phrase } of table()) {
    const match = pattern.exec(text);
    if (match === null) continue;
    return phrase.replace(/\{(\w+)\}/g, (_, name: string) => retold(match.groups?.[name] ?? ""));
  }
  return text;
}
