// Which columns of an answer a table shows, in which order, and which are folded away: those with the same value in all
// rows, and those that only name the thing of another column.

import type { Binding } from "./_binding";
import { isNumber } from "./_cell";
import { labelOf } from "./_labels";
import type { Answer } from "./_run";

/** How many rows are looked at to see whether one column names another. */
const LOOKED = 500;

export interface Columns {
  /** The first column, then numbers, then the rest, so that numbers are the last to be out of sight. */
  readonly shown: readonly string[];
  /** Columns with one value in all rows. */
  readonly equal: readonly { readonly column: string; readonly term: Binding }[];
  /** Columns that name, or are named by, another that is shown. */
  readonly named: readonly string[];
}

/** Arrange the columns of rows. The names that were fetched so far decide which of two columns is readable. */
export function arranged(answer: Answer): Columns {
  const { columns, rows } = answer;
  if (answer.kind !== "rows" || rows.length === 0) return { shown: columns, equal: [], named: [] };
  const equal =
    rows.length < 2
      ? []
      : columns.flatMap((column) => {
          const term = rows[0]![column];
          return term !== undefined && rows.every((row) => isSame(row[column], term))
            ? [{ column, term }]
            : [];
        });
  // At least one column must be left, to tell rows apart.
  const folded = equal.length < columns.length ? equal : [];
  const varied = columns.filter((column) => !folded.some((one) => one.column === column));
  const named = pairs(answer, varied).map(([thing, name]) => (isNamed(answer, thing) ? name : thing));
  const rest = varied.filter((column) => !named.includes(column));
  const [first, ...others] = rest;
  const numeric = others.filter((column) => isNumeric(answer, column));
  const shown =
    first === undefined ? [] : [first, ...numeric, ...others.filter((column) => !numeric.includes(column))];
  return { shown, equal: folded, named };
}

/** Whether a column holds numbers and nothing else. */
export function isNumeric(answer: Answer, column: string): boolean {
  const terms = answer.rows
    .slice(0, LOOKED)
    .map((row) => row[column])
    .filter((term) => term !== undefined);
  return terms.length > 0 && terms.every((term) => isNumber(term));
}

function isSame(one: Binding | undefined, other: Binding): boolean {
  return (
    one !== undefined &&
    one.value === other.value &&
    one.type === other.type &&
    one.datatype === other.datatype &&
    one["xml:lang"] === other["xml:lang"]
  );
}

/** The columns of things, each with the column that says its name: called so, after it, and one name for each thing. */
function pairs(answer: Answer, columns: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  let last: string | null = null;
  for (const column of columns) {
    const call = /^(.*?)_?(?:name|label)$/i.exec(column);
    const before = call?.[1]
      ? (columns.find((one) => one.toLowerCase() === call[1]!.toLowerCase()) ?? null)
      : last;
    if (call && before !== null && isThing(answer, before) && names(answer, before, column))
      found.push([before, column]);
    if (isThing(answer, column)) last = column;
  }
  return found;
}

function isThing(answer: Answer, column: string): boolean {
  const terms = answer.rows
    .slice(0, LOOKED)
    .map((row) => row[column])
    .filter((term) => term !== undefined);
  return terms.length > 0 && terms.every((term) => term?.type === "uri");
}

function names(answer: Answer, thing: string, name: string): boolean {
  const of = new Map<string, string>();
  for (const row of answer.rows.slice(0, LOOKED)) {
    const [one, other] = [row[thing], row[name]];
    if (one === undefined && other === undefined) continue;
    if (one === undefined || other === undefined || other.type === "uri" || isNumber(other)) return false;
    if ((of.get(one.value) ?? other.value) !== other.value) return false;
    of.set(one.value, other.value);
  }
  return of.size > 0;
}

/** Whether things are shown by names of their own, so that a column with names only repeats them. */
function isNamed(answer: Answer, thing: string): boolean {
  return answer.rows
    .slice(0, LOOKED)
    .every((row) => row[thing] === undefined || labelOf(row[thing]!.value)?.named === true);
}
