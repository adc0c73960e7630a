"""Which formats can be written here: some need a package that is an optional extra."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from kg.errors import NotInstalled
from kg.writers.format import Format


def is_available(format: Format) -> bool:
    """Say whether a format can be written here, without loading what writes it."""
    package = format.package
    if not package:
        return True
    if package in sys.modules:
        return sys.modules[package] is not None
    return find_spec(package) is not None


def check_available(format: Format) -> None:
    """Raise NotInstalled, with what installs it, where a format can't be written here."""
    if not is_available(format):
        raise missing(format)


def missing(format: Format) -> NotInstalled:
    """Return the refusal of a format whose package isn't installed."""
    return NotInstalled(
        f"{format.label} needs {format.package}, which isn't installed",
        hint=f"pip install 'linli[{format.extra}]'",
    )
