// A term of an answer, as SPARQL's results have it in JSON, and as a query has it.

export interface Binding {
  readonly type: "uri" | "literal" | "bnode" | "typed-literal";
  readonly value: string;
  readonly "xml:lang"?: string;
  readonly datatype?: string;
}

export type Row = Readonly<Record<string, Binding>>;

/** Write a term as SPARQL has it; null for a blank node, which has no name there. */
export function written(binding: Binding): string | null {
  if (binding.type === "uri") return /[<>"{}|^`\\\s]/.test(binding.value) ? null : `<${binding.value}>`;
  if (binding.type === "bnode") return null;
  const text = `"${binding.value.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n").replace(/\r/g, "\\r")}"`;
  if (binding["xml:lang"]) return `${text}@${binding["xml:lang"]}`;
  return binding.datatype ? `${text}^^<${binding.datatype}>` : text;
}
