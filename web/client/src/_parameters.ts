// Parameters of a query: the terms of a VALUES of one variable, to be changed without touching SPARQL.

import { config, say } from "./_config";
import { bdi, h } from "./_dom";
import { fetchLabels, labelOf } from "./_labels";
import { expand, type Query, read } from "./_query";
import { closing, is, type Token } from "./_tokens";
import { typesOf } from "./_types";
import { type ValueInfo, values } from "./_values";
import { fold, localName, pick, type Vocabulary } from "./_vocabulary";

const MOST = 6;

export interface Term {
  readonly text: string;
  readonly iri: string | null;
  readonly from: number;
  readonly to: number;
}

export interface Parameter {
  /** The variable, with its "?". */
  readonly name: string;
  readonly terms: readonly Term[];
  /** The place before the closing bracket, where another term goes. */
  readonly end: number;
  /** The property whose object it is, and the classes of the subject; null where it stands elsewhere. */
  readonly property: string | null;
  readonly classes: readonly string[];
}

/** Return the parameters of a query: each `VALUES ?name { term ... }`. */
export function parameters(text: string, vocabulary: Vocabulary | null): Parameter[] {
  const query = read(text);
  const { tokens } = query;
  const found: Parameter[] = [];
  tokens.forEach((token, at) => {
    const [name, open] = [tokens[at + 1], tokens[at + 2]];
    if (!is(token, "VALUES") || name?.kind !== "var" || !is(open, "{")) return;
    const end = closing(tokens, at + 2) - 1;
    if (!is(tokens[end], "}")) return;
    const terms = termsOf(text, tokens.slice(at + 3, end), query);
    if (terms !== null)
      found.push({ name: name.text, terms, end: tokens[end]!.from, ...role(name.text, query, vocabulary) });
  });
  return found.slice(0, MOST);
}

/** Read the terms between the brackets; null where they can't be edited as choices. */
function termsOf(text: string, tokens: readonly Token[], query: Query): Term[] | null {
  const terms: Term[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const { kind, from, text: word } = tokens[at]!;
    if (kind !== "iri" && kind !== "pname" && kind !== "string" && kind !== "number") return null;
    if (kind === "string" && tokens[at + 1]?.kind === "lang") at += 1;
    else if (kind === "string" && is(tokens[at + 1], "^^")) at += 2;
    const to = tokens[at]?.to ?? from;
    const iri = kind === "iri" || kind === "pname" ? expand(word, query.prefixes) : null;
    terms.push({ text: text.slice(from, to), iri, from, to });
  }
  return terms;
}

function role(
  name: string,
  query: Query,
  vocabulary: Vocabulary | null,
): Pick<Parameter, "property" | "classes"> {
  const pattern = query.patterns.find(
    ({ predicate, object }) => object.text === name && predicate.iri !== null,
  );
  if (pattern === undefined) return { property: null, classes: [] };
  return {
    property: pattern.predicate.iri,
    classes: vocabulary === null ? [] : typesOf(query, pattern.subject, vocabulary),
  };
}

export interface Change {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** The row of parameters above the buttons; drawn anew when the query changes. */
export class Parameters {
  readonly element = h("div", {
    class: "parameters",
    role: "group",
    "aria-label": say("parameters"),
    hidden: true,
  });
  private drawn = "";

  constructor(
    private readonly vocabulary: () => Vocabulary | null,
    private readonly change: (change: Change) => void,
  ) {}

  /** Show the parameters of a query. */
  show(text: string): void {
    const found = parameters(text, this.vocabulary());
    const key = JSON.stringify(found);
    if (key === this.drawn) return;
    this.drawn = key;
    this.draw(found, text);
    const iris = found
      .flatMap(({ terms }) => terms.map(({ iri }) => iri))
      .filter((iri): iri is string => iri !== null);
    const missing = iris.filter((iri) => labelOf(iri) === undefined);
    // draw() and not show(), which would ask again, without end, for names that don't exist.
    if (missing.length > 0)
      void fetchLabels(missing).then(() => {
        if (this.drawn === key) this.draw(found, text);
      });
  }

