"""Making a page before anybody asks for one: templates, vocabulary and translations are read with it."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from flask import Flask

from kg.errors import KgError
from web.context import Publication
from web.i18n import LANGUAGES

log = logging.getLogger("web.server.warm")


def warm(app: Flask) -> None:
    """Ask an application for the home page in each language, and for the page of some thing in one.

    Nothing that goes wrong here keeps it from serving: the log has it.
    """
    found: Publication = app.extensions["publication"]
    pages = [("/", language) for language in LANGUAGES]
    try:
        thing = found.explorer.any_thing()
        pages += [(f"/resource?{urlencode({'iri': thing})}", next(iter(LANGUAGES)))] if thing else []
    except KgError as error:
        log.warning("no page could be made beforehand: %s", error.message)
    client = app.test_client(use_cookies=False)
    for path, language in pages:
        with client.get(path, headers={"Accept": "text/html", "Accept-Language": language}) as response:
            if response.status_code >= 500:
                log.warning("%s could not be made beforehand", path)
