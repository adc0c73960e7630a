"""The Reconciliation Service API 0.2 (W3C Entity Reconciliation Community Group), for OpenRefine and its kin.

An id is the path of an IRI under the dataset's base, or the whole IRI of what lies elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from math import isfinite
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Response, abort, jsonify, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from kg.explore import Explorer
from kg.explore.model import Text
from kg.reconcile import Candidate, Cell, Hint, Matcher, Wanted, extension
from kg.reconcile.extend import SOURCES
from kg.terms import language_chain, local_name, pick
from web.context import publication
from web.i18n import language
from web.links import href, public
from web.present import html_language
from web.safety import framed
from web.views.browse import expand
from web.views.search import index_of_names

blueprint = Blueprint("reconcile", __name__, url_prefix="/reconcile")

BATCH = 50
"""Names of one request."""
ROWS, COLUMNS = 200, 20
"""Things and properties of one request for columns."""
HINTS = 10
"""Properties that one name may have as hints."""
MOST = 50
"""Candidates and suggestions that are given."""
LONGEST = 400
"""Characters of a name."""


@blueprint.route("", methods=["GET", "POST"])
def service() -> Response:
    """Describe the service, or answer ``queries`` or ``extend``, as form fields, parameters or JSON."""
    given: dict[str, Any] = {**request.args.to_dict(), **request.form.to_dict()}
    if request.is_json:
        body = request.get_json(silent=True)
        given.update(body if isinstance(body, dict) else {"queries": body})
    if "extend" in given:
        return jsonify(_extended(_object(given["extend"], "extend")))
    if "queries" in given:
        return jsonify(_reconciled(_object(given["queries"], "queries")))
    return jsonify(_manifest())


@blueprint.get("/view")
def view() -> BaseResponse:
    """Lead from an id to its page."""
    return redirect(href(_iri(request.args.get("id", ""))), 303)


@blueprint.get("/preview")
def preview() -> Response:
    """Show a card of a thing, for a frame of the client."""
    explorer = publication().explorer
    iri = _iri(request.args.get("id", ""))
    thing = index_of_names().look_up(iri)
    if thing is None:
        abort(404, description="No thing goes by this id.")
    entity = explorer.entity(iri, language())
    response = make_response(render_template("preview.html", entity=entity, address=public(href(iri))))
    return framed(response)


@blueprint.get("/suggest/entity")
def suggest_entity() -> Response:
    """Suggest things whose names begin or contain ``prefix``."""
    hits = index_of_names().find(_prefix(), limit=_limit(), offset=_cursor())
    found = [
        {
            "id": _id(hit.thing.iri),
            "name": _name(hit.thing.labels).value,
            "description": " · ".join(_name(whole.labels).value for whole in hit.place),
            "notable": [one["name"] for one in _types(hit.thing.classes)],
        }
        for hit in (*hits.hits, *hits.close)
    ]
    return jsonify(result=found)


@blueprint.get("/suggest/type")
def suggest_type() -> Response:
    """Suggest classes of which there are things."""
    explorer = publication().explorer
    return jsonify(result=_terms(explorer, explorer.schema.classes))


@blueprint.get("/suggest/property")
def suggest_property() -> Response:
    """Suggest properties."""
    explorer = publication().explorer
    return jsonify(result=_terms(explorer, explorer.schema.properties))


@blueprint.get("/properties")
def properties() -> Response:
    """Propose columns for things of a ``type``: what its shapes name, each also with its sources."""
    explorer = publication().explorer
    cls = _class(explorer, request.args.get("type", "")) if request.args.get("type") else ""
    shapes = explorer.schema.shapes_of([cls]) if cls else ()
    named = dict.fromkeys(shape.path for shape in shapes if shape.direct)
    reader = explorer.reader(language())
    proposed = []
    for iri in named or explorer.schema.properties:
        label = reader.term(iri).label.value
        proposed += [
            {"id": _id(iri), "name": label},
            {"id": _id(iri) + SOURCES, "name": f"{label} ({_('Sources')})"},
        ]
    limit = _limit()
    return jsonify({"type": _id(cls), "limit": limit, "properties": proposed[: 2 * limit]})


def _manifest() -> dict[str, Any]:
    found, here = publication(), public("/reconcile")
    suggest = {"service_url": here}
    return {
        "versions": ["0.2"],
        "name": found.explorer.title(language()).value,
        "identifierSpace": found.base,
        "schemaSpace": found.base,
        "defaultTypes": _named(found.explorer, found.explorer.schema.primary),
        "documentation": public("/dataset"),
        "view": {"url": here + "/view?id={{id}}"},
        "preview": {"url": here + "/preview?id={{id}}", "width": 430, "height": 300},
        "batchSize": 10,
        "suggest": {
            kind: {**suggest, "service_path": f"/suggest/{kind}"} for kind in ("entity", "type", "property")
        },
        "extend": {"propose_properties": {"service_url": here, "service_path": "/properties"}},
    }


def _reconciled(queries: Mapping[str, Any]) -> dict[str, Any]:
    if len(queries) > BATCH:
        abort(413, description=f"One request takes {BATCH} names, this one has {len(queries):,}.")
    explorer = publication().explorer
    matcher = Matcher(index_of_names(), explorer)
    # All are read first: a fault in the last of them is told before anything is looked for.
    wanted = {key: _wanted(explorer, key, one) for key, one in queries.items()}
    return {
        key: {"result": [_candidate(one) for one in matcher.candidates(each)]} for key, each in wanted.items()
    }


def _wanted(explorer: Explorer, key: str, one: Any) -> Wanted:
    if not isinstance(one, dict):
        abort(400, description=f"The query {key[:40]} is no object.")
    name, limit, types = one.get("query", ""), one.get("limit", 5), one.get("type") or []
    given = one.get("properties") or []
    if not isinstance(name, str) or not isinstance(given, list) or len(given) > HINTS:
        abort(400, description=f"In {key[:40]}: query is a text, properties a list of at most {HINTS}.")
    if not isinstance(limit, int) or limit < 1:
        abort(400, description=f"In {key[:40]}: limit is a number above 0.")
    listed = types if isinstance(types, list) else [types]
    classes = tuple(_class(explorer, _text(each, "id")) for each in listed[:20])
    hints = tuple(_hint(explorer, key, each) for each in given)
    return Wanted(name[:LONGEST], classes, hints, min(limit, MOST))


def _hint(explorer: Explorer, key: str, given: Any) -> Hint:
    pid = given.get("pid") if isinstance(given, dict) else None
    if not isinstance(pid, str):
        abort(400, description=f"In {key[:40]}: a property has a pid and a value v.")
    values = given.get("v", [])
    listed = values if isinstance(values, list) else [values]
    texts = [_iri(each["id"]) if isinstance(each, dict) and "id" in each else each for each in listed]
    return Hint(_property(explorer, pid), tuple(str(each)[:LONGEST] for each in texts[:20]))


def _class(explorer: Explorer, given: str) -> str:
    return _term(explorer, explorer.schema.classes, given, "class", "type")


def _property(explorer: Explorer, given: str) -> str:
    return _term(explorer, explorer.schema.properties, given, "property", "property")


def _term(explorer: Explorer, terms: Container[str], given: str, what: str, suggested: str) -> str:
    """Return a term by its id or short name; 400 where there is none."""
    found = next((iri for iri in (_iri(given), expand(explorer, given)) if iri in terms), None)
    if found is None:
        listed = f"/reconcile/suggest/{suggested} lists them"
        abort(400, description=f"No {what} goes by {given[:80]!r}: {listed}.")
    return found


def _candidate(one: Candidate) -> dict[str, Any]:
    return {
        "id": _id(one.thing.iri),
        "name": _name(one.thing.labels).value,
        "description": " · ".join(_name(whole.labels).value for whole in one.place),
        "type": _types(one.thing.classes),
        "score": one.score,
        "match": one.match,
        "features": [{"id": "name", "value": one.by_name}],
    }


def _extended(asked: Mapping[str, Any]) -> dict[str, Any]:
    ids, columns = asked.get("ids"), asked.get("properties")
    if not isinstance(ids, list) or not isinstance(columns, list):
        abort(
            400, description="extend has ids, a list of texts, and properties, a list of objects with an id."
        )
    if len(ids) > ROWS or len(columns) > COLUMNS:
        abort(413, description=f"One request takes {ROWS} things and {COLUMNS} properties.")
    explorer = publication().explorer
    wanted = [_text(one, "id") for one in columns]
    iris = {one: _property(explorer, one.removesuffix(SOURCES)) for one in wanted}
    things = {_text(one, "id"): _iri(_text(one, "id")) for one in ids}
    found = extension(publication().engine, things.values(), iris.values())
    explorer.names.fetch(
        iri
        for cells in found.values()
        for cell in cells
        for iri in (*cell.sources, *([cell.value.value] if isinstance(cell.value, ox.NamedNode) else []))
    )
    rows = {
        thing: {
            one: _cells(explorer, one.endswith(SOURCES), found.get((iri, iris[one]), ())) for one in wanted
        }
        for thing, iri in things.items()
    }
    reader = explorer.reader(language())
    meta = [{"id": one, "name": reader.term(iris[one]).label.value} for one in wanted]
    return {"meta": meta, "rows": rows}


def _cells(explorer: Explorer, sources: bool, cells: Iterable[Cell]) -> list[dict[str, Any]]:
    if sources:
        found = dict.fromkeys(source for cell in cells for source in cell.sources)
        return [_linked(explorer, iri) for iri in found]
    return [_value(explorer, cell.value) for cell in cells]


def _value(explorer: Explorer, value: ox.NamedNode | ox.Literal) -> dict[str, Any]:
    if isinstance(value, ox.NamedNode):
        return _linked(explorer, value.value)
    kind, text = local_name(value.datatype.value), value.value
    if kind == "integer":
        return {"int": int(text)}
    if kind in ("decimal", "double", "float") and isfinite(float(text)):
        return {"float": float(text)}
    # The API's dates are moments: a day alone, a truth value, INF and NaN have no form in it but their text.
    return {"str": text}


def _linked(explorer: Explorer, iri: str) -> dict[str, Any]:
    return {"id": _id(iri), "name": explorer.reader(language()).ref(iri).label.value}


def _terms(explorer: Explorer, terms: Iterable[str]) -> list[dict[str, Any]]:
    """Return terms whose name in any language has what was typed."""
    typed = _prefix().casefold()
    found = []
    for iri in terms:
        names = [label.value.casefold() for label in explorer.names.label_literals(iri)]
        if typed in local_name(iri).casefold() or any(typed in name for name in names):
            found.append(iri)
    return _named(explorer, found)[_cursor() : _cursor() + _limit()]


def _named(explorer: Explorer, iris: Iterable[str]) -> list[dict[str, Any]]:
    reader = explorer.reader(language())
    found = []
    for iri in iris:
        term = reader.term(iri)
        gist = reader.comment(iri)
        found.append(
            {"id": _id(iri), "name": term.label.value} | ({"description": gist.value} if gist else {})
        )
    return found


def _types(classes: Iterable[str]) -> list[dict[str, str]]:
    reader = publication().explorer.reader(language())
    return [{"id": _id(iri), "name": reader.term(iri).label.value} for iri in classes]


def _name(labels: Iterable[Any]) -> Text:
    label = pick(labels, language_chain(language()))
    return Text(label.value, html_language(label.language or "")) if label else Text("")


def _id(iri: str) -> str:
    base = publication().base
    return iri.removeprefix(base) if base and iri.startswith(base) and iri != base else iri


def _iri(id: str) -> str:
    return id if ":" in id.partition("/")[0] else publication().base + id


def _object(given: Any, name: str) -> Mapping[str, Any]:
    """Return a field that is an object, as it is or as JSON; 400 when it isn't."""
    try:
        found = json.loads(given) if isinstance(given, str) else given
    except (ValueError, RecursionError) as error:
        abort(400, description=f"{name} is no JSON: {error}")
    if not isinstance(found, dict):
        abort(400, description=f"{name} is no JSON object.")
    return found


def _text(given: Any, member: str) -> str:
    """Return a text, or that member of an object; 400 when there is none."""
    found = given.get(member) if isinstance(given, dict) else given
    if not isinstance(found, str) or not found:
        abort(400, description=f"{str(given)[:80]!r} is no text and has no {member}.")
    return found


def _prefix() -> str:
    return request.args.get("prefix", "")[:LONGEST]


def _cursor() -> int:
    text = request.args.get("cursor", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _limit() -> int:
    text = request.args.get("limit", "20")
    return min(int(text), MOST) if text.isascii() and text.isdigit() and len(text) < 5 else 20
