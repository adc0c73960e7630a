"""Whether the queried graphs hold the constants at paths of length zero (quirk ``zero-length``)."""

from __future__ import annotations

import pyoxigraph as ox

from kg.engine.base import Dataset
from kg.engine.door import Order, wrong


def for_data(order: Order, store: ox.Store, dataset: Dataset | None) -> str:
    """Return the text to ask a store with. Raises QueryRefused where the engine would answer it wrongly."""
    for term, graph in order.ends:
        if not _held(_node(term), graph, order, store, dataset):
            if order.strict is None:
                form, hint = order.reason or ("a path of length zero", "check the term")
                raise wrong(form, hint, f"pyoxigraph {ox.__version__}")
            return order.strict
    return order.sparql


def _node(text: str) -> ox.NamedNode | ox.Literal:
    quad = next(iter(ox.parse(f"<urn:x> <urn:x> {text} .", format=ox.RdfFormat.N_TRIPLES)))
    if not isinstance(quad.object, ox.NamedNode | ox.Literal):
        raise TypeError(text)
    return quad.object


def _held(
    term: ox.NamedNode | ox.Literal,
    graph: str | None,
    order: Order,
    store: ox.Store,
    dataset: Dataset | None,
) -> bool:
    """Whether the graph that a pattern is matched in has the term as a subject or an object."""
    if graph is not None:
        return _holds(store, term, ox.NamedNode(graph))
    named = dataset.default if dataset is not None else order.sources
    if named is None:
        return _holds(store, term, ox.DefaultGraph())
    return any(_holds(store, term, ox.NamedNode(iri)) for iri in named)


def _holds(store: ox.Store, term: ox.NamedNode | ox.Literal, graph: ox.NamedNode | ox.DefaultGraph) -> bool:
    if isinstance(term, ox.NamedNode) and any(store.quads_for_pattern(term, None, None, graph)):
        return True
    return any(store.quads_for_pattern(None, None, term, graph))
