"""Where statements come from: the graphs that hold them, described for a reader and numbered on the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pyoxigraph as ox

from kg.engine import Engine, Term
from kg.explore.ask import ask, batches, nodes
from kg.explore.model import Detail, Evidence, Origin, Ref, Text
from kg.explore.naming.names import Reader
from kg.explore.nearest import STEPS_UP, nearest
from kg.explore.ontology.schema import TYPE, Schema, str_of
from kg.terms import KG, PROV, RDFS

BASIS, CONFIDENCE, REASON, ORIGIN = KG + "basis", KG + "confidence", KG + "reason", PROV + "wasDerivedFrom"
INFERRED = KG + "Inferred"
KEPT = 20_000
DESCRIBED = 5_000
"""How many sources are kept as pages show them."""

About = Mapping[str, tuple[Term, ...]]


class Library:
    """What is said about graphs and about what they were made from, kept as it is read."""

    def __init__(self, engine: Engine, schema: Schema) -> None:
        self.engine = engine
        self.schema = schema
        self.upward = schema.playing("Breadcrumb")
        self._kept: dict[str, About] = {}
        self.evidence: dict[tuple[str, str], Evidence] = {}
        """Evidence by its graph and the reader's language, without its number on a page."""

    def fetch(self, iris: Iterable[str]) -> None:
        """Load what is said about the things not known yet. Raises QueryError."""
        wanted = [node for node in nodes(iris) if node.value not in self._kept]
        if len(self._kept) + len(wanted) > KEPT:
            self._kept.clear()
            self.evidence.clear()
        for batch in batches(wanted):
            said: dict[str, dict[str, list[Term]]] = {node.value: {} for node in batch}
            for row in ask(self.engine, "kg/explore/naming/about", entity=batch):
                said[str_of(row["entity"])].setdefault(str_of(row["property"]), []).append(row["value"])
            for iri, about in said.items():
                self._kept[iri] = {name: tuple(values) for name, values in about.items()}

    def about(self, iri: str) -> About:
        """Return what is said about a thing."""
        if iri not in self._kept:
            self.fetch([iri])
        return self._kept.get(iri, {})

    def nearest(self, wholes: Sequence[str]) -> str | None:
        """Return the nearest of what contains a thing; None of none. Raises QueryError."""
        wholes = list(dict.fromkeys(wholes))
        if len(wholes) < 2:
            return wholes[0] if wholes else None
        return nearest(wholes, {whole: self._containing(whole) for whole in wholes})

    def _containing(self, iri: str) -> set[str]:
        """Return all that contains a thing, as far up as a trail goes."""
        level, seen = [iri], {iri}
        for _step in range(STEPS_UP):
            self.fetch(level)
            up = {one for at in level for one in iris(self.about(at), *self.upward)}
            level = sorted(up - seen)
            if not level:
                break
            seen |= up
        return seen - {iri}

    def fetch_graphs(self, graphs: Sequence[str]) -> list[str]:
        """Load graphs, their origins and what those belong to; return every IRI that will need a name."""
        self.fetch(graphs)
        origins = [iri for graph in graphs for iri in iris(self.about(graph), ORIGIN)]
        bases = [iri for graph in graphs for iri in iris(self.about(graph), BASIS)]
        self.fetch([*origins, *bases])
        level, needed = origins, [*graphs, *origins]
        for _ in range(2):
            level = [up for iri in level for name in self.upward for up in iris(self.about(iri), name)]
            self.fetch(level)
            needed += level
        for iri in needed.copy():
            for values in self.about(iri).values():
                needed += [value.value for value in values[:10] if isinstance(value, ox.NamedNode)]
        return needed


def iris(about: About, *names: str) -> list[str]:
    """Return the IRIs that some properties lead to."""
    return [v.value for name in names for v in about.get(name, ()) if isinstance(v, ox.NamedNode)]


def literals(about: About, *names: str) -> list[ox.Literal]:
    """Return the literals of the first of some properties that has any."""
    for name in names:
        found = [value for value in about.get(name, ()) if isinstance(value, ox.Literal)]
        if found:
            return found
    return []


class Notes:
    """The numbers of a page's sources, given in the order in which they are first asked for.

    Graphs that are asked for together are numbered by their IRIs: a set has another order in each process.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def mark(self, graphs: Iterable[str]) -> tuple[int, ...]:
        """Return the numbers of some graphs."""
        ordered = sorted(graphs)
        return tuple(sorted(self.numbers.setdefault(graph, len(self.numbers) + 1) for graph in ordered))


def describe(library: Library, reader: Reader, notes: Notes) -> dict[int, Evidence]:
    """Return the page's evidence by number."""
    return {
        number: replace(_kept(library, reader, graph), number=number)
        for graph, number in notes.numbers.items()
    }


def _kept(library: Library, reader: Reader, graph: str) -> Evidence:
    """Return a graph's evidence: it is the same on all pages."""
    key = (graph, reader.language)
    found = library.evidence.get(key)
    if found is None:
        found = _evidence(library, reader, graph)
        if len(library.evidence) < DESCRIBED:
            library.evidence[key] = found
    return found


def undescribed(library: Library, reader: Reader, graphs: Iterable[str]) -> list[str]:
    """Return those graphs of which nothing is kept for a reader, sorted: what is said of them is needed."""
    return sorted({graph for graph in graphs if (graph, reader.language) not in library.evidence})


def _evidence(library: Library, reader: Reader, graph: str) -> Evidence:
    about = library.about(graph)
    basis = next(iter(iris(about, BASIS)), "")
    confidence = next(iter(iris(about, CONFIDENCE)), "")
    return Evidence(
        number=0,
        graph=reader.ref(graph),
        basis=basis.removeprefix(KG),
        basis_label=reader.ref(basis).label if basis else None,
        basis_note=reader.text(literals(library.about(basis), RDFS + "comment")) if basis else None,
        confidence=confidence.removeprefix(KG),
        confidence_label=reader.ref(confidence).label if confidence else None,
        reasons=reader.texts(literals(about, REASON)),
        origins=tuple(origin(library, reader, iri) for iri in iris(about, ORIGIN)[:6]),
        note=reader.text(literals(about, *library.schema.gists)),
    )


def origin(library: Library, reader: Reader, iri: str) -> Origin:
    """Return what a graph was made from, with what it belongs to and when that was issued."""
    trail: list[Ref] = []
    details: list[Detail] = []
    at = iri
    for _ in range(3):
        details += _details(library, reader, at)
        above = iris(library.about(at), *library.upward)
        if not above or above[0] in {ref.iri for ref in trail} | {iri}:
            break
        at = above[0]
        trail.insert(0, reader.ref(at))
    return Origin(reader.ref(iri), tuple(trail), summary(library, reader, iri), tuple(details))


def summary(library: Library, reader: Reader, iri: str) -> Text | None:
    """Return the sentence or two that stand for a thing."""
    return reader.text(literals(library.about(iri), *library.schema.gists))


def _details(library: Library, reader: Reader, iri: str) -> list[Detail]:
    """Return the dates and kinds of a source: what its shapes draw on a timeline or browse by."""
    about = library.about(iri)
    details = []
    for shape in library.schema.shapes_of(iris(about, TYPE)):
        wanted = "Date" in shape.show or shape.facet
        values = about.get(shape.path, ()) if wanted and shape.direct else ()
        if values and "Breadcrumb" not in shape.show:
            shown = tuple(reader.value(value) for value in values[:3])
            details.append(Detail(reader.term(shape.path, shape.names), shown))
    return details
