"""From a graph to what it was made from: its basis, its passages, and the documents that those belong to.

All is read from the data itself, by the publishing vocabulary (``kg/vocabulary.ttl``): ``kg:basis``,
``kg:confidence``, ``prov:wasDerivedFrom``, digests of texts (``kg:textDigest`` and properties below it), and
the properties that lead upwards, as the release's shapes draw them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from kg.engine import Term
from kg.release import Release
from kg.sparql.bind import load
from kg.terms import KG, PROV, RDFS
from kg.tracing.following.holders import Holders

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
    those belong to, in the same order (a source that belongs to nothing is its own document). ``marks`` are
    the digests of the passages' texts, where they are recorded, each with its document.
    """

    graph: str
    basis: str | None = None
    confidence: str | None = None
    passages: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    marks: tuple[tuple[str, str], ...] = ()

    def written(self, numbers: Mapping[str, int]) -> str:
        """Return it as JSON, its documents by their numbers."""
        pieces = self._pieces
        if len(pieces) == 2:  # one passage, as nearly all have
            return f"{pieces[0]}{numbers[self.documents[0]]}{pieces[1]}"
        named = [f"{numbers[one]}{piece}" for one, piece in zip(self.documents, pieces[1:], strict=True)]
        return pieces[0] + "".join(named)

    @cached_property
    def _pieces(self) -> list[str]:
        """Its JSON, cut where numbers of documents go; kept, as it is written for many answers."""
        told = {"graph": self.graph, "basis": self.basis, "confidence": self.confidence}
        known = {name: value for name, value in told.items() if value}
        text = json.dumps(known, ensure_ascii=False, separators=(",", ":"))
        places = [f'{{"passage":{json.dumps(one, ensure_ascii=False)},"document":' for one in self.passages]
        if not places:
            return [f'{text[:-1]},"from":[]}}']
        behind = [f"}},{place}" for place in places[1:]] + ["}]}"]
        return [f'{text[:-1]},"from":[{places[0]}', *behind]


class Origins:
    """Reads origins in a store, and keeps them: a release never changes.

    ``upward`` are the properties that lead from a part to its whole.
    """

    def __init__(self, store: ox.Store, upward: Sequence[str] = ()) -> None:
        self.store = store
        self.upward = tuple(upward)
        self.holders = Holders(store)
        self._kept: dict[str, Origin] = {}
        self._wholes: dict[str, str | None] = {}

    def of(self, graph: str) -> Origin:
        """Return a graph's origin; without basis and passages where the data doesn't describe the graph."""
        found = self._kept.get(graph)
        if found is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            found = self._kept[graph] = self._read(graph)
        return found

    def _read(self, graph: str) -> Origin:
        passages = tuple(sorted(self._named(graph, _FROM)))
        documents = tuple(self.document(passage) for passage in passages)
        pairs = zip(passages, documents, strict=True)
        return Origin(
            graph,
            min(self._named(graph, _BASIS), default=None),
            min(self._named(graph, _CONFIDENCE), default=None),
            passages,
            documents,
            tuple((digest, document) for passage, document in pairs for digest in self._digests(passage)),
        )

    def document(self, source: str) -> str:
        """Return the document of a source: the end of the chain of `upward` properties."""
        seen = [source]
        for _ in range(_LEVELS):
            up = self._above(seen[-1])
            if up is None or up in seen:
                break
            seen.append(up)
        return seen[-1]

    def _above(self, part: str) -> str | None:
        """Return what a part is directly part of; kept, as a whole has many parts."""
        if part not in self._wholes:
            if len(self._wholes) >= _KEPT:
                self._wholes.clear()
            found = (self._named(part, ox.NamedNode(one)) for one in self.upward)
            self._wholes[part] = next((named[-1] for named in found if named), None)
        return self._wholes[part]

    def _digests(self, passage: str) -> set[str]:
        values = [value for iri in self._digesting for value in self._said(passage, ox.NamedNode(iri))]
        return {value.value for value in values if isinstance(value, ox.Literal)}

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

    def _said(self, iri: str, predicate: ox.NamedNode) -> list[Term]:
        """Return the values of one property of a thing; not all statements, as a document has very many."""
        quads = self.store.quads_for_pattern(ox.NamedNode(iri), predicate, None, ox.DefaultGraph())
        return [quad.object for quad in quads]

    def _named(self, iri: str, predicate: ox.NamedNode) -> list[str]:
        return [value.value for value in self._said(iri, predicate) if isinstance(value, ox.NamedNode)]


def upward(release: Release | None) -> tuple[str, ...]:
    """Return the properties that lead from a part to its whole, as a release's shapes say."""
    if release is None or "shapes.ttl" not in release.manifest["files"]:
        return ()
    store = ox.Store()
    store.load(path=str(release.file("shapes.ttl")), format=ox.RdfFormat.TURTLE)
    rows = store.query(load("kg/tracing/breadcrumbs"))
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 # it is a SELECT
    return tuple(row["path"].value for row in rows if isinstance(row["path"], ox.NamedNode))


def rules_of(release: Release | None) -> str | None:
    """Return the folder of a release's rules, None where it has none."""
    folder = release.path / "rules" if release is not None else None
    return str(folder) if folder is not None and folder.is_dir() else None
