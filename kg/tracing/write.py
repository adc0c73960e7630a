"""Writing an answer with its sources, in the formats of results.

JSON gets a member ``sources`` beside ``head`` and ``results``, which plain clients pass over (SPARQL 1.1
Query Results JSON §3 names what they read). The others get a column more: the passages of each row, in the
order of their IRIs, with spaces between; where a graph was made from nothing, the graph itself. A graph gets
reifiers.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pyoxigraph as ox

from kg.engine.base import Result
from kg.engine.results import term_as_json, write
from kg.mediatypes import BY_NAME
from kg.terms import PROV, RDF
from kg.tracing.answer import Sourced
from kg.tracing.model import TracedRow, untraceable

COLUMN = "sources"
_REIFIES = ox.NamedNode(RDF + "reifies")
_FROM = ox.NamedNode(PROV + "wasDerivedFrom")


def written(sourced: Sourced, format: str) -> bytes:
    """Return the answer in a format of results. Where nothing is told of its sources, it is the plain one."""
    if format == "json":
        plain = write(sourced.result, BY_NAME[format])
        more = json.dumps(as_json(sourced), ensure_ascii=False, separators=(",", ":"))
        # Before what it is about: some readers end at the last row. A head holds names alone.
        at = plain.index(b',"boolean":' if sourced.result.kind == "ask" else b',"results":')
        return plain[:at] + b',"sources":' + more.encode() + plain[at:]
    if sourced.reason is not None:
        return write(sourced.result, BY_NAME[format])
    if sourced.result.kind == "ask":
        raise untraceable("a yes or no in this format", "ask for JSON")
    told = with_reifiers(sourced) if sourced.result.kind == "graph" else with_column(sourced)
    return write(told, BY_NAME[format])


def with_reifiers(sourced: Sourced) -> Result:
    """Return a graph with a reifier for each way to a triple (RDF 1.2): what it was derived from."""
    triples = list(sourced.result.triples)
    number = 0
    for triple, row in zip(sourced.result.triples, sourced.rows, strict=True):
        for way in row.ways:
            number += 1
            reifier = ox.BlankNode(f"way{number}")
            triples.append(ox.Triple(reifier, _REIFIES, triple))
            found = leads(sourced, replace(row, ways=[way], others=frozenset()))
            triples += [ox.Triple(reifier, _FROM, ox.NamedNode(one)) for one in found]
    return Result("graph", triples=triples)


def with_column(sourced: Sourced) -> Result:
    """Return the answer with a column of its rows' sources."""
    name = COLUMN
    while name in sourced.result.variables:
        name += "_"
    rows = [
        (*row, ox.Literal(" ".join(leads(sourced, source))))
        for row, source in zip(sourced.result.rows, sourced.rows, strict=True)
    ]
    return Result("select", (*sourced.result.variables, name), rows)


def leads(sourced: Sourced, row: TracedRow) -> list[str]:
    """Return a row's passages, and its graphs that were made from none and aren't followed further."""
    found = set()
    followed = {one.graph for number in sourced.reach(row) for one in sourced.derived.get(number, ())}
    for graph in sourced.graphs(row):
        found |= set(sourced.origins[graph].passages) or ({graph} - followed)
    return sorted(found)


def as_json(sourced: Sourced) -> dict[str, Any]:
    """Return what is told of an answer's sources; see ``docs/sources-of-answers.md``."""
    if sourced.reason is not None:
        return {"traced": False, "reason": sourced.reason}
    documents = sorted({d for one in sourced.origins.values() for d in one.documents})
    at = {document: number for number, document in enumerate(documents)}
    graphs = {graph: number for number, graph in enumerate(sourced.origins)}
    absent = list(dict.fromkeys(text for row in sourced.rows for text in row.absent))
    return {
        "traced": True,
        "complete": sourced.state == "whole",
        "summary": _summary(sourced, at),
        "documents": [{"document": one, "text": sourced.texts[one]} for one in documents],
        "graphs": [
            {
                "graph": one.graph,
                **({"basis": one.basis} if one.basis else {}),
                **({"confidence": one.confidence} if one.confidence else {}),
                "from": [
                    {"passage": passage, "document": at[document]}
                    for passage, document in zip(one.passages, one.documents, strict=True)
                ],
            }
            for one in sourced.origins.values()
        ],
        "statements": [
            {
                "subject": term_as_json(one.triple.subject),
                "predicate": term_as_json(one.triple.predicate),
                "object": term_as_json(one.triple.object),
                "graphs": [graphs[graph] for graph in one.graphs],
                **_from(sourced, number, graphs),
            }
            for number, one in enumerate(sourced.statements)
        ],
        "absent": absent,
        "rows": [_row(sourced, row, at, absent) for row in sourced.rows],
    }


def _from(sourced: Sourced, number: int, graphs: dict[str, int]) -> dict[str, Any]:
    """Return what a statement was inferred from, where that was followed."""
    found = sourced.derived.get(number, ())
    told = [{"rule": graphs[one.graph], "ways": [sorted(way) for way in one.ways]} for one in found]
    return {"from": told} if told else {}


def _summary(sourced: Sourced, at: dict[str, int]) -> dict[str, Any]:
    summary: dict[str, Any] = {"rows": len(sourced.rows), "documents": len(at)}
    for document, count in sorted(sourced.resting.items(), key=lambda pair: (-pair[1], pair[0]))[:1]:
        summary["most"] = {"document": at[document], "rows": count}
    return summary


def _row(sourced: Sourced, row: TracedRow, at: dict[str, int], absent: list[str]) -> dict[str, Any]:
    weight = sourced.weight(row)
    told: dict[str, Any] = {
        "ways": [sorted(way) for way in row.ways],
        "documents": [at[document] for document in sourced.documents(row)],
        "independent": weight.independent,
    }
    if weight.confidence:
        told["confidence"] = weight.confidence
    if contradicted := sourced.contradicted(row):
        told["contradicted"] = [list(pair) for pair in contradicted]
    if row.together:
        told["together"] = True
    if row.others:
        told["others"] = sorted(row.others)
    if row.absent:
        told["absent"] = [absent.index(text) for text in row.absent]
    if row.lacking:
        told["lacking"] = row.lacking
    return told
