// The answer, and the buttons of its views.

import type { Row } from "./_binding";
import { address, config, say } from "./_config";
import { h } from "./_dom";
import { downloads } from "./_downloads";
import { NAMED } from "./_naming";
import type { Answer, Problem } from "./_run";
import { nameSources, sourceList } from "./_sources";
import { retold } from "./_untold";
import type { Drawn, View } from "./_viewing";
import { fitting, possible } from "./_views";
import { fetchNames, knownWord, retells, setRetelling } from "./_words";

export class Results {
  readonly element = h("section", { class: "results", "aria-label": say("results") });
  private readonly status = h("p", { class: "status", role: "status" });
  private readonly bar = h("div", { class: "views", role: "group", "aria-label": say("views") });
  private readonly body = h("div", { class: "view" });
  private answer: Answer | null = null;
  private query = "";
  private view: View | null = null;
  /** The views of this answer that were drawn; they are kept, so that a table stays sorted and filtered. */
  private readonly drawn = new Map<View, Drawn>();

  constructor(
    private readonly chosen: (view: string) => void,
    private readonly why: (row: Row) => void,
  ) {
    this.element.append(this.status, this.bar, this.body);
  }

  /** Remove all of an earlier answer. */
  clear(message = ""): void {
    this.answer = null;
    this.drawn.clear();
    this.status.replaceChildren(message);
    this.bar.replaceChildren();
    this.body.replaceChildren();
  }

  /** Show an answer in a view, or in the most suitable one if that view can't show it. */
  show(answer: Answer, query: string, view: string): void {
    Object.assign(this, { answer, query });
    this.drawn.clear();
    this.view = possible(answer).find(({ name }) => name === view) ?? fitting(answer);
    const seconds = (answer.total / 1000).toLocaleString(config.language, { maximumFractionDigits: 2 });
    const server = answer.server === null ? "" : ` ${say("onServer", { ms: answer.server })}`;
    const counted =
      answer.kind === "boolean"
        ? say(answer.boolean ? "yes" : "no")
        : say(answer.kind === "graph" ? "triplesCount" : "rowsCount", { count: answer.rows.length });
    this.status.replaceChildren(
      h("strong", {}, counted),
      " · ",
      h("span", { class: "whole" }, say("whole")),
      " · ",
      say("took", { seconds }),
      server,
      answer.hint && (answer.rows.length > 0 || answer.kind === "boolean")
        ? h("span", { class: "hint" }, ` ${answer.hint}`)
        : "",
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

  private choose(view: View): void {
    this.view = view;
    this.chosen(view.name);
    this.draw();
    this.bar.querySelector<HTMLElement>("[aria-pressed=true]")?.focus();
  }

  private draw(): void {
    const { answer, query, why, view: chosen } = this;
    if (answer === null || chosen === null) return;
    const buttons = possible(answer).map((view) =>
      h(
        "button",
        { type: "button", "aria-pressed": String(view === chosen), onclick: () => this.choose(view) },
        say(`view.${view.name}`),
      ),
    );
    this.bar.replaceChildren(
      ...buttons,
      downloads(answer, this.query, ({ problem }) => this.note(problemBox(problem, null))),
      ...citing(this.query),
    );
    const drawn = this.drawn.get(chosen) ?? chosen.draw({ answer, query, why });
    this.drawn.set(chosen, drawn);
    this.body.replaceChildren(drawn.element);
    void this.list(answer);
    void this.offerNames(answer);
    drawn.placed?.();
  }

  /** Say that names are shown in the reader's language, and offer to show those of the answer. */
  private async offerNames(answer: Answer): Promise<void> {
    const terms = answer.rows.slice(0, NAMED).flatMap((row) => Object.values(row));
    await fetchNames(terms);
    if (this.answer !== answer || !terms.some(knownWord)) return;
    const retold = () => {
      setRetelling(!retells());
      this.drawn.clear();
      this.draw();
    };
    this.body.querySelector(".retold")?.remove();
    this.body.prepend(
      h(
        "p",
        { class: "plainly retold" },
        say(retells() ? "namesRetold" : "namesAsGiven"),
        " ",
        h(
          "button",
          { type: "button", class: "link", onclick: retold },
          say(retells() ? "asGiven" : "retell"),
        ),
      ),
    );
  }

  /** List the documents that the answer rests on, below it, once their names are there. */
  private async list(answer: Answer): Promise<void> {
    if (answer.sources === null) return;
    await nameSources(answer.sources);
    if (this.answer !== answer) return;
    this.body.querySelector(".answer-sources")?.remove();
    this.body.append(sourceList(answer.sources, this.query));
  }
}

/** Return the link to a citation, if the answer comes from a release. */
function citing(query: string): HTMLElement[] {
  if (!config.hasRelease) return [];
  return [
    h(
      "form",
      { class: "citing", method: "get", action: address("/cite"), target: "_blank" },
      h("input", { type: "hidden", name: "query", value: query }),
      h("button", { class: "plain" }, say("cite")),
    ),
  ];
}

function problemBox(problem: Problem, goTo: ((line: number, column: number) => void) | null): HTMLElement {
  const parts: Node[] = [h("p", {}, h("strong", {}, titleOf(problem)))];
  if (problem.detail && problem.code !== "broken-off" && problem.code !== "unreachable")
    parts.push(h("p", {}, h("bdi", {}, retold(problem.detail))));
  if (problem.line !== undefined && goTo !== null) {
    const { line, column = 1 } = problem;
    parts.push(
      h(
        "p",
        {},
        h(
          "button",
          { type: "button", class: "link", onclick: () => goTo(line, column) },
          say("lineColumn", { line, column }),
        ),
      ),
    );
  }
  if (problem.limit) parts.push(h("p", {}, say("limit"), " ", h("code", {}, problem.limit)));
  const hint = say(`hint.${problem.limit ?? problem.code}`);
  const helps = hint.startsWith("hint.") ? problem.hint : hint;
  if (helps) parts.push(h("p", { class: "hint" }, h("bdi", {}, retold(helps))));
  return h("div", { class: "notice problem", role: "alert" }, ...parts);
}

function titleOf(problem: Problem): string {
  const known = say(`problem.${problem.code}`);
  return known.startsWith("problem.") ? problem.title : known;
}
