"""What isn't known of one region: what nothing is told of there, what its things lack, and which figures."""

from __future__ import annotations

from dataclasses import dataclass

from kg.explore.coverage.gaps import Expected, Gaps
from kg.explore.model import Ref
from kg.explore.naming.names import Reader
from kg.explore.statements.figures import Figures, Quantity
from kg.release import Release


@dataclass(frozen=True, slots=True)
class Inside:
    """A class, how many of its things are told of in a region, and what is expected of them."""

    cls: Ref
    count: int
    expected: tuple[Expected, ...]

    @property
    def gaps(self) -> tuple[Expected, ...]:
        """What some of them lack, by importance."""
        return tuple(one for one in self.expected if one.missing)


@dataclass(frozen=True, slots=True)
class RegionGaps:
    """What isn't known of a region.

    ``untold`` are the classes of which other regions have things and this one has none; ``told`` the others.
    ``unmeasured`` are quantities that other regions have a figure of (``things``: how many) and this one not,
    the commonest first; ``measured`` is of how many quantities it has one.
    """

    region: Ref
    axis: Ref
    untold: tuple[Ref, ...]
    told: tuple[Inside, ...]
    unmeasured: tuple[Quantity, ...]
    measured: int
    others: int


def region_gaps(
    iri: str, gaps: Gaps, figures: Figures, release: Release | None, reader: Reader
) -> RegionGaps | None:
    """Return what isn't known of a region; None where it is none. Raises QueryError."""
    found = gaps.regions(release)
    if found is None or iri not in found.iris:
        return None
    here = [cls for cls in found.told if found.counts.get((iri, cls))]
    told = []
    for cls in here:
        among = gaps.inside(cls, found.axis, iri)
        told.append(Inside(reader.term(cls), len(among), gaps.expected(cls, reader, among)))
    own, elsewhere = _measured(iri, figures, found.cls)
    reader.names.fetch([iri, *elsewhere])
    unmeasured = [Quantity(reader.ref(q), count) for q, count in elsewhere.items() if q not in own]
    return RegionGaps(
        region=reader.ref(iri),
        axis=reader.term(found.axis),
        untold=tuple(reader.term(cls) for cls in found.told if cls not in here),
        told=tuple(sorted(told, key=lambda one: (-len(one.gaps), one.cls.label.value))),
        unmeasured=tuple(sorted(unmeasured, key=lambda one: (-one.things, one.ref.label.value))),
        measured=len(own),
        others=len(found.iris) - 1,
    )


def _measured(iri: str, figures: Figures, cls: str) -> tuple[set[str], dict[str, int]]:
    """Return which quantities a region has a figure of, and of how many others each is given."""
    own: set[str] = set()
    things: dict[str, set[str]] = {}
    for raw in figures.of(cls):
        quantity = raw.one("Quantity")
        if raw.item == iri:
            own.add(quantity)
        else:
            things.setdefault(quantity, set()).add(raw.item)
    return own, {quantity: len(of) for quantity, of in things.items()}
