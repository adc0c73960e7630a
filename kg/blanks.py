"""Blank nodes as IRIs (skolem IRIs, RDF 1.1 Concepts §3.5), and back. Pure.

Pages, queries and the index need an IRI for everything, so a blank node of an opened file gets one under
`GENID`, the same as long as the file is unchanged. RDF that is written has blank nodes again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import pyoxigraph as ox

HOME = "https://opened.invalid/"
"""Where names lie that the program makes up for files of others: a host that can't be (RFC 6761 §6.4)."""
GENID = HOME + ".well-known/genid/"
"""Under this stand the file's short name and the node's label; without a label, a number behind a dash."""

_LABEL = re.compile(r"[A-Za-z0-9]+/[-\w][\w.·-]*\Z")


def is_blank(iri: str) -> bool:
    """Say whether an IRI stands for a blank node."""
    return iri.startswith(GENID)


def is_ours(iri: str) -> bool:
    """Say whether an IRI is one that the program made up: for a blank node, or for a graph of a file."""
    return iri.startswith(HOME)


def label_of(iri: str) -> str:
    """Return the blank node's label, unique among all files, even for an IRI written by hand."""
    name = iri[len(GENID) :]
    if _LABEL.match(name) and not name.endswith("."):
        return name.replace("/", "-", 1)
    return "x" + name.encode().hex()


def written(iri: str) -> str:
    """Return how Turtle writes the blank node that an IRI stands for."""
    return f"_:{label_of(iri)}"


@lru_cache(maxsize=65_536)
def _blank(iri: str) -> ox.BlankNode:
    return ox.BlankNode(label_of(iri))


Statement = ox.Triple | ox.Quad
Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def as_blank(term: Node) -> Node:
    """Return the blank node that a term stands for; any other term as it is."""
    return _blank(term.value) if isinstance(term, ox.NamedNode) and _stands(term) else term


def with_blanks(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Yield statements with blank nodes in place of their IRIs, and without the graphs that we named."""
    for one in statements:
        graph = one.graph_name if isinstance(one, ox.Quad) else None
        stays = not isinstance(graph, ox.NamedNode) or not graph.value.startswith(HOME)
        if stays and not _stands(one.subject) and not _stands(one.object):
            yield one
            continue
        triple = ox.Triple(as_blank(one.subject), one.predicate, as_blank(one.object))  # type: ignore[arg-type] # no literal becomes a subject
        yield (
            triple
            if graph is None
            else ox.Quad(triple.subject, triple.predicate, triple.object, _graph(graph))
        )


def _stands(term: Node) -> bool:
    return isinstance(term, ox.NamedNode) and term.value.startswith(GENID)


Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph


def _graph(name: Graph) -> Graph:
    if not isinstance(name, ox.NamedNode) or not name.value.startswith(HOME):
        return name
    return _blank(name.value) if is_blank(name.value) else ox.DefaultGraph()
