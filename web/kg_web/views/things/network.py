"""The network: things of a class and what one relation links them with, drawn, listed, and to take away."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import gettext as _

from kg.explore.networks.network import DRAWN, READ, Network, Offer, Way
from kg.export.network import WRITERS, Graph, Thing
from kg.mediatypes import SVG
from kg_web.context import publication
from kg_web.delivery.kept import kept
from kg_web.delivery.safety import page_number
from kg_web.links import public
from kg_web.rendering.i18n import by_language, language
from kg_web.rendering.numbers import amount
from kg_web.rendering.present import site_title
from kg_web.views.things.browse import chosen, expand

blueprint = Blueprint("network", __name__)

ROWS = 60


@blueprint.get("/network")
@kept
def view() -> str:
    """Draw the links of ``?class=`` by ``?relation=`` (``via=``, ``end=``), narrowed by the class's facets.

    404 for no class, and for a relation that its things don't have.
    """
    explorer, cls = publication().explorer, _class()
    reader, page = explorer.reader(language()), page_number()
    primary = [reader.term(one) for one in explorer.schema.primary if explorer.counter.members(one)]
    offers = explorer.networks.offers(cls, reader) if cls else ()
    offer = _offer(offers)
    choices = chosen(explorer, cls) if cls else {}
    found = explorer.networks.network(cls, offer, choices, reader) if offer else None
    listing = explorer.listing(cls, choices, 1, language()) if found else None
    return render_template(
        "network.html",
        classes=sorted(primary, key=lambda one: one.label.value),
        cls=reader.term(cls) if cls else None,
        offers=offers,
        offer=offer,
        network=found,
        listing=listing,
        rows=found.edges[(page - 1) * ROWS : page * ROWS] if found else (),
        page=page,
        size=ROWS,
        most=DRAWN,
        read=READ,
        formats_=[(name, label, media) for name, (label, media, _write) in WRITERS.items()],
        query=request.query_string.decode("ascii", "replace"),
    )


@blueprint.get("/network.<extension>")
def file(extension: str) -> Response:
    """Send the network that `view` shows: as GraphML or GEXF, all of it; or its drawing as SVG.

    404 for another format and where there is no network; 413 where there are more links than are read.
    """
    if extension != "svg" and extension not in WRITERS:
        abort(404)
    explorer, cls = publication().explorer, _class()
    reader = explorer.reader(language())
    offer = _offer(explorer.networks.offers(cls, reader)) if cls else None
    if offer is None:
        abort(404)
    choices = chosen(explorer, cls)
    found = explorer.networks.network(cls, offer, choices, reader)
    if extension == "svg":
        made, media = render_template("network.svg", network=found, address=_address()), SVG
    elif not found.whole:
        abort(413, description=_("There are more than %(count)s links: narrow down.", count=amount(READ)))
    else:
        _label, media, write = WRITERS[extension]
        made = write(_graph(found)).decode("utf-8")
    response = Response(made, content_type=f"{media}; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="network.{extension}"'
    return by_language(response)


def _class() -> str:
    """Return the requested class, else one that can be compared or is a main class; empty for none."""
    explorer, name = publication().explorer, request.args.get("class", "")
    if not name:
        schema = explorer.schema
        return next(
            (one for one in (*schema.comparable, *schema.primary) if explorer.counter.members(one)), ""
        )
    cls = expand(explorer, name)
    if cls not in explorer.schema.classes:
        abort(404)
    return cls


def _offer(offers: tuple[Offer, ...]) -> Offer | None:
    """Return the relation that is asked for, the first where none is; 404 for one that isn't offered."""
    relation = request.args.get("relation", "")
    if not relation:
        return next(iter(offers), None)
    way = Way(relation, request.args.get("end", ""), request.args.get("via", ""))
    found = next((one for one in offers if one.way == way), None)
    if found is None:
        abort(404)
    return found


def _address() -> str:
    return public("/network") + (
        f"?{request.query_string.decode('ascii', 'replace')}" if request.args else ""
    )


def _graph(found: Network) -> Graph:
    title = f"{found.cls.label.value}: {found.offer.label.label.value}"
    release = publication().release
    source = f"{site_title()}{f' {release.version}' if release else ''}, {_address()}"
    return Graph(
        title=title,
        source=source,
        relation=found.offer.label.label.value,
        relation_iri=found.offer.way.relation,
        things=[Thing(ref.iri, ref.label.value, ref.kind.value if ref.kind else "") for ref in found.nodes],
        links=[(edge.source.iri, edge.target.iri) for edge in found.edges],
    )
