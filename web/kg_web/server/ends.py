"""What a remote endpoint is asked with, by all who serve one."""

from __future__ import annotations

from typing import Any

from kg.release import Release
from kg.settings import Settings


def remote_arguments(url: str, settings: Settings, release: Release | None) -> dict[str, Any]:
    """Return what `RemoteEngine` is made with."""
    return {
        "url": url,
        "auth": settings.endpoint_auth,
        "timeout": settings.query_timeout,
        "limit": settings.result_size * 1_000_000,
        "default_graph": settings.endpoint_graph or None,
        "graphs_under": release.base if release else "",
    }
