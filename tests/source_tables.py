"""The tables of `docs/sources.md` and `docs/searches.md`, computed from the data; no number in them is typed.

Run ``python -m tests.source_tables`` to write them anew between their marks; `test_docs` compares.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph as ox

from kg import resources

DOCS = Path(__file__).resolve().parent.parent / "docs"
DATA, ONTOLOGY = resources.data_dir(), resources.ontology_dir()
BASE = "https://w3id.org/linli/"
FOUNDING = "hangzhou-2021-best-cases"
KINDS = {"official": "official", "press": "of the press", "repost": "reposts", "study": "studies"}
PREFIXES = f"""PREFIX l: <{BASE}ontology/> PREFIX kg: <{BASE}kg#> PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


@dataclass(frozen=True)
class Search:
    """One search of the log, and how many documents were taken from it."""

    iri: str
    query: str
    theme: str
    place: str
    found: int
    read: int
    taken: int


@cache
def records() -> ox.Store:
    """Return the records of the sources, the log and the names of the districts."""
    store = ox.Store()
    for path in (*DATA.glob("*/source.ttl"), *DATA.glob("search-log/*.ttl"), *DATA.glob("nbs-2023/*.ttl")):
        store.load(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=BASE)
    for path in DATA.glob("hangzhou-divisions-2021/*.t*"):
        store.load(path=str(path), base_iri=BASE)
    store.load(path=str(ONTOLOGY / "vocabularies" / "exclusion-reason.ttl"), format=ox.RdfFormat.TURTLE)
    return store


