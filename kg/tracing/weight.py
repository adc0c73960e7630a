"""How a row stands: stated by how many documents independently, read with what confidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.terms import KG
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
) -> Weight:
    """Return how a row stands, by the best of its ways."""
    best = Weight(0, None)
    for way in row.ways:
        counts, lowest = [], len(_ORDER)
        for number in way:
            graphs = [origins[graph] for graph in statements[number].graphs]
            documents = {texts[document] for one in graphs for document in one.documents}
            if documents:
                counts.append(len(documents))
            lowest = min(lowest, max((_rank(one) for one in graphs), default=len(_ORDER)))
        confidence = _ORDER[lowest] if lowest < len(_ORDER) else None
        weight = Weight(min(counts, default=0), confidence)
        if weight.independent > best.independent or best.confidence is None:
            best = max(best, weight, key=lambda one: one.independent)
    return best


def _rank(origin: Origin) -> int:
    """How surely a graph was read; what is stated needs no reading."""
    return _ORDER.index(origin.confidence) if origin.confidence in _ORDER else len(_ORDER)
