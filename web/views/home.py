"""The home page: what is in the graph, and ways in."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.context import publication
from web.i18n import language
from web.views.machines import schema_org_dataset

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> str:
    """Show title, description, what there is and how much of it, and where to begin."""
    explorer = publication().explorer
    overview = explorer.overview(language())
    return render_template("home.html", overview=overview, schema_org=schema_org_dataset())
