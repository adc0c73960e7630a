"""What must be known of the whole release before its things are indexed one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.labels import XL_FORM
from kg.release import Release
from kg.search.hits import Name
from kg.search.statements import by_subject, graph_and_object, having, name_of, written
from kg.sparql.bind import load
from kg.terms import KG, RDF, RDFS, SKOS

TYPE = written(RDF + "type")
NOTATION = written(SKOS + "notation")
_SUBCLASS = written(RDFS + "subClassOf")
_DEPENDENT = written(KG + "isDependent")
_BASIS = written(KG + "basis")
_PASSAGES = frozenset({written(KG + "Stated"), written(KG + "Read")})
_FORM = written(XL_FORM)
_TRUE = (b'"true"', b'"1"')


@dataclass(frozen=True)
class Vocabulary:
    """Classes, breadcrumbs and graphs, all as written in the file.

    ``above`` maps a class to itself and all its superclasses; ``passages`` are the graphs of what passages
    state and of what curators read in them; ``superseded`` the graphs that later ones replace.
    """

    above: Mapping[bytes, frozenset[bytes]]
    dependent: frozenset[bytes]
    parents: tuple[bytes, ...]
    passages: frozenset[bytes]
    superseded: frozenset[bytes]

    def classes(self, types: Iterable[bytes]) -> frozenset[bytes]:
        """Return these classes and all above them."""
        return frozenset([up for one in types for up in self.above.get(one, (one,))])

    def narrowest(self, types: Iterable[bytes]) -> list[bytes]:
        """Return those of the classes of which no other is a subclass, sorted."""
        types = sorted(types)
        if len(types) < 2:
            return types
        return [
            one
            for one in types
            if not any(one != other and one in self.above.get(other, ()) for other in types)
        ]

    def is_dependent(self, types: Iterable[bytes]) -> bool:
        """Say whether things of these classes exist only within another."""
        return not self.dependent.isdisjoint(self.classes(types))


@dataclass(frozen=True)
class Survey:
    """What the statements say across things.

    ``codes`` has the codes of dependent nodes, by node; ``mentions`` how often passages speak of a thing as
    something else's; ``children`` of how many things a thing is the immediate whole. Its size is that of the
    identifiers, about 250 bytes each, and of the things that have parts.
    """

    codes: Mapping[bytes, tuple[str, ...]]
    mentions: Mapping[bytes, int]
    children: Mapping[bytes, int]
    forms: Mapping[bytes, tuple[Name, ...]] = field(default_factory=dict)
    """The texts of labels that are things of their own (SKOS-XL), in files that nobody curated."""


def read_vocabulary(release: Release) -> Vocabulary:
    """Read what the release says of its classes and graphs, and its shapes of breadcrumbs."""
    path = release.file("dataset.nq")
    superseded = frozenset(written(iri) for iri in release.manifest.get("superseded", ()))
    direct: dict[bytes, set[bytes]] = {}
    dependent, passages = set(), set()
    for subject, predicate, value, graph in having(path, _SUBCLASS, _DEPENDENT, _BASIS):
        if graph in superseded:
            continue
        if predicate == _SUBCLASS:
            direct.setdefault(subject, set()).add(value)
        elif predicate == _BASIS and value in _PASSAGES:
            passages.add(subject)
        elif predicate == _DEPENDENT and value.startswith(_TRUE):
            dependent.add(subject)
    above = {one: _closure(one, direct) for one in direct}
    return Vocabulary(
        above,
        frozenset(dependent),
        _breadcrumbs(release),
        frozenset(passages) - superseded,
        superseded,
    )


def survey(release: Release, vocabulary: Vocabulary) -> Survey:
    """Go once through all statements."""
    codes: dict[bytes, tuple[str, ...]] = {}
    mentions: Counter[bytes] = Counter()
    children: Counter[bytes] = Counter()
    for subject, said in by_subject(release.file("dataset.nq")):
        types, notations, parents = set(), set(), set()
        for predicate, rest in said:
            graph, value = graph_and_object(rest)
            if graph in vocabulary.superseded:
                continue
            if graph in vocabulary.passages and predicate != TYPE and value.startswith(b"<"):
                mentions[value] += 1
            if predicate == TYPE:
                types.add(value)
            elif predicate == NOTATION:
                notations.add(value)
            elif predicate in vocabulary.parents:
                parents.add(value)
        if notations and vocabulary.is_dependent(types):
            names = (name_of(value, is_alias=False) for value in sorted(notations))
            codes[subject] = tuple(name.value for name in names if name)
        children.update(parents)
    return Survey(codes, mentions, children, _forms(release))


def _forms(release: Release) -> dict[bytes, tuple[Name, ...]]:
    found: dict[bytes, tuple[Name, ...]] = {}
    if release.opened:
        for subject, _, value, _ in having(release.file("dataset.nq"), _FORM):
            if name := name_of(value, is_alias=False):
                found[subject] = (*found.get(subject, ()), name)
    return found


def _closure(one: bytes, direct: Mapping[bytes, set[bytes]]) -> frozenset[bytes]:
    found, queue = {one}, [one]
    while queue:
        for up in direct.get(queue.pop(), ()):
            if up not in found:
                found.add(up)
                queue.append(up)
    return frozenset(found)


def _breadcrumbs(release: Release) -> tuple[bytes, ...]:
    """Return the properties that lead to the parent in the chain above a title, as the shapes say."""
    if "shapes.ttl" not in release.manifest["files"]:
        return ()
    store = ox.Store()
    store.load(path=str(release.file("shapes.ttl")), format=ox.RdfFormat.TURTLE)
    rows = store.query(load("kg/tracing/breadcrumbs"))
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 # it is a SELECT
    return tuple(written(row["path"].value) for row in rows if isinstance(row["path"], ox.NamedNode))
