"""Publish a citable knowledge graph, or use one from Python.

    import kg

    with kg.open("releases/active") as graph:
        for row in graph.query("SELECT ?thing WHERE { ?thing a skos:Concept } LIMIT 5"):
            print(row["thing"])

The public names are those of ``__all__``; everything else may change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.errors import KgError

if TYPE_CHECKING:
    import os

    from kg.notebook import Notebook

__all__ = ["KgError", "__version__", "open"]

__version__: str
if not TYPE_CHECKING:  # or every other name would be one, too

    def __getattr__(name: str) -> str:
        """Return ``__version__``, found when it is asked for: what reads it is slow to load."""
        if name != "__version__":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import metadata

        try:
            return metadata.version("linli")
        except metadata.PackageNotFoundError:  # run from a checkout that isn't installed
            return "0+checkout"


def open(release: str | os.PathLike[str]) -> Notebook:
    """Open a release's folder for queries (`kg.notebook.Notebook`). Raises ReleaseError when it is none."""
    # Imported here, so that `import kg` stays quick for programs that need only a part of it.
    from kg.notebook import Notebook

    return Notebook.open(release)
