"""What search engines read: schema.org descriptions in pages, a sitemap, robots.txt."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from kg.explore.model import Datum, Entity
from kg.export.descriptions.schemaorg import schema_org as described
from kg.terms import OWL, RDFS
from kg_web.context import publication
from kg_web.delivery.negotiate import sealed
from kg_web.links import href, public
from kg_web.rendering.i18n import language
from kg_web.rendering.tongues import html_language

blueprint = Blueprint("machines", __name__)

SCHEMA = "https://schema.org/"
PART = 20_000
"""Addresses in one part of the sitemap; the protocol allows 50,000."""


OWN = (
    "/",
    "/questions",
    "/browse",
    "/compare",
    "/map",
    "/coverage",
    "/quality",
    "/ontology/",
    "/dataset",
    "/releases",
)
"""Pages that are of no thing; the questions' come after them."""


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Keep crawlers away from pages that are computed on demand, and name the sitemap."""
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
    parts.append((len(explorer.schema.primary), 0))
    return _sitemap("sitemap_index.xml", parts=parts)


@blueprint.get("/sitemap/<int:number>-<int:part>.xml")
def sitemap_part(number: int, part: int) -> Response:
    """List the pages of one part: of a class's things, in the last one the pages of their own. 404 beyond."""
    explorer = publication().explorer
    primary = explorer.schema.primary
    if number == len(primary) and part == 0:
        asked = explorer.questions.every(explorer.reader(language()))
        addresses = [*OWN, *(f"/questions/{one.key}" for one in asked)]
        return _sitemap("sitemap.xml", addresses=[public(address) for address in addresses])
    if number >= len(primary) or part > 1_000:
        abort(404)
    things = explorer.browser.members(primary[number], PART, part * PART)
    if not things:
        abort(404)
    root = public("/")[:-1]
    return _sitemap(
        "sitemap.xml", addresses=[root + href(iri).removeprefix(request.script_root) for iri in things]
    )


def _sitemap(template: str, **listed: Any) -> Response:
    """Write a sitemap; a page is as old as the release that it shows."""
    release = publication().release
    changed = sealed(release).strftime("%Y-%m-%dT%H:%M:%SZ") if release else ""
    return Response(render_template(template, changed=changed, **listed), mimetype="application/xml")


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
    """Return the dataset in the terms that search engines know; nothing without a release."""
    found = publication()
    if found.release is None:
        return {}
    reader = found.explorer.reader(language())
    return described(
        found.release,
        language(),
        public("/")[:-1],
        name_of=lambda iri: reader.ref(iri).label.value,
        box=found.box,
    )


def _text(value: str, tag: str) -> Any:
    return {"@value": value, "@language": html_language(tag)} if tag else value
