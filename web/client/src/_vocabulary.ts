// The terms of the release: what they are called, which class has which property, and finding them by any name.

export interface TermInfo {
  readonly iri: string;
  readonly curie?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly about?: Readonly<Record<string, string>>;
  readonly sounds?: readonly string[];
  readonly count: number;
}

export interface ClassInfo extends TermInfo {
  readonly above?: readonly string[];
  readonly example?: string;
}

export interface PropertyInfo extends TermInfo {
  readonly iris?: number;
  readonly languages?: Readonly<Record<string, number>>;
  readonly datatypes?: Readonly<Record<string, number>>;
  /** Places in the list of classes, and how many objects are of each. */
  readonly objects?: readonly (readonly [number, number])[];
  readonly example?: readonly [string, string];
  readonly whole?: boolean;
}

export interface VocabularyData {
  readonly digest: string;
  readonly prefixes: Readonly<Record<string, string>>;
  readonly classes: readonly ClassInfo[];
  readonly properties: readonly PropertyInfo[];
  /** A class's place, then places of properties and how many statements of each. */
  readonly uses: readonly (readonly number[])[];
}

/** Normalise a name for comparison. */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .trim();
}

/** Return the label that suits the reader best. */
export function pick(texts: Readonly<Record<string, string>> | undefined, chain: readonly string[]): string {
  if (texts === undefined) return "";
  for (const language of chain) {
    const found = texts[language];
    if (found !== undefined) return found;
  }
  return Object.values(texts)[0] ?? "";
}

