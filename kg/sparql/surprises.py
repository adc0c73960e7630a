"""What the specification says and people don't expect; told beside an answer that is right."""

from __future__ import annotations

from collections.abc import Iterator

from kg.sparql.scope import possible
from kg.sparql.syntax import Bind, Filter, Graph, Group, Node


def surprises(query: Node) -> tuple[str, ...]:
    """Return a hint for each."""
    return tuple(dict.fromkeys(_graph_names(query)))


def _graph_names(node: Node) -> Iterator[str]:
    """A FILTER inside of GRAPH ?g that looks at ?g, which has no value before the block ends (§18.6)."""
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
                    yield (
                        f"inside of GRAPH ?{name} the variable ?{name} has no value yet;"
                        f" put the {word} behind the closing brace"
                    )
