"""The vocabulary as the pages see it: classes, properties, and the shapes that say how to show them.

It is read once when a release opens; nothing else knows what a term means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from kg.engine import Engine
from kg.explore.ask import ask
from kg.explore.ontology.shapes import Group, PropertyShape, Step, read_shapes
from kg.terms import DCTERMS, KG, OWL, RDF, RDFS, SKOS

RIVAL = KG + "disagreesWith"
CLASS_KINDS = frozenset({OWL + "Class", RDFS + "Class"})
SCHEME = SKOS + "ConceptScheme"
POSITION = "https://schema.org/position"
GIST = (DCTERMS + "abstract", DCTERMS + "description", RDFS + "comment", SKOS + "definition")
COMMENTS = (SKOS + "definition", RDFS + "comment", DCTERMS + "description")


@dataclass(frozen=True)
class TermInfo:
    """A class, property or list of the vocabulary, and what is said of it (property IRI to values)."""

    iri: str
    kinds: frozenset[str]
    said: Mapping[str, tuple[ox.NamedNode | ox.Literal, ...]]

    def literals(self, *properties: str) -> list[ox.Literal]:
        """Return the literals of the first of ``properties`` that has any."""
        for one in properties:
            found = [value for value in self.said.get(one, ()) if isinstance(value, ox.Literal)]
            if found:
                return found
        return []

    def iris(self, one: str) -> list[str]:
        """Return the IRIs that a property leads to."""
        return [value.value for value in self.said.get(one, ()) if isinstance(value, ox.NamedNode)]

    def is_true(self, name: str) -> bool:
        """Say whether one of the publishing vocabulary's flags, such as ``isPrimary``, is set."""
        return any(literal.value in {"true", "1"} for literal in self.literals(KG + name))


