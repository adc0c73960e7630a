"""Shapes as values: what a graph of SHACL says, read once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from kg.errors import DataError, Fault
from kg.make.shacl.paths import Path, read_list, read_path
from kg.make.shacl.terms import Term
from kg.sparql.xpath import PatternError, compiled
from kg.terms import OWL, RDF, RDFS, SH

Table = dict[Term, dict[str, list[Term]]]

_SHAPES = ("not", "node", "property", "qualifiedValueShape")
_SHAPE_LISTS = ("and", "or", "xone")
_LISTS = ("in", "languageIn", "ignoredProperties")
_VALUES = (
    *(
        "class",
        "datatype",
        "nodeKind",
        "minCount",
        "maxCount",
        "minInclusive",
        "maxInclusive",
        "minExclusive",
    ),
    *("maxExclusive", "minLength", "maxLength", "pattern", "uniqueLang", "equals", "disjoint", "lessThan"),
    *("lessThanOrEquals", "closed", "hasValue"),
)
_COMPANIONS = ("flags", "ignoredProperties", "qualifiedMinCount", "qualifiedMaxCount")
_TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
_ABOUT = (
    "path",
    "severity",
    "message",
    "deactivated",
    "name",
    "description",
    "order",
    "group",
    "defaultValue",
)
_ONLY_FOR_PATHS = (
    "minCount",
    "maxCount",
    "uniqueLang",
    "lessThan",
    "lessThanOrEquals",
    "qualifiedValueShape",
)
_ASK_FOR_VALUES = frozenset(["minCount", "hasValue", "equals", "qualifiedValueShape"])
_COUNTS = ("minCount", "maxCount", "minLength", "maxLength", "qualifiedMinCount", "qualifiedMaxCount")
_KNOWN = {*_SHAPES, *_SHAPE_LISTS, *_LISTS, *_VALUES, *_COMPANIONS, *_TARGETS, *_ABOUT}


@dataclass(frozen=True)
class Constraint:
    """One component of a shape, such as ``minCount``, with its parameters as terms or shapes."""

    name: str
    terms: tuple[Term, ...] = ()
    shapes: tuple[Shape, ...] = ()


@dataclass(frozen=True)
class Shape:
    """A node shape (``path`` is None) or a property shape."""

    node: Term
    path: Path | None
    severity: str
    messages: tuple[ox.Literal, ...]
    description: str | None
    targets: tuple[tuple[str, Term], ...]
    constraints: tuple[Constraint, ...]
    options: dict[str, tuple[Term, ...]] = field(hash=False, compare=False)

    @cached_property
    def asks_for_values(self) -> bool:
        """Whether having no value can be wrong; of most shapes it can't, so nothing need be looked at."""
        return any(constraint.name in _ASK_FOR_VALUES for constraint in self.constraints)

    @cached_property
    def predicate(self) -> str | None:
        """The one property that leads to the values; None where there is another path, or none."""
        return self.path.predicate if self.path and self.path.kind == "predicate" else None


def read(store: ox.Store) -> list[Shape]:
    """Return the shapes that have a target. Raises DataError for what is not SHACL Core."""
    reader = _Reader(store)
    shapes = [reader.shape(node) for node in sorted(reader.candidates(), key=str)]
    if reader.faults:
        raise DataError("the shapes can't be used", tuple(reader.faults))
    return [shape for shape in shapes if shape.targets]


