"""Which variables a part of a query may bind, and which it always binds (SPARQL 1.1 §18.2.1). Pure."""

from __future__ import annotations

from kg.sparql.reading.paths import nullable
from kg.sparql.reading.syntax import (
    Bind,
    End,
    Graph,
    Group,
    Lateral,
    Node,
    Optional,
    Select,
    Service,
    Triple,
    Triples,
    Union,
    Values,
)


def possible(node: Node) -> set[str]:
    """Return the variables in scope: those that a solution may bind."""
    match node:
        case Triples() | Values():
            return set(node.names)
        case Bind():
            return {node.name}
        case Select() if node.star_at < 0:
            return {name for name, _ in node.items}
        case Select():
            return possible(node.where) if node.where is not None else set()
        case Group() | Union() | Optional() | Service() | Lateral() | Graph():
            return _name(node).union(*map(possible, node.children))
    return set()


def certain(node: Node) -> set[str]:
    """Return variables that every solution binds; not necessarily all of them."""
    match node:
        case Triples():
            return set(node.names)
        case Values():
            return set(node.names) if node.certain else set()
        case Select():
            return _selected(node)
        case Union():
            return set.intersection(*map(certain, node.children))
        case Group() | Lateral() | Graph():
            return _name(node).union(*map(certain, node.children))
    return set()


def _selected(select: Select) -> set[str]:
    inside = certain(select.where) if select.where is not None else set()
    if select.star_at >= 0:
        return inside
    return {name for name, expression in select.items if expression is None and name in inside}


def binds(node: Node) -> bool:
    """Whether every solution needs a triple of the graph, so that an empty graph gives no solution."""
    match node:
        case Triples():
            return node.opaque or not all(map(_of_zero, node.triples))
        case Union():
            return all(map(binds, node.children))
        case Group():
            return any(map(binds, node.children))
        case Select():
            return node.where is not None and binds(node.where) and not node.aggregates
        case _:
            return False


def _of_zero(triple: Triple) -> bool:
    """Whether a pattern may match without a triple: a path of length zero at a constant."""
    ends = triple.subject.constant or triple.object.constant
    return ends and not isinstance(triple.path, End) and nullable(triple.path)


def _name(node: Node) -> set[str]:
    return {node.name.text[1:]} if isinstance(node, Graph) and node.name.kind == "var" else set()
