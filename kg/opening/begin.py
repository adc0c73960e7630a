"""Beginning a curated dataset from existing files: dataset.ttl, the layout, a first source."""

from __future__ import annotations

import datetime
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.blanks import HOME
from kg.errors import DataError, UsageError
from kg.explore.naming.names import well_known
from kg.machine.progress import Progress, Silent
from kg.machine.room import writing
from kg.make.loading.config import Config
from kg.make.loading.faults import MOST
from kg.make.loading.files import RECORD
from kg.make.paragraphs import TurtleWriter
from kg.opening.canonical import Canonical
from kg.opening.collect import Collected
from kg.opening.inputs import Inputs, look
from kg.opening.make import PRIMARY, SHAPES, gather
from kg.opening.options import Options
from kg.opening.surveying.description import find
from kg.opening.surveying.links import dangles
from kg.opening.surveying.survey import Survey, survey
from kg.search.statements import iri_of
from kg.terms import DCAT, DCTERMS, KG, OWL, RDF, RDFS, SH, VOID, WELL_KNOWN, XSD, local_name

PLACEHOLDER = "https://example.org/"
"""Where a dataset's names lie whose owner hasn't said where: addresses that mean nothing (RFC 2606 §3)."""
_TYPE = ox.NamedNode(RDF + "type")
_TRUE = ox.Literal(True)


@dataclass(frozen=True)
class Begun:
    """The new dataset: the files that were written, its base, and the changes that were made, counted."""

    files: tuple[Path, ...]
    base: str
    changes: Mapping[str, int]


def begin(
    paths: Sequence[Path],
    folder: Path,
    options: Options | None = None,
    *,
    slug: str = "",
    progress: Progress | None = None,
) -> Begun:
    """Write a dataset into a folder: ``data/dataset.ttl``, a source with what the files say, and an ontology.

    Without files it is an empty one. Raises UsageError when there is a dataset already or the base ends in no
    slash, DataError when a file can't be read, StorageError when the folder can't be written.
    """
    options, progress = options or Options(), progress or Silent()
    if (folder / "data" / "dataset.ttl").exists():
        raise UsageError(f"{folder / 'data' / 'dataset.ttl'} is there already", hint="name another --into")
    if options.base and not options.base.endswith("/"):
        raise UsageError(
            f"the base {options.base} doesn't end in /", hint="such as https://example.org/shop/"
        )
    inputs = look(paths, options.syntax) if paths else Inputs((), ())
    with tempfile.TemporaryDirectory(prefix="kg-init-") as place:
        collected = Collected()
        path = gather(inputs, options.base, collected, Path(place), progress)
        if collected.faults:
            raise DataError("not all can be read", tuple(collected.faults[:MOST]))
        found = survey(path)
        names = [document.name for document in inputs.documents] or [folder.resolve().name]
        config = find(found, collected.prefixes, names, title=options.title, base=options.base)
        slug = _slug(slug or names[0])
        base = options.base or _base(config, path, slug)
        with writing(f"{folder} can't be written"):
            return _write(folder, path, found, config, base=base, slug=slug)


def _base(config: Config, path: Path, slug: str) -> str:
    """Return the files' own base if everything below it is described, as curated data needs; else another."""
    if config.base != HOME and config.base.endswith("/") and not dangles(path, config.base):
        return config.base
    return f"{PLACEHOLDER}{slug}/"


