"""Coverage: what is expected of each class and missing, and how things spread over regions."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from web.context import publication
from web.i18n import language
from web.safety import page_number
from web.views.browse import expand

blueprint = Blueprint("coverage", __name__)

PAGE = 100


@blueprint.get("/coverage")
def view() -> str:
    """Show what each class lacks, and a heat map; with ``?class=`` and ``lacks=`` the things that lack it.

    404 for no class, and for what isn't expected of it.
    """
    explorer = publication().explorer
    reader, gaps = explorer.reader(language()), explorer.gaps
    name = request.args.get("class", "")
    if not name:
        classes = [(one, gaps.expected(one.ref.iri, reader)) for one in explorer.classes(language())]
        return render_template(
            "coverage.html",
            classes=[(one, expected) for one, expected in classes if expected],
            heat=gaps.heat(explorer.release, reader),
        )
    cls = expand(explorer, name)
    if cls not in explorer.schema.classes:
        abort(404)
    expected, lacks = gaps.expected(cls, reader), request.args.get("lacks", "")
    things = gaps.lacking(cls, lacks, reader) if lacks else ()
    if things is None:
        abort(404)
    page = page_number()
    return render_template(
        "coverage_class.html",
        cls=reader.term(cls),
        expected=expected,
        lacked=next((one for one in expected if one.key == lacks), None),
        things=things[(page - 1) * PAGE : page * PAGE],
        count=len(things),
        page=page,
        size=PAGE,
        covered=explorer.coverage.of(cls, reader),
    )
