"""``kg serve`` where a server can't have processes of its own (Windows): one process, threads, fewer limits.

The pages' application answers the endpoint too. Queries are refused by the same rules, but one that runs
can't be stopped. So it is for private use, and says at the start what is missing.
"""

from __future__ import annotations

import logging
from pathlib import Path

from kg.engine import Engine
from kg.engine.local import LocalEngine
from kg.errors import SettingsError
from kg.machine.system import lost
from kg.release import Release, open_release
from kg.release.store import ensure_store
from kg.settings import Settings
from kg_web.app import create_app
from kg_web.server.ends import remote_arguments

log = logging.getLogger("kg_web.server.single")


def serve_alone(settings: Settings, release: Release | Path | None, endpoint: str | None) -> None:
    """Serve until interrupted.

    Raises SettingsError when the address can't be had, ReleaseError when the release can't be opened.
    """
    from werkzeug.serving import make_server

    for one in lost():
        log.warning("this system has less: %s", one)
    if isinstance(release, Path):
        release = open_release(release)
    engine = _engine(settings, release, endpoint)
    app = create_app(engine, settings, release)
    try:
        server = make_server(settings.host, settings.port, app, threaded=True)
    except (OSError, SystemExit) as error:
        raise SettingsError(
            f"can't listen on {settings.host}:{settings.port}",
            hint="stop what listens there, or choose another with --port or KG_PORT",
        ) from error
    log.info("serving at http://%s:%s/ (one process)", settings.host, server.port)
    try:
        server.serve_forever()
    finally:
        server.server_close()


def _engine(settings: Settings, release: Release | None, endpoint: str | None) -> Engine:
    if endpoint is not None:
        from kg.engine.remote import RemoteEngine

        return RemoteEngine(**remote_arguments(endpoint, settings, release))
    if release is None:
        raise SettingsError("there is neither a release nor an endpoint to serve")
    return LocalEngine.open(ensure_store(release))
