"""Making the SPARQL endpoint of a publication."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.engine import Engine
from kg.engine.answers.spool import Written
from kg.engine.door import Policy
from kg.engine.local import LocalEngine
from kg.engine.pool.jobs import Job, Sourcing
from kg.engine.quirks import of
from kg.hints import Known
from kg.mediatypes import Format
from kg.release import Release
from kg.settings import Settings
from kg.sparql.bind import Own
from kg.sparql.checking.guard import Limits
from kg.tracing.origins import rules_of, upward
from kg_web.protocol.description import describe
from kg_web.protocol.endpoint import Endpoint
from kg_web.protocol.hints.hinting import Hinter
from kg_web.protocol.hints.teach import Teacher
from kg_web.rendering.i18n import translated


def make_endpoint(
    engine: Engine,
    settings: Settings,
    release: Release | None,
    answer: Callable[[Job], Awaitable[Written]],
    *,
    spool: Path,
    remote: bool = False,
    **more: Any,
) -> Endpoint:
    """Return the endpoint of a publication.

    ``engine`` answers our own small queries (which graphs there are, which terms); ``answer`` runs the jobs
    of strangers; ``spool`` is a folder for large answers; ``more`` goes to `Endpoint`.
    """
    url = (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/") + "/sparql"

    @cache  # a release never changes
    def description(format: Format) -> bytes:
        return describe(url, settings, release, engine.name, format)

    return Endpoint(
        answer=answer,
        policy=Policy(
            Limits.of(settings, _known_graph(engine)),
            quirks=frozenset() if remote else of(),
            base_iri=release.base if release else url,
        ),
        engine=engine.name,
        digest=release.digest if release else "",
        spool=spool,
        describe=description,
        remote=remote,
        teacher=Teacher(
            prefixes=release.prefixes if release else {},
            hinter=Hinter(
                Known(release.prefixes, release.base) if release else Known(),
                lambda sparql: engine.query(Own(sparql)),
            ),
            translate=translated,
        ),
        sourcing=cache(lambda deep: Sourcing(upward(release), rules_of(release), deep)),
        **more,
    )


def _known_graph(engine: Engine) -> Callable[[str], bool]:
    """Return what tells whether the engine's dataset has a named graph."""

    def known(iri: str) -> bool:
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            return False
        if isinstance(engine, LocalEngine):
            return engine.store.contains_named_graph(node)
        from kg.sparql.bind import bind, load

        return bool(engine.query(bind(load("kg_web/has-graph"), graph=node)).boolean)

    return known
