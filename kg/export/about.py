"""What each exported file says of itself: title, version, date, licence, rights, citation, checksum.

It is read from the release's own files, so that no engine need be open.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox

from kg.blanks import HOME
from kg.engine import Term
from kg.engine.local import LocalEngine
from kg.export.entity import Description
from kg.languages import ORIGINAL, language_chain
from kg.release import Release
from kg.sparql.bind import bind, load
from kg.terms import DCAT, DCTERMS, KG, pick

_BASIS, _INFERRED = f"<{KG}basis>", f"<{KG}Inferred>"
_RIGHTS = {f"<{DCTERMS}rights>", f"<{DCTERMS}license>", f"<{DCTERMS}rightsHolder>"}
_MARKS = tuple(mark.encode() for mark in (_BASIS, *_RIGHTS))


@dataclass(frozen=True)
class About:
    """What a release says of itself as a whole, in one language."""

    title: str
    version: str
    dataset: str
    date: str
    license: str
    rights: str
    creators: tuple[str, ...]
    publisher: str
    digest: str
    as_of: str = ""
    identifier: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()

    @property
    def year(self) -> str:
        """The year of the release's date, or ``n.d.``."""
        return self.date[:4] or "n.d."

    @property
    def citation(self) -> str:
        """One line that cites this release."""
        who = ", ".join(self.creators) or self.publisher
        lead = f"{who} ({self.year}). {self.title}" if who else f"{self.title} ({self.year})"
        published = f" {self.publisher}." if self.creators and self.publisher not in ("", who) else ""
        line = f"{lead} (Version {self.version}) [Data set].{published} {self.identifier or self.dataset}"
        return line.rstrip()


@dataclass(frozen=True)
class Graphs:
    """What exports must know of the graphs, as the data says it."""

    inferred: frozenset[str]
    rights: tuple[tuple[str, Term], ...]
    """Pairs of a graph's or a source's IRI and the rights or licence named on it."""


def about(release: Release, language: str = ORIGINAL) -> About:
    """Return what a release says of itself in a language, or in the next best."""
    said = _said(release.path, release.digest, release.dataset)
    chain = language_chain(language)

    def text(*names: str) -> str:
        for name in names:
            values = [value for value, _ in said.get(DCTERMS + name, ())]
            literals = [value for value in values if isinstance(value, ox.Literal)]
            if best := pick(literals, chain):
                return best.value
            if values:
                return str(getattr(values[0], "value", ""))
        return ""

    return About(
        title=text("title") or release.dataset,
        version=release.version,
        # The program made this IRI up for opened files, so it isn't cited.
        dataset="" if release.dataset.startswith(HOME) else release.dataset,
        date=text("issued", "modified") or str(release.manifest.get("referenceDate") or ""),
        as_of=str(release.manifest.get("referenceDate") or ""),
        license=text("license"),
        rights=text("rights"),
        creators=_names(said.get(DCTERMS + "creator", ()), chain),
        publisher=", ".join(_names(said.get(DCTERMS + "publisher", ()), chain)),
        digest=release.digest,
        identifier=text("identifier"),
        description=text("description", "abstract"),
        keywords=_keywords([value for value, _ in said.get(DCAT + "keyword", ())], chain),
    )


