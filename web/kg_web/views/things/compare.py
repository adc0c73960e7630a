"""Comparing: one quantity over all things of a class as a chart, or several things side by side."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from kg.explore.entity.compare import MOST
from kg.explore.statements.evidence import Notes, describe
from kg_web.context import publication
from kg_web.delivery.kept import kept
from kg_web.rendering.i18n import language
from kg_web.views.things.browse import expand

blueprint = Blueprint("compare", __name__)


@blueprint.get("/compare")
@kept
def view() -> str:
    """Show what can be compared; with ``?class=&quantity=`` a chart, with ``?class=&item=&item=`` a table.

    404 when the class is none that can be compared.
    """
    explorer = publication().explorer
    classes = explorer.schema.comparable
    cls = expand(explorer, request.args.get("class", "")) or next(
        iter(sorted(classes, key=lambda one: -len(explorer.figures.of(one)))), ""
    )
    if not cls:
        return render_template("compare.html", classes=(), cls=None)
    if cls not in classes:
        abort(404)
    reader, notes = explorer.reader(language()), Notes()
    figures, quantity = explorer.figures, request.args.get("quantity", "")
    quantities = figures.quantities(cls, reader)
    things = {raw.item for raw in figures.of(cls)}
    items = [item for item in dict.fromkeys(request.args.getlist("item")) if item in things][:MOST]
    reader.names.fetch(things)
    side = explorer.comparer(language(), notes).compare(cls, items) if items else None
    if quantities and not quantity and not items:
        quantity = quantities[0].ref.iri
    charts = figures.charts(cls, quantity, reader, notes) if quantity else ()
    reader.names.fetch(explorer.library.fetch_graphs(list(notes.numbers)))
    return render_template(
        "compare.html",
        classes=tuple(reader.term(one) for one in classes),
        cls=reader.term(cls),
        things=tuple(reader.ref(iri) for iri in sorted(things, key=reader.sort_key)),
        items=items,
        most=MOST,
        quantities=quantities,
        quantity=quantity,
        charts=charts,
        side=side,
        evidence=describe(explorer.library, reader, notes),
    )
