"""The home page: what can be asked, where things lie, what is in the graph, and ways in."""

from __future__ import annotations

from flask import Blueprint, render_template

from kg_web.context import publication
from kg_web.delivery.kept import kept, pass_by
from kg_web.rendering.i18n import language
from kg_web.views.machines import schema_org_dataset
from kg_web.views.questions import PHONE, sentence

blueprint = Blueprint("home", __name__)

LED = 6
"""How many questions the page leads with."""


@blueprint.get("/")
@kept
def home() -> str:
    """Show title, questions with their answers, a map, what there is, and where to begin."""
    publication_ = publication()
    explorer = publication_.explorer
    reader = explorer.reader(language())
    overview = explorer.overview(language())
    leading = explorer.questions.leading(reader, LED)
    answers = [explorer.answerer.answer(one, reader, publication_.queries, cited=False) for one in leading]
    if any(answer.problem for answer in answers):
        pass_by()
    shown = [iri for cls in explorer.schema.comparable for iri in explorer.atlas.members(cls)]
    return render_template(
        "home.html",
        overview=overview,
        asked=[(one, sentence(one, answer)) for one, answer in zip(leading, answers, strict=True)],
        count=len(explorer.questions),
        map=explorer.atlas.sketch(shown, reader, 560, 380) if explorer.places.points() else None,
        slim=explorer.atlas.sketch(shown, reader, *PHONE) if explorer.places.points() else None,
        schema_org=schema_org_dataset(),
    )
