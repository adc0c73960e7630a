"""The style sheet for the languages of a page, made of those in the catalogues."""

from __future__ import annotations

from flask import Blueprint, Response

from kg.languages import typography

blueprint = Blueprint("typography", __name__)


@blueprint.get("/languages.css")
def languages() -> Response:
    """Send the style sheets of all languages, which come after those of the site's letters."""
    return Response(typography(), mimetype="text/css")
