// The full grammar of SPARQL 1.1: a large module, loaded when the first query is checked.

import { sparql11ParserBuilder } from "@traqula/parser-sparql-1-1";
import { completeParseContext, lex } from "@traqula/rules-sparql-1-1";

/** Why a text is no query. `offset` is null where the fault is one of meaning, told by `message` alone. */
export interface Failure {
  readonly offset: number | null;
  readonly found: string;
  readonly expected: readonly string[];
  readonly message: string;
}

class Failed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

interface Recognition {
  readonly message: string;
  readonly token: { readonly startOffset: number; readonly image: string };
  readonly previousToken?: { readonly endOffset?: number };
}

const parser = sparql11ParserBuilder.build({
  tokenVocabulary: lex.sparql11LexerBuilder.tokenVocabulary,
  errorHandler: (errors: readonly unknown[]) => {
    const { message, token, previousToken } = errors[0] as Recognition;
    const atEnd = token.image === "" || Number.isNaN(token.startOffset);
    const offset = atEnd ? (previousToken?.endOffset ?? -1) + 1 : token.startOffset;
    throw new Failed({ offset, found: token.image, expected: expectations(message), message });
  },
});

/** Parse a query; return null when it is right. */
export function check(text: string): Failure | null {
  try {
    parser.queryUnit(text, completeParseContext({}));
    return null;
  } catch (error) {
    if (error instanceof Failed) return error.failure;
    const message = error instanceof Error ? error.message : String(error);
    const at = /at offset: (\d+)/.exec(message);
    return {
      offset: at ? Number(at[1]) : null,
      found: at ? (text[Number(at[1])] ?? "") : "",
      expected: [],
      message,
    };
  }
}

function expectations(message: string): string[] {
  const single = /Expecting(?: token of type)? -->\s*(\S+)\s*<--/.exec(message);
  if (single) return [single[1]!];
  return [...message.matchAll(/^\s*\d+\.\s*\[([^,\]]+)/gm)].map((match) => match[1]!);
}
