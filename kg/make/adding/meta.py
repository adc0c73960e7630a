"""Complete graph/meta: what follows from a graph's IRI, unless the data says it."""

from __future__ import annotations

from collections.abc import Container, Iterator

import pyoxigraph as ox

from kg.make.loading import graphs
from kg.make.loading.load import Loaded
from kg.terms import DCTERMS, KG, PROV

_BASIS, _FROM = ox.NamedNode(KG + "basis"), ox.NamedNode(PROV + "wasDerivedFrom")
_ABOUT = ox.NamedNode(DCTERMS + "description")


def complete(loaded: Loaded) -> None:
    """Add to graph/meta each graph's basis and source, where it lacks them, and what the build's own hold."""
    names = loaded.graphs() | {loaded.config.graph(graphs.META), loaded.config.graph(graphs.STATISTICS)}
    based, sourced = _saying(loaded, _BASIS), _saying(loaded, _FROM)
    place = loaded.config.graph(graphs.META)
    triples = [t for name in sorted(names) for t in _missing(name, loaded, based, sourced)]
    if loaded.last:
        lines = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
        loaded.last.stated("meta", "", place, None, lines)
    loaded.add(place, triples)


def _missing(
    graph: str, loaded: Loaded, based: Container[str], sourced: Container[str]
) -> Iterator[ox.Triple]:
    node = ox.NamedNode(graph)
    name = graph.removeprefix(loaded.config.graph(""))
    if graph not in based:
        yield ox.Triple(
            node, _BASIS, ox.NamedNode(graphs.basis_of(name, tabulated=graph in loaded.tabulated))
        )
    if graph in loaded.notes:
        for tag, text in loaded.notes[graph].items():
            yield ox.Triple(node, _ABOUT, ox.Literal(text, language=tag))
    source = graphs.source_of(name)
    if source and graph not in sourced:
        yield ox.Triple(node, _FROM, ox.NamedNode(loaded.config.base + source))


def _saying(loaded: Loaded, prop: ox.NamedNode) -> frozenset[str]:
    """Return what the merge gives a property."""
    found = loaded.store.quads_for_pattern(None, prop, None, ox.DefaultGraph())
    return frozenset(quad.subject.value for quad in found if isinstance(quad.subject, ox.NamedNode))
