// Objects that a property can't have: a text where it leads to things, a text without the language tag that all have.

import { config, say } from "./_config";
import type { Pattern } from "./_query";
import type { Fault } from "./_syntax";
import { localName, type PropertyInfo } from "./_vocabulary";

const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMERIC = ["integer", "decimal", "double", "float"].map((one) => XSD + one);

/** The text between the quotation marks of a literal that has neither tag nor datatype; null for any other term. */
export function plainText(term: string): string | null {
  return (
    /^"((?:[^"\\\n]|\\.)*)"$|^'((?:[^'\\\n]|\\.)*)'$/u
      .exec(term)
      ?.slice(1)
      .find((one) => one !== undefined) ?? null
  );
}

/** Warn of an object whose kind differs from that of all objects of the property. */
export function objectWarning({ object }: Pattern, property: PropertyInfo, name: string): Fault | null {
  const things = property.iris ?? 0;
  const span = { from: object.from, to: object.to, severity: "warning" as const };
  if (object.iri !== null)
    return things > 0 ? null : { ...span, message: say("onlyTexts", { property: name }) };
  if (object.kind !== "literal") return null;
  if (things === property.count) return { ...span, message: say("onlyThings", { property: name }) };
  const text = plainText(object.text);
  if (text === null) return null;
  const tags = Object.keys(property.languages ?? {});
  const datatypes = Object.keys(property.datatypes ?? {});
  if (datatypes.includes(`${XSD}string`)) return null;
  if (tags.length > 0) {
    const insert = `${object.text}@${likelyTag(text, tags)}`;
    return {
      ...span,
      message: say("needsTag", { property: name, list: tags.join(", ") }),
      mend: { name: insert, edits: [{ from: object.from, to: object.to, insert }] },
    };
  }
  const type = datatypes[0];
  if (type === undefined) return null;
  const message = say("needsDatatype", { property: name, list: datatypes.map(localName).join(", ") });
  const isNumber = NUMERIC.includes(type) && /^[+-]?\d+(\.\d+)?$/.test(text);
  const insert = isNumber ? text : `${object.text}^^<${type}>`;
  return { ...span, message, mend: { name: insert, edits: [{ from: object.from, to: object.to, insert }] } };
}

const HAN: readonly string[] = ["Hani", "Hans", "Hant", "Jpan"];

/** The script that a language is written in (CLDR's likely subtags), empty for what is no tag. */
function scriptOf(tag: string): string {
  try {
    return new Intl.Locale(tag).maximize().script ?? "";
  } catch {
    return "";
  }
}

/** The tag that a text most likely has, by its script and the reader's languages. */
function likelyTag(text: string, tags: readonly string[]): string {
  const isHan = /\p{Script=Han}/u.test(text);
  const fitting = tags.filter((tag) => isHan === HAN.includes(scriptOf(tag)));
  return config.chain.find((tag) => fitting.includes(tag)) ?? fitting[0] ?? tags[0]!;
}
