// Suggestions below the search box while a reader types: an editable combobox with a list (ARIA APG). Without this
// script the box is a form like any other.

interface Label {
  text: string;
  language: string;
}
interface Hit {
  page: string;
  label: Label;
  matched: Label | null;
  classes: { label: Label }[];
  place: { label: Label }[];
}
interface Answer {
  hits: Hit[];
  close: Hit[];
}

const MOST = 8;
const PAUSE = 80; // ms without a key before we ask

class Suggestions {
  private readonly list = document.createElement("ul");
  private asked: AbortController | undefined;
  private timer: number | undefined;
  private active = -1;

  constructor(
    private readonly input: HTMLInputElement,
    private readonly address: string,
  ) {
    this.list.id = `${input.id}-suggestions`;
    this.list.className = "suggestions";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", input.dataset.label ?? "");
    input.after(this.list);
    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    input.setAttribute("aria-expanded", "false");
    this.listen();
  }

  private listen(): void {
    // While an input method composes a character, the text in the box isn't final.
    this.input.addEventListener("input", (event) => (event as InputEvent).isComposing || this.ask());
    this.input.addEventListener("compositionend", () => this.ask());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    // A mouse press must not take the focus from the box: the list would close before the click.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  private ask(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.fetch(), PAUSE);
  }

  private async fetch(): Promise<void> {
    this.asked?.abort();
    const text = this.input.value.trim();
    if (!text) return this.close();
    this.asked = new AbortController();
    const language = document.documentElement.lang;
    const query = new URLSearchParams({ q: text, limit: String(MOST), language });
    try {
      const response = await fetch(`${this.address}?${query}`, {
        signal: this.asked.signal,
        headers: { Accept: "application/json" },
      });
      if (!response.ok) return this.close();
      const answer = (await response.json()) as Answer;
      if (document.activeElement === this.input) this.show(answer.hits.length ? answer.hits : answer.close);
    } catch {
      // Aborted by a newer request, or offline: the form still works.
    }
  }

  private show(hits: Hit[]): void {
    // A late answer must not replace the list if the reader has already moved to an entry.
    const chosen = this.list.children[this.active]?.querySelector("a")?.href;
    this.list.replaceChildren(...hits.map((hit, at) => this.option(hit, at)));
    const links = [...this.list.querySelectorAll("a")];
    this.active = chosen === undefined ? -1 : links.findIndex((link) => link.href === chosen);
    this.mark();
    this.list.hidden = !hits.length;
    this.input.setAttribute("aria-expanded", String(hits.length > 0));
  }

  private option(hit: Hit, at: number): HTMLLIElement {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${at}`;
    item.setAttribute("role", "option");
    const link = document.createElement("a");
    link.href = hit.page;
    link.tabIndex = -1;
    link.append(piece("bdi", "name", hit.label));
    if (hit.matched && hit.matched.text !== hit.label.text) link.append(piece("bdi", "also", hit.matched));
    const kind = hit.classes[0];
    if (kind) link.append(piece("span", "kind", kind.label));
    const place = piece("span", "place", { text: "", language: "" });
    place.append(...hit.place.slice(-3).map((step) => piece("bdi", "", step.label)));
    if (hit.place.length) link.append(place);
    item.append(link);
    return item;
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing || this.list.hidden) return;
    const count = this.list.children.length;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      // Between the last entry and the first comes the box itself, with nothing selected.
      this.active = ((this.active + 1 + step + count + 1) % (count + 1)) - 1;
      this.mark();
    } else if (event.key === "Enter" && this.active >= 0) {
      event.preventDefault();
      this.list.children[this.active]?.querySelector("a")?.click();
    } else if (event.key === "Escape") {
      event.preventDefault(); // else the browser would empty the box
      this.close();
    }
  }

  private mark(): void {
    for (const [at, item] of [...this.list.children].entries()) {
      item.setAttribute("aria-selected", String(at === this.active));
    }
    const chosen = this.list.children[this.active];
    if (chosen) this.input.setAttribute("aria-activedescendant", chosen.id);
    else this.input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  private close(): void {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.active = -1;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

function piece(tag: string, name: string, label: Label): HTMLElement {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (label.language && label.language !== document.documentElement.lang) element.lang = label.language;
  element.textContent = label.text;
  return element;
}

for (const input of document.querySelectorAll<HTMLInputElement>("input[data-suggest]")) {
  new Suggestions(input, input.dataset.suggest ?? "");
}
