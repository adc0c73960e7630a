"""Coverage: for each class and axis what is known and what is missing."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from kg.explore.flow import flow
from web.context import publication
from web.i18n import language
from web.views.browse import expand

blueprint = Blueprint("coverage", __name__)


@blueprint.get("/coverage")
def view() -> str:
    """Show each class along the axes; with ``?class=`` each property of its shapes. 404 for no class."""
    explorer = publication().explorer
    reader, coverage = explorer.reader(language()), explorer.coverage
    name = request.args.get("class", "")
    if name:
        cls = expand(explorer, name)
        if cls not in explorer.schema.classes:
            abort(404)
        return render_template("coverage_class.html", covered=coverage.of(cls, reader))
    axes = coverage.axes(explorer.release)
    rows = [coverage.cut(count.ref.iri, axes, reader) for count in explorer.classes(language())]
    return render_template(
        "coverage.html",
        axes=[reader.term(axis) for axis in axes],
        rows=rows,
        flow=flow(publication().engine, reader),
    )
