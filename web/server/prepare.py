"""What the supervisor leaves to a process of its own, so that it stays small.

``python -m web.server.prepare RELEASE`` makes a release's store, index and what completes queries;
``--compare URL RELEASE`` checks that an endpoint holds it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pyoxigraph as ox

from kg import complete
from kg.engine import Engine
from kg.errors import KgError, ReleaseError
from kg.release import Release, open_release
from kg.search import ensure_index
from kg.sparql.bind import bind, load
from kg.store import ensure_store


def main() -> int:
    """Return 0, or 1 with the error on stderr."""
    try:
        if sys.argv[1] == "--compare":
            from kg.engine.remote import RemoteEngine

            engine = RemoteEngine(sys.argv[2], auth=os.environ.get("KG_ENDPOINT_AUTH", ""))
            check_holds(engine, open_release(Path(sys.argv[3])))
        else:
            release = open_release(Path(sys.argv[1]))
            for ensure in (ensure_store, ensure_index, complete.ensure):
                ensure(release)
    except KgError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def check_holds(engine: Engine, release: Release) -> None:
    """Check that an engine holds a release, by the checksum that the release's metadata state.

    Raises ReleaseError when it doesn't.
    """
    digest = ox.Literal(release.digest)
    if not engine.query(bind(load("holds-checksum"), checksum=digest)).boolean:
        raise ReleaseError(
            f"{engine.name} does not hold release {release.version}",
            hint="load its dataset.nq, dataset.ttl and metadata.ttl there (docs/scaling.md)",
        )


if __name__ == "__main__":
    sys.exit(main())
