// Rows as a table, sorted and filtered; only the visible ones are drawn, so that 100,000 scroll like ten.

import type { Binding, Row } from "../_binding";
import { cell, isNumber, textOf } from "../_cell";
import { arranged, type Columns } from "../_columns";
import { config, folded, say } from "../_config";
import { h } from "../_dom";
import type { Answer } from "../_run";
import { nameSources, sourceCell } from "../_sources";
import type { Drawn, Showing, View } from "../_viewing";
import { fetchNames, isNameless } from "../_words";

const HEIGHT = 34;
const BEYOND = 12;
const NAMED_AT_ONCE = 2000;

const collator = new Intl.Collator(config.language, { numeric: true });

export const view: View = { name: "table", can: () => true, draw: drawn };

/** A table of rows; for an ASK, only its answer. */
function drawn({ answer, why }: Showing): Drawn {
  if (answer.kind === "boolean") {
    return { element: h("p", { class: "boolean" }, say(answer.boolean ? "yes" : "no")) };
  }
  // An explanation why there are no rows is shown above, and there is nothing to filter.
  if (answer.rows.length === 0) return { element: h("p", { class: "none" }) };
  const table = new Table(answer, answer.kind === "rows" ? why : null);
  return { element: table.element, placed: () => table.draw(true) };
}

export class Table {
  readonly element: HTMLElement;
  private readonly body = h("tbody");
  private readonly head: HTMLTableRowElement = h("tr");
  private readonly table = h("table", { class: "rows", "aria-rowcount": 0 });
  private readonly scroll = h("div", {
    class: "scroll rows",
    tabindex: 0,
    role: "region",
    "aria-label": say("rows"),
  });
  private readonly status = h("span", { class: "count", role: "status" });
  private shown: readonly number[];
  private order: { column: string; descending: boolean } | null = null;
  private filter = "";
  private drawn = "";
  private due = 0;
  private columns: Columns;
  /** Whether the reader wants to see the folded columns too. */
  private isFull = false;
  private readonly folded = h("p", { class: "plainly folded", hidden: true });
  private readonly beyond = h("span", { class: "plainly beyond", hidden: true }, say("wider"));

  constructor(
    private readonly answer: Answer,
    private readonly why: ((row: Row) => void) | null,
  ) {
    this.shown = answer.rows.map((_, at) => at);
    this.columns = arranged(answer);
    const input = h("input", {
      type: "search",
      placeholder: say("filterRows"),
      "aria-label": say("filterRows"),
      autocomplete: "off",
      spellcheck: "false",
    });
    input.addEventListener("input", () => {
      this.filter = folded(input.value.trim());
      this.arrange();
    });
    this.table.append(h("thead", {}, this.head), this.body);
    this.scroll.append(this.table);
    this.scroll.addEventListener("scroll", () => this.draw(), { passive: true });
    this.element = h(
      "div",
      { class: "table" },
      h("p", { class: "controls" }, input, this.status, this.beyond),
      this.folded,
      this.scroll,
    );
    // Whether all columns are in sight depends on the width, which may change at any time.
    if (typeof ResizeObserver !== "undefined") new ResizeObserver(() => this.measure()).observe(this.scroll);
    this.header();
    this.arrange();
    void this.name();
  }

  /**
   * Fetch the names of what the rows hold, as long as those are not too many; the rest come as they are scrolled to.
   */
  private async name(): Promise<void> {
    const terms = new Map<string, Binding>();
    for (const row of this.answer.rows) {
      for (const term of Object.values(row)) if (isNameless(term)) terms.set(term.value, term);
      if (terms.size > NAMED_AT_ONCE) break;
    }
    await fetchNames([...terms.values()].slice(0, NAMED_AT_ONCE));
    if (this.answer.sources !== null) await nameSources(this.answer.sources);
    this.columns = arranged(this.answer);
    this.header();
    if (this.order !== null || this.filter !== "") this.arrange();
    this.draw(true);
  }

  /** The columns that are drawn. */
  private get visible(): readonly string[] {
    return this.isFull ? this.answer.columns : this.columns.shown;
  }

  /** Say what is folded away, and offer it. */
  private fold(): void {
    const { equal, named } = this.columns;
    const count = equal.length + named.length;
    this.folded.hidden = count === 0;
    if (count === 0) return;
    const told = equal.flatMap(({ column, term }, at) => [
      h("bdi", {}, column),
      " ",
      cell(term),
      say(at < equal.length - 1 ? "between" : "end"),
    ]);
    const button = h(
      "button",
      {
        type: "button",
        class: "link",
        "aria-pressed": String(this.isFull),
        onclick: () => {
          this.isFull = !this.isFull;
          this.header();
          this.draw(true);
          this.folded.querySelector("button")?.focus();
        },
      },
      say(this.isFull ? "foldColumns" : "unfoldColumns", {
        count,
        names: [...equal.map(({ column }) => column), ...named].join(", "),
      }),
    );
    this.folded.replaceChildren(
      ...(told.length > 0 && !this.isFull ? [say("inAllRows"), " ", ...told] : []),
      button,
    );
  }

  /** Say that there is more to the side, where there is. */
  private measure(): void {
    this.beyond.hidden = this.scroll.scrollWidth <= this.scroll.clientWidth + 2;
  }

