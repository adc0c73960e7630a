// Tabs: each a query of its own; they survive a reload, in this browser alone.

import { say } from "./_config";
import { h } from "./_dom";

export interface Tab {
  id: number;
  query: string;
  view: string;
}

const KEY = "query-tabs";
const MOST = 20;

interface Kept {
  tabs: Tab[];
  active: number;
}

export class Tabs {
  readonly bar = h("div", { class: "tabs", role: "tablist", "aria-label": say("tabs") });
  private tabs: Tab[] = [];
  private active = 0;

  constructor(private readonly shown: (tab: Tab) => void, private readonly panel: string, first: string) {
    const kept = load();
    this.tabs = kept?.tabs ?? [{ id: 1, query: first, view: "" }];
    this.active = Math.max(0, this.tabs.findIndex((tab) => tab.id === kept?.active));
    this.bar.addEventListener("keydown", (event) => this.key(event));
  }

  get current(): Tab {
    return this.tabs[this.active]!;
  }

  /** Show the current tab. */
  start(): void {
    this.draw();
    this.shown(this.current);
  }

  /** Open a query in a tab, that which has it already if one does. */
  open(query: string, view = ""): void {
    const at = this.tabs.findIndex((tab) => tab.query.trim() === query.trim());
    if (at >= 0) {
      this.active = at;
      if (view !== "") this.current.view = view;
    } else {
      const id = Math.max(0, ...this.tabs.map((tab) => tab.id)) + 1;
      if (this.tabs.length >= MOST) this.tabs.shift();
      this.active = this.tabs.push({ id, query, view }) - 1;
    }
    this.save();
    this.start();
  }

  /** Note what the current tab holds now. */
  note(change: Partial<Pick<Tab, "query" | "view">>): void {
    const before = title(this.current.query, 0);
    Object.assign(this.current, change);
    if (title(this.current.query, 0) !== before) this.draw();
    this.save();
  }

  private choose(at: number): void {
    this.active = (at + this.tabs.length) % this.tabs.length;
    this.save();
    this.start();
  }

  private close(at: number): void {
    this.tabs.splice(at, 1);
    if (this.tabs.length === 0) this.tabs.push({ id: 1, query: "", view: "" });
    if (this.active >= at) this.active = Math.max(0, this.active - 1);
    this.save();
    this.start();
  }

  private key(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step !== undefined) this.choose(this.active + step);
    else if (event.key === "Delete") this.close(this.active);
    else return;
    event.preventDefault();
    this.bar.querySelector<HTMLElement>("[aria-selected=true]")?.focus();
  }

  private draw(): void {
    const hadFocus = this.bar.contains(document.activeElement);
    this.bar.replaceChildren(
      ...this.tabs.map((tab, at) => {
        const isActive = at === this.active;
        const name = title(tab.query, tab.id);
        const close = h("span", { class: "close", "aria-hidden": "true", title: say("closeTab"), onclick: (event) => { event.stopPropagation(); this.close(at); } }, "×");
        return h(
          "button",
          {
            type: "button", role: "tab", id: `tab-${tab.id}`, "aria-selected": String(isActive), "aria-controls": this.panel,
            tabindex: isActive ? 0 : -1, title: `${name}. ${say("closeTabKey")}`, onclick: () => this.choose(at),
          },
          h("bdi", {}, name),
          this.tabs.length > 1 && close,
        );
      }),
    );
    document.getElementById(this.panel)?.setAttribute("aria-labelledby", `tab-${this.current.id}`);
    if (hadFocus) this.bar.querySelector<HTMLElement>("[aria-selected=true]")?.focus();
  }

  private save(): void {
    try {
      localStorage.setItem(KEY, JSON.stringify({ tabs: this.tabs, active: this.current.id }));
    } catch {
      // No room, or storage is off: the tabs last as long as the page.
    }
  }
}

/** A tab is called by the first comment of its query: its title in the reader's language, if it names one. */
function title(query: string, id: number): string {
  const language = document.documentElement.lang.toLowerCase();
  const titled = [...query.matchAll(/^#\s*title@([\w-]+)\s*:\s*(.+)$/gm)];
  const best = titled.find((match) => match[1]!.toLowerCase() === language) ?? titled[0];
  const text = best?.[2] ?? /^\s*#\s*([^\n]+)/.exec(query)?.[1] ?? say("untitled", { number: id });
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
}

function load(): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null") as Kept | null;
    const isSound = Array.isArray(kept?.tabs) && kept.tabs.length > 0 && kept.tabs.every((tab) => typeof tab.query === "string" && typeof tab.id === "number");
    return isSound ? kept : null;
  } catch {
    return null;
  }
}
