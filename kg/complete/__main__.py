"""Make a release ready for completion, in a process of its own: ``python -m kg.complete RELEASE``."""

from __future__ import annotations

import sys
from pathlib import Path

from kg.complete.make import prepare
from kg.errors import KgError
from kg.release import open_release


def main() -> int:
    """Return 0, or 1 with the error on stderr."""
    try:
        prepare(open_release(Path(sys.argv[1])))
    except KgError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
