"""The Reconciliation Service API 0.2 of a W3C community group, for OpenRefine and its kin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Response, abort, jsonify, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from kg.reconcile import extension
from kg.reconcile.extend import SOURCES
from kg_web.context import publication
from kg_web.delivery.safety import framed
from kg_web.links import href, public
from kg_web.rendering.i18n import by_language, language
from kg_web.rendering.numbers import amount
from kg_web.views.reconcile import reading, writing
from kg_web.views.things.search import NO_SEARCH, index_of_names

blueprint = Blueprint("reconcile", __name__, url_prefix="/reconcile")

BATCH = 50
"""Names of one request."""
ROWS, COLUMNS = 200, 20
"""Things and properties of one request for columns."""


@blueprint.route("", methods=["GET", "POST"])
def service() -> Response:
    """Describe the service, or answer ``queries`` or ``extend``, as form fields, parameters or JSON."""
    given: dict[str, Any] = {**request.args.to_dict(), **request.form.to_dict()}
    if request.is_json:
        body = request.get_json(silent=True)
        given.update(body if isinstance(body, dict) else {"queries": body})
    if "extend" in given:
        return by_language(jsonify(_extended(reading.object_of(given["extend"], "extend"))))
    if "queries" in given:
        return by_language(jsonify(_reconciled(reading.object_of(given["queries"], "queries"))))
    return by_language(jsonify(_manifest()))


@blueprint.get("/view")
def view() -> BaseResponse:
    """Lead from an id to its page."""
    return redirect(href(reading.iri_of(request.args.get("id", ""))), 303)


@blueprint.get("/preview")
def preview() -> Response:
    """Show a card of a thing, for a frame of the client."""
    explorer = publication().explorer
    iri = reading.iri_of(request.args.get("id", ""))
    thing = index_of_names().look_up(iri)
    if thing is None:
        abort(404, description=_("No thing goes by this id."))
    entity = explorer.entity(iri, language())
    response = make_response(render_template("preview.html", entity=entity, address=public(href(iri))))
    return framed(response)


@blueprint.get("/suggest/entity")
def suggest_entity() -> Response:
    """Suggest things whose names begin or contain ``prefix``."""
    hits = index_of_names().find(reading.prefix(), limit=reading.limit(), offset=reading.cursor())
    found = [
        {
            "id": reading.id_of(hit.thing.iri),
            "name": writing.name_of(hit.thing.labels).value,
            "description": writing.placed(hit.place),
            "notable": [one["name"] for one in writing.types(hit.thing.classes)],
        }
        for hit in (*hits.hits, *hits.close)
    ]
    return by_language(jsonify(result=found))


@blueprint.get("/suggest/type")
def suggest_type() -> Response:
    """Suggest classes of which there are things."""
    explorer = publication().explorer
    return by_language(jsonify(result=writing.terms(explorer, explorer.schema.classes)))


@blueprint.get("/suggest/property")
def suggest_property() -> Response:
    """Suggest properties."""
    explorer = publication().explorer
    return by_language(jsonify(result=writing.terms(explorer, explorer.schema.properties)))


@blueprint.get("/flyout/<kind>")
def flyout(kind: str) -> Response:
    """Show in a few words what a suggestion (``entity``, ``type`` or ``property``) is; 404 for others."""
    given = request.args.get("id", "")
    name, about = _about(kind, given)
    html = render_template("flyout.html", name=name, about=[line for line in about if line])
    return by_language(jsonify({"id": given, "html": html}))


def _about(kind: str, given: str) -> tuple[str, tuple[str, ...]]:
    """Return the name of what an id stands for, and lines about it."""
    explorer = publication().explorer
    if kind == "entity":
        hit = index_of_names().hit(reading.iri_of(given))
        if hit is None:
            abort(404, description=_("No thing goes by this id."))
        kinds = _(", ").join(one["name"] for one in writing.types(hit.thing.classes))
        return writing.name_of(hit.thing.labels).value, (kinds, writing.placed(hit.place))
    if kind not in ("type", "property"):
        abort(404)
    iri = (reading.class_of if kind == "type" else reading.property_of)(explorer, given)
    (term,) = writing.named(explorer, [iri])
    return term["name"], (term.get("description", ""),)


@blueprint.get("/properties")
def properties() -> Response:
    """Propose columns for things of a ``type``: what its shapes name, each also with its sources."""
    explorer = publication().explorer
    cls = reading.class_of(explorer, request.args.get("type", "")) if request.args.get("type") else ""
    shapes = explorer.schema.shapes_of([cls]) if cls else ()
    named = dict.fromkeys(shape.path for shape in shapes if shape.direct)
    reader = explorer.reader(language())
    proposed = []
    for iri in named or explorer.schema.properties:
        label = reader.term(iri).label.value
        proposed += [
            {"id": reading.id_of(iri), "name": label},
            {"id": reading.id_of(iri) + SOURCES, "name": f"{label} ({_('Sources')})"},
        ]
    limit = reading.limit()
    return by_language(
        jsonify({"type": reading.id_of(cls), "limit": limit, "properties": proposed[: 2 * limit]})
    )


def _manifest() -> dict[str, Any]:
    found, here = publication(), public("/reconcile")
    return {
        "versions": ["0.2"],
        "name": found.explorer.title(language()).value,
        "identifierSpace": found.base,
        "schemaSpace": found.base,
        "defaultTypes": writing.named(found.explorer, found.explorer.schema.primary),
        "documentation": public("/dataset"),
        "view": {"url": here + "/view?id={{id}}"},
        "preview": {"url": here + "/preview?id={{id}}", "width": 430, "height": 300},
        "batchSize": 10,
        "suggest": {
            kind: {
                "service_url": here,
                "service_path": f"/suggest/{kind}",
                "flyout_service_path": f"/flyout/{kind}?id=${{id}}",
            }
            for kind in ("entity", "type", "property")
        },
        "extend": {"propose_properties": {"service_url": here, "service_path": "/properties"}},
    }


def _reconciled(queries: Mapping[str, Any]) -> dict[str, Any]:
    if len(queries) > BATCH:
        count = amount(len(queries))
        reason = _("One request takes %(most)s names, this one has %(count)s.", most=BATCH, count=count)
        abort(413, description=reason)
    explorer, matcher = publication().explorer, publication().matcher
    if matcher is None:
        abort(404, description=NO_SEARCH)
    # All are read first, so that an error in the last one is found before any search.
    wanted = {key: reading.wanted(explorer, key, one) for key, one in queries.items()}
    found = zip(wanted, matcher.batch(list(wanted.values())), strict=True)
    return {key: {"result": [writing.candidate(one) for one in candidates]} for key, candidates in found}


def _extended(given: Mapping[str, Any]) -> dict[str, Any]:
    ids, columns = given.get("ids"), given.get("properties")
    if not isinstance(ids, list) or not isinstance(columns, list):
        reason = _("extend has ids, a list of texts, and properties, a list of objects with an id.")
        abort(400, description=reason)
    if len(ids) > ROWS or len(columns) > COLUMNS:
        reason = _("One request takes %(things)s things and %(most)s properties.", things=ROWS, most=COLUMNS)
        abort(413, description=reason)
    explorer = publication().explorer
    wanted = [reading.text_of(one, "id") for one in columns]
    iris = {one: reading.property_of(explorer, one.removesuffix(SOURCES)) for one in wanted}
    things = {reading.text_of(one, "id"): reading.iri_of(reading.text_of(one, "id")) for one in ids}
    found = extension(publication().engine, things.values(), iris.values())
    explorer.names.fetch(
        iri
        for cells in found.values()
        for cell in cells
        for iri in (*cell.sources, *([cell.value.value] if isinstance(cell.value, ox.NamedNode) else []))
    )
    rows = {
        thing: {
            one: writing.cells(explorer, one.endswith(SOURCES), found.get((iri, iris[one]), ()))
            for one in wanted
        }
        for thing, iri in things.items()
    }
    reader = explorer.reader(language())
    meta = [{"id": one, "name": reader.term(iris[one]).label.value} for one in wanted]
    return {"meta": meta, "rows": rows}