  private header(): void {
    this.fold();
    const columns = this.visible.map((column) => {
      const isSorted = this.order?.column === column;
      const arrow = isSorted ? (this.order!.descending ? " ↓" : " ↑") : "";
      const sort = isSorted ? (this.order!.descending ? "descending" : "ascending") : "none";
      const button = h(
        "button",
        { type: "button", class: "sort", onclick: () => this.sort(column) },
        h("bdi", {}, column),
        arrow,
      );
      return h(
        "th",
        {
          scope: "col",
          "aria-sort": sort,
          class: isNumber(this.answer.rows.find((row) => row[column])?.[column]) ? "figure" : null,
        },
        button,
      );
    });
    this.table.classList.toggle("few", this.visible.length < 3);
    this.head.replaceChildren(
      h(
        "th",
        { scope: "col", class: "number" },
        this.why === null
          ? h("span", { class: "unseen" }, say("row"))
          : h("span", { title: say("why") }, say("whyShort")),
      ),
      ...columns,
      ...(this.answer.sources === null ? [] : [h("th", { scope: "col" }, say("sources"))]),
    );
  }

  private sort(column: string): void {
    const isSame = this.order?.column === column;
    if (isSame && this.order!.descending) this.order = null;
    else this.order = { column, descending: isSame };
    this.header();
    this.arrange();
    [...this.head.querySelectorAll<HTMLElement>(".sort")][this.visible.indexOf(column)]?.focus();
  }

  private arrange(): void {
    const { rows, columns } = this.answer;
    let shown = rows.map((_, at) => at);
    if (this.filter !== "") {
      shown = shown.filter((at) =>
        columns.some((column) => {
          const term = rows[at]![column];
          return (
            term !== undefined &&
            (folded(textOf(term)).includes(this.filter) || folded(term.value).includes(this.filter))
          );
        }),
      );
    }
    if (this.order !== null) sortRows(shown, rows, this.order.column, this.order.descending);
    this.shown = shown;
    this.table.setAttribute("aria-rowcount", String(shown.length + 1));
    this.status.textContent =
      this.filter === "" ? "" : say("rowsOf", { shown: shown.length, all: rows.length });
    this.scroll.scrollTop = 0;
    this.draw(true);
  }

  /** Draw the rows in sight. */
  draw(anew = false): void {
    const first = Math.max(0, Math.floor(this.scroll.scrollTop / HEIGHT) - BEYOND);
    const count = Math.ceil((this.scroll.clientHeight || 600) / HEIGHT) + 2 * BEYOND;
    const last = Math.min(this.shown.length, first + count);
    const key = `${first}-${last}`;
    if (key === this.drawn && !anew) return;
    this.drawn = key;
    const rows = this.shown.slice(first, last).map((at, i) => this.row(at, first + i));
    this.body.replaceChildren(spacer(first), ...rows, spacer(this.shown.length - last));
    if (anew) this.measure();
    this.nameSoon(first, last);
  }

  private nameSoon(first: number, last: number): void {
    window.clearTimeout(this.due);
    const rows = this.shown.slice(first, last).map((at) => this.answer.rows[at]!);
    const missing = rows.flatMap((row) => Object.values(row)).filter(isNameless);
    if (missing.length === 0) return;
    this.due = window.setTimeout(async () => {
      await fetchNames(missing);
      if (missing.some((term) => !isNameless(term))) this.draw(true);
    }, 80);
  }

  private row(at: number, place: number): HTMLElement {
    const row = this.answer.rows[at]!;
    const number =
      this.why === null
        ? String(place + 1)
        : h(
            "button",
            {
              type: "button",
              class: "why",
              title: say("why"),
              "aria-label": say("whyRow", { row: place + 1 }),
              onclick: () => this.why!(row),
            },
            String(place + 1),
          );
    const cells = this.visible.map((column) =>
      h("td", isNumber(row[column]) ? { class: "figure" } : {}, cell(row[column])),
    );
    if (this.answer.sources !== null)
      cells.push(h("td", { class: "sources" }, sourceCell(this.answer.sources, at)));
    return h("tr", { "aria-rowindex": place + 2 }, h("td", { class: "number" }, number), ...cells);
  }
}

function spacer(rows: number): HTMLElement {
  const row = h("tr", { class: "spacer", "aria-hidden": "true" });
  row.style.height = `${rows * HEIGHT}px`;
  return row;
}

function sortRows(shown: number[], rows: readonly Row[], column: string, descending: boolean): void {
  const isNumeric = rows.every((row) => row[column] === undefined || isNumber(row[column]));
  const keys = rows.map((row) => (isNumeric ? Number(row[column]?.value ?? -Infinity) : textOf(row[column])));
  const way = descending ? -1 : 1;
  // A comparison by the collator takes microseconds, so equal texts are tested first.
  const compare = isNumeric
    ? (a: number, b: number) => (keys[a] as number) - (keys[b] as number)
    : (a: number, b: number) =>
        keys[a] === keys[b] ? 0 : collator.compare(keys[a] as string, keys[b] as string);
  shown.sort((a, b) => way * compare(a, b) || a - b);
}
