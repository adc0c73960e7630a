// The same query in other languages, ready to be pasted.

import { address, say } from "../_config";
import { h } from "../_dom";
import type { View } from "../_viewing";

export const view: View = {
  name: "code",
  can: () => true,
  draw: ({ answer, query }) => ({ element: shown(query, answer.kind === "graph") }),
};

export interface Snippet {
  readonly name: string;
  readonly code: string;
}

/** Return a query as programs that ask it of an endpoint. */
export function snippets(query: string, endpoint: string, isGraph: boolean): Snippet[] {
  return [
    {
      name: "Python · SPARQLWrapper",
      code: isGraph ? pythonGraph(query, endpoint) : python(query, endpoint),
    },
    { name: "Python · pandas", code: isGraph ? pythonGraph(query, endpoint) : pandas(query, endpoint) },
    { name: "R", code: r(query, endpoint, isGraph) },
    { name: "curl", code: curl(query, endpoint, isGraph) },
  ];
}

/** A Python text that holds anything. */
function literal(text: string): string {
  const escaped = text.trimEnd().replace(/\\/g, "\\\\").replace(/"""/g, '\\"\\"\\"').replace(/"$/, '\\"');
  return `"""\n${escaped}\n"""`;
}

function python(query: string, endpoint: string): string {
  return `from SPARQLWrapper import JSON, SPARQLWrapper

endpoint = SPARQLWrapper(${JSON.stringify(endpoint)})
endpoint.setReturnFormat(JSON)
endpoint.setMethod("POST")
endpoint.setQuery(${literal(query)})
for row in endpoint.queryAndConvert()["results"]["bindings"]:
    print({name: term["value"] for name, term in row.items()})
`;
}

function pythonGraph(query: string, endpoint: string): string {
  return `from SPARQLWrapper import TURTLE, SPARQLWrapper

endpoint = SPARQLWrapper(${JSON.stringify(endpoint)})
endpoint.setReturnFormat(TURTLE)
endpoint.setMethod("POST")
endpoint.setQuery(${literal(query)})
print(endpoint.query().convert().decode())
`;
}

function pandas(query: string, endpoint: string): string {
  return `from io import BytesIO
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pandas as pd

query = ${literal(query)}
request = Request(${JSON.stringify(endpoint)}, urlencode({"query": query}).encode(), {"Accept": "text/csv"})
with urlopen(request) as answer:
    table = pd.read_csv(BytesIO(answer.read()))
print(table)
`;
}

function r(query: string, endpoint: string, isGraph: boolean): string {
  const accept = isGraph ? "text/turtle" : "text/csv";
  const escaped = query.trimEnd().replace(/\\/g, "\\\\").replace(/'/g, "\\'");
  const read = isGraph
    ? "cat(resp_body_string(answer))"
    : "table <- read.csv(text = resp_body_string(answer), check.names = FALSE)\nprint(table)";
  return `library(httr2)

query <- '
${escaped}
'
answer <- request(${JSON.stringify(endpoint)}) |>
  req_headers(Accept = "${accept}") |>
  req_body_form(query = query) |>
  req_perform()
${read}
`;
}

function curl(query: string, endpoint: string, isGraph: boolean): string {
  const accept = isGraph ? "text/turtle" : "text/csv";
  const quoted = query.trimEnd().replace(/'/g, `'\\''`);
  return `curl --fail --header 'Accept: ${accept}' --data-urlencode query='
${quoted}
' '${endpoint}'
`;
}

function shown(query: string, isGraph: boolean): HTMLElement {
  const endpoint = new URL(address("/sparql"), location.href).href;
  return h(
    "div",
    { class: "snippets" },
    ...snippets(query, endpoint, isGraph).map(({ name, code }) => {
      const copy = h(
        "button",
        {
          type: "button",
          class: "copy",
          onclick: () =>
            void navigator.clipboard?.writeText(code).then(() => {
              copy.textContent = say("copied");
            }),
        },
        say("copy"),
      );
      return h(
        "details",
        { open: true },
        h("summary", {}, name, " "),
        copy,
        h("pre", { class: "code", tabindex: 0, dir: "ltr" }, h("code", {}, code)),
      );
    }),
  );
}
