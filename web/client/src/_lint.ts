// Faults underlined as one types.

import { type Diagnostic, linter } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { config } from "./_config";
import { lineColumn } from "./_faults";
import { read } from "./_query";
import type { Problem } from "./_run";
import { type Fault, grammarFault, tokenFaults } from "./_syntax";
import type { Vocabulary } from "./_vocabulary";
import { warnings } from "./_warnings";

const LONGEST = 100_000;

/** All that is wrong with a query; the grammar is loaded when first needed. */
export async function faultsOf(text: string, vocabulary: Vocabulary | null): Promise<Fault[]> {
  if (text.trim() === "" || text.length > LONGEST) return [];
  const found = tokenFaults(text, config.prefixes);
  if (found.length > 0) return found;
  const { check } = await import("./_parser");
  const failure = check(text);
  if (failure !== null) return [grammarFault(text, failure)];
  return vocabulary === null ? [] : warnings(read(text), vocabulary);
}

export function lint(
  vocabulary: () => Vocabulary | null,
  told: (text: string, faults: readonly Fault[]) => void,
): Extension {
  return linter(
    async (view): Promise<Diagnostic[]> => {
      const text = view.state.doc.toString();
      const faults = await faultsOf(text, vocabulary());
      if (view.state.doc.toString() === text) told(text, faults);
      const length = view.state.doc.length;
      return faults.map(({ from, to, severity, message, mend }) => ({
        from: Math.min(from, length),
        to: Math.min(Math.max(to, from), length),
        severity,
        message,
        actions: mend ? [{ name: mend.name, apply: (at) => at.dispatch({ changes: [...mend.edits] }) }] : [],
      }));
    },
    { delay: 350 },
  );
}

/** The text for a fault that the endpoint reports: our own, in the reader's language, where we find the fault too. */
export async function inWords(
  problem: Problem,
  query: string,
  vocabulary: Vocabulary | null,
): Promise<Problem> {
  if (problem.line === undefined) return problem;
  const faults = await faultsOf(query, vocabulary);
  const same = faults.find(
    (fault) => fault.severity === "error" && lineColumn(query, fault.from).line === problem.line,
  );
  return same === undefined ? problem : { ...problem, detail: same.message };
}
