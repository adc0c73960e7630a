"""One thing, one CONSTRUCT and one SELECT of the little graph: what every client must read alike."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from kg.engine.local import LocalEngine
from kg.export import describe
from kg.export.entity import embedding
from kg.release import Release

B = "https://example.org/orchard/"
RIDGE = "id/orchard/long-ridge"
FOUND = f"CONSTRUCT {{ ?s a <x:Found> }} WHERE {{ ?s a <{B}ontology/Tree> }}"
TREES = f"SELECT ?s ?l {{ ?s a <{B}ontology/Tree> ; <http://www.w3.org/2000/01/rdf-schema#label> ?l }}"


@dataclass(frozen=True)
class Numbers:
    """How many triples the thing and the graph have, and how many rows the table."""

    thing: int
    graph: int
    rows: int


def numbers(release: Release) -> Numbers:
    """The right numbers, from the store itself."""
    with LocalEngine.open(release.store) as engine:
        found = describe(engine, B + RIDGE, embeds=embedding(release))
        assert found is not None
        return Numbers(len(found.triples), len(engine.query(FOUND)), len(engine.query(TREES)))


@dataclass(frozen=True)
class Addresses:
    """Where a server has them."""

    server: str

    @property
    def thing(self) -> str:
        return f"{self.server}/{RIDGE}"

    @property
    def endpoint(self) -> str:
        return f"{self.server}/sparql"

    @property
    def graph(self) -> str:
        return f"{self.endpoint}?query={quote(FOUND, safe='')}"

    @property
    def rows(self) -> str:
        return f"{self.endpoint}?query={quote(TREES, safe='')}"

    @property
    def table(self) -> str:
        return f"{self.server}/result.csv?query={quote(TREES, safe='')}"
