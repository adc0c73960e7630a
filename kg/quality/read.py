"""A release's quality.ttl, read back for its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from kg.quality.measure import Measurement
from kg.quality.write import DQV, METRIC, ON
from kg.terms import SH, SKOS, VOID

Node = ox.NamedNode | ox.BlankNode | ox.Triple


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured, in each language."""

    name: str
    labels: Mapping[str, str]
    definitions: Mapping[str, str]
    order: int


@dataclass(frozen=True, slots=True)
class Report:
    """The metrics by their names, in order, and every measurement."""

    metrics: Mapping[str, Metric]
    measurements: tuple[Measurement, ...]

    def of(self, metric: str) -> list[Measurement]:
        """Return the measurements of a metric, the largest first."""
        found = [one for one in self.measurements if one.metric == metric]
        return sorted(found, key=lambda one: (-one.value, one.on or "", one.of or ""))

    def coverage(self, cls: str) -> list[Measurement]:
        """Return how a class's properties are covered, the best first."""
        return [one for one in self.of("coverage") if one.on == cls]


@cache
def read_report(path: Path) -> Report:
    """Read a report as the build wrote it."""
    store = ox.Store()
    store.load(path=path, format=ox.RdfFormat.TURTLE)
    metrics = [
        _metric(store, quad.subject) for quad in store.quads_for_pattern(None, _n(SH + "order"), None, None)
    ]
    found = [
        _measurement(store, quad.subject)
        for quad in store.quads_for_pattern(None, _n(DQV + "isMeasurementOf"), None, None)
    ]
    return Report(
        {metric.name: metric for metric in sorted(metrics, key=lambda one: one.order)},
        tuple(sorted(found, key=lambda one: (one.metric, one.on or "", one.of or ""))),
    )


def _metric(store: ox.Store, node: Node) -> Metric:
    return Metric(
        str(node).strip("<>").removeprefix(METRIC),
        _texts(store, node, SKOS + "prefLabel"),
        _texts(store, node, SKOS + "definition"),
        int(_one(store, node, SH + "order") or 0),
    )


def _measurement(store: ox.Store, node: Node) -> Measurement:
    part = ox.NamedNode(_one(store, node, DQV + "computedOn") or METRIC)
    value = Decimal(_one(store, node, DQV + "value") or 0)
    return Measurement(
        (_one(store, node, DQV + "isMeasurementOf") or "").removeprefix(METRIC),
        value,
        _one(store, node, SH + "select") or "",
        _one(store, node, ON) or _one(store, part, VOID + "class"),
        _one(store, part, VOID + "property"),
    )


def _texts(store: ox.Store, node: Node, prop: str) -> dict[str, str]:
    values = [quad.object for quad in store.quads_for_pattern(node, _n(prop), None, None)]
    return {value.language or "": value.value for value in values if isinstance(value, ox.Literal)}


def _one(store: ox.Store, node: Node, prop: str) -> str | None:
    quad = next(iter(store.quads_for_pattern(node, _n(prop), None, None)), None)
    return str(getattr(quad.object, "value", "")) if quad else None


def _n(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)
