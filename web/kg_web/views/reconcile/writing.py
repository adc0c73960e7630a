"""Writing what clients of reconciliation get: candidates, cells and terms as the API's JSON."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any

import pyoxigraph as ox

from kg.explore import Explorer
from kg.explore.model import Text
from kg.languages import language_chain
from kg.reconcile import Candidate, Cell
from kg.search import Thing
from kg.terms import local_name, pick
from kg_web.context import publication
from kg_web.rendering.i18n import language
from kg_web.rendering.tongues import html_language
from kg_web.views.reconcile.reading import cursor, id_of, limit, prefix


def candidate(one: Candidate) -> dict[str, Any]:
    """Return a candidate as the API has it."""
    return {
        "id": id_of(one.thing.iri),
        "name": name_of(one.thing.labels).value,
        "description": placed(one.place),
        "type": types(one.thing.classes),
        "score": one.score,
        "match": one.match,
        "features": [{"id": "name", "value": one.by_name}],
    }


def cells(explorer: Explorer, sources: bool, found: Iterable[Cell]) -> list[dict[str, Any]]:
    """Return the values of some cells, or what they rest on."""
    if sources:
        return [_linked(explorer, iri) for iri in dict.fromkeys(s for cell in found for s in cell.sources)]
    return [_value(explorer, cell.value) for cell in found]


def _value(explorer: Explorer, value: ox.NamedNode | ox.Literal) -> dict[str, Any]:
    if isinstance(value, ox.NamedNode):
        return _linked(explorer, value.value)
    kind, text = local_name(value.datatype.value), value.value
    if kind == "integer":
        return {"int": int(text)}
    if kind in ("decimal", "double", "float") and isfinite(float(text)):
        return {"float": float(text)}
    # The API has dates only with a time: a day, an infinite number and NaN can only be written as text.
    return {"str": text}


def _linked(explorer: Explorer, iri: str) -> dict[str, Any]:
    return {"id": id_of(iri), "name": explorer.reader(language()).ref(iri).label.value}


def terms(explorer: Explorer, among: Iterable[str]) -> list[dict[str, Any]]:
    """Return terms whose name in any language has what was typed."""
    typed = prefix().casefold()
    found = []
    for iri in among:
        names = [label.value.casefold() for label in explorer.names.label_literals(iri)]
        if typed in local_name(iri).casefold() or any(typed in name for name in names):
            found.append(iri)
    return named(explorer, found)[cursor() : cursor() + limit()]


def named(explorer: Explorer, iris: Iterable[str]) -> list[dict[str, Any]]:
    """Return terms with their names and definitions."""
    reader = explorer.reader(language())
    found = []
    for iri in iris:
        term = reader.term(iri)
        gist = reader.comment(iri)
        found.append(
            {"id": id_of(iri), "name": term.label.value} | ({"description": gist.value} if gist else {})
        )
    return found


def placed(place: Iterable[Thing]) -> str:
    """Return where a thing lies, the outermost first."""
    return " · ".join(name_of(whole.labels).value for whole in place)


def types(classes: Iterable[str]) -> list[dict[str, str]]:
    """Return classes with their names."""
    reader = publication().explorer.reader(language())
    return [{"id": id_of(iri), "name": reader.term(iri).label.value} for iri in classes]


def name_of(labels: Iterable[Any]) -> Text:
    """Return the name in the reader's language, or the next best."""
    label = pick(labels, language_chain(language()))
    return Text(label.value, html_language(label.language or "")) if label else Text("")
