"""A scheme of concepts as a tree: its top concepts and what lies below them, to a certain depth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine import Engine
from kg.explore.ask import ask, batches, nodes
from kg.explore.model import Ref
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import str_of
from kg.terms import SKOS

DEEPEST = 3
"""How many levels a page shows; what lies below is a page further."""
MOST = 1_000
"""How many concepts a page shows."""
SCHEME = SKOS + "ConceptScheme"


@dataclass(frozen=True, slots=True)
class Branch:
    """A concept, with those below it; ``more`` counts those below that are not shown."""

    ref: Ref
    below: tuple[Branch, ...] = ()
    more: int = 0


def tree(engine: Engine, reader: Reader, scheme: str) -> tuple[Branch, ...]:
    """Return the tree of a scheme, by name; nothing when no concept is at its top. Raises QueryError."""
    found = list(ask(engine, "kg/explore/browsing/scheme-tops", limit=MOST, scheme=ox.NamedNode(scheme)))
    stated = [row for row in found if str_of(row["stated"]) == "true"] or found
    tops = list(dict.fromkeys(str_of(row["concept"]) for row in stated))
    below: dict[str, list[str]] = {}
    level, seen = tops, set(tops)
    for _ in range(DEEPEST):
        if not level or len(seen) > MOST:
            break
        children = _narrower(engine, level)
        below.update(children)
        level = [one for found in children.values() for one in found if one not in seen]
        seen.update(level)
    reader.names.fetch(seen)
    return tuple(_branch(one, below, reader, DEEPEST - 1) for one in sorted(tops, key=reader.sort_key))


def _narrower(engine: Engine, concepts: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for batch in batches(nodes(concepts)):
        for row in ask(engine, "kg/explore/browsing/narrower", above=batch):
            if isinstance(row["concept"], ox.NamedNode):
                found.setdefault(str_of(row["above"]), []).append(row["concept"].value)
    return found


def _branch(iri: str, below: dict[str, list[str]], reader: Reader, depth: int) -> Branch:
    children = below.get(iri, [])
    if depth == 0:
        return Branch(reader.ref(iri), more=len(children))
    ordered = sorted(children, key=reader.sort_key)
    return Branch(reader.ref(iri), tuple(_branch(one, below, reader, depth - 1) for one in ordered))
