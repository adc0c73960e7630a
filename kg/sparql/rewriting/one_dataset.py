"""Bounding GRAPH with a variable to the graphs of one dataset, where an endpoint holds others too. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.sparql.reading import tree
from kg.sparql.reading.calls import quoted
from kg.sparql.reading.lexer import Lexer
from kg.sparql.reading.syntax import Graph, Node, Service
from kg.sparql.rewriting.edits import Edit
from kg.sparql.rewriting.spelling import apply

_WORD = re.compile(r"\bgraph\b", re.IGNORECASE)


def names_graphs(text: str) -> bool:
    """Whether a query holds GRAPH, and not only an IRI or a comment with that word."""
    if _WORD.search(text) is None:
        return False
    lexer = Lexer(text)
    while (token := lexer.take(compares=False)) is not None:
        if token.kind == "word" and token.text.upper() == "GRAPH":
            return True
    return lexer.ambiguous


def within(text: str, start: str) -> str | None:
    """Return the query with GRAPH ?g bounded to graphs whose IRIs begin with ``start``; None if unreadable.

    GRAPH ?g joins the graph's name to the solutions of the block (SPARQL 1.1 §18.6), so a FILTER after the
    block does the same as a dataset without the other graphs.
    """
    try:
        blocks = list(_blocks(tree.read(text)))
    except (tree.Unreadable, RecursionError):
        return None
    edits = []
    for block in blocks:
        bound = f" FILTER(STRSTARTS(STR({block.name.text}), {quoted(start)})) }}"
        edits += [Edit(block.start, block.start, "{ "), Edit(block.end, block.end, bound)]
    return apply(text, sorted(edits, key=lambda edit: edit.start))


def _blocks(node: Node) -> Iterator[Graph]:
    if isinstance(node, Service):
        return
    if isinstance(node, Graph) and node.name.kind == "var":
        yield node
    for child in node.children:
        yield from _blocks(child)
