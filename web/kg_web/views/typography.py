"""How the languages of a page are set: what their catalogues bring along as a style sheet."""

from __future__ import annotations

from flask import Blueprint, Response

from kg.languages import typography

blueprint = Blueprint("typography", __name__)


@blueprint.get("/languages.css")
def languages() -> Response:
    """Send the style sheets of all languages, which come after those of the site's letters."""
    return Response(typography(), mimetype="text/css")