export function localName(iri: string): string {
  return /[^#/]*$/.exec(iri.replace(/[#/]$/, ""))?.[0] || iri;
}

/** Where a name matches: 0 is the whole, then its beginning, a word of it, a part of it; null when it doesn't. */
export function score(folded: string, name: string): number | null {
  if (folded === "") return 0;
  const at = name.indexOf(folded);
  if (at < 0) return null;
  if (at === 0) return name.length === folded.length ? 0 : 1;
  return /[\p{L}\p{N}]/u.test(name[at - 1]!) && !/\p{Script=Han}/u.test(name[at]!) ? 3 : 2;
}

/** A short form, and the prefix that it needs with what that stands for. */
export interface Short {
  readonly text: string;
  readonly prefix: string | null;
  readonly space: string;
}

interface Names {
  readonly texts: readonly string[];
  readonly sounds: readonly string[];
}

export class Vocabulary {
  readonly classes: readonly ClassInfo[];
  readonly properties: readonly PropertyInfo[];
  readonly prefixes: ReadonlyMap<string, string>;
  private readonly terms = new Map<string, ClassInfo | PropertyInfo>();
  private readonly classPlaces = new Map<string, number>();
  private readonly propertiesOf = new Map<string, ReadonlyMap<string, number>>();
  private readonly classesOf = new Map<string, Map<string, number>>();
  private readonly names = new Map<string, Names>();

  constructor(
    data: VocabularyData,
    private readonly base = "",
  ) {
    this.classes = data.classes;
    this.properties = data.properties;
    this.prefixes = new Map(Object.entries(data.prefixes));
    for (const one of data.properties) this.terms.set(one.iri, one);
    data.classes.forEach((one, at) => {
      this.terms.set(one.iri, one);
      this.classPlaces.set(one.iri, at);
    });
    for (const [place, ...pairs] of data.uses) {
      const cls = data.classes[place!]!.iri;
      const found = new Map<string, number>();
      for (let at = 0; at < pairs.length; at += 2) {
        const property = data.properties[pairs[at]!]!.iri;
        found.set(property, pairs[at + 1]!);
        const classes = this.classesOf.get(property) ?? new Map<string, number>();
        this.classesOf.set(property, classes.set(cls, pairs[at + 1]!));
      }
      this.propertiesOf.set(cls, found);
    }
  }

  isClass(iri: string): boolean {
    return this.classPlaces.has(iri);
  }

  of(iri: string): ClassInfo | PropertyInfo | undefined {
    return this.terms.get(iri);
  }

  property(iri: string): PropertyInfo | undefined {
    return this.classPlaces.has(iri) ? undefined : (this.terms.get(iri) as PropertyInfo | undefined);
  }

  /** How many statements of each property the things of a class have. */
  uses(cls: string): ReadonlyMap<string, number> {
    return this.propertiesOf.get(cls) ?? new Map();
  }

  /** The classes whose things have a property, most statements first. */
  having(property: string): [string, number][] {
    return [...(this.classesOf.get(property) ?? [])].sort((a, b) => b[1] - a[1]);
  }

  /** The classes of a property's objects, most first. */
  objects(property: string): [string, number][] {
    const info = this.property(property);
    return (info?.objects ?? []).map(([place, count]) => [this.classes[place]!.iri, count]);
  }

  /** The properties that things of all these classes have; every property where nothing is known of them. */
  allowed(types: readonly string[]): ReadonlyMap<string, number> | null {
    const known = types.filter((type) => this.propertiesOf.has(type));
    if (known.length === 0) return null;
    let found = new Map(this.uses(known[0]!));
    for (const type of known.slice(1)) {
      const other = this.uses(type);
      found = new Map(
        [...found].filter(([one]) => other.has(one)).map(([one, n]) => [one, Math.min(n, other.get(one)!)]),
      );
    }
    return found;
  }

  /** How well a term matches what was typed (smaller is better); null when it doesn't. */
  match(term: TermInfo, folded: string): number | null {
    if (folded === "") return 0;
    let names = this.names.get(term.iri);
    if (names === undefined) {
      const local = localName(term.iri);
      const words = local.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/[-_]/g, " ");
      const texts = [local, words, term.curie ?? "", ...Object.values(term.labels ?? {})].map(fold);
      names = { texts: [...new Set(texts)], sounds: term.sounds ?? [] };
      this.names.set(term.iri, names);
    }
    let best: number | null = null;
    for (const text of names.texts) {
      const found = score(folded, text);
      if (found !== null && (best === null || found < best)) best = found;
    }
    const compact = folded.replace(/[\s']/g, "");
    if (names.sounds.includes(compact)) return Math.min(best ?? 9, 0.5);
    if (names.sounds.some((sound) => sound.startsWith(compact))) return Math.min(best ?? 9, 1.5);
    return best;
  }

  /** The short form of an IRI that SPARQL reads as it stands, and the prefix that it needs. */
  shorten(iri: string): Short {
    const text = this.terms.get(iri)?.curie ?? this.curie(iri);
    if (text === null) return this.own(iri) ?? { text: `<${iri}>`, prefix: null, space: "" };
    const prefix = text.slice(0, text.indexOf(":"));
    return { text, prefix, space: this.prefixes.get(prefix) ?? "" };
  }

  /** A prefix for one of the dataset's own folders, called by its name: .../kind/slug becomes kind:slug. */
  private own(iri: string): Short | null {
    const match =
      this.base !== "" && iri.startsWith(this.base)
        ? /^(.*\/([A-Za-z][\w-]*)\/)(\w(?:[\w-]*\w)?)$/.exec(iri)
        : null;
    if (match === null || this.prefixes.has(match[2]!) || match[1]!.length <= this.base.length) return null;
    return { text: `${match[2]}:${match[3]}`, prefix: match[2]!, space: match[1]! };
  }

  private curie(iri: string): string | null {
    let best: string | null = null;
    let longest = 0;
    for (const [prefix, space] of this.prefixes) {
      if (
        space.length > longest &&
        iri.startsWith(space) &&
        /^\w(?:[\w-]*\w)?$/.test(iri.slice(space.length))
      ) {
        best = `${prefix}:${iri.slice(space.length)}`;
        longest = space.length;
      }
    }
    return best;
  }
}