  private draw(found: readonly Parameter[], text: string): void {
    const focused = [...this.element.querySelectorAll("input")].indexOf(
      document.activeElement as HTMLInputElement,
    );
    this.element.hidden = found.length === 0;
    this.element.replaceChildren(...found.map((one, at) => this.row(one, at, text)));
    if (focused >= 0) this.element.querySelectorAll("input")[focused]?.focus();
  }

  private row(one: Parameter, at: number, text: string): HTMLElement {
    const called = pick(
      one.property === null ? undefined : this.vocabulary()?.property(one.property)?.labels,
      config.chain,
    );
    const chips = one.terms.map((term) => this.chip(one, term, text));
    return h(
      "div",
      { class: "parameter" },
      h("span", { class: "label" }, bdi(called || one.name.slice(1)), " ", h("code", {}, one.name)),
      ...chips,
      ...this.adding(one, at, text),
    );
  }

  private chip({ terms }: Parameter, term: Term, text: string): HTMLElement {
    const named = term.iri === null ? undefined : labelOf(term.iri);
    const label = named?.label ?? term.text;
    // The white space before it is removed too; the last value stays, since without any nothing would match.
    const from = term.from - (/\s*$/.exec(text.slice(0, term.from))?.[0].length ?? 0);
    const remove = h(
      "button",
      {
        type: "button",
        class: "remove",
        "aria-label": say("removeValue", { name: label }),
        onclick: () => this.change({ from, to: term.to, insert: "" }),
      },
      "×",
    );
    return h("span", { class: "chip" }, bdi(label, named?.language ?? ""), terms.length > 1 && remove);
  }

  private adding(one: Parameter, at: number, text: string): Node[] {
    const list = h("datalist", { id: `parameter-${at}` });
    const input = h("input", {
      type: "text",
      list: list.id,
      placeholder: say("addValue"),
      "aria-label": say("addValueOf", { name: one.name.slice(1) }),
      autocomplete: "off",
      spellcheck: "false",
    });
    const offered = new Map<string, string>();
    const offer = async () => {
      const found = await this.find(one, input.value);
      const taken = new Set(one.terms.map(({ iri, text: written }) => iri ?? written));
      offered.clear();
      for (const { term, iri, labels } of found.filter((value) => !taken.has(value.term))) {
        const label = pick(labels, config.chain) || (iri ? localName(term) : term);
        offered.set(
          offered.has(label) ? `${label} (${localName(term)})` : label,
          iri ? this.written(term, text) : term,
        );
      }
      list.replaceChildren(...[...offered.keys()].map((name) => h("option", { value: name })));
    };
    const take = () => {
      const term = offered.get(input.value.trim());
      if (term !== undefined)
        this.change({
          from: one.end,
          to: one.end,
          insert: /\s$/.test(text.slice(0, one.end)) ? `${term} ` : ` ${term} `,
        });
    };
    input.addEventListener("focus", () => void offer());
    // What is chosen from the list comes as a replacement; what is typed waits for Enter.
    input.addEventListener(
      "input",
      (event) =>
        void ((event as InputEvent).inputType === "insertReplacementText" || !(event instanceof InputEvent)
          ? take()
          : offer()),
    );
    input.addEventListener("change", take);
    return [input, list];
  }

  private async find(one: Parameter, typed: string): Promise<readonly ValueInfo[]> {
    const vocabulary = this.vocabulary();
    if (vocabulary === null) return [];
    const isProperty = one.terms.some(({ iri }) => iri !== null && vocabulary.property(iri) !== undefined);
    if (one.property === null && isProperty) {
      const found = vocabulary.properties
        .filter((property) => vocabulary.match(property, fold(typed)) !== null)
        .slice(0, 30);
      return found.map(({ iri, labels, count }) => ({
        term: iri,
        iri: true,
        count,
        ...(labels ? { labels } : {}),
      }));
    }
    return values(typed, one.property ?? "", one.classes);
  }

  private written(iri: string, text: string): string {
    const short = this.vocabulary()?.shorten(iri);
    const isDeclared =
      short !== undefined && short.prefix !== null && read(text).prefixes.get(short.prefix) === short.space;
    return isDeclared ? short.text : `<${iri}>`;
  }
}
