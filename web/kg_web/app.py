"""The application factory."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from kg.engine import Engine
from kg.release import Release
from kg.settings import Settings
from kg_web import errors
from kg_web.context import Publication
from kg_web.delivery import answering, safety
from kg_web.rendering import i18n, present, untold, wording
from kg_web.rendering.compiled import compiled_templates
from kg_web.rendering.templating import PageEnvironment

BLUEPRINTS = (
    "queries.sparql",
    "home",
    "questions",
    "things.pages",
    "things.browse",
    "things.compare",
    "things.coverage",
    "releases.quality",
    "releases.terms",
    "things.map",
    "things.network",
    "machines",
    "finding",
    "releases.dataset",
    "releases.tables",
    "releases.others",
    "queries.citations",
    "queries.references",
    "queries.results",
    "releases.changes",
    "releases.data",
    "things.search",
    "reconcile",
    "queries.query",
    "typography",
)


class Pages(Flask):
    """The application of the pages."""

    jinja_environment = PageEnvironment


def create_app(
    engine: Engine, settings: Settings, release: Release | None = None, queries: Engine | None = None
) -> Flask:
    """Return the WSGI application.

    ``engine`` answers the explorer's own bounded queries; ``queries`` what strangers write at /sparql (the
    same engine when not given, which is for tests and trusted use only). Without a release there is no
    search, no citation, and no metadata but what the engine tells.
    """
    app = Pages(__name__)
    app.jinja_env.bytecode_cache = compiled_templates()
    app.json.ensure_ascii = False  # type: ignore[attr-defined] # of Flask's default provider
    app.extensions["publication"] = Publication(engine, queries or engine, settings, release)
    answering.init_app(app)
    i18n.init_app(app)
    present.init_app(app)
    wording.init_app(app)
    untold.init_app(app)
    safety.init_app(app)
    errors.init_app(app)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(f"kg_web.views.{name}").blueprint)
    return app
