"""How files are to be opened."""

from __future__ import annotations

import json
from dataclasses import dataclass

from kg.reading import Syntax

FORMAT = 1
"""How files are opened; what another format made is made again."""


@dataclass(frozen=True)
class Options:
    """How to open files.

    ``syntax`` is for what its name doesn't tell; ``title`` and ``base`` win over what is found. ``partly``:
    what can be read is opened though some file can't.
    """

    syntax: Syntax | None = None
    title: str = ""
    base: str = ""
    partly: bool = False

    @property
    def key(self) -> str:
        """Return the options that the release depends on."""
        return json.dumps(
            [FORMAT, self.syntax.name if self.syntax else "", self.title, self.base, self.partly]
        )
