"""Making the `Work` to cite for a release, or for the result of a query on one."""

from __future__ import annotations

from typing import Protocol

from kg.citations.citation import Citation
from kg.citations.formats import Work


class Described(Protocol):
    """What a release says of itself, as `kg.export.about` reads it."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def version(self) -> str:
        """Its version."""

    @property
    def date(self) -> str:
        """When it was issued."""

    @property
    def creators(self) -> tuple[str, ...]:
        """Who made it."""

    @property
    def publisher(self) -> str:
        """Who publishes it."""

    @property
    def license(self) -> str:
        """Its licence."""


def release_as_work(one: Described, *, url: str, checksum: str, language: str, accessed: str = "") -> Work:
    """Return a release as a work under a persistent address; ``accessed`` is a day."""
    return Work(
        title=one.title,
        url=url,
        date=one.date,
        version=one.version,
        creators=one.creators,
        publisher=one.publisher,
        accessed=accessed,
        checksum=checksum,
        license=one.license,
        language=language,
    )


def result_as_work(
    citation: Citation, whole: Described, *, url: str, language: str, accessed: str = ""
) -> Work:
    """Return a query's result as a work; ``whole`` is the release that it is of."""
    return Work(
        title=citation.title or f"Query result {citation.id}",
        url=url,
        date=citation.made[:10],
        version=citation.version,
        creators=whole.creators,
        publisher=whole.publisher,
        accessed=accessed,
        part_of=whole.title,
        checksum=citation.checksum,
        rows=citation.rows,
        license=whole.license,
        language=language,
    )
