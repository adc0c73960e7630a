"""Read ``data/dataset.ttl``: what the dataset is called, where its IRIs lie, how names are transliterated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg import terms
from kg.errors import DataError, Fault
from kg.languages import ORIGINAL
from kg.make.loading.faults import raise_faults
from kg.make.loading.files import require_folder
from kg.make.loading.parse import parse_file

FILE = "dataset.ttl"
_SHORT = terms.Prefixes(terms.WELL_KNOWN)

_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


@dataclass(frozen=True)
class Transliteration:
    """A procedure that derives names: see kg:Transliteration in kg/vocabulary.ttl."""

    name: str
    procedure: str
    source: str
    target: str
    overrides: Path | None


@dataclass(frozen=True)
class Config:
    """What dataset.ttl says that the build needs. ``quads`` are its statements, for graph/dataset."""

    iri: str
    base: str
    version: str
    reference_date: str
    titles: Mapping[str, str]
    languages: tuple[str, ...]
    prefixes: Mapping[str, str]
    transliterations: tuple[Transliteration, ...]
    home: str = ""
    """Where the build's own names lie, when that isn't the base: see `ours`."""

    @property
    def ours(self) -> str:
        """The IRI under which the build's own names lie: graphs, numbers, files."""
        return self.home or self.base

    def graph(self, name: str) -> str:
        """Return the IRI of one of the dataset's graphs."""
        return f"{self.ours}graph/{name}"


class _Description:
    """The triples of dataset.ttl, by subject and property."""

    def __init__(self, path: Path, triples: Iterable[ox.Quad]) -> None:
        self.path = path
        self.faults: list[Fault] = []
        self.subjects: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]] = {}
        for t in triples:
            if isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.NamedNode | ox.Literal):
                values = self.subjects.setdefault(t.subject.value, {})
                values.setdefault(t.predicate.value, []).append(t.object)

    def fault(self, message: str, focus: str | None, path: str | None, hint: str) -> None:
        short = path and (_SHORT.curie(path) or path)
        self.faults.append(Fault(message, self.path, focus=focus, path=short, hint=hint))

    def all(self, focus: str, prop: str) -> list[ox.NamedNode | ox.Literal]:
        return self.subjects.get(focus, {}).get(prop, [])

    def one(self, focus: str, prop: str, hint: str) -> str:
        """Return the only value, or note a fault and return an empty string."""
        found = self.all(focus, prop)
        if len(found) != 1:
            self.fault(f"{len(found)} values where there must be one", focus, prop, hint)
            return ""
        return found[0].value


def read_config(data: Path) -> tuple[Config, list[ox.Quad]]:
    """Read the dataset's description and its triples.

    Raises DataError when the folder or dataset.ttl is missing, has no dataset, or lacks what the build needs.
    """
    require_folder(data, "data")
    path = data / FILE
    if not path.is_file():
        raise DataError(
            f"{path} is missing", hint="it gives the dataset's title, version, base IRI and prefixes"
        )
    triples = list(parse_file(path, {}))
    description = _Description(path, triples)
    iri = _dataset_iri(description)
    config = _config(description, iri, data)
    raise_faults(description.faults)
    return config, triples


def _dataset_iri(description: _Description) -> str:
    kinds = {terms.DCAT + "Dataset", terms.VOID + "Dataset"}
    found = [
        iri
        for iri, values in description.subjects.items()
        if kinds & {value.value for value in values.get(terms.RDF + "type", [])}
    ]
    if len(found) != 1:
        message = f"{len(found)} things are a dcat:Dataset where there must be one"
        raise DataError("the dataset can't be told", (Fault(message, description.path),))
    return found[0]


def _config(d: _Description, iri: str, data: Path) -> Config:
    base = d.one(iri, terms.VOID + "uriSpace", 'such as void:uriSpace "https://example.org/shop/"')
    if base and not (base.startswith(("http://", "https://")) and base.endswith("/")):
        d.fault(
            f"the base IRI {base!r} is not http(s) or doesn't end in /",
            iri,
            terms.VOID + "uriSpace",
            "add the slash",
        )
    version = d.one(iri, terms.DCAT + "version", 'such as dcat:version "0.1.0"')
    if version and not _VERSION.match(version):
        d.fault(
            f"the version {version!r} is not of the form 1.2.3", iri, terms.DCAT + "version", "see semver.org"
        )
    date = d.one(iri, terms.KG + "referenceDate", 'such as kg:referenceDate "2025-12-31"^^xsd:date')
    if date and not _DATE.match(date):
        d.fault(
            f"the reference date {date!r} is not a day",
            iri,
            terms.KG + "referenceDate",
            "write it as 2025-12-31",
        )
    titles = {
        value.language: value.value
        for value in d.all(iri, terms.DCTERMS + "title")
        if isinstance(value, ox.Literal) and value.language
    }
    if not titles:
        d.fault(
            "no title with a language",
            iri,
            terms.DCTERMS + "title",
            f'such as dcterms:title "My shop"@{ORIGINAL}',
        )
    languages = sorted({value.value.lower() for value in d.all(iri, terms.DCTERMS + "language")})
    return Config(
        iri=iri,
        base=base,
        version=version,
        reference_date=date,
        titles=dict(sorted(titles.items())),
        languages=tuple(languages or sorted(titles)),
        prefixes=_prefixes(d, iri),
        transliterations=tuple(_transliterations(d, iri, data)),
    )


def _prefixes(d: _Description, iri: str) -> dict[str, str]:
    table = dict(terms.WELL_KNOWN)
    for declaration in d.all(iri, terms.SH + "declare"):
        prefix = d.one(declaration.value, terms.SH + "prefix", 'such as sh:prefix "shop"')
        namespace = d.one(declaration.value, terms.SH + "namespace", "the IRI that the prefix stands for")
        table[prefix] = namespace
    return dict(sorted(table.items()))


def _transliterations(d: _Description, iri: str, data: Path) -> Iterable[Transliteration]:
    for node in d.all(iri, terms.KG + "transliteration"):
        overrides = d.all(node.value, terms.KG + "overrides")
        yield Transliteration(
            name=terms.local_name(node.value),
            procedure=d.one(node.value, terms.KG + "procedure", "'opencc-t2s' or 'pinyin'"),
            source=d.one(node.value, terms.KG + "fromLanguage", "the language tag of the names read"),
            target=d.one(node.value, terms.KG + "toLanguage", "the language tag of the names written"),
            overrides=data / overrides[0].value if overrides else None,
        )
