"""From a graph to what it was made from: its basis, its passages, and the documents that those belong to.

All is read in the data itself, in the publishing vocabulary (``kg/vocabulary.ttl``): ``kg:basis``,
``kg:confidence``, ``prov:wasDerivedFrom``, digests of texts (``kg:textDigest`` and properties below it), and
the properties that lead upwards, as the release's shapes draw them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from kg.release import Release
from kg.sparql.bind import load
from kg.terms import KG, PROV, RDFS
from kg.tracing.holders import Holders

_BASIS, _CONFIDENCE, _FROM = (
    ox.NamedNode(iri) for iri in (KG + "basis", KG + "confidence", PROV + "wasDerivedFrom")
)
_BELOW = ox.NamedNode(RDFS + "subPropertyOf")
_LEVELS = 3
_KEPT = 20_000


@dataclass(frozen=True)
class Origin:
    """A graph, and where its statements come from.

    ``basis`` and ``confidence`` are IRIs or None; ``passages`` what it was made from; ``documents`` what
    those belong to, in the same order (a source that belongs to nothing is its own document).
    """

    graph: str
    basis: str | None = None
    confidence: str | None = None
    passages: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()


class Origins:
    """Reads origins in a store, and keeps them: a release never changes.

    ``upward`` are the properties that lead from a part to its whole.
    """

    def __init__(self, store: ox.Store, upward: Sequence[str] = ()) -> None:
        self.store = store
        self.upward = tuple(upward)
        self.holders = Holders(store)
        self._kept: dict[str, Origin] = {}
        self._digests: dict[str, frozenset[str]] = {}

    def of(self, graph: str) -> Origin:
        """Return a graph's origin; one of which nothing is said has neither basis nor passages."""
        found = self._kept.get(graph)
        if found is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            found = self._kept[graph] = self._read(graph)
        return found

    def _read(self, graph: str) -> Origin:
        said: dict[str, list[str]] = {}
        for predicate, value in self._about(graph):
            if isinstance(value, ox.NamedNode):
                said.setdefault(predicate, []).append(value.value)
        passages = tuple(sorted(said.get(_FROM.value, ())))
        return Origin(
            graph,
            next(iter(sorted(said.get(_BASIS.value, ()))), None),
            next(iter(sorted(said.get(_CONFIDENCE.value, ()))), None),
            passages,
            tuple(self.document(passage) for passage in passages),
        )

    def document(self, source: str) -> str:
        """Return what a source belongs to, as far up as its breadcrumbs lead."""
        seen = [source]
        for _ in range(_LEVELS):
            above = {p: v.value for p, v in self._about(seen[-1]) if isinstance(v, ox.NamedNode)}
            up = next((above[p] for p in self.upward if p in above), None)
            if up is None or up in seen:
                break
            seen.append(up)
        return seen[-1]

    def digests(self, passages: Collection[str]) -> dict[str, frozenset[str]]:
        """Return the digests of passages' texts, where they are recorded."""
        if len(self._digests) >= _KEPT:
            self._digests.clear()
        for one in passages:
            if one not in self._digests:
                said = self._about(one)
                values = (value for predicate, value in said if predicate in self._digesting)
                self._digests[one] = frozenset(v.value for v in values if isinstance(v, ox.Literal))
        return {one: self._digests[one] for one in passages}

    @cached_property
    def _digesting(self) -> frozenset[str]:
        return self._below(KG + "textDigest")

    @cached_property
    def rivals(self) -> dict[str, tuple[str, ...]]:
        """What disagrees with what, both ways round, by ``kg:disagreesWith`` and properties below it."""
        found: dict[str, set[str]] = {}
        for iri in self._below(KG + "disagreesWith"):
            for quad in self.store.quads_for_pattern(None, ox.NamedNode(iri), None, ox.DefaultGraph()):
                one, other = quad.subject, quad.object
                if isinstance(one, ox.NamedNode) and isinstance(other, ox.NamedNode):
                    found.setdefault(one.value, set()).add(other.value)
                    found.setdefault(other.value, set()).add(one.value)
        return {one: tuple(sorted(others)) for one, others in found.items()}

    def _below(self, iri: str) -> frozenset[str]:
        """Return a property and all below it."""
        found, queue = {iri}, [iri]
        while queue:
            for quad in self.store.quads_for_pattern(
                None, _BELOW, ox.NamedNode(queue.pop()), ox.DefaultGraph()
            ):
                if isinstance(quad.subject, ox.NamedNode) and quad.subject.value not in found:
                    found.add(quad.subject.value)
                    queue.append(quad.subject.value)
        return frozenset(found)

    def _about(self, iri: str) -> Iterator[tuple[str, ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple]]:
        for quad in self.store.quads_for_pattern(ox.NamedNode(iri), None, None, ox.DefaultGraph()):
            yield quad.predicate.value, quad.object


def upward(release: Release | None) -> tuple[str, ...]:
    """Return the properties that lead from a part to its whole, as a release's shapes say."""
    if release is None or "shapes.ttl" not in release.manifest["files"]:
        return ()
    store = ox.Store()
    store.load(path=str(release.file("shapes.ttl")), format=ox.RdfFormat.TURTLE)
    rows = store.query(load("search-breadcrumbs"))
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 # it is a SELECT
    return tuple(row["path"].value for row in rows if isinstance(row["path"], ox.NamedNode))


def rules_of(release: Release | None) -> str | None:
    """Return the folder of a release's rules, None where it has none."""
    folder = release.path / "rules" if release is not None else None
    return str(folder) if folder is not None and folder.is_dir() else None
