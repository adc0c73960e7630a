"""Addresses of static files, each with a mark that changes when its content does."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import url_for

from kg.languages import typography

_STATIC = Path(__file__).parents[1] / "static"


@cache
def asset(name: str) -> str:
    """Return the address of a static file, with a mark that changes when its content does."""
    digest = hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:8]
    return f"{url_for('static', filename=name)}?v={digest}"


def built(name: str) -> str:
    """Return the address of a script of ours, empty where the client isn't built: pages work without."""
    path = f"built/{name}.js"
    return asset(path) if (_STATIC / path).is_file() else ""


@cache
def typefaces() -> str:
    """Return the address of how languages are set (`kg_web.views.typography`), with a mark as `asset` has."""
    return url_for("typography.languages", v=hashlib.sha256(typography().encode()).hexdigest()[:8])
