"""What graphs state: the content of one, and of all that were made from one source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from kg.engine import Engine, Term
from kg.explore.ask import ask, nodes, number
from kg.explore.model import Detail, Evidence, Ref
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import TYPE, str_of
from kg.explore.statements.evidence import BASIS, Library, Notes, describe, iris
from kg.explore.statements.tables import sort_key
from kg.sparql.bind import bind, load
from kg.terms import KG

PAGE = 200
"""How many statements of a graph a page shows."""
ORDERED = 20_000
"""Up to so many statements a graph's pages are in order."""
LISTS = frozenset({KG + "Tabulated", KG + "Recorded"})
MADE = 40
"""How many graphs of one source a page shows."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a graph says of one thing."""

    subject: Ref
    details: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """A graph: what it rests on, how many statements it holds, and those of one page."""

    evidence: Evidence
    count: int
    said: tuple[Said, ...]
    page: int
    sparql: str

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.count // PAGE))


class Shelf:
    """The graphs of a release, with their sizes once counted."""

    def __init__(self, engine: Engine, library: Library) -> None:
        self.engine = engine
        self.library = library
        self._counts: dict[str, int] = {}

    def count(self, graphs: Sequence[str]) -> dict[str, int]:
        """Return how many statements each graph holds; 0 for what is no graph. Raises QueryError."""
        missing = [graph for graph in graphs if graph not in self._counts]
        if missing:
            found = dict.fromkeys(missing, 0)
            for row in ask(self.engine, "kg/explore/statements/graph-counts", graph=nodes(missing)):
                if "graph" in row:
                    found[str_of(row["graph"])] = number(row["count"])
            self._counts.update(found)
        return {graph: self._counts[graph] for graph in graphs}

    def content(self, graph: str, reader: Reader, page: int = 1, *, whole: bool = True) -> Content | None:
        """Return a page of what a graph states, or None when it is no graph. Raises QueryError.

        Unless ``whole``, what a list or a record of the source holds is counted only.
        """
        count = self.count([graph])[graph]
        if not count:
            return None
        term = ox.NamedNode(graph)
        needed = self.library.fetch_graphs([graph])
        listed = whole or LISTS.isdisjoint(iris(self.library.about(graph), BASIS))
        rows = self._page(term, count, (page - 1) * PAGE) if listed else []
        spoken = {v.value for row in rows for v in row.values() if isinstance(v, ox.NamedNode)}
        reader.names.fetch({*needed, *spoken})
        notes = Notes()
        notes.mark([graph])
        evidence = describe(self.library, reader, notes)[1]
        sparql = bind(load("kg/explore/statements/graph-statements"), graph=term)
        return Content(evidence, count, _group(rows, reader), page, sparql)

    def _page(self, graph: ox.NamedNode, count: int, offset: int) -> Sequence[Mapping[str, Term]]:
        """Return a page of a graph's statements by their terms; of a large graph, as the engine has them.

        All are read to be sorted here: the engine's ORDER BY takes a thousand times as long.
        """
        if count > ORDERED:
            return list(
                ask(
                    self.engine,
                    "kg/explore/statements/graph-statements",
                    limit=PAGE,
                    offset=offset,
                    graph=graph,
                )
            )
        return list(
            islice(
                ask(self.engine, "kg/explore/statements/graph-statements", graph=graph), offset, offset + PAGE
            )
        )

    def made_from(self, source: str, reader: Reader) -> tuple[Content, ...]:
        """Return what the graphs made from a source state, the first page of each. Raises QueryError."""
        rows = ask(
            self.engine, "kg/explore/statements/graphs-made-from", limit=MADE, source=ox.NamedNode(source)
        )
        found = [self.content(str_of(row["graph"]), reader, whole=False) for row in rows]
        return tuple(content for content in found if content is not None)


def _group(rows: Sequence[Mapping[str, Term]], reader: Reader) -> tuple[Said, ...]:
    by_subject: dict[str, dict[str, list[Term]]] = {}
    for row in rows:
        about = by_subject.setdefault(str_of(row["subject"]), {})
        about.setdefault(str_of(row["property"]), []).append(row["value"])
    said = []
    for subject, about in by_subject.items():
        details = [
            Detail(reader.term(name), tuple(sorted((reader.value(v) for v in values), key=sort_key)))
            for name, values in about.items()
        ]
        details.sort(key=lambda detail: (detail.property.iri != TYPE, detail.property.label.value))
        said.append(Said(reader.ref(subject), tuple(details)))
    schema, names = reader.names.schema, reader.names
    # What belongs to another thing comes after the things.
    said.sort(
        key=lambda one: (
            schema.is_dependent(names.of(one.subject.iri).classes),
            not one.subject.named,
            reader.sort_key(one.subject.iri),
        )
    )
    return tuple(said)
