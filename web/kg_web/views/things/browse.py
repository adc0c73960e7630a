"""Browsing: the classes, and each by the facets that its shapes define."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from kg.explore import Explorer
from kg.explore.browsing.cuts import cut_of
from kg.sparql.bind import Bindable
from kg_web.context import publication
from kg_web.delivery.kept import kept
from kg_web.delivery.safety import page_number
from kg_web.rendering.i18n import language

blueprint = Blueprint("browse", __name__)

MOST_CHOICES = 50
"""How many values one address may choose in all."""


@blueprint.get("/browse")
@kept
def browse() -> str:
    """List the classes, or with ``?class=`` the things of one, narrowed by its facets. 404 for no class.

    A facet's parameter is its path; how its value names a choice says `kg.explore.browsing.cuts`.
    """
    explorer, tongue = publication().explorer, language()
    name = request.args.get("class", "")
    if not name:
        return render_template("browse.html", classes=explorer.classes(tongue))
    cls = expand(explorer, name)
    listing = explorer.listing(cls, chosen(explorer, cls), page_number(), tongue)
    if listing is None:
        abort(404)
    return render_template("listing.html", listing=listing, entity_class=cls)


def expand(explorer: Explorer, name: str) -> str:
    """Return the IRI of a class given as IRI or in short (``prefix:Name``)."""
    try:
        return name if "://" in name else explorer.prefixes.expand(name)
    except KeyError:
        return name


def chosen(explorer: Explorer, cls: str) -> dict[str, tuple[Bindable, ...]]:
    """Return the choices that the address makes; unknown values are ignored."""
    found: dict[str, tuple[Bindable, ...]] = {}
    left = MOST_CHOICES
    for shape in explorer.browser.facet_shapes(cls):
        terms = [cut_of(shape).read(text) for text in request.args.getlist(shape.path)[:left]]
        values = tuple(term for term in dict.fromkeys(terms) if term is not None)
        if values:
            found[shape.path] = values
            left -= len(values)
    return found
