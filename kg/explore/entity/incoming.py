"""What points at a thing: grouped by property, counted, and of each group the first few."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine import Engine
from kg.explore.ask import ask, batches, nodes, number
from kg.explore.model import Incoming, Link
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import TYPE, Schema, str_of
from kg.explore.ontology.shapes import PropertyShape
from kg.explore.statements.evidence import ORIGIN, Notes
from kg.sparql.bind import bind, load
from kg.terms import VOID

FEW = 300
"""Up to so many, all are read at once; above, they are counted by the engine and read by the page."""
FIRST = 12
"""How many of each group an entity's page shows."""
PARTS = 60
"""How many of its own parts it shows."""
KEPT = 5_000
"""How many things' counts are kept."""
PAGE = 100
"""How many a page of one group shows."""

Rows: TypeAlias = dict[str, list[str]] | None
"""What points at a thing, by property; None when it is too much to read at once."""
Sayers: TypeAlias = Mapping[tuple[str, str], Sequence[str]]
"""The graphs that say so, by the subject that points and the property by which it does."""


@dataclass(frozen=True)
class Pointing:
    """Finds what points at a thing, for one reader."""

    engine: Engine
    schema: Schema
    reader: Reader
    kept: dict[str, dict[str, int]]
    """Counts of what is pointed at very often, kept for the release."""

    def read(self, iri: str) -> Rows:
        """Return all that points at a thing, by property; None when it is much. Raises QueryError."""
        found: dict[str, list[str]] = {}
        rows = list(ask(self.engine, "kg/explore/entity/incoming", limit=FEW + 1, entity=ox.NamedNode(iri)))
        if len(rows) > FEW:
            return None
        for row in rows:
            found.setdefault(str_of(row["property"]), []).append(str_of(row["subject"]))
        return found

    def groups(
        self, iri: str, shapes: Sequence[PropertyShape], rows: Rows, first: int = FIRST
    ) -> tuple[tuple[Incoming, ...], frozenset[str]]:
        """Return the groups, largest last, and all properties that point here. Raises QueryError.

        Of each group the ``first`` are shown; of a thing's own parts more.

        ``shapes`` are those of the thing: an inverse path among them names its group and gives it its place.
        """
        target = ox.NamedNode(iri)
        named = {shape.path: shape for shape in shapes if shape.inverse and not shape.of}
        hidden = _hidden(self.schema) | {path for path, shape in named.items() if shape.hidden}
        found, counts = self._first(target, hidden, rows)
        links = self._links({subject for subjects in found.values() for subject in subjects})
        order = {name: place for place, name in enumerate(named)}
        names = sorted(found, key=lambda name: (order.get(name, len(order)), counts[name], name))
        groups = []
        for name in names:
            standing = [links[subject] for subject in found[name] if not self._is_bare(links[subject])]
            if found[name] and not standing:
                continue
            items = sorted(standing, key=self._by_name)
            most = PARTS if name in self.schema.playing("Breadcrumb") else first
            groups.append(self._group(target, name, items[:most], counts[name], shape=named.get(name)))
        return tuple(groups), frozenset(counts)

    def _first(
        self, target: ox.NamedNode, hidden: frozenset[str], rows: Rows
    ) -> tuple[dict[str, list[str]], dict[str, int]]:
        """Return the first subjects by property, but for hidden ones, and the count of each property."""
        if rows is not None:
            found = rows
            counts = {name: len(subjects) for name, subjects in found.items()}
        else:
            counts = self._counts(target)
            found = {name: self._subjects(target, name, FIRST, 0) for name in counts.keys() - hidden}
        shown = {name: subjects for name, subjects in found.items() if name not in hidden}
        # VoID's counts of classes and properties are about the dataset, not about the term.
        return {name: subjects for name, subjects in shown.items() if not name.startswith(VOID)}, counts

    def _counts(self, target: ox.NamedNode) -> dict[str, int]:
        if target.value not in self.kept:
            rows = ask(self.engine, "kg/explore/entity/incoming-counts", entity=target)
            counts = {str_of(row["property"]): number(row["count"]) for row in rows if "property" in row}
            if len(self.kept) >= KEPT:
                self.kept.clear()
            self.kept[target.value] = counts
        return self.kept[target.value]

    def page(self, iri: str, name: str, page: int) -> Incoming | None:
        """Return one group's ``page`` (from 1), or None when there is nothing on it. Raises QueryError."""
        target = ox.NamedNode(iri)
        subjects = self._subjects(target, name, PAGE, (page - 1) * PAGE)
        if not subjects:
            return None
        items = sorted(self._links(set(subjects)).values(), key=self._by_name)
        return self._group(target, name, items, self._counts(target).get(name, 0))

    def _is_bare(self, link: Link) -> bool:
        """Say whether a link is a node that only carries evidence, with no thing that it belongs to."""
        return link.via is None and self.schema.is_dependent(self.reader.names.of(link.ref.iri).classes)

    def _by_name(self, link: Link) -> tuple[str, str, str]:
        return self.reader.sort_key(link.ref.iri)

    def _group(
        self,
        target: ox.NamedNode,
        name: str,
        items: Sequence[Link],
        count: int,
        *,
        shape: PropertyShape | None = None,
    ) -> Incoming:
        sparql = bind(load("kg/explore/entity/show-incoming"), entity=target, asked=ox.NamedNode(name))
        return Incoming(
            property=self.reader.term(name, shape.names if shape else ()),
            count=count,
            items=tuple(items),
            sparql=sparql,
            inverse=shape is not None,
            more=max(0, count - len(items)),
        )

    def _subjects(self, target: ox.NamedNode, name: str, limit: int, offset: int) -> list[str]:
        link = ox.NamedNode(name)
        rows = ask(
            self.engine,
            "kg/explore/entity/incoming-page",
            limit=limit,
            offset=offset,
            entity=target,
            asked=link,
        )
        return [str_of(row["subject"]) for row in rows]

    def _links(self, subjects: set[str]) -> Mapping[str, Link]:
        """Return how each subject is shown: a dependent node by the thing that it belongs to."""
        names, schema = self.reader.names, self.schema
        names.fetch(subjects)
        dependent = [one for one in subjects if schema.is_dependent(names.of(one).classes)]
        owners: dict[str, str] = {}
        embedding = nodes(sorted(schema.embedding))
        for batch in batches(nodes(dependent)) if embedding else ():
            for row in ask(self.engine, "kg/explore/entity/owners", node=batch, asked=embedding):
                owners.setdefault(str_of(row["node"]), str_of(row["owner"]))
        names.fetch(owners.values())
        ref = self.reader.ref
        return {
            one: Link(ref(owners[one]), ref(one)) if one in owners else Link(ref(one)) for one in subjects
        }

    def sayers(self, iri: str, groups: Iterable[Incoming]) -> Sayers:
        """Return which graphs say what some groups of ``iri`` show. Raises QueryError."""
        found: dict[tuple[str, str], list[str]] = {}
        subjects = nodes(link.subject for group in groups for link in group.items)
        for batch in batches(subjects):
            for row in ask(
                self.engine, "kg/explore/entity/incoming-graphs", subject=batch, entity=ox.NamedNode(iri)
            ):
                if (graph := str_of(row["graph"])) not in self.schema.superseded:
                    found.setdefault((str_of(row["subject"]), str_of(row["property"])), []).append(graph)
        return found


