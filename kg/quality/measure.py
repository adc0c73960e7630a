"""Measure a store: run each metric's query, for each class and property where it asks for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import cache
from importlib import resources
from pathlib import Path

import pyoxigraph as ox

from kg.sparql.bind import bind
from kg.terms import RDFS, SH

METRICS = Path(__file__).parent / "metrics.ttl"
_TARGET, _PROPERTY, _PATH = (ox.NamedNode(SH + n) for n in ("targetClass", "property", "path"))
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
    for cls, properties in sorted(shaped(shapes).items()):
        yield from _of_class(store, cls, sorted(properties))
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


def _of_class(store: ox.Store, cls: str, properties: list[str]) -> Iterator[Measurement]:
    types = _below(store, ox.NamedNode(cls))
    sparql = bind(query("instances"), type=types)
    total = _number(store, sparql)
    if not total:
        return
    yield Measurement("instances", int(total), sparql, cls)
    for prop in properties:
        sparql = bind(query("coverage"), type=types, path=ox.NamedNode(prop))
        # Rounded down, so that only what is whole counts as whole.
        share = _number(store, sparql).quantize(Decimal("0.0001"), ROUND_FLOOR)
        yield Measurement("coverage", share.normalize() + 0, sparql, cls, prop)


def _below(store: ox.Store, cls: ox.NamedNode) -> list[ox.NamedNode]:
    """Return a class and those below it."""
    found = [cls]
    for one in found:
        for quad in store.quads_for_pattern(None, _SUBCLASS, one, ox.DefaultGraph()):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject not in found:
                found.append(quad.subject)
    return [cls, *sorted(found[1:], key=str)]


def _number(store: ox.Store, sparql: str) -> Decimal:
    answer = store.query(sparql)
    assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 (tells the type checker what the query is)
    return Decimal(next(answer)["value"].value)


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
    store.load(path=METRICS, format=ox.RdfFormat.TURTLE)
    return store
