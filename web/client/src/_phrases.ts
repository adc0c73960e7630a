// What CodeMirror itself says, in the reader's language. Its own words are the keys.

import { say } from "./_config";

const WORDS = [
  "Find",
  "Replace",
  "next",
  "previous",
  "all",
  "match case",
  "regexp",
  "by word",
  "replace",
  "replace all",
  "close",
  "Go to line",
  "go",
  "current match",
  "on line",
  "replaced match on line $",
  "replaced $ matches",
  "Completions",
  "Diagnostics",
  "No diagnostics",
] as const;

export const phrases: Readonly<Record<string, string>> = Object.fromEntries(
  WORDS.map((word) => [word, say(`phrase.${word}`)]),
);
