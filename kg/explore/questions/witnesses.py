"""Which graphs stand behind the rows of an answer, as far as the rows themselves show it.

A row's sources are those of the statements that can be read off it: between two of its values by a property
that the query names; of an embedded node in it; and of a figure that its thing has with its number, of a
quantity that the query or the row names. Else a source that stands in it is taken at its word. What a query
counts or works out can't be read off a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine import Engine, Row, Term
from kg.explore.ask import ask, batches, nodes
from kg.explore.naming.names import Names
from kg.explore.ontology.schema import TYPE, Schema, str_of
from kg.explore.questions.collection import constants
from kg.explore.statements.evidence import ORIGIN
from kg.explore.statements.facts import facts_about, linked
from kg.explore.statements.figures import decimal

MOST = 400
"""Things of an answer whose statements are looked at."""

Behind: TypeAlias = Sequence[frozenset[str]]
"""The graphs behind each row."""


class Witnesses:
    """Finds the graphs behind the rows of one answer."""

    def __init__(self, engine: Engine, schema: Schema, names: Names) -> None:
        self.engine = engine
        self.schema = schema
        self.names = names

    def behind(self, sparql: str, rows: Sequence[Row]) -> Behind:
        """Return the graphs behind each row, none where none can be told. Raises QueryError."""
        named = constants(sparql)
        iris = [{term.value for term in row if isinstance(term, ox.NamedNode)} for row in rows]
        every = list(dict.fromkeys(iri for found in iris for iri in sorted(found)))
        self.names.fetch(every)
        things = [iri for iri in every if iri not in named and self.names.of(iri).classes][:MOST]
        dependent = [iri for iri in things if self.schema.is_dependent(self.names.of(iri).classes)]
        nodes_ = self._dependent(dependent)
        stated = self._stated(things, named)
        figures = self._figures(things) if named.intersection(self.schema.playing("Quantity")) else {}
        origins = self._origins(things)
        found = []
        for row, own in zip(rows, iris, strict=True):
            graphs: set[str] = set().union(*(nodes_.get(iri, set()) for iri in own))
            graphs |= {graph for iri in own for value, graph in stated.get(iri, ()) if value in row}
            graphs |= set(self._of_figures(row, own, figures, named))
            if not graphs:
                graphs.update(*(origins.get(iri, ()) for iri in own))
            found.append(frozenset(graphs - self.schema.superseded))
        return found

    def _dependent(self, iris: Sequence[str]) -> Mapping[str, set[str]]:
        """Return the graphs that describe nodes which only carry evidence, such as figures."""
        facts, _ = facts_about(self.engine, iris, self.schema.superseded) if iris else ({}, False)
        return {
            iri: {graph for by_value in about.values() for graphs in by_value.values() for graph in graphs}
            for iri, about in facts.items()
        }

    def _stated(self, things: Sequence[str], named: Iterable[str]) -> Mapping[str, list[tuple[Term, str]]]:
        """Return what some things are said to have by the properties that the query names."""
        asked = [iri for iri in named if iri in self.schema.properties and iri not in {TYPE, ORIGIN}]
        found: dict[str, list[tuple[Term, str]]] = {}
        for batch in batches(nodes(things)) if asked else ():
            for row in ask(
                self.engine, "kg/explore/questions/answer-statements", item=batch, asked=nodes(sorted(asked))
            ):
                found.setdefault(str_of(row["item"]), []).append((row["value"], str_of(row["graph"])))
        return found

    def _origins(self, things: Sequence[str]) -> Mapping[str, set[str]]:
        """Return the graphs that hold what sources among the things state."""
        found: dict[str, set[str]] = {}
        for batch in batches(nodes(things)):
            for row in ask(self.engine, "kg/explore/questions/answer-origins", source=batch):
                found.setdefault(str_of(row["source"]), set()).add(str_of(row["graph"]))
        return found

    def _figures(self, things: Sequence[str]) -> Mapping[str, list[tuple[str, Term, str]]]:
        """Return the figures of some things: what each measures, its numbers, and who gives them."""
        schema = self.schema
        measures, gives = schema.playing("Quantity"), schema.playing("Value")
        if not (measures and gives and schema.embedding):
            return {}
        nodes_of: dict[str, list[str]] = {}
        for batch in batches(nodes(things)):
            for row in ask(
                self.engine,
                "kg/explore/questions/answer-nodes",
                item=batch,
                leads=nodes(sorted(schema.embedding)),
            ):
                nodes_of.setdefault(str_of(row["node"]), []).append(str_of(row["item"]))
        about, _ = facts_about(self.engine, nodes_of, schema.superseded)
        found: dict[str, list[tuple[str, Term, str]]] = {}
        for node, items in nodes_of.items():
            facts = about.get(node, {})
            for quantity in linked(facts, *measures):
                for value, graphs in ((v, g) for name in gives for v, g in facts.get(name, {}).items()):
                    for item in items:
                        found.setdefault(item, []).extend((quantity, value, graph) for graph in graphs)
        return found

    def _of_figures(
        self,
        row: Row,
        own: set[str],
        figures: Mapping[str, list[tuple[str, Term, str]]],
        named: frozenset[str],
    ) -> Iterable[str]:
        numbers = {number for term in row if (number := decimal(term)) is not None}
        for iri in own:
            for quantity, value, graph in figures.get(iri, ()):
                if decimal(value) in numbers and (quantity in own or quantity in named):
                    yield graph
