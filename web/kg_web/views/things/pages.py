"""Pages of things: everything that the graph speaks of has one."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from flask import Blueprint, Response, abort, render_template, request

from kg.explore.entity.diagram import diagram
from kg.explore.entity.gist import gist
from kg.explore.entity.phases import changes
from kg.explore.entity.summary import summary
from kg.explore.model import Entity, Evidence, Text
from kg.mediatypes import RDF_FORMATS
from kg_web.context import publication
from kg_web.delivery.kept import kept
from kg_web.delivery.safety import page_number
from kg_web.links import data_link, iri_of
from kg_web.rendering.i18n import by_language, language
from kg_web.rendering.wording import WORDING
from kg_web.views.machines import schema_org

blueprint = Blueprint("pages", __name__)


@blueprint.get("/page/<path:path>")
@kept
def page(path: str) -> str:
    """Show the thing whose IRI is the dataset's base and this path. 404 when the data doesn't know it."""
    return _show(iri_of(path))


@blueprint.get("/resource")
@kept
def resource() -> str:
    """Show the thing of any IRI (``?iri=``). 404 when the data doesn't know it."""
    return _show(request.args.get("iri", ""))


@blueprint.after_request
def _signposted(response: Response) -> Response:
    """Add the typed links of a thing's page (signposting.org), which isn't kept with it."""
    shown = {"pages.page", "pages.resource"}
    if request.endpoint not in shown or response.status_code != HTTPStatus.OK:
        return response
    path = (request.view_args or {}).get("path")
    iri = iri_of(path) if path is not None else request.args.get("iri", "")
    response.headers.add("Link", '<https://schema.org/AboutPage>; rel="type"')
    for format in RDF_FORMATS:
        link = f'<{data_link(iri, format.name)}>; rel="describedby"; type="{format.media_type}"'
        response.headers.add("Link", link)
    if path is not None:
        response.headers.add("Link", f'<{iri}>; rel="cite-as"')
    found = publication()
    if found.release is not None:
        response.headers.add("Link", f'<{found.release.dataset}>; rel="collection"')
    if found.license:
        response.headers.add("Link", f'<{found.license}>; rel="license"')
    return response


@blueprint.get("/diagram.svg")
def drawn() -> Response:
    """Draw who acts around ``?iri=``, with its sources. 404 where there is nothing to draw."""
    entity, reader = entity_or_404(request.args.get("iri", "")), publication().explorer.reader(language())
    found = diagram(entity, reader)
    if found is None:
        abort(404)
    cited = {number for b in found.branches for box in b.boxes for number in box.sources}
    notes = [entity.evidence[number] for number in sorted(cited)]
    text = render_template("diagram.svg", entity=entity, d=found, notes=notes)
    response = Response(text, content_type="image/svg+xml; charset=utf-8")
    return by_language(response)


@blueprint.get("/links")
@kept
def links() -> str:
    """Show, page by page, what points at ``?iri=`` by ``?property=``. 404 when nothing does."""
    iri, name = request.args.get("iri", ""), request.args.get("property", "")
    explorer, number = publication().explorer, page_number()
    found = explorer.links(iri, name, number, language())
    if found is None:
        abort(404)
    group, evidence = found
    target = explorer.reader(language()).ref(iri)
    return render_template("links.html", target=target, group=group, evidence=evidence, page=number)


def _show(iri: str) -> str:
    """Show a thing as what it is: a class, a property, a graph, or anything else."""
    explorer, tongue = publication().explorer, language()
    entity = entity_or_404(iri)
    if (used := explorer.class_page(iri, tongue)) is not None:
        return render_template("class.html", entity=entity, used=used)
    if (applied := explorer.property_page(iri, tongue)) is not None:
        return render_template("property.html", entity=entity, used=applied)
    if entity.is_graph and (content := explorer.graph(iri, page_number(), tongue)) is not None:
        return render_template("graph.html", entity=_called(entity, content.evidence), content=content)
    reader = explorer.reader(tongue)
    return render_template(
        "entity.html",
        entity=entity,
        gloss=summary(entity, explorer.schema, reader, WORDING) if not entity.summary else None,
        gist=gist(entity, explorer.schema),
        schema_org=schema_org(entity),
        made=explorer.made_from(iri, tongue) if entity.is_origin else (),
        diagram=diagram(entity, reader),
        slim=diagram(entity, reader, narrow=True),
        changes=changes(entity, explorer.schema),
        moments=explorer.timeline(entity, tongue),
        map=explorer.here(entity, tongue),
        tree=explorer.tree(entity, tongue),
        unknown=explorer.gaps.unknown(entity, reader),
        is_region=explorer.gaps.may_be_region(entity) and explorer.is_region(iri),
    )


def _called(graph: Entity, evidence: Evidence) -> Entity:
    """Name a graph without a label after its source and its basis."""
    if graph.names or not evidence.origins or evidence.basis_label is None:
        return graph
    name = f"{evidence.origins[0].ref.label.value} · {evidence.basis_label.value}"
    return replace(graph, label=Text(name, evidence.basis_label.language))


def entity_or_404(iri: str) -> Entity:
    """Return an entity in the reader's language; 404 when the data doesn't know the IRI."""
    found = publication().explorer.entity(iri, language())
    if found is None:
        abort(404)
    return found