def ask(query: str) -> list[tuple[str, ...]]:
    found = records().query(PREFIXES + query, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return [tuple("" if one is None else str(one.value) for one in row) for row in found]


# --- documents ------------------------------------------------------------------------------------


def documents() -> list[dict[str, str]]:
    """Return the further documents by date: slug, date, kind, how far read, address, publisher, summary."""
    rows = ask(
        """SELECT ?d (SAMPLE(?issued) AS ?date) (SAMPLE(?k) AS ?kind) (SAMPLE(?to) AS ?far)
        (SAMPLE(?url) AS ?at) (SAMPLE(?link) AS ?linked) (SAMPLE(?zh) AS ?name)
        (SAMPLE(?en) AS ?english) (SAMPLE(?s) AS ?summary) (COUNT(DISTINCT ?p) AS ?passages)
        { ?d a l:Document ; dcterms:issued ?issued ; l:hasKind ?k ; l:isReadTo ?to ; l:summary ?s .
          ?p l:isPassageOf ?d . FILTER(LANG(?s) = "en")
          OPTIONAL { ?d dcterms:identifier ?url } OPTIONAL { ?d rdfs:seeAlso ?link }
          OPTIONAL { ?d dcterms:publisher ?who
            OPTIONAL { ?who rdfs:label ?zh FILTER(LANG(?zh) = "zh-hans") }
            OPTIONAL { ?who rdfs:label ?en FILTER(LANG(?en) = "en") } } } GROUP BY ?d"""
    )
    keys = ("slug", "date", "kind", "read", "url", "link", "publisher", "english", "summary", "passages")
    found = [dict(zip(keys, row, strict=True)) for row in rows]
    for one in found:
        one["slug"] = one["slug"].rpartition("/")[2]
        one["kind"], one["read"] = (one[key].rpartition("/")[2] for key in ("kind", "read"))
    return sorted(
        (one for one in found if one["slug"] != FOUNDING), key=lambda one: (one["date"], one["slug"])
    )


def counted() -> str:
    """Return the sentence that counts the documents."""
    every = documents()
    kinds = Counter(one["kind"] for one in every)
    named = ", ".join(f"{kinds[kind]} {name}" for kind, name in KINDS.items() if kinds[kind])
    passages = sum(int(one["passages"]) for one in every)
    return (
        "Besides the founding article (`coverage.md`) and the lists of divisions there are\n"
        f"{len(every)} further documents: {named}. {passages} paragraphs of them are recorded,\n"
        "each with length, checksum and a line in our own words."
    )


def document_rows() -> Iterator[str]:
    """Yield the table of the documents."""
    yield "| document | date | kind | read | address | what it adds |"
    yield "|---|---|---|---|---|---|"
    for one in documents():
        summary = one["summary"].rstrip(".").replace("|", "/")
        cells = (f"`{one['slug']}`", one["date"], one["kind"], one["read"], _address(one), summary)
        yield f"| {' | '.join(cells)} |"


def _address(one: dict[str, str]) -> str:
    if not one["url"]:
        return "not given"
    if not one["link"]:
        return f"`{re.sub('^https?://', '', one['url'])}`"
    name = one["publisher"] if one["publisher"] and one["publisher"] != one["english"] else one["english"]
    return f"[{name or urlsplit(one['link']).netloc}]({one['link'].replace(')', '%29')})"


# --- searches -------------------------------------------------------------------------------------


def searches() -> list[Search]:
    """Return the searches of the log, in its order."""
    rows = ask(
        """SELECT ?s (SAMPLE(?q) AS ?query) (SAMPLE(?t) AS ?theme) (SAMPLE(?where) AS ?place)
        (SAMPLE(?f) AS ?found) (SAMPLE(?r) AS ?read) (COUNT(DISTINCT ?d) AS ?taken)
        { ?s a kg:Search ; rdfs:label ?q ; kg:pagesFound ?f ; kg:pagesRead ?r .
          OPTIONAL { ?s dcterms:subject/skos:prefLabel ?t FILTER(LANG(?t) = "en") }
          OPTIONAL { ?s dcterms:spatial/rdfs:label ?where FILTER(LANG(?where) = "zh-hans") }
          OPTIONAL { ?s kg:tookUp ?d } } GROUP BY ?s ORDER BY ?s"""
    )
    return [Search(s, q, t, p, int(f), int(r), int(n)) for s, q, t, p, f, r, n in rows]


def taken() -> set[str]:
    """Return the documents that a logged search led to."""
    return {iri for (iri,) in ask("SELECT DISTINCT ?d { ?s a kg:Search ; kg:tookUp ?d }")}


def flow() -> Iterator[str]:
    """Yield the flow from searches to documents, and why pages were left out."""
    every = searches()
    found, read = sum(one.found for one in every), sum(one.read for one in every)
    logged, older = len(taken()), len(documents()) - len(taken())
    yield "```mermaid"
    yield "flowchart TD"
    yield f'    A["{len(every)} searches logged"] --> B["{found} pages found, some by several"]'
    yield f'    B --> C["{read} pages read"]'
    yield f'    B --> X["{found - read} put aside at first sight"]'
    yield f'    C --> D["{logged} documents taken"]'
    yield f'    C --> Y["{read - logged} read and left out, or read twice"]'
    yield f'    E["{older} documents that no search names"] --> F["{logged + older} further documents"]'
    yield "    D --> F"
    yield "```"
    yield ""
    yield "| why left out | entries of the log |"
    yield "|---|--:|"
    for why, entries in ask(
        """SELECT ?why (COUNT(?x) AS ?n) { ?x a kg:Exclusion ; dcterms:type/skos:prefLabel ?why
        FILTER(LANG(?why) = "en") } GROUP BY ?why ORDER BY DESC(?n) ?why"""
    ):
        yield f"| {why} | {entries} |"


def by(what: str) -> Iterator[str]:
    """Yield a table of the searches by ``theme`` or ``place``."""
    sums: dict[str, list[int]] = {}
    for one in searches():
        row = sums.setdefault(getattr(one, what) or "not said", [0, 0, 0, 0])
        for at, number in enumerate((1, one.found, one.read, one.taken)):
            row[at] += number
    yield f"| {what} | searches | pages found | pages read | documents |"
    yield "|---|--:|--:|--:|--:|"
    for name, row in sorted(sums.items(), key=lambda item: (-item[1][0], item[0])):
        yield f"| {name} | {' | '.join(map(str, row))} |"


def search_rows() -> Iterator[str]:
    """Yield the table of every search."""
    yield "| search | theme | where | what was asked | found | read | taken |"
    yield "|---|---|---|---|--:|--:|--:|"
    for one in searches():
        name = one.iri.rpartition("/")[2]
        query = one.query.replace("|", "/")
        yield f"| {name} | {one.theme} | {one.place} | {query} | {one.found} | {one.read} | {one.taken} |"


PARTS = {
    "sources.md": {
        "count": lambda: iter([counted()]),
        "documents": document_rows,
        "flow": flow,
    },
    "searches.md": {
        "themes": lambda: by("theme"),
        "places": lambda: by("place"),
        "searches": search_rows,
    },
}


def written(name: str) -> str:
    """Return a document with its tables made anew."""
    text = (DOCS / name).read_text(encoding="utf-8")
    for part, make in PARTS[name].items():
        begin, end = f"<!-- computed: {part} -->", "<!-- end -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        assert found and closed, f"{name} has no mark {begin} ... {end}"
        body = "\n".join(make())
        text = f"{before}{begin}\n{body}\n{end}{after}"
    return text


if __name__ == "__main__":
    for document in PARTS:
        (DOCS / document).write_text(written(document), encoding="utf-8", newline="\n")
        print(DOCS / document)
