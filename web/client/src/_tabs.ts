// Tabs: each a query of its own; they survive a reload, in this browser alone.

import { say } from "./_config";
import { h } from "./_dom";

export interface Tab {
  readonly id: string;
  /** When it was made (ms since 1970), or what it stands in place of was: tabs stand in this order. */
  readonly place: number;
  query: string;
  view: string;
  /** Whether its query is unchanged since it was opened: then the next query that is opened replaces it. */
  isFresh: boolean;
}

/** Each tab is kept under a key of its own: what a window knows of others' may be old, and it writes none of it. */
const TAB = "query-tab:";
const ACTIVE = "query-tab";
/** Where all tabs were kept together once. */
const TOGETHER = "query-tabs";

export class Tabs {
  readonly bar = h("div", { class: "tabs", role: "tablist", "aria-label": say("tabs") });
  private tabs: Tab[] = [];
  private active = 0;
  /** What was closed here: another window still has it, and must not bring it back. */
  private readonly closed = new Set<string>();
  /** What was made or changed here and isn't kept yet. */
  private readonly unsaved = new Set<Tab>();

  constructor(
    private readonly shown: (tab: Tab) => void,
    private readonly panel: string,
    first: string,
    private readonly left: (tab: Tab) => void,
  ) {
    takeApart();
    const { tabs, active } = load();
    this.tabs = tabs.length > 0 ? tabs : [this.made(first, "")];
    this.active = Math.max(
      0,
      this.tabs.findIndex((tab) => tab.id === active),
    );
    this.bar.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("storage", (event) => event.key?.startsWith(TAB) && this.join());
  }

  get current(): Tab {
    return this.tabs[this.active]!;
  }

  /** Show the current tab. */
  start(): void {
    this.draw();
    this.shown(this.current);
  }

  /** Open a query: in the tab that has it already, else in place of an unchanged one, else in a new tab. */
  open(query: string, view = "", inPlace = true): void {
    const at = this.tabs.findIndex((tab) => tab.query.trim() === query.trim());
    if (at >= 0) {
      this.active = at;
      if (view !== "") this.current.view = view;
    } else if (inPlace && this.current.isFresh) {
      const { id, place } = this.current;
      this.closed.add(id);
      this.tabs[this.active] = this.made(query, view, place);
    } else {
      this.active = this.tabs.push(this.made(query, view)) - 1;
    }
    this.save();
    this.start();
  }

  /** Note what the current tab holds now. */
  note(change: Partial<Pick<Tab, "query" | "view">>): void {
    const before = title(this.current.query, this.active);
    const isWritten = change.query !== undefined && change.query !== this.current.query;
    Object.assign(this.current, change, isWritten ? { isFresh: false } : {});
    this.unsaved.add(this.current);
    if (title(this.current.query, this.active) !== before) this.draw();
    this.save();
  }

  private made(query: string, view: string, place = Date.now()): Tab {
    const id = crypto.randomUUID?.() ?? String(Math.random());
    const tab = { id, place, query, view, isFresh: true };
    this.unsaved.add(tab);
    return tab;
  }

  private choose(at: number): void {
    this.active = (at + this.tabs.length) % this.tabs.length;
    this.save();
    this.start();
  }

  private close(at: number): void {
    const [gone] = this.tabs.splice(at, 1);
    if (this.tabs.length === 0) this.tabs.push(this.made("", ""));
    if (this.active > at || this.active === this.tabs.length) this.active = Math.max(0, this.active - 1);
    this.closed.add(gone!.id);
    this.save();
    this.start();
    if (!gone!.isFresh && gone!.query.trim() !== "") this.left(gone!);
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
        const name = title(tab.query, at);
        const close = h(
          "span",
          {
            class: "close",
            "aria-hidden": "true",
            title: say("closeTab"),
            onclick: (event) => {
              event.stopPropagation();
              this.close(at);
            },
          },
          "×",
        );
        return h(
          "button",
          {
            type: "button",
            role: "tab",
            id: `tab-${tab.id}`,
            "aria-selected": String(isActive),
            "aria-controls": this.panel,
            tabindex: isActive ? 0 : -1,
            title: `${name}${say("end")}${say("closeTabKey")}`,
            onclick: () => this.choose(at),
          },
          h("bdi", {}, name),
          this.tabs.length > 1 && close,
        );
      }),
    );
    document.getElementById(this.panel)?.setAttribute("aria-labelledby", `tab-${this.current.id}`);
    if (hadFocus) this.bar.querySelector<HTMLElement>("[aria-selected=true]")?.focus();
  }

  /** Merge in what other windows have opened and changed; this window changes only its current tab. */
  private join(): void {
    const { current } = this;
    let isChanged = false;
    for (const other of load().tabs) {
      const own = this.tabs.find(({ id }) => id === other.id);
      if (own === undefined ? this.closed.has(other.id) : own === current || own.query === other.query)
        continue;
      if (own === undefined) this.tabs.push(other);
      else Object.assign(own, other);
      isChanged = true;
    }
    if (!isChanged) return;
    this.tabs.sort((one, other) => one.place - other.place);
    this.active = this.tabs.indexOf(current);
    this.draw();
  }

  private save(): void {
    this.join();
    try {
      for (const id of this.closed) localStorage.removeItem(TAB + id);
      for (const tab of this.unsaved)
        if (this.tabs.includes(tab)) localStorage.setItem(TAB + tab.id, JSON.stringify(tab));
      this.unsaved.clear();
      localStorage.setItem(ACTIVE, this.current.id);
    } catch {
      // No room, or storage is off: the tabs last as long as the page.
    }
  }
}

/** A tab is called by the first comment of its query: its title in the reader's language, if it names one. */
function title(query: string, at: number): string {
  const language = document.documentElement.lang.toLowerCase();
  const titled = [...query.matchAll(/^#\s*title@([\w-]+)\s*:\s*(.+)$/gm)];
  const best = titled.find((match) => match[1]!.toLowerCase() === language) ?? titled[0];
  const text = best?.[2] ?? /^\s*#\s*([^\n]+)/.exec(query)?.[1] ?? say("untitled", { number: at + 1 });
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
}

function load(): { tabs: Tab[]; active: string | null } {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(TAB));
    const tabs = keys.map(read).filter((tab) => tab !== null);
    return { tabs: tabs.sort((one, other) => one.place - other.place), active: localStorage.getItem(ACTIVE) };
  } catch {
    return { tabs: [], active: null };
  }
}

function read(key: string): Tab | null {
  try {
    const tab = JSON.parse(localStorage.getItem(key) ?? "null") as Tab | null;
    return typeof tab?.query === "string" && typeof tab.place === "number"
      ? { ...tab, id: key.slice(TAB.length) }
      : null;
  } catch {
    return null;
  }
}

/** Keep tabs that an earlier version kept together each by itself. */
function takeApart(): void {
  try {
    const kept = JSON.parse(localStorage.getItem(TOGETHER) ?? "null") as {
      tabs: Tab[];
      active: string;
    } | null;
    if (kept === null) return;
    kept.tabs.forEach((tab, place) => {
      localStorage.setItem(TAB + tab.id, JSON.stringify({ ...tab, place }));
    });
    localStorage.setItem(ACTIVE, kept.active);
    localStorage.removeItem(TOGETHER);
  } catch {
    // What can't be read stays where it is.
  }
}
