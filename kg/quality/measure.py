"""Measure a store: run each metric's query, and count what the shapes ask of each class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path

import pyoxigraph as ox

from kg.languages import in_languages
from kg.sparql.bind import bind
from kg.terms import RDF, RDFS, SH

METRICS = Path(__file__).parent / "metrics.ttl"
_TARGET, _PROPERTY, _PATH = (ox.NamedNode(SH + n) for n in ("targetClass", "property", "path"))
_TYPE = ox.NamedNode(RDF + "type")
_SUBCLASS = ox.NamedNode(RDFS + "subClassOf")
_PLAIN = ("statements", "sourceless", "disagreements", "isolated", "readings")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number: of which metric, of which class, property or other thing, and the query that gives it."""

    metric: str
    value: int | Decimal
    sparql: str
    on: str | None = None
    of: str | None = None


@cache
def query(metric: str) -> str:
    """Return the text of a metric's query."""
    return resources.files("kg.quality").joinpath(f"queries/{metric}.rq").read_text(encoding="utf-8")


def measure(
    store: ox.Store, shapes: ox.Store, base: str, checked: int | None = None
) -> Iterator[Measurement]:
    """Yield every measurement of a store whose default graph is the merge.

    ``checked`` is how many values were found in the sources' texts, where somebody checked them.
    """
    for metric in _PLAIN:
        yield from _run(store, metric, query(metric))
    yield from _run(store, "links", bind(query("links"), base=ox.Literal(base)))
    yield from _of_classes(store, shapes)
    if checked is not None:
        yield Measurement("checked", checked, "")


def _run(store: ox.Store, metric: str, sparql: str) -> Iterator[Measurement]:
    answer = store.query(sparql)
    if not isinstance(answer, ox.QuerySolutions):
        return
    names = {variable.value for variable in answer.variables}
    rows = list(answer)
    if "value" not in names:
        yield Measurement(metric, len(rows), sparql)
        return
    for row in rows:
        on = row["on"].value if "on" in names else None
        yield Measurement(metric, int(row["value"].value), sparql, on)


def _of_classes(store: ox.Store, shapes: ox.Store) -> Iterator[Measurement]:
    """Yield how many things each class has, and which share of them has each property.

    Counted in one pass over each property, as a query for each pair would go through all things again; every
    number comes with the query that gives the same.
    """
    wanted = sorted(shaped(shapes).items())
    types = {cls: _below(store, ox.NamedNode(cls)) for cls, _ in wanted}
    kinds = _kinds(store, types)
    totals = Counter(kinds.values())
    having = {
        prop: Counter(kinds[thing] for thing in _subjects(store, ox.NamedNode(prop)) if thing in kinds)
        for prop in {prop for _, properties in wanted for prop in properties}
    }
    for cls, properties in wanted:
        total = _count(totals, cls)
        if not total:
            continue
        sparql = bind(query("instances"), type=types[cls])
        yield Measurement("instances", total, sparql, cls)
        for prop in sorted(properties):
            sparql = bind(query("coverage"), type=types[cls], path=ox.NamedNode(prop))
            # Rounded down, so that only what is whole counts as whole.
            share = Decimal(_count(having[prop], cls) * 10_000 // total) / 10_000
            yield Measurement("coverage", share.normalize() + 0, sparql, cls, prop)


def _kinds(store: ox.Store, types: Mapping[str, list[ox.NamedNode]]) -> dict[str, frozenset[str]]:
    """Return the classes that each thing belongs to, by the classes' own types and those below them."""
    classes: dict[ox.NamedNode, frozenset[str]] = {}
    for cls, below in types.items():
        for one in below:
            classes[one] = classes.get(one, frozenset()) | {cls}
    kinds: dict[str, frozenset[str]] = {}
    united = cache(frozenset.union)
    for one, its in classes.items():
        for thing in _subjects(store, _TYPE, one):
            kinds[thing] = united(kinds[thing], its) if thing in kinds else its
    return kinds


def _subjects(store: ox.Store, prop: ox.NamedNode, value: ox.NamedNode | None = None) -> set[str]:
    """Return what the merge says has a property, or this value of it."""
    found = store.quads_for_pattern(None, prop, value, ox.DefaultGraph())
    return {quad.subject.value for quad in found if isinstance(quad.subject, ox.NamedNode)}


def _count(numbers: Mapping[frozenset[str], int], cls: str) -> int:
    return sum(number for classes, number in numbers.items() if cls in classes)


def _below(store: ox.Store, cls: ox.NamedNode) -> list[ox.NamedNode]:
    """Return a class and those below it."""
    found = [cls]
    for one in found:
        for quad in store.quads_for_pattern(None, _SUBCLASS, one, ox.DefaultGraph()):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject not in found:
                found.append(quad.subject)
    return [cls, *sorted(found[1:], key=str)]


def shaped(shapes: ox.Store) -> Mapping[str, set[str]]:
    """Return the properties of each class's shapes, as far as they are single properties."""
    found: dict[str, set[str]] = {}
    for quad in shapes.quads_for_pattern(None, _TARGET, None, None):
        if not isinstance(quad.object, ox.NamedNode):
            continue
        paths = found.setdefault(quad.object.value, set())
        for part in shapes.quads_for_pattern(quad.subject, _PROPERTY, None, None):
            if isinstance(part.object, ox.NamedNode | ox.BlankNode):
                for path in shapes.quads_for_pattern(part.object, _PATH, None, None):
                    if isinstance(path.object, ox.NamedNode):
                        paths.add(path.object.value)
    return found


def metrics() -> ox.Store:
    """Return the descriptions of the metrics."""
    store = ox.Store()
    for quad in ox.parse(path=METRICS, format=ox.RdfFormat.TURTLE):
        subject, value = quad.subject, quad.object
        if isinstance(subject, ox.NamedNode) and isinstance(value, ox.Literal):
            said = in_languages(value, subject.value)
            store.extend(ox.Quad(subject, quad.predicate, one) for one in said)
        else:
            store.add(quad)
    return store