def untold(groups: Iterable[Incoming], told: frozenset[str]) -> tuple[Incoming, ...]:
    """Return groups without what stands on the page already; one of which nothing is left is gone."""
    left = []
    for group in groups:
        items = tuple(link for link in group.items if link.ref.iri not in told)
        gone = len(group.items) - len(items)
        if items:
            left.append(replace(group, items=items, count=group.count - gone))
    return tuple(left)


def closest(
    groups: Sequence[Incoming], sayers: Sayers, schema: Schema, by_rules: Callable[[Iterable[str]], bool]
) -> tuple[Incoming, ...]:
    """Return groups without what rules alone make of a narrower property, whose group has it too.

    One of which not all is here stays as it is: nobody can say how many would be left.
    """
    subjects = {group.property.iri: {link.subject for link in group.items} for group in groups}
    left = []
    for group in groups:
        name = group.property.iri
        closer = {one for below in schema.narrower(name) for one in subjects.get(below, ())}
        items = tuple(
            link
            for link in group.items
            if group.more or link.subject not in closer or not by_rules(sayers.get((link.subject, name), ()))
        )
        if items:
            left.append(replace(group, items=items, count=group.count - len(group.items) + len(items)))
    return tuple(left)


def cited(groups: Iterable[Incoming], sayers: Sayers, notes: Notes) -> tuple[Incoming, ...]:
    """Return groups with the marks of what says so: once for a group whose things share them."""
    return tuple(_cited(group, sayers, notes) for group in groups)


def _cited(group: Incoming, sayers: Sayers, notes: Notes) -> Incoming:
    marks = [notes.mark(sayers.get((link.subject, group.property.iri), ())) for link in group.items]
    if len(set(marks)) == 1:
        return replace(group, sources=marks[0])
    links = (replace(link, sources=own) for link, own in zip(group.items, marks, strict=True))
    return replace(group, items=tuple(links))


def _hidden(schema: Schema) -> frozenset[str]:
    """Return the properties that no page lists from behind: types, origins, and what every shape hides."""
    return schema.hidden | {TYPE, ORIGIN} | schema.embedding
