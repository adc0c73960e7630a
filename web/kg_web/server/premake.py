"""Making pages before anybody asks for them, in a process of the lowest priority.

``python -m kg_web.server.premake RELEASE THINGS`` makes in each language the pages without parameters, those
of the things with most statements, and of those that most statements point at. They go into a file beside the
release (`kg_web.delivery.premade`). The end of stdin means stop.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import KgError
from kg.release import Release, open_release
from kg_web.delivery.premade import MARK, shelf, write

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger("kg_web.server.premake")
_UNBOUNDED = 1 << 62
HUBS = 4
"""For so many of the richest things there is one more, of those that most statements point at."""


def main() -> int:
    """Return 0, or 1 with the reason in the log."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    things = int(sys.argv[2])
    try:
        release = open_release(Path(sys.argv[1]))
        if shelf(things).is_ready(release):
            return 0
        with contextlib.suppress(OSError):
            os.nice(19)
        premake(release, things)
    except KgError as error:
        log.warning("no pages are made beforehand: %s", error)
        return 1
    return 0


def _end_with_stdin() -> None:
    sys.stdin.read()
    os._exit(0)  # an unfinished file has a temporary name, and the next maker removes it


def premake(release: Release, things: int) -> Path:
    """Return the folder of a release's premade pages, making them when need be; see `Cache.ensure`."""
    return shelf(things, lambda of, folder: _fill(of, folder, things)).ensure(release)


def _fill(release: Release, folder: Path, things: int) -> None:
    # Imported only here: mostly the pages are there already, and there is nothing to do.
    from kg.engine.local import LocalEngine
    from kg.release.store import ensure_store
    from kg.settings import Settings
    from kg_web.app import create_app
    from kg_web.delivery.kept import Pages
    from kg_web.rendering.i18n import LANGUAGES

    engine = LocalEngine.open(ensure_store(release))
    try:
        app = create_app(engine, Settings(public_url=MARK, premade=0), release)
        pages = app.extensions["kept_pages"] = Pages(_UNBOUNDED)
        client = app.test_client(use_cookies=False)
        for address in addresses(app, things):
            for language in LANGUAGES:
                # A page that fails isn't kept; its error is shown when a reader asks for it.
                client.get(address, headers={"Accept": "text/html", "Accept-Language": language}).close()
        write(folder, pages.packed())
    finally:
        engine.close()


def addresses(app: Flask, things: int) -> Iterator[str]:
    """Yield the addresses of kept pages without parameters, of the richest things, and of the most linked.

    Raises QueryError.
    """
    from kg_web.context import Publication
    from kg_web.delivery.kept import is_kept
    from kg_web.links import href

    for rule in app.url_map.iter_rules():
        if not rule.arguments and is_kept(app.view_functions[rule.endpoint]):
            yield rule.rule
    found: Publication = app.extensions["publication"]
    with app.test_request_context():
        chosen = [*found.explorer.richest(things), *found.explorer.pointed_at(things // HUBS)]
        links = [href(iri) for iri in chosen]
    yield from dict.fromkeys(links)


if __name__ == "__main__":
    sys.exit(main())
