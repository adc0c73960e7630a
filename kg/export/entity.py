"""Selecting the description of an IRI, with the graphs that state it and the description of those graphs.

A thing is described by its own statements and those of the nodes that its shapes embed (``kg:embeds``: rows
that exist only within it). A graph is described by its content, a vocabulary by the graphs that declare it, a
list by itself and its concepts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyoxigraph as ox

from kg.blanks import is_blank
from kg.engine import Engine
from kg.engine.local import LocalEngine
from kg.release import Release
from kg.sparql.bind import Bindable, bind, load
from kg.terms import KG, PROV, RDF

DEPTH = 4
"""How deep embedded nodes may lie within each other; data that nests without end must stop somewhere."""
BATCH = 300
"""How many terms one VALUES block takes; a remote endpoint may refuse a longer query."""

_BASIS, _INFERRED = ox.NamedNode(KG + "basis"), ox.NamedNode(KG + "Inferred")
_ORIGIN, _TYPE = ox.NamedNode(PROV + "wasDerivedFrom"), ox.NamedNode(RDF + "type")


@dataclass(frozen=True)
class Description:
    """What is said of an IRI: ``quads`` in the graphs that say it, and ``evidence`` about those graphs.

    ``kind`` is ``thing``, ``graph``, ``vocabulary`` or ``list``; ``withheld`` counts the inferred statements
    that were left out.
    """

    iri: str
    kind: str
    quads: tuple[ox.Quad, ...]
    evidence: tuple[ox.Quad, ...] = ()
    withheld: int = 0

    @cached_property
    def triples(self) -> tuple[ox.Triple, ...]:
        """The statements without their graphs, each once."""
        return tuple(dict.fromkeys(quad.triple for quad in self.quads))

    @property
    def dataset(self) -> tuple[ox.Quad, ...]:
        """The statements in their graphs, with what is said of those graphs."""
        return tuple(dict.fromkeys((*self.quads, *self.evidence)))


def describe(
    engine: Engine, iri: str, *, embeds: Collection[str] = (), inferred: bool = False
) -> Description | None:
    """Return the description of an IRI, or None when the data says nothing of it.

    ``embeds`` are the properties that lead to embedded nodes (see `embedding`). What a rule inferred
    (``kg:basis kg:Inferred``) is left out and counted, unless ``inferred``; but if the IRI is that of a graph
    of inferences, its content is returned. Raises QueryError.
    """
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        return None
    kinds = {row["kind"].value for row in _ask(engine, "kg/export/kind", entity=node)}
    if not kinds:
        return None
    if "graph" in kinds:
        quads = _quads(engine, "kg/export/graph", graph=node)
        return Description(iri, "graph", quads, _evidence(engine, [node]))
    if "vocabulary" in kinds:
        return Description(iri, "vocabulary", _quads(engine, "kg/export/terms", vocabulary=node))
    start = [node]
    if "list" in kinds:
        start += [row["entity"] for row in _ask(engine, "kg/export/members", scheme=node)]
    quads = tuple(_closure(engine, start, frozenset(embeds)))
    evidence = _evidence(engine, dict.fromkeys(q.graph_name for q in quads))
    hidden = frozenset() if inferred else _inferences(evidence)
    kept = tuple(q for q in quads if q.graph_name not in hidden)
    said = {quad.triple for quad in kept}
    withheld = len({quad.triple for quad in quads} - said)
    if not kept:
        return Description(iri, "thing", (), withheld=withheld)
    shown = tuple(quad for quad in evidence if quad.subject not in hidden)
    return Description(iri, "list" if "list" in kinds else "thing", kept, shown, withheld)


def size_of_graph(engine: Engine, iri: str) -> int:
    """Return how many statements the named graph of an IRI has; 0 when there is none. Raises QueryError."""
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        return 0
    counts = {
        row["kind"].value: int(row["count"].value) for row in _ask(engine, "kg/export/kind", entity=node)
    }
    return counts.get("graph", 0)


def embedding(release: Release) -> frozenset[str]:
    """Return the properties that lead to embedded nodes, as the release's shapes say."""
    if "shapes.ttl" not in release.manifest["files"]:
        return frozenset()
    store = ox.Store()
    store.load(path=str(release.file("shapes.ttl")), format=ox.RdfFormat.TURTLE)
    return frozenset(row["property"].value for row in _ask(LocalEngine(store), "kg/export/embeds"))


def _closure(engine: Engine, start: Sequence[ox.NamedNode], embeds: frozenset[str]) -> Iterator[ox.Quad]:
    """Yield the statements about some nodes and those embedded in them."""
    seen, level = set(start), list(start)
    for _ in range(DEPTH):
        below: list[ox.NamedNode] = []
        for quad in _about(engine, level):
            yield quad
            value = quad.object
            if not isinstance(value, ox.NamedNode) or value in seen:
                continue
            # A blank node means nothing without its statements, so it is always embedded.
            if quad.predicate.value in embeds or is_blank(value.value):
                seen.add(value)
                below.append(value)
        level = below
        if not level:
            return


def _evidence(engine: Engine, graphs: Iterable[object]) -> tuple[ox.Quad, ...]:
    """Return the statements about graphs and about what they were derived from."""
    names = [graph for graph in graphs if isinstance(graph, ox.NamedNode)]
    said = tuple(_about(engine, names))
    origins = [q.object for q in said if q.predicate == _ORIGIN and isinstance(q.object, ox.NamedNode)]
    return (*said, *_about(engine, list(dict.fromkeys(origins))))


def _inferences(evidence: Iterable[ox.Quad]) -> frozenset[object]:
    return frozenset(q.subject for q in evidence if q.predicate == _BASIS and q.object == _INFERRED)


def _about(engine: Engine, nodes: Sequence[ox.NamedNode]) -> Iterator[ox.Quad]:
    for start in range(0, len(nodes), BATCH):
        yield from _quads(engine, "kg/export/facts", entity=nodes[start : start + BATCH])


def _quads(engine: Engine, name: str, **values: Bindable | Sequence[Bindable]) -> tuple[ox.Quad, ...]:
    rows = _ask(engine, name, **values)
    return tuple(ox.Quad(r["entity"], r["property"], r["value"], r["graph"]) for r in rows)


def _ask(engine: Engine, name: str, **values: Bindable | Sequence[Bindable]) -> Iterator[dict[str, Any]]:
    return engine.query(bind(load(name), limit=None, offset=0, **values)).dicts()