class _Reader:
    def __init__(self, store: ox.Store) -> None:
        self.table: Table = {}
        for quad in store:
            if not isinstance(quad.object, ox.Triple) and not isinstance(quad.subject, ox.Triple):
                values = self.table.setdefault(quad.subject, {})
                values.setdefault(quad.predicate.value, []).append(quad.object)
        self.faults: list[Fault] = []
        self.made: dict[Term, Shape] = {}
        self.open: set[Term] = set()

    def candidates(self) -> Iterable[Term]:
        """Yield the nodes that are shapes by their type or by having a target."""
        kinds = {ox.NamedNode(SH + "NodeShape"), ox.NamedNode(SH + "PropertyShape")}
        targets = {SH + name for name in _TARGETS}
        for node, values in self.table.items():
            if kinds & set(values.get(RDF + "type", [])) or targets & values.keys():
                yield node

    def all(self, node: Term, name: str) -> list[Term]:
        """Return the values of a ``sh:`` property, in a fixed order."""
        return sorted(self.table.get(node, {}).get(SH + name, []), key=str)

    def fault(self, node: Term, message: str, hint: str | None = None) -> None:
        self.faults.append(Fault(message, focus=str(node).strip("<>"), hint=hint))

    def shape(self, node: Term) -> Shape:
        """Return the shape of a node. One that refers to itself is a fault: what it means is undefined."""
        if node in self.made:
            return self.made[node]
        if node in self.open:
            self.fault(node, "a shape that refers to itself has no defined meaning")
            return Shape(node, None, SH + "Violation", (), None, (), (), {})
        self.open.add(node)
        self.made[node] = made = self._shape(node)
        self.open.discard(node)
        return made

    def _shape(self, node: Term) -> Shape:
        self._refuse_unknown(node)
        paths, severity = self.all(node, "path"), self.all(node, "severity")
        path = None
        if paths:
            try:
                path = read_path(paths[0], self.table)
            except ValueError as error:
                self.fault(node, f"sh:path is not a path: {error}")
        off = any(value.value == "true" for value in self.all(node, "deactivated"))
        return Shape(
            node=node,
            path=path,
            severity=severity[0].value if severity else SH + "Violation",
            messages=tuple(m for m in self.all(node, "message") if isinstance(m, ox.Literal)),
            description=next((d.value for d in self.all(node, "description")), None),
            targets=() if off else self._targets(node),
            constraints=() if off else tuple(self._constraints(node)),
            options={name: tuple(self._option(node, name)) for name in _COMPANIONS if self.all(node, name)},
        )

    def _refuse_unknown(self, node: Term) -> None:
        for predicate in self.table.get(node, {}):
            if predicate.startswith(SH) and predicate[len(SH) :] not in _KNOWN:
                hint = "write the rule as a query in ontology/checks"
                self.fault(node, f"sh:{predicate[len(SH) :]} is not supported", hint)
        if len(self.all(node, "path")) > 1:
            self.fault(node, "a shape has one sh:path")
        self._refuse_misplaced(node)
        self._refuse_parameters(node)

    def _refuse_misplaced(self, node: Term) -> None:
        if not self.all(node, "path"):
            for name in _ONLY_FOR_PATHS:
                if self.all(node, name):
                    self.fault(node, f"sh:{name} stands in a shape that has no sh:path")
        for nested in self.all(node, "property"):
            if not self.all(nested, "path"):
                self.fault(nested, "a property shape has no sh:path")

    def _refuse_parameters(self, node: Term) -> None:
        for name in _COUNTS:
            for value in self.all(node, name):
                if not (isinstance(value, ox.Literal) and value.value.isdecimal()):
                    self.fault(node, f"sh:{name} is not a number: {value}")
        for value in self.all(node, "pattern"):
            flags = self.all(node, "flags")
            try:
                compiled(value.value, flags[0].value if flags else "")
            except PatternError as error:
                self.fault(node, f"sh:pattern is not a pattern: {value} ({error})")

    def _targets(self, node: Term) -> tuple[tuple[str, Term], ...]:
        found = [(name, value) for name in _TARGETS for value in self.all(node, name)]
        types = {t.value for t in self.table.get(node, {}).get(RDF + "type", [])}
        if types & {RDFS + "Class", OWL + "Class"}:
            found.append(("targetClass", node))
        return tuple(found)

    def _constraints(self, node: Term) -> Iterable[Constraint]:
        for name in _VALUES:
            for value in self.all(node, name):
                yield Constraint(name, (value,))
        for name in ("in", "languageIn"):
            for value in self.all(node, name):
                yield Constraint(name, tuple(self._list(node, value)))
        for name in _SHAPES:
            for value in self.all(node, name):
                nested = self.shape(value)
                # A property shape may be there for display alone. (sh:closed reads its path.)
                if nested.constraints or name != "property" or self.all(node, "closed"):
                    yield Constraint(name, shapes=(nested,))
        for name in _SHAPE_LISTS:
            for value in self.all(node, name):
                yield Constraint(name, shapes=tuple(self.shape(item) for item in self._list(node, value)))

    def _option(self, node: Term, name: str) -> Iterable[Term]:
        values = self.all(node, name)
        return self._list(node, values[0]) if name in _LISTS else values

    def _list(self, node: Term, head: Term) -> list[Term]:
        try:
            return read_list(head, self.table)
        except ValueError as error:
            self.fault(node, f"not a list: {error}")
            return []
