"""What search engines read: schema.org descriptions in pages, a sitemap, robots.txt."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, render_template

from kg.explore.model import Datum, Entity
from kg.terms import OWL, RDFS
from web.context import publication
from web.i18n import language
from web.links import public
from web.present import html_language

blueprint = Blueprint("machines", __name__)

SCHEMA = "https://schema.org/"
PART = 20_000
"""Addresses in one part of the sitemap; the protocol allows 50,000."""


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Keep crawlers out of what is computed on demand, and tell them of the sitemap."""
    return Response(render_template("robots.txt"), mimetype="text/plain")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List the parts of the sitemap: the things of each class that readers come for."""
    explorer = publication().explorer
    parts = [
        (number, part)
        for number, cls in enumerate(explorer.schema.primary)
        for part in range(-(-explorer.counter.members(cls) // PART))
    ]
    return Response(render_template("sitemap_index.xml", parts=parts), mimetype="application/xml")


@blueprint.get("/sitemap/<int:number>-<int:part>.xml")
def sitemap_part(number: int, part: int) -> Response:
    """List the pages of one part. 404 when there is no such part."""
    explorer = publication().explorer
    if number >= len(explorer.schema.primary) or part > 1_000:
        abort(404)
    things = explorer.browser.members(explorer.schema.primary[number], PART, part * PART)
    if not things:
        abort(404)
    return Response(render_template("sitemap.xml", things=things), mimetype="application/xml")


def schema_org(entity: Entity) -> dict[str, Any]:
    """Return a thing in the terms that search engines know."""
    schema = publication().explorer.schema
    types = {
        up.removeprefix(SCHEMA)
        for kind in entity.kinds
        for one in schema.above(kind.iri)
        for term in [schema.classes.get(one)]
        for up in (term.iris(RDFS + "subClassOf") + term.iris(OWL + "equivalentClass") if term else ())
        if up.startswith(SCHEMA)
    }
    found: dict[str, Any] = {
        "@context": SCHEMA,
        "@id": entity.iri,
        "@type": sorted(types) or "Thing",
        "name": _text(entity.label.value, entity.label.language),
        "url": public(),
        "alternateName": [
            _text(fact.value.value, fact.value.language)
            for fact in entity.names
            if isinstance(fact.value, Datum) and fact.value.value != entity.label.value
        ],
        "description": entity.summary.value.value
        if entity.summary and isinstance(entity.summary.value, Datum)
        else None,
        "sameAs": [iri for iri in entity.same if iri.startswith(("http://", "https://"))],
    }
    return {key: value for key, value in found.items() if value}


def schema_org_dataset() -> dict[str, Any]:
    """Return the dataset in the terms that search engines know."""
    explorer = publication().explorer
    release = explorer.release
    if release is None:
        return {}
    overview = explorer.overview(language())
    return {
        "@context": SCHEMA,
        "@id": release.dataset,
        "@type": "Dataset",
        "name": overview.title.value,
        "description": overview.description.value if overview.description else overview.title.value,
        "version": release.version,
        "url": public("/"),
        "inLanguage": [html_language(tag) for tag in release.languages],
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": "text/turtle", "contentUrl": public("/dataset")}
        ],
    }


def _text(value: str, tag: str) -> Any:
    return {"@value": value, "@language": html_language(tag)} if tag else value
