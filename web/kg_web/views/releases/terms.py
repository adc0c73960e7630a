"""The whole vocabulary on one page: its terms, its lists, and a diagram per module."""

from __future__ import annotations

import pyoxigraph as ox
from flask import Blueprint, Response, abort, current_app, render_template, send_file

from kg import termdocs
from kg.engine import Engine
from kg.release import Release
from kg.sparql.bind import bind, load
from kg_web.context import publication
from kg_web.delivery.negotiate import PAGE, wanted
from kg_web.links import href
from kg_web.rendering.i18n import language
from kg_web.views.releases.data import canonical

blueprint = Blueprint("terms", __name__)

MOST = 20_000
"""Statements of a vocabulary that was opened as it is which the page documents."""
_GRAPHS = ("graph/ontology", "graph/derived/statistics")


@blueprint.get("/ontology/")
def view() -> str | Response:
    """Show the vocabulary, or lead to it as data, as Accept asks. 404 without a release."""
    release = publication().release
    if release is None:
        abort(404, description="This server answers from an endpoint alone and has no release.")
    if wanted() is not PAGE:
        return canonical("ontology/")
    vocabulary = _vocabulary(publication().engine, release)
    return render_template(
        "terms.html",
        vocabulary=vocabulary,
        title=termdocs.said(vocabulary.labels, language()),
        about=termdocs.said(vocabulary.definition, language()),
        body=termdocs.render(vocabulary, language(), address=href),
        shown=release,
        file=termdocs.FILE if termdocs.FILE in release.manifest["files"] else None,
    )


@blueprint.get("/ontology.css")
def style() -> Response:
    """Send the style sheet of the documentation."""
    return send_file(termdocs.STYLE, mimetype="text/css", max_age=3600)


def _vocabulary(engine: Engine, release: Release) -> termdocs.Vocabulary:
    """Read the vocabulary once: a release never changes."""
    kept: dict[str, termdocs.Vocabulary] = current_app.extensions.setdefault("vocabulary", {})
    if release.digest not in kept:
        found = [ox.NamedNode(release.home + name) for name in _GRAPHS]
        triples = list(
            engine.query(bind(load("kg_web/views/releases/vocabulary-graphs"), graph=found)).triples
        )
        if release.opened:
            triples += _declared(engine)
        kept[release.digest] = termdocs.read(triples, release.prefixes)
    return kept[release.digest]


def _declared(engine: Engine) -> list[ox.Triple]:
    """Return what opened files say of the terms that they declare."""
    rows = engine.query(bind(load("kg/explore/ontology/terms"), limit=MOST)).dicts()
    return [
        ox.Triple(row["term"], row["property"], row["value"])
        for row in rows
        if isinstance(row["property"], ox.NamedNode) and not isinstance(row["term"], ox.Literal)
    ]
