"""Coverage: how much there is, what is expected of each class and missing, how things spread over regions."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from kg.explore.coverage.flow import flow
from kg.explore.questions.tallies import tallies
from kg_web.context import publication
from kg_web.delivery.kept import kept, pass_by
from kg_web.delivery.safety import page_number
from kg_web.rendering.i18n import language
from kg_web.views.things.browse import expand

blueprint = Blueprint("coverage", __name__)

PAGE = 100


@blueprint.get("/coverage")
@kept
def view() -> str:
    """Show how much there is, what each class lacks, and a heat map.

    With ``?class=`` and ``lacks=`` the things that lack it.

    ``?in=`` names a region: alone it shows what isn't known of it, else it restricts the rest to it. 404 for
    an unknown class or region, and for a property that isn't expected of a class.
    """
    region = request.args.get("in", "")
    if region and not publication().explorer.is_region(region):
        abort(404)
    name = request.args.get("class", "")
    if name:
        return _class(name, region)
    return _region(region) if region else _whole()


def _whole() -> str:
    explorer = publication().explorer
    reader, gaps = explorer.reader(language()), explorer.gaps
    counted = tallies(explorer.answerer, reader, publication().queries)
    if not all(one.figures for one in counted):
        pass_by()
    classes = [(one, gaps.expected(one.ref.iri, reader)) for one in explorer.classes(language())]
    return render_template(
        "coverage.html",
        counted=counted,
        classes=[(one, expected) for one, expected in classes if expected],
        heat=gaps.heat(explorer.release, reader),
        flow=flow(publication().engine, reader),
    )


def _region(iri: str) -> str:
    return render_template("coverage_region.html", gaps=publication().explorer.region_gaps(iri, language()))


def _class(name: str, region: str) -> str:
    explorer = publication().explorer
    reader, gaps = explorer.reader(language()), explorer.gaps
    cls = expand(explorer, name)
    if cls not in explorer.schema.classes:
        abort(404)
    regions = gaps.regions(explorer.release)
    among = gaps.inside(cls, regions.axis, region) if regions and region else None
    expected, lacks = gaps.expected(cls, reader, among), request.args.get("lacks", "")
    things = gaps.lacking(cls, lacks, reader, among) if lacks else ()
    if things is None:
        abort(404)
    page = page_number()
    covered = explorer.coverage.of(cls, reader)
    return render_template(
        "coverage_class.html",
        cls=reader.term(cls),
        region=reader.ref(region) if region else None,
        expected=expected,
        lacked=next((one for one in expected if one.key == lacks), None),
        things=things[(page - 1) * PAGE : page * PAGE],
        count=len(things),
        total=covered.total if among is None else len(among),
        page=page,
        size=PAGE,
        covered=covered,
    )
