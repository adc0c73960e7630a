// The answer and its views.

import { canChart, chart, fitsChart } from "./_chart";
import { address, amount, config, say } from "./_config";
import { snippets } from "./_code";
import { h } from "./_dom";
import { downloads } from "./_downloads";
import { canGraph, graph } from "./_graph";
import { fetchLabels, labelOf } from "./_labels";
import { canMap, map, pointOf } from "./_map";
import type { Answer, Problem, Row } from "./_run";
import { nameSources, sourceList } from "./_sources";
import { Table } from "./_table";

export const VIEWS = ["table", "chart", "map", "graph", "raw", "code"] as const;
export type View = (typeof VIEWS)[number];

const RAW_SHOWN = 200_000;
/** Of how many rows the things are named in a drawing. */
const NAMED = 500;

export class Results {
  readonly element = h("section", { class: "results", "aria-label": say("results") });
  private readonly status = h("p", { class: "status", role: "status" });
  private readonly bar = h("div", { class: "views", role: "group", "aria-label": say("views") });
  private readonly body = h("div", { class: "view" });
  private answer: Answer | null = null;
  private query = "";
  private view: View = "table";
  private table: Table | null = null;

  constructor(private readonly chosen: (view: View) => void, private readonly why: (row: Row) => void) {
    this.element.append(this.status, this.bar, this.body);
  }

  /** Leave nothing of an earlier answer. */
  clear(message = ""): void {
    this.answer = null;
    this.table = null;
    this.status.replaceChildren(message);
    this.bar.replaceChildren();
    this.body.replaceChildren();
  }

  /** Show an answer in a view; in the likeliest one where that can't be. */
  show(answer: Answer, query: string, view: string): void {
    Object.assign(this, { answer, query, table: null });
    this.view = this.possible().find((one) => one === view) ?? this.fitting(answer);
    const seconds = (answer.total / 1000).toLocaleString(config.language, { maximumFractionDigits: 2 });
    const server = answer.server === null ? "" : ` ${say("onServer", { ms: answer.server })}`;
    const counted = answer.kind === "boolean" ? say(answer.boolean ? "yes" : "no") : say(answer.kind === "graph" ? "triplesCount" : "rowsCount", { count: answer.rows.length });
    this.status.replaceChildren(
      h("strong", {}, counted), " · ", h("span", { class: "whole" }, say("whole")), " · ", say("took", { seconds }), server, answer.hint && (answer.rows.length > 0 || answer.kind === "boolean") ? h("span", { class: "hint" }, ` ${answer.hint}`) : "",
    );
    this.draw();
  }

  /** Say what went wrong. */
  fail(problem: Problem, goTo: ((line: number, column: number) => void) | null): void {
    this.clear();
    this.body.replaceChildren(problemBox(problem, goTo));
  }

  /** Put something above the view, such as why there are no rows. */
  note(node: Node): void {
    this.body.prepend(node);
  }

  private possible(): View[] {
    const { answer } = this;
    if (answer === null) return [];
    return VIEWS.filter((view) => {
      if (answer.kind === "boolean") return view === "raw" || view === "code" || view === "table";
      if (view === "chart") return canChart(answer);
      if (view === "map") return canMap(answer);
      return view !== "graph" || canGraph(answer);
    });
  }

  /** The view that an answer opens as: what is all points on the map, names with numbers as a chart, else a table. */
  private fitting(answer: Answer): View {
    if (answer.kind === "graph") return "graph";
    if (answer.kind === "boolean" || answer.sources !== null) return "table";
    if (answer.rows.length > 1 && answer.rows.every((row) => pointOf(row) !== null)) return "map";
    return fitsChart(answer) ? "chart" : "table";
  }

  private choose(view: View): void {
    this.view = view;
    this.chosen(view);
    this.draw();
    this.bar.querySelector<HTMLElement>("[aria-pressed=true]")?.focus();
  }

  private draw(): void {
    const { answer } = this;
    if (answer === null) return;
    const buttons = this.possible().map((view) => h("button", { type: "button", "aria-pressed": String(view === this.view), onclick: () => this.choose(view) }, say(`view.${view}`)));
    this.bar.replaceChildren(...buttons, downloads(answer, this.query, ({ problem }) => this.note(problemBox(problem, null))), ...citing(this.query));
    this.body.replaceChildren(this.content(answer));
    void this.list(answer);
    this.table?.draw(true);
  }

