"""What the query editor asks for as someone types: the terms of the release, values, and names of things."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from http import HTTPStatus

import pyoxigraph as ox
from flask import Blueprint, Response, abort, current_app, jsonify, request

from kg.complete import is_ready, prepare
from kg.complete.make import TERMS, folder
from kg.complete.values import Values
from kg.explore.ask import node_or_none
from kg.explore.questions.words import in_words
from kg.release import Release
from kg.resources import PACKAGES
from kg.search.index import Index
from kg.search.make import is_ready as is_indexed
from kg_web import links
from kg_web.context import publication
from kg_web.rendering.i18n import language

blueprint = Blueprint("complete", __name__)
log = logging.getLogger("kg_web.views.queries.complete")

NAMED = 200
"""Things, or texts, whose names are given at once."""
LONGEST = 2_000
"""Characters of an IRI that is looked up."""
SMALL = 200_000
"""Statements up to which a release is counted at once; a larger one is counted in a process of its own."""
PATIENCE = 1.0
"""Seconds that a first request waits for the counts."""


class Completion:
    """The completion of one release, made when it is first asked for."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self._lock = threading.Lock()
        self._made = threading.Event()
        self._started = False
        self._values: Values | None = None
        self.failed = False

    def ready(self) -> bool:
        """Say whether it can answer; if not, see to it that it soon can."""
        if self._made.is_set():
            return True
        with self._lock:
            if not self._started:
                self._started = True
                if is_ready(self.release) and is_indexed(self.release):
                    self._made.set()
                else:
                    threading.Thread(target=self._make, daemon=True).start()
        return self._made.wait(PATIENCE)

    def _make(self) -> None:
        try:
            if self.release.counts.get("quads", SMALL) < SMALL:
                prepare(self.release)
            else:
                subprocess.run(
                    [sys.executable, "-P", "-m", "kg.complete", str(self.release.path)],
                    env={**os.environ, "PYTHONPATH": PACKAGES},
                    check=True,
                )
            self._made.set()
        except Exception:
            self.failed = True
            log.exception("what completes queries can't be made for release %s", self.release.version)

    def terms(self) -> bytes:
        """Return the vocabulary as JSON."""
        return (folder(self.release) / TERMS).read_bytes()

    def values(self) -> Values:
        """Return what finds values."""
        with self._lock:
            if self._values is None:
                p = publication()
                index = Index.open(self.release.search) if is_indexed(self.release) else None
                self._values = Values(self.release, p.engine, p.explorer.prefixes, index)
            return self._values


def completion() -> Completion | None:
    """Return the current application's completion; None without a release."""
    release = publication().release
    if release is None:
        return None
    found: Completion = current_app.extensions.setdefault("completion", Completion(release))
    return found


def _ready() -> Completion:
    found = completion()
    if found is None:
        abort(404, description="Without a release nothing is known of the data's terms.")
    if not found.ready():
        response = jsonify(ready=False, failed=found.failed)
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        response.headers["Retry-After"] = "2"
        abort(response)
    return found


@blueprint.get("/query/vocabulary.json")
def vocabulary() -> Response:
    """Give the terms of the release: kept by browsers until the next release."""
    found = _ready()
    response = Response(content_type="application/json")
    response.set_etag(found.release.digest[:32])
    response.headers["Cache-Control"] = "no-cache"
    if response.make_conditional(request).status_code != HTTPStatus.NOT_MODIFIED:
        response.set_data(found.terms())
    return response


@blueprint.get("/query/values.json")
def values() -> Response:
    """Give what can stand behind ``property`` on things of each ``class``, matching ``q``."""
    text = request.args.get("q", "")[:200]
    one = request.args.get("property", "")[:LONGEST]
    classes = request.args.getlist("class")[:8]
    found = _ready().values().find(text, one, classes, request.args.getlist("kind")[:8])
    response = jsonify(values=[value.as_json() for value in found])
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


@blueprint.post("/query/words.json")
def words() -> Response:
    """Give what the reader calls what each literal of a JSON list names, null where that isn't sure."""
    asked = request.get_json(silent=True)
    if not isinstance(asked, list):
        abort(400, description="Send a JSON list of objects with a value and, if it has one, a language.")
    given = [_literal(one) for one in asked[:NAMED]]
    explorer = publication().explorer
    wanted = [one for one in given if one is not None]
    put = in_words(explorer.reader(language()), wanted, explorer.questions.columns)
    told = [put.get(one) if one is not None else None for one in given]
    return jsonify([text and {"label": text.value, "language": text.language} for text in told])


def _literal(one: object) -> ox.Literal | None:
    """Return a literal as a client sends it; None for what is none."""
    if not isinstance(one, dict) or not isinstance(value := one.get("value"), str) or len(value) > LONGEST:
        return None
    try:
        return ox.Literal(value, language=str(one["language"])) if one.get("language") else ox.Literal(value)
    except ValueError:  # it is no language tag
        return None


@blueprint.post("/query/labels.json")
def labels() -> Response:
    """Give the name and the page of each IRI of a JSON list."""
    asked = request.get_json(silent=True)
    if not isinstance(asked, list):
        abort(400, description="Send a JSON list of IRIs.")
    given = (one for one in asked[:NAMED] if isinstance(one, str) and len(one) <= LONGEST)
    iris = [one for one in given if node_or_none(one)]
    explorer = publication().explorer
    explorer.names.fetch(iris)
    reader = explorer.reader(language())
    named = {}
    for iri in iris:
        ref = reader.ref(iri)
        named[iri] = {
            "label": ref.label.value,
            "language": ref.label.language,
            "named": ref.named,
            "kind": ref.kind.value if ref.kind else "",
            "page": links.href(iri) if ref.named or links.path_under_base(iri) is not None else "",
        }
    return jsonify(named)
