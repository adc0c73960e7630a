"""Making a page before anybody asks for one: templates, vocabulary and translations are read with it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from urllib.parse import urlencode

from flask import Flask

from kg.errors import KgError
from kg_web.context import Publication
from kg_web.rendering.i18n import LANGUAGES

log = logging.getLogger("kg_web.server.warm")


def warm(app: Flask) -> None:
    """Ask an application for the home page in each language, before it serves.

    A failure is logged and doesn't keep it from serving.
    """
    _ask(app, [("/", language) for language in LANGUAGES])


def warm_more(app: Flask) -> None:
    """Ask an application for the page of some thing, when it serves already: few need one at once."""
    found: Publication = app.extensions["publication"]
    try:
        thing = found.explorer.any_thing()
    except KgError as error:
        log.warning("no page could be made beforehand: %s", error.message)
        return
    if thing:
        _ask(app, [(f"/resource?{urlencode({'iri': thing})}", next(iter(LANGUAGES)))])


def _ask(app: Flask, pages: Iterable[tuple[str, str]]) -> None:
    client = app.test_client(use_cookies=False)
    for path, language in pages:
        with client.get(path, headers={"Accept": "text/html", "Accept-Language": language}) as response:
            if response.status_code >= 500:
                log.warning("%s could not be made beforehand", path)
