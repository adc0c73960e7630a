// The query page: the plain form becomes an editor with tabs, completion and views of the answer.

import type { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { address, config, say } from "./_config";
import { h } from "./_dom";
import { field, tidy } from "./_editing";
import { explain } from "./_evidence";
import { examples } from "./_examples";
import { listFaults } from "./_faults";
import { fresh, fromHash, hasSources, LONGEST, toHash, withoutQuery } from "./_link";
import { inWords } from "./_lint";
import { Parameters } from "./_parameters";
import { withPrefixes } from "./_prefixes";
import { read } from "./_query";
import { Results } from "./_results";
import { type Answer, QueryFailed, Run } from "./_run";
import type { Fault } from "./_syntax";
import { type Tab, Tabs } from "./_tabs";
import { Vocabulary } from "./_vocabulary";
import { explainEmpty } from "./_why";

const RETRY = 2000;

class Editor {
  private vocabulary: Vocabulary | null = null;
  private run: Run | null = null;
  private readonly states = new Map<string, EditorState>();
  private shownTab: Tab | null = null;
  private readonly dialog = h("dialog", { class: "why-dialog" });
  private readonly notice = h("p", { class: "plainly", role: "status" });
  private readonly runButton = h(
    "button",
    { type: "button", class: "primary", title: "Ctrl+Enter", onclick: () => void this.start() },
    say("run"),
  );
  private readonly sourcesButton = h(
    "button",
    {
      type: "button",
      class: "plain",
      "aria-pressed": String(hasSources()),
      title: say("withSourcesTitle"),
      onclick: () => this.switchSources(),
    },
    say("withSources"),
  );
  private readonly stopButton = h(
    "button",
    { type: "button", class: "plain stop", hidden: true, onclick: () => void this.run?.stop() },
    say("stop"),
  );
  private readonly results = new Results(
    (view) => this.viewed(view),
    (row) => void explain(this.text, row, this.dialog),
  );
  private readonly faults = h("ul", { class: "faults", "aria-label": say("faults"), hidden: true });
  private readonly parameters = new Parameters(
    () => this.vocabulary,
    (change) => this.edit([change]),
  );
  private readonly tabs: Tabs;
  private readonly field;

  constructor(
    private readonly place: HTMLElement,
    first: string,
  ) {
    const parent = h("div", { class: "field", id: "editor-panel", role: "tabpanel" });
    this.tabs = new Tabs(
      (tab) => this.show(tab),
      "editor-panel",
      first,
      (tab) => this.offerAgain(tab),
    );
    const add = h(
      "button",
      {
        type: "button",
        class: "plain add",
        title: say("newTab"),
        "aria-label": say("newTab"),
        onclick: () => {
          this.tabs.open(fresh(), "", false);
          this.field.view.focus();
        },
      },
      "+",
    );
    const share = h(
      "button",
      { type: "button", class: "plain", onclick: () => void this.share() },
      say("share"),
    );
    const layout = h(
      "button",
      {
        type: "button",
        class: "plain",
        title: "Shift+Alt+F",
        onclick: () => {
          tidy(this.field.view);
          this.field.view.focus();
        },
      },
      say("format"),
    );
    const work = h(
      "div",
      { class: "work" },
      h("div", { class: "tab-row" }, this.tabs.bar, add),
      parent,
      this.parameters.element,
      h(
        "p",
        { class: "controls" },
        this.runButton,
        this.stopButton,
        this.sourcesButton,
        layout,
        share,
        this.notice,
      ),
      this.faults,
      h("p", { id: "editor-keys", class: "plainly keys" }, say("keys")),
    );
    const panel = examples((sparql, view) => {
      this.tabs.open(sparql, view);
      void this.start();
    });
    // In the document the answer comes before the examples, for keyboard users; on the page it is below both.
    place.append(h("div", { class: "desk" }, work, this.results.element, panel), this.dialog);
    this.field = field({
      parent,
      vocabulary: () => this.vocabulary,
      changed: (query) => this.changed(query),
      run: () => void this.start(),
      faulty: (text, faults) => this.listFaults(text, faults),
    });
  }

  get text(): string {
    return this.field.view.state.doc.toString();
  }

  /** Begin with what the address holds, else with the tabs of last time. */
  async open(given: string): Promise<void> {
    await this.take(given);
    window.addEventListener("hashchange", () => void this.take(""));
    void this.learn();
  }

  private async take(given: string): Promise<void> {
    const shared = await fromHash(location.hash);
    const query = shared?.query ?? given;
    if (query === "") {
      if (this.shownTab === null) this.tabs.start();
      return;
    }
    this.tabs.open(query, shared?.view ?? "");
    history.replaceState(null, "", withoutQuery());
    await this.start();
  }

  private changed(query: string): void {
    this.tabs.note({ query });
    this.parameters.show(query);
    // The query in the address is no longer the current one.
    if (location.hash !== "") history.replaceState(null, "", withoutQuery());
  }

  private edit(changes: readonly { from: number; to: number; insert: string }[]): void {
    this.field.view.dispatch({ changes: [...changes] });
  }

  private listFaults(text: string, faults: readonly Fault[]): void {
    const goTo = ({ from, to }: Fault) => this.select(from, to);
    listFaults(this.faults, text, faults, {
      goTo,
      mend: ({ mend }) => {
        this.edit(mend?.edits ?? []);
        this.field.view.focus();
      },
    });
  }

  private offerAgain(tab: Tab): void {
    const again = h(
      "button",
      {
        type: "button",
        class: "link",
        onclick: () => {
          this.notice.textContent = "";
          this.tabs.open(tab.query, tab.view, false);
        },
      },
      say("reopen"),
    );
    this.notice.replaceChildren(say("tabClosed"), " ", again);
  }

  /** Fetch the terms of the release; until they are counted, ask again. */
  private async learn(): Promise<void> {
    if (!config.hasRelease) {
      this.notice.textContent = say("noRelease");
      return;
    }
    try {
      const response = await fetch(address("/query/vocabulary.json"));
      if (response.status === 503) {
        this.notice.textContent = say("counting");
        window.setTimeout(() => void this.learn(), RETRY);
        return;
      }
      if (!response.ok) throw new Error(response.statusText);
      this.vocabulary = new Vocabulary(await response.json(), config.base);
      this.notice.textContent = "";
      this.place.dataset.ready = "true";
      this.parameters.show(this.text);
      // Check the query again, now that the terms are known.
      this.field.view.dispatch({ changes: { from: 0, insert: "" } });
    } catch {
      this.notice.textContent = say("noTerms");
    }
  }

  private show(tab: Tab): void {
    const { view, state } = this.field;
    if (this.shownTab !== null && this.shownTab.id !== tab.id) this.states.set(this.shownTab.id, view.state);
    const isOther = this.shownTab?.id !== tab.id;
    this.shownTab = tab;
    if (!isOther && this.text === tab.query) return;
    const kept = this.states.get(tab.id);
    view.setState(kept !== undefined && kept.doc.toString() === tab.query ? kept : state(tab.query));
    if (isOther) this.results.clear();
    this.parameters.show(tab.query);
  }

  private viewed(view: string): void {
    this.tabs.note({ view });
    void this.mark(LONGEST);
  }

  /** Put the query and its view into the address, if the link isn't too long for that. */
  private async mark(longest = Infinity): Promise<string> {
    const { text } = this;
    const hash = await toHash(text, this.tabs.current.view);
    if (text === this.text && hash.length <= longest)
      history.replaceState(null, "", `${withoutQuery()}#${hash}`);
    return location.href;
  }

  private async share(): Promise<void> {
    const link = await this.mark();
    try {
      await navigator.clipboard.writeText(link);
      this.notice.textContent = say("linkCopied", { length: link.length });
    } catch {
      this.notice.textContent = say("linkInBar");
    }
  }

  /** Ask the endpoint and show what comes. */
  async start(): Promise<void> {
    await this.run?.stop();
    const tab = this.tabs.current;
    const whole = withPrefixes(this.text, config.prefixes);
    if (whole !== this.text)
      this.field.view.dispatch({ changes: { from: 0, to: this.text.length, insert: whole } });
    const run = new Run();
    this.run = run;
    this.busy(true);
    try {
      const answer = await run.ask(whole, undefined, hasSources() && read(whole).form === "SELECT");
      if (this.run !== run || this.tabs.current.id !== tab.id) return;
      this.results.show(answer, whole, tab.view);
      void this.mark(LONGEST);
      if (answer.kind !== "boolean" && answer.rows.length === 0) await this.explain(whole, answer);
    } catch (error) {
      if (!(error instanceof QueryFailed)) throw error;
      const problem = await inWords(error.problem, whole, this.vocabulary);
      if (this.run === run) this.results.fail(problem, (line, column) => this.goTo(line, column));
    } finally {
      if (this.run === run) {
        this.run = null;
        this.busy(false);
      }
    }
  }

  /** Ask with sources, or without; the address remembers which. */
  private async explain(query: string, answer: Answer): Promise<void> {
    const box = h("div", { class: "notice empty" });
    this.results.note(box);
    await explainEmpty(box, query, answer, this.vocabulary, {
      select: (from, to) => this.select(from, to),
      mend: (edits) => {
        this.edit(edits);
        void this.start();
      },
    });
  }

  private switchSources(): void {
    const parameters = new URLSearchParams(location.search);
    if (hasSources()) parameters.delete("sources");
    else parameters.set("sources", "1");
    const rest = parameters.toString();
    history.replaceState(null, "", location.pathname + (rest ? `?${rest}` : "") + location.hash);
    this.sourcesButton.setAttribute("aria-pressed", String(hasSources()));
    void this.start();
  }

  private busy(isBusy: boolean): void {
    if (isBusy) this.results.clear(say("running"));
    const hadFocus = document.activeElement === this.stopButton;
    this.stopButton.hidden = !isBusy;
    if (hadFocus && !isBusy) this.runButton.focus();
    this.results.element.setAttribute("aria-busy", String(isBusy));
  }

  private goTo(line: number, column: number): void {
    const { view } = this.field;
    const at = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
    // Columns count characters, CodeMirror UTF-16 units.
    const before = [...at.text].slice(0, column - 1).join("").length;
    view.dispatch({
      selection: { anchor: at.from + Math.min(before, at.length) },
      effects: EditorView.scrollIntoView(at.from, { y: "center" }),
    });
    view.focus();
  }

  private select(from: number, to: number): void {
    this.field.view.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true });
    this.field.view.focus();
  }
}

const place = document.getElementById("editor");
const form = document.querySelector<HTMLFormElement>("form.query");
if (place !== null && form !== null) {
  const given = new URLSearchParams(location.search).get("query") ?? "";
  const area = form.querySelector("textarea");
  for (const plain of document.querySelectorAll<HTMLElement>("[data-plain]")) plain.hidden = true;
  place.hidden = false;
  void new Editor(place, area?.value ?? "").open(given);
}
