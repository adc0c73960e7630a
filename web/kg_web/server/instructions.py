"""The order that the supervisor gives to a server process, as JSON can hold it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from kg.settings import Settings


def order(settings: Settings, release: Path | None, endpoint: str | None, run: Path) -> dict[str, Any]:
    """Return the order to serve a release or an endpoint; ``run`` is the folder that the processes share."""
    return {
        "settings": {
            name: str(value) if isinstance(value, Path) else value for name, value in asdict(settings).items()
        },
        "release": str(release) if release else None,
        "endpoint": endpoint,
        "run": str(run),
    }


def settings_of(order: dict[str, Any]) -> Settings:
    """Return the settings of an order."""
    values = order["settings"]
    fixed: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    fixed["releases"] = Path(values["releases"])
    return Settings(**fixed)
