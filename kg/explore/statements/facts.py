"""Statements with the graphs that make them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine import Engine, Term
from kg.explore.ask import ask, batches, nodes
from kg.explore.ontology.schema import str_of

Facts: TypeAlias = Mapping[str, Mapping[Term, tuple[str, ...]]]
"""Of one thing: property IRI to values, each with the IRIs of the graphs that give it."""

MOST = 5_000
"""How many statements about one thing a page reads at most."""


def facts_about(
    engine: Engine, iris: Iterable[str], superseded: Container[str] = (), *, most: int = MOST
) -> tuple[dict[str, Facts], bool]:
    """Return what is said about some things, and whether more is said than was read.

    What only ``superseded`` graphs say is left out. Raises QueryError.
    """
    found: dict[str, dict[str, dict[Term, list[str]]]] = {}
    whole = True
    for batch in batches(nodes(iris)):
        count = 0
        for row in ask(engine, "kg/explore/statements/facts", limit=most + 1, entity=batch):
            count += 1
            # Asked of the engine, this would double the time of the most frequent query.
            if (graph := str_of(row["graph"])) in superseded:
                continue
            by_value = found.setdefault(str_of(row["entity"]), {}).setdefault(str_of(row["property"]), {})
            by_value.setdefault(row["value"], []).append(graph)
        whole = whole and count <= most
    facts: dict[str, Facts] = {
        entity: {name: {v: tuple(sorted(set(gs))) for v, gs in values.items()} for name, values in by.items()}
        for entity, by in found.items()
    }
    return facts, not whole


def linked(facts: Facts, *properties: str) -> list[str]:
    """Return the IRIs that some properties lead to."""
    return [v.value for name in properties for v in facts.get(name, {}) if isinstance(v, ox.NamedNode)]


def mentioned(facts: Iterable[Facts]) -> set[str]:
    """Return every IRI in some facts that a page may have to name."""
    found: set[str] = set()
    for one in facts:
        for name, values in one.items():
            found.add(name)
            found.update(value.value for value in values if isinstance(value, ox.NamedNode))
    return found


def graphs_of(facts: Iterable[Facts]) -> list[str]:
    """Return the graphs of some facts, without doubles."""
    every = (g for one in facts for values in one.values() for graphs in values.values() for g in graphs)
    return sorted(set(every))
