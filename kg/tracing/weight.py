"""How well a row is supported: by how many independent texts, and read with what confidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from kg.terms import KG
from kg.tracing.following.derive import Derivation
from kg.tracing.following.holders import Graphs
from kg.tracing.origins import Origin
from kg.tracing.planning.traced import TracedRow

_ORDER = (KG + "Low", KG + "Medium", KG + "High")
_RANK: dict[str | None, int] = {confidence: rank for rank, confidence in enumerate(_ORDER)}
"""How surely a graph was read; what is stated needs no reading, and stands above all of them."""

_Weighed: TypeAlias = "tuple[int, int] | None"
"""The number of texts and the rank of confidence; None where nothing rests on a text."""


@dataclass(frozen=True)
class Weight:
    """How well a row is supported.

    ``independent`` is a number of texts: of the statements in the row's best way, one has the fewest texts
    that state it, and this is how many. So many texts would have to be wrong for the row to be wrong.
    Documents that share a passage's text are one text; statements without a document (the vocabulary's) don't
    count, and if there are no others the number is 0. ``confidence`` is the lowest that curators gave to a
    reading which that way needs (a statement that some graph makes without a reading needs none); None if it
    needs no reading.
    """

    independent: int
    confidence: str | None


def independent(origins: Collection[Origin]) -> dict[str, int]:
    """Return for each document the number of its text: those that share a passage's text have the same.

    The documents stand in the order of their IRIs.
    """
    same: dict[str, str] = {}

    def root(document: str) -> str:
        while (above := same.get(document)) is not None:
            document = above
        return document

    first: dict[str, str] = {}
    for digest, document in chain.from_iterable([one.marks for one in origins]):
        other = first.setdefault(digest, document)
        if other != document and (one := root(document)) != (another := root(other)):
            same[one] = another
    documents = sorted(set(chain.from_iterable([one.documents for one in origins])))
    if not same:
        return {document: number for number, document in enumerate(documents)}
    numbers: dict[str, int] = {}
    return {document: numbers.setdefault(root(document), len(numbers)) for document in documents}


@dataclass
class Scale:
    """Weighs the rows of one answer: by the texts that state them, or by what they were inferred from.

    ``held`` are the graphs of each statement.
    """

    held: Sequence[Graphs]
    origins: Mapping[str, Origin]
    texts: Mapping[str, int]
    derived: Mapping[int, Sequence[Derivation]]
    _stated: dict[Graphs, _Weighed] = field(default_factory=dict)
    _known: dict[int, _Weighed] = field(default_factory=dict)

    def weigh(self, row: TracedRow) -> Weight:
        """Return the weight of a row: that of the best of its ways."""
        best = max((one for one in map(self._of_way, row.ways) if one is not None), default=None)
        if best is None:
            return Weight(0, None)
        texts, rank = best
        return Weight(texts, _ORDER[rank] if rank < len(_ORDER) else None)

    def _of_way(self, way: Iterable[int]) -> _Weighed:
        """Return the least number of texts of a way's statements, and their lowest confidence."""
        if self.derived:
            weighed = {self._of(number) for number in way}
        else:
            weighed = self._of_all(set(map(self.held.__getitem__, way)))
        found = [one for one in weighed if one is not None]
        return (min(count for count, _ in found), min(rank for _, rank in found)) if found else None

    def _of(self, number: int) -> _Weighed:
        """The weight of one statement."""
        if number not in self._known:
            self._known[number] = None  # so that a statement that leads back to itself adds nothing
            found = [self._of_way(way) for one in self.derived.get(number, ()) for way in one.ways]
            found.append(self._of_graphs(self.held[number]))
            self._known[number] = max((one for one in found if one is not None), default=None)
        return self._known[number]

    def _of_all(self, held: Iterable[Graphs]) -> set[_Weighed]:
        """The weights of statements that stand in some graphs."""
        alone, weighed = set(), set()
        for graphs in held:
            if len(graphs) == 1 and len((only := self.origins[graphs[0]]).documents) == 1:  # as nearly all
                alone.add(only.confidence)
            else:
                weighed.add(self._of_graphs(graphs))
        return weighed | {(1, _RANK.get(confidence, len(_ORDER))) for confidence in alone}

    def _of_graphs(self, graphs: Graphs) -> _Weighed:
        """The weight that graphs give to what they hold."""
        if graphs not in self._stated:
            texts, rank = set(), -1
            for one in [self.origins[graph] for graph in graphs]:
                if one.documents:
                    rank = max(rank, _RANK.get(one.confidence, len(_ORDER)))
                    texts.update([self.texts[document] for document in one.documents])
            self._stated[graphs] = (len(texts), rank) if texts else None
        return self._stated[graphs]
