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
_BUILDS = frozenset((ONTOLOGY, DATASET, *_ADDED))
"""How the names of graphs begin that the build fills itself."""


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


def fault_of(iri: str, base: str) -> tuple[str, str] | None:
    """Return what is wrong with the IRI of a graph that a file names, and where to read of it.

    ``base`` is where the dataset's graphs lie. None if nothing is wrong.
    """
    if not iri.startswith(base):
        return f"the graph <{iri}> doesn't lie under {base}", "see docs/conventions.md"
    if iri[len(base) :].partition("/")[0] in _BUILDS:
        return f"the graph <{iri}> is the build's own", "use graph/<source>/<passage>"
    return None
