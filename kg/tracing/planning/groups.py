"""Writing group patterns so that their solutions tell which parts they are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import pyoxigraph as ox

from kg.sparql.reading.scope import possible
from kg.sparql.reading.syntax import (
    Bind,
    Expression,
    Filter,
    Graph,
    Group,
    Minus,
    Node,
    Optional,
    Select,
    Triples,
    Union,
    Values,
)
from kg.sparql.rewriting.edits import mentions
from kg.tracing.planning.patterns import PatternWriter
from kg.tracing.planning.traced import Absent, Exists, Guard, Parts, Plan, untraceable


def _names_of(guard: Guard) -> list[str]:
    return [guard[0]] if guard is not None else []


@dataclass(frozen=True)
class Place:
    """The context of a part: its guard (whether it took part), its graph, the variables that it sees."""

    guard: Guard = None
    graph: str | None = None
    scope: frozenset[str] = frozenset()

    @property
    def alone(self) -> Place:
        """Return the place of a group that is evaluated by itself: it sees no variable from around it."""
        return replace(self, scope=frozenset())


class GroupWriter(PatternWriter):
    """Writes groups, and records in ``parts`` what their solutions rest on."""

    def inner(self, select: Select, guard: Guard, graph: str | None) -> str:
        """Write a sub-query."""
        raise NotImplementedError

    # Groups

    def group(self, group: Node, place: Place) -> str:
        """Return what stands in a group's brackets."""
        pieces = []
        whole = place.scope | possible(group)
        seen = place.scope
        for part in group.children:
            # A FILTER sees all of its group, BIND what stands before it (SPARQL 1.1 §18.2.2).
            scope = seen if isinstance(part, Bind) else whole
            pieces.append(self._part(part, replace(place, scope=scope)))
            seen |= possible(part)
        return " ".join(pieces)

    def _part(self, part: Node, place: Place) -> str:
        for kind, write in self._writers.items():
            if isinstance(part, kind):
                return write(self, part, place)
        word = type(part).__name__.upper()
        raise untraceable(word, f"ask without {word}")

    def source(self, node: Node) -> str:
        """Return a part as the query writes it."""
        return self.text[node.start : node.end]

    def _triples(self, part: Node, place: Place) -> str:
        assert isinstance(part, Triples)  # noqa: S101 - the table of writers says so
        return self.block(part, place.guard, place.graph)

    def _nested(self, part: Node, place: Place) -> str:
        return f"{{ {self.group(part, place.alone)} }}"

    def _optional(self, part: Node, place: Place) -> str:
        # A FILTER in it sees what stands before it too: it is the condition of a left join (§18.2.2.6).
        mark = self.fresh_name()
        inside = self.group(part.children[0], replace(place, guard=(mark, ox.Literal(1))))
        return f"OPTIONAL {{ {inside} BIND(1 AS ?{mark}) }}"

    def _union(self, part: Node, place: Place) -> str:
        if len(part.children) == 1:
            return self._nested(part.children[0], place)
        mark, sides = self.fresh_name(), []
        for number, side in enumerate(part.children):
            inside = self.group(side, replace(place.alone, guard=(mark, ox.Literal(number))))
            sides.append(f"{{ {inside} BIND({number} AS ?{mark}) }}")
        return " UNION ".join(sides)

    def _graph(self, part: Node, place: Place) -> str:
        assert isinstance(part, Graph)  # noqa: S101 - the table of writers says so
        name = part.name.text
        return f"GRAPH {name} {{ {self.group(part.children[0], replace(place.alone, graph=name))} }}"

    def minus(self, part: Node, place: Place) -> str:
        """Write MINUS, and record that its group is absent."""
        self.parts.absent.append(Absent(self.source(part.children[0]), place.guard))
        return self.source(part)

    def _select(self, part: Node, place: Place) -> str:
        assert isinstance(part, Select)  # noqa: S101 - the table of writers says so
        return self.inner(part, place.guard, place.graph)

    def computed(self, part: Node, place: Place) -> str:
        """Write FILTER or BIND, and record its EXISTS."""
        self.expression(part.children[0], place, rules=isinstance(part, Filter))
        return self.source(part)

    def _values(self, part: Node, place: Place) -> str:  # noqa: ARG002 - as all writers
        return self.source(part)

    _writers: ClassVar[
        dict[type[Node] | tuple[type[Node], ...], Callable[[GroupWriter, Node, Place], str]]
    ] = {
        Triples: _triples,
        Group: _nested,
        Optional: _optional,
        Union: _union,
        Graph: _graph,
        Minus: lambda self, part, place: self.minus(part, place),
        Select: _select,
        (Filter, Bind): lambda self, part, place: self.computed(part, place),
        Values: _values,
    }

    # Expressions

    def expression(self, node: Node, place: Place, *, rules: bool = False) -> None:
        """Record the groups that EXISTS asks for in an expression; ``rules``: it is a FILTER's."""
        if not isinstance(node, Expression) or not node.children:
            return
        words = [token.text.upper() for token in node.tokens]
        for child in node.children:
            if rules and words == ["NOT", "EXISTS"]:
                self.parts.absent.append(Absent(self.source(child), place.guard))
                continue
            plan = self.of_exists(child, tuple(sorted(self.mentioned(child, place))), place.graph)
            shared = plan.names
            required = rules and words == ["EXISTS"]
            self.parts.exists.append(Exists(plan, shared, self.source(child), required, place.guard))

    def mentioned(self, group: Node, place: Place) -> set[str]:
        """Return the variables that a group may share with what it sees."""
        return {name for name in place.scope if mentions(self.writing, group, f"?{name}")}

    def of_exists(self, group: Node, shared: tuple[str, ...], graph: str | None) -> Plan:
        """Plan a group of EXISTS by itself."""
        outer, self.parts = self.parts, Parts()
        try:
            if graph is not None and graph[0] in "?$":
                shared = tuple(dict.fromkeys([*shared, graph[1:]]))
            body = self.group(group, Place(None, graph, frozenset(shared)))
            if graph is not None:
                body = f"GRAPH {graph} {{ {body} }}"
            shown = dict.fromkeys([*shared, *self.needed(self.parts)])
            head = " ".join(f"?{name}" for name in shown) or f"(1 AS ?{self.fresh_name()})"
            return Plan(self.start(head), f"{body} }}", shared, self.parts)
        finally:
            self.parts = outer

    @staticmethod
    def needed(parts: Parts) -> list[str]:
        """Return the variables without which the statements can't be told."""
        names: list[str] = []
        for pattern in parts.patterns:
            places = (pattern.subject, pattern.predicate, pattern.object, pattern.graph)
            names += [place for place in places if isinstance(place, str)] + _names_of(pattern.guard)
        for walk in parts.walks:
            places = (walk.subject, walk.object, walk.graph)  # type: ignore[assignment]
            names += [place for place in places if isinstance(place, str)] + _names_of(walk.guard)
        for inner in parts.inner:
            names += [*inner.copies, *_names_of(inner.guard)]
        for exists in parts.exists:
            names += [*exists.shared, *_names_of(exists.guard)]
        for absent in parts.absent:
            names += _names_of(absent.guard)
        return names
