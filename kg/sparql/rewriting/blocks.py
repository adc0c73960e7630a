"""Rewriting blocks of triple patterns: alternatives that keep their duplicates, paths of length zero."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from kg.sparql.reading.lexer import Lexer
from kg.sparql.reading.paths import counted, leafward, nullable, written
from kg.sparql.reading.syntax import (
    Alternative,
    End,
    Inverse,
    Link,
    Negated,
    Path,
    Repeated,
    Sequence,
    Triple,
    Triples,
)
from kg.sparql.rewriting.edits import CantRewrite, Writing, copy

_MOST_BRANCHES = 8
"""Up to how many branches alternatives are spread over the patterns beside them, which engines plan best."""


@dataclass(frozen=True)
class Choice:
    """A UNION: the patterns of each side."""

    sides: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True)
class Whole:
    """A pattern that is already text, GRAPH included."""

    text: str


Part: TypeAlias = "str | Choice | Whole"
"""A plain triple pattern as text, or what needs brackets of its own."""


class BlockWriter:
    """Writes the triple patterns of one query."""

    def __init__(self, writing: Writing) -> None:
        self.writing = writing
        self._names: dict[str, str] = {}

    def block(self, block: Triples, graph: str | None) -> str:
        """Return a block of triple patterns, inside of a GRAPH for each piece where ``graph`` names one."""
        if not any(self._faulty(triple, graph) for triple in block.triples):
            if graph is None:
                return copy(self.writing, block, str)
            return f"GRAPH {graph} {{ {self._plain(block)} }}"
        if block.opaque:
            raise CantRewrite(
                "a path beside a reifier or an annotation",
                "put the path into a pattern of its own, behind a .",
            )
        parts = [part for triple in block.triples for part in self._parts(triple, graph)]
        return self._spread(parts, graph)

    def _plain(self, block: Triples) -> str:
        """Return a block's text, its blank nodes as variables: a label may not be used in two blocks."""
        text = self.writing.text[block.start : block.end]
        lexer, pieces, at = Lexer(text), [], 0
        while (token := lexer.take(compares=False)) is not None:
            if token.kind == "bnode":
                pieces += [text[at : token.start], self._node(token.text)]
                at = token.start + len(token.text)
        return "".join([*pieces, text[at:]])

    def _node(self, label: str) -> str:
        if label not in self._names:
            self._names[label] = self.writing.fresh()
        return self._names[label]

    def _end(self, end: End) -> str:
        return self._node(f"{end.kind} {end.text}" if end.kind == "fresh" else end.text) if end.kind in (
            "fresh", "bnode",
        ) else end.text  # fmt: skip

    # What is wrong with a pattern

    def _faulty(self, triple: Triple, graph: str | None) -> bool:
        if isinstance(triple.path, End):
            return False
        path = leafward(triple.path)
        return self._counts(path) or self._repeats(path, graph) or self._of_zero(triple, path, graph)

    def _counts(self, path: Path) -> bool:
        """Whether the engine would drop duplicates of a path (§18.4: Alternative is a union of bags)."""
        many = any(isinstance(part, Alternative) or _both_ways(part) for part in counted(path))
        return many and self.writing.meet("alternative")

    def _repeats(self, path: Path, graph: str | None) -> bool:
        """Whether the engine may give a pair once for each way (§18.4: ALP visits a node once)."""
        return (
            _is_variable(graph)
            and any(isinstance(part, Repeated) for part in counted(path))
            and self.writing.meet("path-in-graph")
        )

    def _of_zero(self, triple: Triple, path: Path, graph: str | None) -> bool:
        ends = triple.subject.constant or triple.object.constant
        return ends and nullable(path) and self._unknown(graph) and self.writing.meet("zero-length")

    def _unknown(self, graph: str | None) -> bool:
        """Whether a graph that is asked may lack a constant."""
        return self.writing.strict or _is_variable(graph)

    # Patterns as parts

    def _parts(self, triple: Triple, graph: str | None) -> list[Part]:
        if isinstance(triple.path, End):
            return [self._simple(triple.subject, triple.path.text, triple.object)]
        return self._path(triple.subject, leafward(triple.path), triple.object, graph)

    def _simple(self, subject: End, path: str, target: End) -> str:
        return f"{self._end(subject)} {path} {self._end(target)} ."

    def _path(self, subject: End, path: Path, target: End, graph: str | None) -> list[Part]:
        match path:
            case Sequence():
                return self._sequence(subject, path, target, graph)
            case Alternative():
                sides = (tuple(self._path(subject, p, target, graph)) for p in path.paths)
                return [Choice(tuple(sides))]
            case Negated() if _both_ways(path):
                halves = (Negated(path.forwards, ()), Negated((), path.backwards))
                sides = ((self._simple(subject, written(half), target),) for half in halves)
                return [Choice(tuple(sides))]
            case Repeated():
                return [self._repeated(subject, path, target, graph)]
            case Link() | Inverse() | Negated():
                return [self._simple(subject, written(path), target)]

    def _sequence(self, subject: End, path: Sequence, target: End, graph: str | None) -> list[Part]:
        if self._unknown(graph) and nullable(path) and (subject.constant or target.constant):
            raise CantRewrite(
                f"a path of length zero of several steps, {written(path)}, at a constant",
                "write a pattern for each step, with a variable between them",
            )
        parts: list[Part] = []
        at = subject
        for step in path.paths[:-1]:
            following = End("var", self.writing.fresh())
            parts += self._path(at, step, following, graph)
            at = following
        return [*parts, *self._path(at, path.paths[-1], target, graph)]

    def _repeated(self, subject: End, path: Repeated, target: End, graph: str | None) -> Part:
        zero = nullable(path) and (subject.constant or target.constant) and self._unknown(graph)
        if not zero and not _is_variable(graph):
            return self._simple(subject, written(path), target)
        names = [graph] if graph is not None and _is_variable(graph) else []
        names += [self._end(end) for end in dict.fromkeys((subject, target)) if not end.constant]
        at_least = Repeated(path.path, "+") if path.sign == "*" else path.path if path.sign == "?" else path
        if not zero:
            return Whole(self._distinct(names, within(graph, self._simple(subject, written(path), target))))
        longer = within(graph, self._simple(subject, _bracketed(at_least), target))
        one, other = (subject, target) if subject.constant else (target, subject)
        existing = f"GRAPH {graph} {{}} " if graph else ""
        if not other.constant:
            none = f"{existing}BIND({one.text} AS {self._end(other)})"
            return Whole(self._distinct(names, f"{{ {none} }} UNION {{ {longer} }}"))
        if one.text == other.text:
            return Whole(existing)
        if not names:
            return Whole(f"FILTER EXISTS {{ {longer} }}")
        return Whole(self._distinct(names, longer))

    @staticmethod
    def _distinct(names: list[str], group: str) -> str:
        # The only SPARQL made here: it joins pieces of the query's own text and names of variables.
        return " ".join(["{ SELECT DISTINCT", *dict.fromkeys(names), "{", group, "} }"])

    # Parts as text

    def _spread(self, parts: list[Part], graph: str | None) -> str:
        """Return the parts as text; if there are few alternatives, the other parts are repeated in each side.

        Join distributes over Union, also for bags, and an engine plans a side better that has all its
        patterns.
        """
        choices = [part for part in parts if isinstance(part, Choice)]
        branches = 1
        for choice in choices:
            branches *= len(choice.sides)
        if not choices or branches > _MOST_BRANCHES:
            return self._row(parts, graph)
        rest = [part for part in parts if not isinstance(part, Choice)]
        return " UNION ".join(
            f"{{ {self._spread([*rest, *(part for side in picked for part in side)], graph)} }}"
            for picked in product(*(choice.sides for choice in choices))
        )

    def _row(self, parts: list[Part], graph: str | None) -> str:
        plain = " ".join(part for part in parts if isinstance(part, str))
        pieces = [within(graph, plain)] if plain else []
        for part in parts:
            if isinstance(part, Choice):
                pieces.append(" UNION ".join(f"{{ {self._row(list(side), graph)} }}" for side in part.sides))
            elif isinstance(part, Whole):
                pieces.append(part.text)
        return " ".join(pieces)


def within(graph: str | None, patterns: str) -> str:
    """Return patterns inside of a graph, if one is named."""
    return patterns if graph is None else f"GRAPH {graph} {{ {patterns} }}"


def _is_variable(graph: str | None) -> bool:
    return graph is not None and graph[0] in "?$"


def _bracketed(path: Path) -> str:
    return f"({written(path)})"


def _both_ways(path: Path) -> bool:
    """Whether a negated set forbids properties in both directions, so that it is a union (§18.2.2.1)."""
    return isinstance(path, Negated) and bool(path.forwards) and bool(path.backwards)
