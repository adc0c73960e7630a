"""Writing an answer with its sources, in the formats of results.

JSON gets a member ``sources`` beside ``head`` and ``results``, which other clients ignore (SPARQL 1.1 Query
Results JSON §3 lists what they read). CSV, TSV and XML get one more column: the IRIs of each row's passages,
sorted, with spaces between; for a graph without passages, the graph's IRI. An answer that is a graph gets
reifiers (RDF 1.2).
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import repeat
from typing import Any

import pyoxigraph as ox

from kg.engine.answers.results import write
from kg.engine.base import Result
from kg.mediatypes import BY_NAME
from kg.terms import PROV, RDF
from kg.tracing.answer import Sourced
from kg.tracing.following.cells import as_json_texts, cells_of
from kg.tracing.planning.traced import TracedRow, untraceable

COLUMN = "sources"
_REIFIES = ox.NamedNode(RDF + "reifies")
_FROM = ox.NamedNode(PROV + "wasDerivedFrom")


def written(sourced: Sourced, format: str) -> bytes:
    """Return the answer in a format of results. Where nothing is told of its sources, it is the plain one."""
    if format == "json" and sourced.result.kind != "graph":
        head, body = _plain(sourced.result)
        # Before the rows: some readers stop at the last row.
        return "".join([head, ',"sources":', *_pieces(sourced), ",", body]).encode()
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
    """Return a row's passages, and its graphs without passages unless their rules were followed."""
    found = set()
    followed = {one.graph for number in sourced.reach(row) for one in sourced.derived.get(number, ())}
    for graph in sourced.graphs(row):
        found |= set(sourced.origins[graph].passages) or ({graph} - followed)
    return sorted(found)


def as_json(sourced: Sourced) -> dict[str, Any]:
    """Return what is told of an answer's sources; see ``docs/sources-of-answers.md``."""
    told: dict[str, Any] = json.loads(as_text(sourced))
    return told


def as_text(sourced: Sourced) -> str:
    """Return the same as the text that JSON has."""
    return "".join(_pieces(sourced))


def _pieces(sourced: Sourced) -> list[str]:
    """Return that text in pieces, which are long.

    Statements and graphs, of which there may be thousands, are joined from texts that are made once.
    """
    if sourced.reason is not None:
        return [_dumped({"traced": False, "reason": sourced.reason})]
    documents = list(sourced.texts)
    at = {document: number for number, document in enumerate(documents)}
    absent = list(dict.fromkeys(text for row in sourced.rows for text in row.absent))
    rows = [
        _row(sourced, row, [at[one] for one in named], absent)
        for row, named in zip(sourced.rows, sourced.by_row, strict=True)
    ]
    texts = [
        f'{{"document":{name},"text":{text}}}'
        for name, text in zip(_quoted(documents), sourced.texts.values(), strict=True)
    ]
    return [
        f'{{"traced":true,"complete":{_dumped(sourced.state == "whole")}',
        f',"summary":{_dumped(_summary(sourced, at))},"documents":[',
        ",".join(texts),
        '],"graphs":[',
        ",".join([one.written(at) for one in sourced.origins.values()]),
        '],"statements":[',
        ",".join(_statements(sourced)),
        f'],"absent":{_dumped(absent)},"rows":',
        _dumped(rows),
        "}",
    ]


def _quoted(texts: list[str]) -> list[str]:
    """Return texts as JSON writes them, all at once: no line ends within one."""
    written = json.dumps(texts, ensure_ascii=False, separators=("\n", ":"))
    return written[1:-1].split("\n") if texts else []


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain(result: Result) -> tuple[str, str]:
    """Return an answer's JSON cut in two after its head, where ``sources`` may be put in."""
    if result.kind == "ask":
        return '{"head":{}', f'"boolean":{_dumped(result.boolean)}}}'
    told = as_json_texts()
    rows = cells_of(result)
    names = [f"{_dumped(name)}:" for name in rows.names]
    columns = [
        [name + told[cell] if cell else "" for cell in column]
        for name, column in zip(names, rows.columns, strict=True)
    ]
    solutions = zip(*columns, strict=True) if columns else repeat((), rows.count)
    bindings = ",".join(f"{{{','.join(filter(None, one))}}}" for one in solutions)
    return f'{{"head":{{"vars":{_dumped(list(rows.names))}}}', f'"results":{{"bindings":[{bindings}]}}}}'


def _statements(sourced: Sourced) -> list[str]:
    """Return each statement: what it says, the graphs that hold it, and what it was inferred from."""
    number_of = {graph: number for number, graph in enumerate(sourced.origins)}
    told = as_json_texts()
    end = "]" if sourced.derived else "]}"
    ends = {
        graphs: f',"graphs":[{number_of[graphs[0]]}{end}'  # as nearly all have
        if len(graphs) == 1
        else f',"graphs":[{",".join([str(number_of[graph]) for graph in graphs])}{end}'
        for graphs in set(sourced.statements.held)
    }
    written = [
        f'{{"subject":{told[subject]},"predicate":{told[predicate]},"object":{told[value]}{ends[graphs]}'
        for (subject, predicate, value, _), graphs in zip(
            sourced.statements.keys, sourced.statements.held, strict=True
        )
    ]
    if not sourced.derived:
        return written
    return [f"{one}{_from(sourced, number, number_of)}}}" for number, one in enumerate(written)]


def _from(sourced: Sourced, number: int, graphs: dict[str, int]) -> str:
    """Return what a statement was inferred from, where that was followed."""
    found = sourced.derived.get(number, ())
    told = [{"rule": graphs[one.graph], "ways": [sorted(way) for way in one.ways]} for one in found]
    return f',"from":{_dumped(told)}' if told else ""


def _summary(sourced: Sourced, at: dict[str, int]) -> dict[str, Any]:
    summary: dict[str, Any] = {"rows": len(sourced.rows), "documents": len(at)}
    if sourced.resting:
        count = max(sourced.resting.values())
        most = min([document for document, rows in sourced.resting.items() if rows == count])
        summary["most"] = {"document": at[most], "rows": count}
    return summary


def _row(sourced: Sourced, row: TracedRow, documents: list[int], absent: list[str]) -> dict[str, Any]:
    weight = sourced.weight(row)
    told: dict[str, Any] = {
        "ways": [sorted(way) for way in row.ways],
        "documents": documents,
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
