"""How a row stands: stated by how many documents independently, read with what confidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.terms import KG
from kg.tracing.derive import Derivation
from kg.tracing.model import Statement, TracedRow
from kg.tracing.origins import Origin, Origins

_ORDER = (KG + "Low", KG + "Medium", KG + "High")


@dataclass(frozen=True)
class Weight:
    """How a row stands.

    ``independent`` is the number of texts that state the statement of the row's best way that fewest state:
    so many would have to be wrong before the row falls. Documents that share a passage's text are one text;
    statements that rest on no document (the vocabulary's own) don't count. 0: there is no other.
    ``confidence`` is the lowest of what curators read in that way's statements, where no graph states them
    without a reading; None where none is needed.
    """

    independent: int
    confidence: str | None


def independent(origins: Iterable[Origin], reader: Origins) -> dict[str, int]:
    """Return for each document the number of its text: those that share a passage's text have the same."""
    found = list(origins)
    owner = {p: d for one in found for p, d in zip(one.passages, one.documents, strict=True)}
    same: dict[str, str] = {document: document for document in owner.values()}

    def root(document: str) -> str:
        while same[document] != document:
            document = same[document]
        return document

    first: dict[str, str] = {}
    for passage, digests in reader.digests(owner).items():
        for digest in digests:
            same[root(owner[passage])] = root(first.setdefault(digest, owner[passage]))
    numbers: dict[str, int] = {}
    return {document: numbers.setdefault(root(document), len(numbers)) for document in sorted(same)}


def weigh(
    row: TracedRow,
    statements: Sequence[Statement],
    origins: Mapping[str, Origin],
    texts: Mapping[str, int],
    derived: Mapping[int, Sequence[Derivation]],
) -> Weight:
    """Return how a row stands, by the best of its ways."""
    scale = _Scale(statements, origins, texts, derived)
    found = [scale.of_way(way) for way in row.ways]
    counted = [one for one in found if one is not None]
    if not counted:
        return Weight(0, None)
    texts_of, rank = max(counted)
    return Weight(texts_of, _ORDER[rank] if rank < len(_ORDER) else None)


@dataclass
class _Scale:
    """Weighs statements: by the texts that state them, or by what they were inferred from."""

    statements: Sequence[Statement]
    origins: Mapping[str, Origin]
    texts: Mapping[str, int]
    derived: Mapping[int, Sequence[Derivation]]
    _known: dict[int, tuple[int, int] | None] = field(default_factory=dict)

    def of_way(self, way: Iterable[int]) -> tuple[int, int] | None:
        """The least number of texts, and the lowest rank; None where nothing in it rests on a text."""
        found = [one for one in map(self.of, way) if one is not None]
        return (min(count for count, _ in found), min(rank for _, rank in found)) if found else None

    def of(self, number: int) -> tuple[int, int] | None:
        """The same of one statement."""
        if number not in self._known:
            self._known[number] = None  # what leads back to itself adds nothing
            self._known[number] = self._weighed(number)
        return self._known[number]

    def _weighed(self, number: int) -> tuple[int, int] | None:
        graphs = [self.origins[graph] for graph in self.statements[number].graphs]
        stating = [one for one in graphs if one.documents]
        found = [self.of_way(way) for one in self.derived.get(number, ()) for way in one.ways]
        if stating:
            count = len({self.texts[document] for one in stating for document in one.documents})
            found.append((count, max(map(_rank, stating))))
        return max((one for one in found if one is not None), default=None)


def _rank(origin: Origin) -> int:
    """How surely a graph was read; what is stated needs no reading."""
    return _ORDER.index(origin.confidence) if origin.confidence in _ORDER else len(_ORDER)
