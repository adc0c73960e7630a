"""What a query's text alone tells of an answer that people don't expect."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from kg.sparql.explaining.hints import Hint, hint
from kg.sparql.reading.scope import possible
from kg.sparql.reading.syntax import Bind, Expression, Filter, Graph, Group, Node, Select, Triples, Values


def surprises(query: Node) -> tuple[Hint, ...]:
    """Return a hint for each FILTER inside of GRAPH ?g that looks at ?g."""
    return tuple(dict.fromkeys(_graph_names(query)))


def _graph_names(node: Node) -> Iterator[Hint]:
    """Yield hints on FILTERs that use ?g inside of GRAPH ?g, where it has no value yet (§18.6)."""
    for child in node.children:
        yield from _graph_names(child)
    if isinstance(node, Graph) and node.name.kind == "var":
        group = node.children[0]
        name = node.name.text[1:]
        if isinstance(group, Group) and name not in possible(group):
            for part in group.children:
                names = [
                    t.text[1:] for e in part.children for t in getattr(e, "tokens", []) if t.kind == "var"
                ]
                if isinstance(part, Filter | Bind) and name in names:
                    word = "FILTER" if isinstance(part, Filter) else "BIND"
                    yield hint("graph-name", variable=f"?{name}", word=word)


def given(query: Node) -> set[str]:
    """Return the variables that anything in a query may give a value, whatever their scope."""
    found: set[str] = set()
    match query:
        case Triples() | Values():
            found |= set(query.names)
        case Bind():
            found.add(query.name)
        case Select():
            found |= {name for name, expression in query.items if expression is not None}
        case Graph() if query.name.kind == "var":
            found.add(query.name.text[1:])
        case Expression():  # GROUP BY (... AS ?x)
            tokens = query.tokens
            found |= {b.text[1:] for a, b in itertools.pairwise(tokens) if a.text.upper() == "AS"}
    return found.union(*map(given, query.children))


def looked_at(query: Node) -> list[str]:
    """Return the variables that are selected or stand in an expression, in their order."""
    found: list[str] = []
    if isinstance(query, Select):
        found += [name for name, expression in query.items if expression is None]
    if isinstance(query, Expression):
        found += [token.text[1:] for token in query.tokens if token.kind == "var"]
    for child in query.children:
        found += looked_at(child)
    return list(dict.fromkeys(found))
