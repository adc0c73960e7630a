"""The names of places in which things lie, also former ones; kept, as a release never changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from kg.explore import Explorer
from kg.explore.ask import ask, batches, nodes
from kg.explore.ontology.schema import str_of
from kg.reconcile import parts, values
from kg.reconcile.values import Stated
from kg.search import Thing
from kg.search.index import Index
from kg.terms import DCTERMS, RDFS

SUCCESSION = (DCTERMS + "replaces", DCTERMS + "isReplacedBy")
"""Properties that lead from one thing to another that had its place before or has it now."""
KEPT = 10_000
"""How many places' names are kept in memory: those of one region come again with each name of it."""


@dataclass(frozen=True)
class Called:
    """A place, with its predecessors and successors."""

    things: tuple[Thing, ...]

    @cached_property
    def words(self) -> frozenset[str]:
        """The words that say where a thing lies: all their names, and short ones."""
        names = {name.value for one in self.things for name in one.names}
        return frozenset(word for name in names for word in parts.said(name))

    @cached_property
    def stated(self) -> tuple[Stated, ...]:
        """What is stated by saying that a thing lies there."""
        return tuple(values.named(one.iri, (name.value for name in one.names)) for one in self.things)


class Places:
    """The names of places. Threads may share it."""

    def __init__(self, index: Index, explorer: Explorer) -> None:
        self.index = index
        self.explorer = explorer
        self._kept: dict[str, Called] = {}

    def called(self, places: Iterable[Thing]) -> Mapping[str, Called]:
        """Return what each place is called, by its IRI; the graph is asked of new ones. Raises QueryError."""
        every = {place.iri: place for place in places}
        found = {iri: known for iri in every if (known := self._kept.get(iri))}
        others = self._succession([iri for iri in every if iri not in found])
        new = {iri: Called((every[iri], *others.get(iri, ()))) for iri in every if iri not in found}
        if len(self._kept) + len(new) > KEPT:
            self._kept.clear()
        self._kept.update(new)
        return found | new

    def _succession(self, places: Sequence[str]) -> dict[str, list[Thing]]:
        """Return the predecessors and successors of some things."""
        found: dict[str, list[Thing]] = {}
        for batch in batches(nodes(places)):
            rows = ask(
                self.explorer.engine, "kg/reconcile/succession", thing=batch, property=self._properties
            )
            for row in rows:
                if known := self.index.look_up(str_of(row["other"])):
                    found.setdefault(str_of(row["thing"]), []).append(known)
        return found

    @cached_property
    def _properties(self) -> Sequence[ox.NamedNode]:
        below = (
            iri
            for iri, term in self.explorer.schema.properties.items()
            if set(term.iris(RDFS + "subPropertyOf")) & set(SUCCESSION)
        )
        return nodes([*SUCCESSION, *below])