  /** List the documents that the answer rests on, below it, once their names are there. */
  private async list(answer: Answer): Promise<void> {
    if (answer.sources === null) return;
    await nameSources(answer.sources);
    if (this.answer !== answer) return;
    this.body.querySelector(".answer-sources")?.remove();
    this.body.append(sourceList(answer.sources, this.query));
  }

  private content(answer: Answer): Node {
    switch (this.view) {
      case "chart":
        return withNames(answer, chart);
      case "map":
        return withNames(answer, map);
      case "graph":
        return graph(answer);
      case "raw":
        return raw(answer.raw);
      case "code":
        return code(this.query, answer.kind === "graph");
      default:
        if (answer.kind === "boolean") return h("p", { class: "boolean" }, say(answer.boolean ? "yes" : "no"));
        // Why there is nothing is said above; there is nothing to filter.
        if (answer.rows.length === 0) return h("p", { class: "none" });
        this.table ??= new Table(answer, answer.kind === "rows" ? this.why : null);
        return this.table.element;
    }
  }
}

/** Draw an answer, and once more when the names of what it holds have come. */
function withNames(answer: Answer, draw: (answer: Answer) => HTMLElement): HTMLElement {
  const holder = h("div", {}, draw(answer));
  const things = answer.rows.slice(0, NAMED).flatMap((row) => Object.values(row)).filter((term) => term.type === "uri");
  const missing = things.map((term) => term.value).filter((iri) => labelOf(iri) === undefined);
  if (missing.length > 0) void fetchLabels(missing).then(() => holder.replaceChildren(draw(answer)));
  return holder;
}

/** Return the way to a citation, where a release stands behind the answer. */
function citing(query: string): HTMLElement[] {
  if (!config.hasRelease) return [];
  return [h("form", { class: "citing", method: "get", action: address("/cite"), target: "_blank" }, h("input", { type: "hidden", name: "query", value: query }), h("button", { class: "plain" }, say("cite")))];
}

function problemBox(problem: Problem, goTo: ((line: number, column: number) => void) | null): HTMLElement {
  const parts: Node[] = [h("p", {}, h("strong", {}, titleOf(problem)))];
  if (problem.detail && problem.code !== "broken-off" && problem.code !== "unreachable") parts.push(h("p", {}, h("bdi", {}, problem.detail)));
  if (problem.line !== undefined && goTo !== null) {
    const { line, column = 1 } = problem;
    parts.push(h("p", {}, h("button", { type: "button", class: "link", onclick: () => goTo(line, column) }, say("lineColumn", { line, column }))));
  }
  if (problem.limit) parts.push(h("p", {}, say("limit"), " ", h("code", {}, problem.limit)));
  const hint = say(`hint.${problem.limit ?? problem.code}`);
  const helps = hint.startsWith("hint.") ? problem.hint : hint;
  if (helps) parts.push(h("p", { class: "hint" }, h("bdi", {}, helps)));
  return h("div", { class: "notice problem", role: "alert" }, ...parts);
}

function titleOf(problem: Problem): string {
  const known = say(`problem.${problem.code}`);
  return known.startsWith("problem.") ? problem.title : known;
}

function raw(text: string): HTMLElement {
  const shown = text.slice(0, RAW_SHOWN);
  const note = text.length > RAW_SHOWN ? h("p", { class: "plainly" }, say("rawCut", { shown: amount(RAW_SHOWN), all: amount(text.length) })) : null;
  return h("div", {}, note, h("pre", { class: "code", tabindex: 0, dir: "ltr" }, h("code", {}, shown)));
}

function code(query: string, isGraph: boolean): HTMLElement {
  const endpoint = new URL(address("/sparql"), location.href).href;
  return h("div", { class: "snippets" }, ...snippets(query, endpoint, isGraph).map(({ name, code }) => {
    const copy = h("button", { type: "button", class: "copy", onclick: () => void navigator.clipboard?.writeText(code).then(() => { copy.textContent = say("copied"); }) }, say("copy"));
    return h("details", { open: true }, h("summary", {}, name, " "), copy, h("pre", { class: "code", tabindex: 0, dir: "ltr" }, h("code", {}, code)));
  }));
}
