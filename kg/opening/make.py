"""Make a release of files as they are."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pyoxigraph as ox

from kg.errors import DataError, Fault
from kg.machine.progress import Progress
from kg.make.loading import graphs
from kg.make.loading.load import Counted, Loaded
from kg.make.sealing import describe, report, seal
from kg.make.sealing.sorting import sorted_lines
from kg.make.shapes import read_shapes
from kg.opening.collect import Collected, collect
from kg.opening.inputs import Inputs
from kg.opening.options import Options
from kg.opening.surveying import display
from kg.opening.surveying.declared import declared
from kg.opening.surveying.description import find
from kg.opening.surveying.survey import of_classes, survey
from kg.release import Release
from kg.search.statements import iri_of, written

_WORK = ".opening-"
LINES = "lines.nq"
SHAPES = Path(__file__).parent / "shapes"
PRIMARY = 60
"""How many classes stand on the home page at most."""


def make(
    inputs: Inputs, options: Options, out: Path, progress: Progress
) -> tuple[Release, tuple[Fault, ...]]:
    """Make a release of files in the folder ``out``, which is locked; return it with what was faulty.

    Raises DataError when nothing can be read, or something can't and ``partly`` isn't said.
    """
    for left in out.glob(f"{_WORK}*"):  # by one who was killed: the folder is locked
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_WORK, dir=out) as place:
        loaded, faults = _load(inputs, options, Path(place), progress)
        with progress.step("describe"):
            describe.add_statistics(loaded)
            texts = report.vocabulary_of(loaded, declared(Path(place) / LINES))
        files = [*sorted(SHAPES.glob("*.ttl")), *sorted(Path(place).glob("*.nt"))]
        shapes = read_shapes(files, loaded.config.prefixes)
        release = seal.seal(loaded, seal.Extras(shapes, {}, {}, lambda: texts), out, progress, final=False)
    return release, faults


def gather(inputs: Inputs, base: str, into: Collected, place: Path, progress: Progress) -> Path:
    """Read all documents into one file of sorted lines, in the folder ``place``; ``into`` has the faults."""
    path = place / LINES
    with progress.step("read", inputs.size, "B") as tick, path.open("wb") as out:
        lines = collect(inputs.documents, into, tick, base=base or None)
        out.writelines(sorted_lines(lines, place))
    return path


def _load(
    inputs: Inputs, options: Options, place: Path, progress: Progress
) -> tuple[Loaded, tuple[Fault, ...]]:
    collected, before = Collected(), inputs.marks()
    path = gather(inputs, options.base, collected, place, progress)
    if changed := before.symmetric_difference(inputs.marks()):
        faults = tuple(
            Fault("it changed while it was read", path) for path in sorted({one[0] for one in changed})
        )
        raise DataError("nothing is opened", faults, hint="open it again when nobody writes to it")
    faults = tuple(collected.faults)
    if faults and not (options.partly and path.stat().st_size):
        hint = "with --partly the rest is opened" if len(inputs.documents) > 1 else None
        raise DataError("nothing is opened, as not all can be read", faults, hint=hint)
    with progress.step("survey"):
        found = survey(path)
    for name, lines in (("facets.nt", display.facets(found)), ("stated.nt", display.stated(path, found))):
        with (place / name).open("wb") as out:
            out.writelines(lines)
    names = [document.name for document in inputs.documents]
    config = find(found, collected.prefixes, names, title=options.title, base=options.base)
    loaded = Loaded(config, ox.Store(), lines=path, apart=frozenset(map(config.graph, _OWN)))
    loaded.counted = Counted(
        found.statements,
        found.quads,
        frozenset(iri_of(graph) for graph in found.graphs),
        of_classes(found.classes),
        of_classes(found.properties),
    )
    primary = [iri_of(one) for one, number in found.named.most_common() if number and one.startswith(b"<")]
    sizes = {iri: found.classes[written(iri)] for iri in primary[:PRIMARY]}
    loaded.facts = {"opened": {"primary": [*sizes], "files": names, "sizes": sizes}}
    loaded.add(config.graph(graphs.DATASET), describe.titled(config))
    return loaded, faults


_OWN = (graphs.META, graphs.DATASET, graphs.STATISTICS)
