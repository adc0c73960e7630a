"""Where the ontology and the data lie: beside the code in a checkout, inside the package in a wheel."""

from __future__ import annotations

import os
from pathlib import Path

from kg.errors import UsageError

_PACKAGE = Path(__file__).resolve().parent
PACKAGES = os.pathsep.join(map(str, filter(Path.is_dir, (_PACKAGE.parent, _PACKAGE.parent / "web"))))
"""Where Python finds this program, as ``PYTHONPATH`` says it to processes that we start: a checkout keeps the
explorer's package in ``web/``, a wheel beside this one."""
VOCABULARY = _PACKAGE / "vocabulary.ttl"
"""The program's own terms, loaded with every ontology."""


def _locate(name: str) -> Path:
    # The wheel carries them inside the package (pyproject's force-include); an editable install and a
    # checkout have them beside it.
    for candidate in (_PACKAGE / "_resources" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise UsageError(
        f"no {name}/ folder came with this installation",
        hint=f"name one with --{name}, or install from a checkout or the wheel",
    )


def ontology_dir() -> Path:
    """Return the ontology folder that came with the program. Raises UsageError when there is none."""
    return _locate("ontology")


def data_dir() -> Path:
    """Return the data folder that came with the program. Raises UsageError when there is none."""
    return _locate("data")
