"""Constants at paths that may have length zero: what to ask depends on whether a graph has them."""

from __future__ import annotations

from collections.abc import Iterator

from kg.sparql.reading.paths import nullable
from kg.sparql.reading.syntax import End, Graph, Node, Service, Triples


def ends(node: Node, graph: str | None = None) -> Iterator[tuple[str, str | None]]:
    """Yield each such constant, as written, with the name of the GRAPH block around it or None.

    Blocks of GRAPH with a variable are left out: no constant is in all graphs, so they are always rewritten.
    """
    if isinstance(node, Graph):
        if node.name.kind == "var":
            return
        graph = node.name.text
    elif isinstance(node, Service):
        return
    if isinstance(node, Triples):
        for triple in node.triples:
            if isinstance(triple.path, End) or not nullable(triple.path):
                continue
            yield from ((end.text, graph) for end in (triple.subject, triple.object) if end.constant)
    for child in node.children:
        yield from ends(child, graph)
