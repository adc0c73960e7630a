"""Browsing: the classes, and each by the facets that its shapes define."""

from __future__ import annotations

import pyoxigraph as ox
from flask import Blueprint, abort, render_template, request

from kg.explore import Explorer
from kg.sparql.bind import Bindable
from web.context import publication
from web.i18n import language
from web.kept import kept
from web.safety import page_number

blueprint = Blueprint("browse", __name__)

MOST_CHOICES = 50
"""How many values one address may choose in all."""


@blueprint.get("/browse")
@kept
def browse() -> str:
    """List the classes, or with ``?class=`` the things of one, narrowed by its facets. 404 for no class.

    A facet's parameter is its path; its value an IRI, or a literal as N-Triples writes it.
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
    """Return what the address chooses; values that are no terms are passed over."""
    found: dict[str, tuple[Bindable, ...]] = {}
    left = MOST_CHOICES
    for shape in explorer.browser.facet_shapes(cls):
        terms = [term_of(text) for text in request.args.getlist(shape.path)[:left]]
        values = tuple(term for term in dict.fromkeys(terms) if term is not None)
        if values:
            found[shape.path] = values
            left -= len(values)
    return found


def term_of(text: str) -> Bindable | None:
    """Return the term that an address names: a literal as N-Triples writes it, or an IRI; else None."""
    try:
        if not text.startswith('"'):
            return ox.NamedNode(text)
        line = f"<x:s> <x:p> {text} ."
        quads = list(ox.parse(line.encode(), format=ox.RdfFormat.N_TRIPLES))
    except (ValueError, SyntaxError):
        return None
    value = quads[0].object if len(quads) == 1 else None
    return value if isinstance(value, ox.Literal) else None
