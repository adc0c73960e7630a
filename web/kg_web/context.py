"""What requests need of the publication: its engine, release, settings and explorer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flask import current_app

from kg.engine import Engine
from kg.explore import Explorer
from kg.export.about import about
from kg.export.descriptions.schemaorg import Box
from kg.reconcile import Matcher
from kg.release import Release
from kg.search import ensure_index
from kg.search.index import Index
from kg.settings import Settings


@dataclass(frozen=True)
class Publication:
    """What one application publishes.

    ``engine`` answers our own bounded queries in process; ``queries`` what strangers write, under limits.
    """

    engine: Engine
    queries: Engine
    settings: Settings
    release: Release | None

    @cached_property
    def explorer(self) -> Explorer:
        """The explorer, which answers what pages ask and keeps what it has read."""
        return Explorer(self.engine, self.release)

    @cached_property
    def index(self) -> Index | None:
        """The index of names, made and opened when it is first asked for; None without a release."""
        return Index.open(ensure_index(self.release)) if self.release else None

    @cached_property
    def matcher(self) -> Matcher | None:
        """The matcher for reconciliation; it keeps the names of places."""
        return Matcher(self.index, self.explorer) if self.index else None

    @cached_property
    def license(self) -> str:
        """The address of the licence; empty where it has none."""
        found = about(self.release).license if self.release else ""
        return found if found.startswith("http") else ""

    @cached_property
    def box(self) -> Box | None:
        """The box around all things: west, south, east, north in degrees; None where none has a place."""
        points = list(self.explorer.places.points().values())
        if not points:
            return None
        across, up = [x for x, _ in points], [y for _, y in points]
        return min(across), min(up), max(across), max(up)

    @property
    def base(self) -> str:
        """The base IRI of the dataset's own IRIs; empty without a release."""
        return self.release.base if self.release else ""


def publication() -> Publication:
    """Return the publication of the current application."""
    found: Publication = current_app.extensions["publication"]
    return found
