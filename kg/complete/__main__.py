"""Make a release ready for completion, in a process of its own: ``python -m kg.complete RELEASE``."""

from __future__ import annotations

import sys
from pathlib import Path

from kg.complete.make import ensure
from kg.errors import KgError
from kg.release import open_release
from kg.release.store import ensure_store
from kg.search import ensure_index


def main() -> int:
    """Return 0, or 1 with the error on stderr."""
    try:
        release = open_release(Path(sys.argv[1]))
        ensure_store(release)
        ensure_index(release)
        ensure(release)
    except KgError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
