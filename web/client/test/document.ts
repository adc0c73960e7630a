// As much of a document as drawing needs: elements with attributes and children, to be looked at afterwards.

export class Element {
  readonly attributes: Record<string, string> = {};
  readonly children: (Element | string)[] = [];

  constructor(readonly tag: string) {}

  setAttribute(name: string, value: string): void {
    this.attributes[name] = value;
  }

  append(...children: (Element | string)[]): void {
    this.children.push(...children);
  }

  /** All elements within with a tag and, if one is named, a class. */
  find(tag: string, name?: string): Element[] {
    return this.children.flatMap((child) => {
      if (typeof child === "string") return [];
      const isIt =
        child.tag === tag && (name === undefined || (child.attributes.class ?? "").split(" ").includes(name));
      return [...(isIt ? [child] : []), ...child.find(tag, name)];
    });
  }

  get text(): string {
    return this.children.map((child) => (typeof child === "string" ? child : child.text)).join("");
  }
}

Object.assign(globalThis, {
  document: {
    createElement: (tag: string) => new Element(tag),
    createElementNS: (_: string, tag: string) => new Element(tag),
    getElementById: () => null,
  },
});
