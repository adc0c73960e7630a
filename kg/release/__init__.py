"""Releases: what one holds, those side by side, what is made from one, and what changed between two.

In this order: `manifest`, `shelf`, `caches` with `store`, `diff`.
"""

from kg.release.manifest import (
    FORMAT,
    MANIFEST,
    STORE_READY,
    Release,
    activate,
    active_release,
    has_any,
    list_releases,
    open_release,
    unfit_releases,
)

__all__ = [
    "FORMAT",
    "MANIFEST",
    "STORE_READY",
    "Release",
    "activate",
    "active_release",
    "has_any",
    "list_releases",
    "open_release",
    "unfit_releases",
]
