"""Telling a graph's name from a variable of the same name inside of the GRAPH block.

In ``GRAPH ?g { P }`` the graph's name is joined to the solutions of P (SPARQL 1.1 §18.6): within P, ?g is a
variable like any other, unbound unless P binds it. So ?g is renamed within P, and compared with the name
after the block.
"""

from __future__ import annotations

from kg.sparql.reading import tree
from kg.sparql.reading.lexer import Lexer
from kg.sparql.reading.scope import possible
from kg.sparql.reading.syntax import Graph, Node, Select, Triples
from kg.sparql.rewriting.edits import Writing, mentions, walk


def apart(writing: Writing, query: Select) -> Select:
    """Rename such variables in the text of a `Writing`, and return the tree of the new text."""
    while (graph := _next(writing, query)) is not None:
        if not writing.meet("graph-variable"):
            return query
        writing.text = _renamed(writing, graph)
        query = tree.read(writing.text)
    return query


def _next(writing: Writing, query: Node) -> Graph | None:
    graphs = (node for node in walk(query) if isinstance(node, Graph) and node.name.kind == "var")
    return next((graph for graph in graphs if seen(writing, graph)), None)


def seen(writing: Writing, graph: Graph) -> bool:
    """Whether the block uses the graph's variable otherwise than in patterns that are simply joined."""
    group, name = graph.children[0], graph.name.text
    if not mentions(writing, group, name):
        return False
    others = [part for part in group.children if not isinstance(part, Triples)]
    return len(others) == len(group.children) or any(mentions(writing, part, name) for part in others)


def _renamed(writing: Writing, graph: Graph) -> str:
    """Return the text with the variable inside of a block under another name."""
    group, name, other = graph.children[0], graph.name.text, writing.fresh()
    text = writing.text[group.start : group.end]
    # A * in the block stands for the variable too: replace it by names, before the new variable is among
    # them.
    stars = {s.star_at - group.start: s for s in walk(group) if isinstance(s, Select) and s.star_at >= 0}
    lexer, pieces, at = Lexer(text), [], 0
    while (token := lexer.take(compares=False)) is not None:
        if token.kind == "var" and token.text[1:] == name[1:]:
            pieces += [text[at : token.start], other]
        elif token.start in stars and (names := writing.spelt(stars[token.start])):
            spelt = " ".join(other if one == name[1:] else f"?{one}" for one in names)
            pieces += [text[at : token.start], spelt]
        else:
            continue
        at = token.start + len(token.text)
    block = f"GRAPH {name} {''.join([*pieces, text[at:]])}"
    if name[1:] in possible(group):
        block = f"{{ {block} FILTER(!BOUND({other}) || SAMETERM({other}, {name})) }}"
    return writing.text[: graph.start] + block + writing.text[graph.end :]
