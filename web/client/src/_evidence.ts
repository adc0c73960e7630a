// "Why is this row here?": the statements that make it, each with the graph that states it and the passage behind.

import { type Binding, type Row, written } from "./_binding";
import { cell } from "./_cell";
import { say } from "./_config";
import { h } from "./_dom";
import { fetchLabels } from "./_labels";
import { type Group, isWithin, type Query, RDF_TYPE, read, type Term } from "./_query";
import { Run } from "./_run";

const WAYS = 3;
const STATEMENTS = 40;

interface Statement {
  readonly subject: Binding;
  readonly predicate: Binding;
  readonly object: Binding;
}

/** The group whose solutions are the rows: that of the query itself, or of a subquery that is all of it. */
function whereOf(query: Query): Group | undefined {
  return query.groups.find((group) => group.kind !== "template");
}

/** Return a query for all variables behind a row: the same patterns, restricted to the row's values. */
export function rowQuery(text: string, row: Row): string | null {
  const query = read(text);
  const where = whereOf(query);
  if (where === undefined) return null;
  const used = new Set(
    query.patterns
      .flatMap(({ subject, predicate, object }) => [subject, predicate, object])
      .filter((term) => term.kind === "var")
      .map((term) => term.text.slice(1)),
  );
  const known = Object.entries(row).filter(([name, term]) => used.has(name) && written(term) !== null);
  const names = known.map(([name]) => `?${name}`).join(" ");
  const terms = known.map(([, term]) => written(term)).join(" ");
  const bound = known.length > 0 ? `VALUES (${names}) { (${terms}) }` : "";
  const body = text.slice(where.from, where.to);
  const isSub = /^\s*SELECT\b/i.test(body);
  return `${text.slice(0, query.body)}\nSELECT * WHERE { ${bound} ${isSub ? `{${body}\n}` : body}\n} LIMIT ${WAYS}`;
}

/** Put a solution into the patterns of a query, which gives the statements that it rests on. */
export function statements(query: Query, solution: Row): Statement[] {
  const found: Statement[] = [];
  for (const pattern of query.patterns) {
    if (isWithin(pattern.group, ["exists", "minus", "template"])) continue;
    const subject = value(pattern.subject, solution, query);
    const predicate = value(pattern.predicate, solution, query);
    const object = value(pattern.object, solution, query);
    if (subject?.type === "uri" && predicate?.type === "uri" && object)
      found.push({ subject, predicate, object });
  }
  return found;
}

function value(term: Term, solution: Row, query: Query): Binding | null {
  if (term.kind === "var") return solution[term.text.slice(1)] ?? null;
  if (term.iri !== null) return { type: "uri", value: term.iri };
  if (term.kind !== "literal") return null;
  const match = /^"((?:[^"\\]|\\.)*)"(?:@([\w-]+)|\^\^(\S+))?$/.exec(term.text);
  if (match === null) {
    const kind = /^[+-]?\d+$/.test(term.text)
      ? "integer"
      : /^[+-]?\d*\.\d+$/.test(term.text)
        ? "decimal"
        : "boolean";
    return { type: "literal", value: term.text, datatype: `http://www.w3.org/2001/XMLSchema#${kind}` };
  }
  const name = match[3];
  const datatype =
    name === undefined
      ? undefined
      : name.startsWith("<")
        ? name.slice(1, -1)
        : (query.prefixes.get(name.split(":")[0]!) ?? "") + name.split(":")[1];
  const plain = { type: "literal" as const, value: match[1]! };
  return match[2] ? { ...plain, "xml:lang": match[2] } : datatype ? { ...plain, datatype } : plain;
}

/** Return a query for the graphs that hold some statements, and for the sources of these graphs. */
export function graphQuery(found: readonly Statement[]): string {
  const rows = found.map(
    ({ subject, predicate, object }) => `(${written(subject)} ${written(predicate)} ${written(object)})`,
  );
  return `PREFIX kg: <https://w3id.org/linli/kg#>
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT DISTINCT ?subject ?predicate ?object ?graph ?basis ?source WHERE {
  VALUES (?subject ?predicate ?object) { ${rows.join("\n    ")} }
  GRAPH ?graph { ?subject ?predicate ?object }
  OPTIONAL { ?graph kg:basis ?basis }
  OPTIONAL { ?graph prov:wasDerivedFrom ?source }
} LIMIT 200`;
}

/** Show why a row is there, in a dialog. */
export async function explain(text: string, row: Row, dialog: HTMLDialogElement): Promise<void> {
  const body = h("div", { class: "evidence" }, h("p", {}, say("looking")));
  const close = h("button", { type: "button", class: "close", onclick: () => dialog.close() }, say("close"));
  dialog.replaceChildren(h("header", {}, h("h2", { id: "why-title" }, say("why")), close), body);
  dialog.setAttribute("aria-labelledby", "why-title");
  dialog.showModal();
  try {
    body.replaceChildren(...(await gather(text, row)));
  } catch {
    body.replaceChildren(h("p", { class: "notice" }, say("whyFailed")));
  }
}

async function gather(text: string, row: Row): Promise<Node[]> {
  const asked = rowQuery(text, row);
  if (asked === null) return [h("p", {}, say("whyNone"))];
  const solutions = (await new Run().ask(asked, 10)).rows;
  const query = read(text);
  const seen = new Map<string, Statement>();
  for (const solution of solutions) {
    for (const one of statements(query, solution)) {
      const key = JSON.stringify(one);
      const isWritable = written(one.subject) && written(one.predicate) && written(one.object);
      if (isWritable && seen.size < STATEMENTS) seen.set(key, one);
    }
  }
  if (seen.size === 0) return [h("p", {}, say("whyNone"))];
  const graphs = await new Run().ask(graphQuery([...seen.values()]), 10);
  await fetchLabels(
    graphs.rows
      .flatMap((one) => Object.values(one))
      .filter((term) => term.type === "uri")
      .map((term) => term.value),
  );
  const list = [...seen.values()].map((one) => {
    const made = graphs.rows.filter((other) =>
      (["subject", "predicate", "object"] as const).every(
        (part) => other[part] !== undefined && written(other[part]!) === written(one[part]),
      ),
    );
    return item(one, made);
  });
  const note =
    solutions.length >= WAYS ? h("p", { class: "plainly" }, say("whyMore", { count: WAYS })) : null;
  return [h("p", { class: "plainly" }, say("whyIntro")), h("ol", {}, ...list), ...(note ? [note] : [])];
}

function item(one: Statement, made: readonly Row[]): HTMLElement {
  const predicate =
    one.predicate.value === RDF_TYPE
      ? h("span", { class: "label" }, say("isA"))
      : h("span", { class: "label" }, cell(one.predicate));
  const sources = made.map((row) =>
    h(
      "li",
      {},
      row.basis ? h("span", { class: "basis" }, cell(row.basis), " · ") : null,
      cell(row.source ?? row.graph),
    ),
  );
  return h(
    "li",
    {},
    h("p", { class: "triple" }, cell(one.subject), " ", predicate, " ", cell(one.object)),
    h("ul", { class: "made" }, ...(sources.length > 0 ? sources : [h("li", {}, say("noGraph"))])),
  );
}
