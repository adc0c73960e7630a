"""Columns from the graph for things that were reconciled: the values of properties, and their sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine import Engine
from kg.explore.ask import ask, nodes

SOURCES = "|sources"
"""Behind a property's IRI: not its values but what they rest on."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a cell, and the sources of the statement (IRIs)."""

    value: ox.NamedNode | ox.Literal
    sources: tuple[str, ...]


Extension = Mapping[tuple[str, str], Sequence[Cell]]
"""Cells by thing and property (IRIs)."""


def extension(engine: Engine, things: Iterable[str], properties: Iterable[str]) -> Extension:
    """Return what the graph says of things by some properties (IRIs). Raises QueryError."""
    found: dict[tuple[str, str], dict[ox.NamedNode | ox.Literal, dict[str, None]]] = {}
    for row in ask(
        engine, "kg/reconcile/values-with-sources", thing=nodes(things), property=nodes(properties)
    ):
        value = row["value"]
        if isinstance(value, ox.NamedNode | ox.Literal):
            key = (row["thing"].value, row["property"].value)  # type: ignore[union-attr] # bound to IRIs
            sources = found.setdefault(key, {}).setdefault(value, {})
            if isinstance(source := row.get("source"), ox.NamedNode):
                sources[source.value] = None
    return {
        key: [Cell(value, tuple(sources)) for value, sources in values.items()]
        for key, values in found.items()
    }