@dataclass(frozen=True)
class Schema:
    """Terms by IRI, shapes by class, groups by IRI.

    ``orders`` is the order (``sh:order``) of concepts that have one; ``superseded`` are the graphs that later
    ones replace; ``patterns`` are the sentences that stand for a thing of a class, ``expected``
    the property shapes that are expected of one.
    """

    terms: Mapping[str, TermInfo]
    shapes: Mapping[str, tuple[PropertyShape, ...]]
    groups: Mapping[str, Group]
    orders: Mapping[str, float] = field(default_factory=dict)
    superseded: frozenset[str] = frozenset()
    patterns: Mapping[str, tuple[ox.Literal, ...]] = field(default_factory=dict)
    expected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    used: tuple[str, ...] = ()
    """The classes that things are of, the largest first, where no vocabulary says which are primary."""
    _above: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def load(cls, engine: Engine, shapes: Engine | None = None) -> Schema:
        """Read the vocabulary from an engine, and the shapes from ``shapes`` where they are kept apart."""
        said: dict[str, dict[str, dict[ox.NamedNode | ox.Literal, None]]] = {}
        kinds: dict[str, set[str]] = {}
        for row in ask(engine, "kg/explore/ontology/terms"):
            term, value = row["term"], row["value"]
            if isinstance(term, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
                said.setdefault(term.value, {}).setdefault(str_of(row["property"]), {})[value] = None
                kinds.setdefault(term.value, set()).add(str_of(row["kind"]))
        terms = {
            iri: TermInfo(iri, frozenset(kinds[iri]), {p: tuple(vs) for p, vs in about.items()})
            for iri, about in said.items()
        }
        read = read_shapes(shapes or engine)
        orders = {
            str_of(row["concept"]): order_of(row["order"])
            for row in ask(engine, "kg/explore/ontology/concept-orders")
        }
        superseded = frozenset(str_of(row["graph"]) for row in ask(engine, "kg/explore/ontology/superseded"))
        return cls(terms, read.by_class, read.groups, orders, superseded, read.patterns, read.expected)

    @cached_property
    def classes(self) -> Mapping[str, TermInfo]:
        """The classes of the vocabulary."""
        return {iri: term for iri, term in self.terms.items() if term.kinds & CLASS_KINDS}

    @cached_property
    def properties(self) -> Mapping[str, TermInfo]:
        """The properties of the vocabulary."""
        return {
            iri: term
            for iri, term in self.terms.items()
            if not term.kinds & CLASS_KINDS and SCHEME not in term.kinds
        }

    @cached_property
    def primary(self) -> tuple[str, ...]:
        """The classes whose things readers come for."""
        flagged = tuple(sorted(iri for iri, term in self.classes.items() if term.is_true("isPrimary")))
        return flagged or self.used

    @cached_property
    def comparable(self) -> tuple[str, ...]:
        """The classes whose things can be laid side by side."""
        return tuple(sorted(iri for iri, term in self.classes.items() if term.is_true("isComparable")))

    def is_dependent(self, classes: Iterable[str]) -> bool:
        """Say whether things of these classes exist only within another."""
        above = {up for one in classes for up in self.above(one)}
        return any(one in self.classes and self.classes[one].is_true("isDependent") for one in above)

    def above(self, iri: str) -> tuple[str, ...]:
        """Return a class and all above it, nearest first."""
        if iri not in self._above:
            found: dict[str, None] = {iri: None}
            queue = [iri]
            while queue:
                term = self.classes.get(queue.pop(0))
                for up in term.iris(RDFS + "subClassOf") if term else ():
                    if up not in found:
                        found[up] = None
                        queue.append(up)
            self._above[iri] = tuple(found)
        return self._above[iri]

    @cached_property
    def _below(self) -> Mapping[str, tuple[str, ...]]:
        below: dict[str, list[str]] = {}
        for iri in self.classes:
            for up in self.above(iri):
                below.setdefault(up, []).append(iri)
        return {iri: tuple(sorted(found)) for iri, found in below.items()}

    def below(self, iri: str) -> tuple[str, ...]:
        """Return a class and all its subclasses."""
        return self._below.get(iri, (iri,))

    def narrowest(self, classes: Iterable[str]) -> tuple[str, ...]:
        """Return the classes of which no other in the list is a subclass, sorted."""
        given = sorted(set(classes))
        return tuple(
            one for one in given if not any(one != other and one in self.above(other) for other in given)
        )

    def shapes_of(self, classes: Iterable[str]) -> tuple[PropertyShape, ...]:
        """Return the property shapes of some classes and all above them, in the order of display.

        Where several shapes have one path, that of the nearest class wins, and of one class's that which
        tells something beside the things.
        """
        return self._shapes_of(tuple(sorted(set(classes))))

    def _shapes_of(self, classes: tuple[str, ...]) -> tuple[PropertyShape, ...]:
        key = "\n".join(classes)
        if key not in self._merged:
            found: dict[tuple[str, bool, tuple[str, ...]], PropertyShape] = {}
            for one in self.narrowest(classes):
                for up in self.above(one):
                    for shape in sorted(self.shapes.get(up, ()), key=lambda shape: not shape.told):
                        found.setdefault((shape.path, shape.inverse, shape.of), shape)
            self._merged[key] = tuple(sorted(found.values(), key=self.place))
        return self._merged[key]

    @cached_property
    def _merged(self) -> dict[str, tuple[PropertyShape, ...]]:
        return {}

    def place(self, shape: PropertyShape) -> tuple[float, str, float, str]:
        """Return a shape's place in the order of display: its group's, then its own."""
        group = self.groups.get(shape.group or "")
        return (group.order if group else float("inf"), shape.group or "", shape.order, shape.path)

    @cached_property
    def gists(self) -> tuple[str, ...]:
        """The properties whose text stands for a thing: descriptions, and what is narrower than one."""
        narrower = [
            iri for iri, term in self.properties.items() if set(term.iris(RDFS + "subPropertyOf")) & set(GIST)
        ]
        return (*sorted(narrower), *GIST)

    def patterns_of(self, classes: Iterable[str]) -> tuple[ox.Literal, ...]:
        """Return the sentences for things of some classes: those of the nearest class that has any."""
        for one in self.narrowest(classes):
            for up in self.above(one):
                if self.patterns.get(up):
                    return self.patterns[up]
        return ()

    def expected_of(self, classes: Iterable[str]) -> tuple[str, ...]:
        """Return the property shapes that are expected of things of some classes, by importance."""
        above = (up for one in self.narrowest(classes) for up in self.above(one))
        return tuple(dict.fromkeys(iri for up in above for iri in self.expected.get(up, ())))

    def called(self, step: Step) -> tuple[tuple[ox.Literal, ...], float]:
        """Return what shapes call a property, seen from one end, and its place."""
        return self._called.get(step, ((), float("inf")))

    @cached_property
    def _called(self) -> Mapping[Step, tuple[tuple[ox.Literal, ...], float]]:
        found: dict[Step, tuple[tuple[ox.Literal, ...], float]] = {}
        every = {s.iri: s for shapes in self.shapes.values() for s in shapes}
        for shape in sorted(every.values(), key=lambda one: (bool(one.of), len(one.iri), one.iri)):
            if len(shape.ways) == 1 and len(shape.ways[0]) == 1 and shape.names:
                found.setdefault(shape.ways[0][0], (shape.names, shape.order))
        return found

    @cached_property
    def rivals(self) -> frozenset[str]:
        """The properties that join statements that can't both be: ``kg:disagreesWith`` and those below."""
        return self._at_or_below(RIVAL)

    def narrower(self, name: str) -> frozenset[str]:
        """Return the properties right below one (``rdfs:subPropertyOf``)."""
        return self._narrower.get(name, frozenset())

    @cached_property
    def _narrower(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for iri, term in self.properties.items():
            for above in term.iris(RDFS + "subPropertyOf"):
                found.setdefault(above, set()).add(iri)
        return {above: frozenset(below) for above, below in found.items()}

    @cached_property
    def plain_dates(self) -> frozenset[str]:
        """The properties that say when all of a thing was, not when it began or ended: ``dcterms:date``."""
        return self._at_or_below(DCTERMS + "date")

    @cached_property
    def positions(self) -> frozenset[str]:
        """The properties that number the parts of a whole: ``schema:position`` and those below."""
        return self._at_or_below(POSITION)

    def _at_or_below(self, iri: str) -> frozenset[str]:
        return self.narrower(iri) | {iri}

    @cached_property
    def embedding(self) -> frozenset[str]:
        """The properties that lead to embedded nodes, in any shape."""
        return frozenset(s.path for shapes in self.shapes.values() for s in shapes if s.embeds and s.direct)

    def playing(self, part: str) -> tuple[str, ...]:
        """Return the properties that play a part (``kg:Part``'s local name) in any shape, in order."""
        if part not in self._playing:
            every = (s for shapes in self.shapes.values() for s in shapes)
            found = {s.path: s for s in every if part in s.show and s.direct}
            self._playing[part] = tuple(sorted(found, key=lambda path: self.place(found[path])))
        return self._playing[part]

    @cached_property
    def _playing(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The properties that every shape hides which has them."""
        direct = [s for shapes in self.shapes.values() for s in shapes if s.direct]
        return frozenset({s.path for s in direct if s.hidden} - {s.path for s in direct if not s.hidden})


def order_of(term: object) -> float:
    """Return the number of an order, infinity when it is none."""
    try:
        return float(str_of(term))
    except ValueError:
        return float("inf")


def str_of(term: object) -> str:
    """Return an IRI's or a literal's text."""
    return str(getattr(term, "value", ""))


TYPE = RDF + "type"