def _keywords(values: Iterable[Term], chain: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keywords of the best language, sorted."""
    literals = [value for value in values if isinstance(value, ox.Literal)]
    best = pick(literals, chain)
    return tuple(sorted(value.value for value in literals if best and value.language == best.language))


def graphs(release: Release) -> Graphs:
    """Return what the data says of its graphs: one pass over dataset.nq, then remembered."""
    return _graphs(release.file("dataset.nq"), release.home, release.digest)


def header(
    release: Release, what: str = "", *, language: str = ORIGINAL, of: Collection[str] | None = None
) -> str:
    """Return the comment at the top of a file made from a release.

    ``what`` says what part of it this is; ``of`` are the graphs whose rights it must name (all, when None).
    """
    one = about(release, language)
    lines = [one.title, *([what] if what else []), f"Version: {one.version}", f"Issued: {one.date}"]
    lines += [f"As of: {one.as_of}"] if one.as_of else []
    lines += [f"Licence: {one.license}"] if one.license else []
    lines += [f"Rights: {_flat(one.rights)}"] if one.rights else []
    rights = [pair for pair in graphs(release).rights if of is None or _touches(pair[0], of)]
    sources: dict[str, list[str]] = {}
    for source, text in _in_language(rights, language):
        sources.setdefault(text, []).append(f"<{source}>")
    lines += [f"Rights in {', '.join(found)}: {text}" for text, found in sources.items()]
    lines += [f"Cite as: {one.citation}", f"Checksum: sha256 {one.digest} (dataset.nq of this release)"]
    return "\n".join(lines)


def about_description(release: Release, found: Description, more: str) -> str:
    """Return the comment at the top of a description; ``more`` is the address with all inferences."""
    return header(release, what_is_said(found, more), of={str(quad.graph_name)[1:-1] for quad in found.quads})


def what_is_said(found: Description, more: str) -> str:
    """Return in one line what a description holds, and what it leaves out."""
    line = f"What is said of <{found.iri}>"
    if found.withheld:
        line += f"; {found.withheld} statements inferred by rules are left out ({more} adds them)"
    return line


def _touches(source: str, graphs: Collection[str]) -> bool:
    """Say whether a source or a graph belongs to one of some graphs: their IRIs share the slug."""
    graph = source.replace("/source/", "/graph/", 1)
    return any(one == graph or one.startswith(f"{graph}/") for one in graphs)


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _in_language(rights: Iterable[tuple[str, Term]], language: str) -> Iterator[tuple[str, str]]:
    """Yield each graph's rights in one language; a licence's IRI stays as it is."""
    by_graph: dict[str, list[Term]] = {}
    for graph, value in rights:
        by_graph.setdefault(graph, []).append(value)
    chain = language_chain(language)
    for graph, terms in by_graph.items():
        literals = [term for term in terms if isinstance(term, ox.Literal)]
        best = pick(literals, chain)
        links = [term.value for term in terms if isinstance(term, ox.NamedNode)]
        yield graph, _flat("; ".join([*links, *([best.value] if best else [])]))


@lru_cache(maxsize=16)
def _said(path: Path, digest: str, dataset: str) -> Mapping[str, list[tuple[Term, ox.Literal | None]]]:  # noqa: ARG001 - the digest keeps the memory true
    file = path / "metadata.ttl"
    if not file.is_file():
        return {}
    store = ox.Store()
    store.load(path=str(file), format=ox.RdfFormat.TURTLE)
    said: dict[str, list[tuple[Term, ox.Literal | None]]] = {}
    query = bind(load("kg/export/dataset"), dataset=ox.NamedNode(dataset))
    for row in LocalEngine(store).query(query).dicts():
        name = row.get("name")
        label = name if isinstance(name, ox.Literal) else None
        said.setdefault(str(row["property"])[1:-1], []).append((row["value"], label))
    return said


def _names(values: Iterable[tuple[Term, ox.Literal | None]], chain: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of agents, each in the best language, in the order of their IRIs or names."""
    labels: dict[Term, list[ox.Literal]] = {}
    for value, name in values:
        found = labels.setdefault(value, [])
        found += [one for one in (name, value) if isinstance(one, ox.Literal)]
    best = (pick(labels[value], chain) for value in sorted(labels, key=str))
    return tuple(one.value for one in best if one)


@lru_cache(maxsize=16)
def _graphs(path: Path, base: str, digest: str) -> Graphs:  # noqa: ARG001 - the digest keeps the memory true
    inferred, rights = set(), []
    sources = (f"<{base}graph/", f"<{base}source/")
    with path.open("rb") as lines:
        for line in lines:
            if not any(mark in line for mark in _MARKS):
                continue
            quad = next(iter(ox.parse(line, format=ox.RdfFormat.N_QUADS)))
            predicate = str(quad.predicate)
            if predicate == _BASIS and str(quad.object) == _INFERRED:
                inferred.add(str(quad.subject)[1:-1])
            elif predicate in _RIGHTS and str(quad.subject).startswith(sources):
                rights.append((str(quad.subject)[1:-1], quad.object))
    return Graphs(frozenset(inferred), tuple(rights))
