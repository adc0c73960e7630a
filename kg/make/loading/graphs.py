"""What follows from a graph's IRI: on what its statements rest, and which source they come from. Pure."""

from __future__ import annotations

from kg.terms import KG

ONTOLOGY = "ontology"
META = "meta"
DATASET = "dataset"
STATISTICS = "derived/statistics"

_READING = "reading"
_OWN = {ONTOLOGY: KG + "Defined", META: KG + "Recorded", DATASET: KG + "Recorded"}
_ADDED = {"derived": KG + "Derived", "inferred": KG + "Inferred"}


def basis_of(name: str, *, tabulated: bool) -> str:
    """Return the kg:Basis of the graph ``B graph/<name>``.

    ``tabulated``: a source's own graph holds a table's rows, not just the record of a document.
    """
    parts = name.split("/")
    if name in _OWN:
        return _OWN[name]
    if parts[0] in _ADDED:
        return _ADDED[parts[0]]
    if _READING in parts[1:3]:
        return KG + "Read"
    if len(parts) == 1:
        return KG + ("Tabulated" if tabulated else "Recorded")
    return KG + "Stated"


def source_of(name: str) -> str | None:
    """Return what the graph's statements come from, as a path below the base; None for the build's own."""
    parts = name.split("/")
    if name in _OWN or parts[0] in _ADDED:
        return None
    # A reading is of a passage (slug/p05/reading) or of a table as a whole (slug/reading).
    return "source/" + "/".join(parts[: 1 if parts[1:2] == [_READING] else 2])