def _write(folder: Path, lines: Path, found: Survey, config: Config, *, base: str, slug: str) -> Begun:
    prefixes = {**config.prefixes, "kg": KG}
    writer = TurtleWriter(prefixes)
    canonical = Canonical(base)
    source = folder / "data" / slug
    source.mkdir(parents=True, exist_ok=True)
    (folder / "ontology" / "shapes").mkdir(parents=True, exist_ok=True)
    written_: list[Path] = []

    def put(path: Path, triples: Iterator[ox.Triple]) -> None:
        rows = sorted((str(t.subject), str(t.predicate), str(t.object)) for t in triples)
        path.write_text("".join([*writer.head(), *writer.body(rows)]), encoding="utf-8", newline="\n")
        written_.append(path)

    put(folder / "data" / "dataset.ttl", _dataset(config, base))
    put(folder / "ontology" / f"{slug}.ttl", _ontology(found, base))
    if found.statements:
        put(source / RECORD, _record(config, base, slug))
        with lines.open("rb") as stream:
            quads = ox.parse(stream, format=ox.RdfFormat.N_QUADS)
            put(source / "statements.ttl", (canonical.triple(quad) for quad in quads))
    for shapes in sorted(SHAPES.glob("*.ttl")):
        target = folder / "ontology" / "shapes" / shapes.name
        target.write_text(shapes.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")
        written_.append(target)
    changes = dict(canonical.changes)
    named = [graph for graph in found.graphs if not graph.startswith(b"<" + HOME.encode())]
    if named:
        changes["named graphs were joined into that of the source"] = len(named)
    return Begun(tuple(written_), base, changes)


def _dataset(config: Config, base: str) -> Iterator[ox.Triple]:
    dataset = ox.NamedNode(base)

    def say(prop: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
        return ox.Triple(dataset, ox.NamedNode(prop), value)

    yield say(RDF + "type", ox.NamedNode(DCAT + "Dataset"))
    yield say(RDF + "type", ox.NamedNode(VOID + "Dataset"))
    for tag, title in config.titles.items():
        yield say(DCTERMS + "title", ox.Literal(title, language=tag))
    yield say(DCAT + "version", ox.Literal("0.1.0"))
    yield say(VOID + "uriSpace", ox.Literal(base))
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    yield say(KG + "referenceDate", ox.Literal(today, datatype=ox.NamedNode(XSD + "date")))
    for tag in config.languages:
        yield say(DCTERMS + "language", ox.Literal(tag))
    for prefix, namespace in config.prefixes.items():
        if WELL_KNOWN.get(prefix) == namespace:
            continue
        node = ox.NamedNode(f"{base}prefix/{prefix}")
        yield say(SH + "declare", node)
        yield ox.Triple(node, ox.NamedNode(SH + "prefix"), ox.Literal(prefix))
        uri = ox.NamedNode(XSD + "anyURI")
        yield ox.Triple(node, ox.NamedNode(SH + "namespace"), ox.Literal(namespace, datatype=uri))


def _ontology(found: Survey, base: str) -> Iterator[ox.Triple]:
    """Declare the classes in use as main classes, with names where they are known."""
    yield ox.Triple(ox.NamedNode(f"{base}ontology/"), _TYPE, ox.NamedNode(OWL + "Ontology"))
    used = [iri_of(one) for one, number in found.named.most_common() if number and one.startswith(b"<")]
    for iri in used[:PRIMARY]:
        node = ox.NamedNode(iri)
        yield ox.Triple(node, _TYPE, ox.NamedNode(OWL + "Class"))
        yield ox.Triple(node, ox.NamedNode(KG + "isPrimary"), _TRUE)
        for label in well_known().get(iri, ()):
            yield ox.Triple(node, ox.NamedNode(RDFS + "label"), label)


def _record(config: Config, base: str, slug: str) -> Iterator[ox.Triple]:
    """Describe the first source, as far as it is known, for the curator to complete."""
    source = ox.NamedNode(f"{base}source/{slug}")
    yield ox.Triple(source, _TYPE, ox.NamedNode(DCTERMS + "BibliographicResource"))
    for tag, title in config.titles.items():
        yield ox.Triple(source, ox.NamedNode(RDFS + "label"), ox.Literal(title, language=tag))
    if config.iri.startswith(("http://", "https://")) and not config.iri.startswith(HOME):
        yield ox.Triple(source, ox.NamedNode(DCTERMS + "source"), ox.NamedNode(config.iri))


def _slug(name: str) -> str:
    stem = local_name(name).partition(".")[0]
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or "data"
