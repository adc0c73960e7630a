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
    """Ask an application for the home page and the page of some thing, in each language.

    Nothing that goes wrong here keeps it from serving: the log has it.
    """
    found: Publication = app.extensions["publication"]
    paths = ["/"]
    try:
        thing = found.explorer.any_thing()
        paths += [f"/resource?{urlencode({'iri': thing})}"] if thing else []
    except KgError as error:
        log.warning("no page could be made beforehand: %s", error.message)
    client = app.test_client(use_cookies=False)
    for language in LANGUAGES:
        for path in paths:
            with client.get(path, headers={"Accept": "text/html", "Accept-Language": language}) as response:
                if response.status_code >= 500:
                    log.warning("%s could not be made beforehand", path)
