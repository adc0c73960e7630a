"""Publish a citable knowledge graph, or use one from Python.

    import kg

    with kg.open("releases/active") as graph:
        for row in graph.query("SELECT ?thing WHERE { ?thing a skos:Concept } LIMIT 5"):
            print(row["thing"])

The public names are those of ``__all__``; everything else may change.
"""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from kg.errors import KgError

if TYPE_CHECKING:
    import os

    from kg.notebook import Notebook

__all__ = ["KgError", "__version__", "open"]

try:
    __version__ = metadata.version("linli")
except metadata.PackageNotFoundError:  # run from a checkout that isn't installed
    __version__ = "0+checkout"


def open(release: str | os.PathLike[str]) -> Notebook:
    """Open a release's folder for queries (`kg.notebook.Notebook`). Raises ReleaseError when it is none."""
    # Imported here, so that `import kg` stays quick for programs that need only a part of it.
    from kg.notebook import Notebook

    return Notebook.open(release)
