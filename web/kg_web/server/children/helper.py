"""The process that is given heavy work (`kg_web.server.prepare`), so that the supervisor stays small."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata

from kg.errors import ReleaseError
from kg.release import STORE_READY, Release
from kg.resources import PACKAGES
from kg.settings import Settings


def prepare(release: Release) -> None:
    """Make the release's store and index in the process, unless its store is there.

    Raises ReleaseError when they can't be made.
    """
    if _prepared(release):
        return
    _helper(str(release.path))


def compare(release: Release, endpoint: str, settings: Settings) -> None:
    """Check that a remote endpoint holds the release. Raises ReleaseError when it doesn't, or errs."""
    environ = {"KG_ENDPOINT_AUTH": settings.endpoint_auth, "KG_ENDPOINT_GRAPH": settings.endpoint_graph}
    _helper("--compare", endpoint, str(release.path), environ=environ)


def _helper(*arguments: str, environ: Mapping[str, str] | None = None) -> None:
    """Run ``kg_web.server.prepare``; raise ReleaseError with what it says when it fails."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "kg_web.server.prepare", *arguments],
        env={**os.environ, "PYTHONPATH": PACKAGES, **(environ or {})},
        check=False,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise ReleaseError(done.stderr.strip() or "the release can't be opened")


def _prepared(release: Release) -> bool:
    """Whether the store is there, by its stamp alone; the server processes look closer."""
    try:
        stamp = json.loads((release.store / STORE_READY).read_text(encoding="utf-8"))
        return bool(
            stamp["digest"] == release.digest
            and stamp["engine"] == f"pyoxigraph {metadata.version('pyoxigraph')}"
        )
    except (OSError, ValueError, KeyError):
        return False
