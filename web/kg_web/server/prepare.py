"""What the supervisor leaves to a process of its own, so that it stays small.

``python -m kg_web.server.prepare RELEASE`` makes a release's store, index and what completes queries;
``--compare URL RELEASE`` checks that an endpoint holds it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pyoxigraph as ox

from kg import complete
from kg.engine import Dataset, Engine, Result
from kg.errors import KgError, QueryLimit, ReleaseError
from kg.release import Release, open_release
from kg.sparql.bind import bind, load


def main() -> int:
    """Return 0, or 1 with the error on stderr."""
    try:
        if sys.argv[1] == "--compare":
            from kg.engine.remote import RemoteEngine

            release = open_release(Path(sys.argv[3]))
            engine = RemoteEngine(
                sys.argv[2],
                auth=os.environ.get("KG_ENDPOINT_AUTH", ""),
                default_graph=os.environ.get("KG_ENDPOINT_GRAPH") or None,
                graphs_under=release.base,
            )
            check_holds(engine, release)
        else:
            complete.prepare(open_release(Path(sys.argv[1])))
    except KgError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def check_holds(engine: Engine, release: Release) -> None:
    """Check that an engine holds a release: by the checksum that the metadata state, and by its counts.

    Raises ReleaseError when it doesn't, or holds more or less than that: then its answers would differ.
    """
    # The metadata lie in a graph of their own, which is none of the dataset's.
    everywhere, digest = Dataset(), ox.Literal(release.digest)
    if not engine.query(bind(load("holds-checksum"), checksum=digest), dataset=everywhere).boolean:
        raise ReleaseError(
            f"{engine.name} does not hold release {release.version}",
            hint="load its dataset.nq, dataset.ttl and metadata.ttl there (docs/scaling.md)",
        )
    for what, query, counted in (
        ("default graph", "count-default", "statements"),
        ("named graphs", "count-named", "quads"),
    ):
        try:
            found, right = _number(engine.query(load(query))), release.counts[counted]
        except QueryLimit as error:
            print(f"the {what} of {engine.name} can't be counted: {error.message}", file=sys.stderr)
            continue
        if found != right:
            raise ReleaseError(
                f"{engine.name} holds {found:,} statements in its {what}, "
                f"release {release.version} {right:,}",
                hint="load dataset.nq as it is, dataset.ttl and metadata.ttl each into a graph of its own, "
                "and name dataset.ttl's in KG_ENDPOINT_GRAPH (docs/scaling.md)",
            )


def _number(result: Result) -> int:
    return int(getattr(result.rows[0][0], "value", "-1"))


if __name__ == "__main__":
    sys.exit(main())
