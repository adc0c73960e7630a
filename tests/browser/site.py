"""A running site for browsers: the pages of a release on a free port, in a thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import make_server

from kg.engine.local import LocalEngine
from kg.release import Release
from kg.settings import Settings
from kg_web import create_app


@contextmanager
def serving(release: Release, settings: Settings | None = None) -> Iterator[str]:
    """Serve a release whose store is made; yield the address."""
    with serving_app(create_app(LocalEngine.open(release.store), settings or Settings(), release)) as address:
        yield address


@contextmanager
def serving_app(app: Flask) -> Iterator[str]:
    """Serve an application; yield the address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
