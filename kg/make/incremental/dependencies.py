"""Which statements decide on a query's answer, told by the query alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pyoxigraph as ox

from kg.engine.door import Admitted
from kg.sparql.checking.analysis import Analysis, analyse
from kg.sparql.checking.guard import resolve
from kg.sparql.reading import tree
from kg.sparql.reading.paths import nullable
from kg.sparql.reading.syntax import (
    Alternative,
    End,
    Expression,
    Graph,
    Inverse,
    Lateral,
    Link,
    Node,
    Path,
    Repeated,
    Select,
    Sequence,
    Service,
    Triple,
    Triples,
)
from kg.sparql.rewriting.edits import walk
from kg.terms import RDF


class Read(NamedTuple):
    """A property that is read, the one value that matters if it is one alone, and whether of named graphs."""

    prop: ox.NamedNode
    value: ox.NamedNode | None
    named: bool


_ELSEWHERE = (Service, Lateral)
_UNSTEADY = frozenset(("NOW", "RAND", "UUID", "STRUUID", "BNODE", "SAMPLE", "GROUP_CONCAT"))
"""Functions whose value isn't decided by what is read, or by the order in which it comes."""
_TYPE = ox.NamedNode(RDF + "type")


class _Anything(Exception):
    """More may decide on the answer than can be told."""


def reads(admitted: Admitted) -> frozenset[Read] | None:
    """Return what a query reads; None where anything else may decide on its answer as well."""
    order = admitted.order
    if order.ends or order.strict or order.unread:
        return None
    # The door looks at suspicious texts alone; of those whose spelling it changed it read another text.
    found = admitted.found if admitted.found.form and not admitted.spelt else analyse(admitted.text)
    if found.changing or found.from_graphs or found.services:
        return None
    try:
        return frozenset(_reads(tree.read(admitted.text), found, named=False))
    except (tree.Unreadable, _Anything):
        return None


def _reads(node: Node, found: Analysis, *, named: bool) -> Iterator[Read]:
    unsteady = isinstance(node, Expression) and any(t.text.upper() in _UNSTEADY for t in node.tokens)
    if isinstance(node, _ELSEWHERE) or unsteady or (isinstance(node, Select) and node.sliced):
        raise _Anything
    if isinstance(node, Graph):
        # Without a pattern it asks which graphs there are.
        if not any(isinstance(one, Triples) for one in walk(node)):
            raise _Anything
        named = True
    if isinstance(node, Triples):
        if node.opaque:
            raise _Anything
        for triple in node.triples:
            yield from _of_triple(triple, found, named=named)
    for child in node.children:
        yield from _reads(child, found, named=named)


def _of_triple(triple: Triple, found: Analysis, *, named: bool) -> Iterator[Read]:
    path = triple.path
    if isinstance(path, End) or "triple" in (triple.subject.kind, triple.object.kind):
        raise _Anything
    for link in _links(path):
        prop = _TYPE if link == "a" else resolve(link, found, None)
        if not isinstance(prop, ox.NamedNode):
            raise _Anything
        value = None
        if isinstance(path, Link) and triple.object.kind == "iri":
            value = resolve(triple.object.text, found, None)
        yield Read(prop, value if isinstance(value, ox.NamedNode) else None, named)


def _links(path: Path) -> Iterator[str]:
    """Yield the properties of a path. One that may have length zero leads to any node: that can't be told."""
    if nullable(path):
        raise _Anything
    match path:
        case Link():
            yield path.text
        case Inverse() | Repeated():
            yield from _links(path.path)
        case Sequence() | Alternative():
            for part in path.paths:
                yield from _links(part)
        case _:
            raise _Anything
