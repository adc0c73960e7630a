"""Writing triple patterns so that each solution fixes the statements that it is made of."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pyoxigraph as ox

from kg.engine import Term
from kg.sparql.checking.findings import Analysis
from kg.sparql.checking.guard import resolve
from kg.sparql.reading.paths import leafward, written
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
from kg.sparql.rewriting.edits import Writing
from kg.terms import RDF
from kg.tracing.planning.automaton import Automaton
from kg.tracing.planning.traced import Guard, Parts, Pattern, Place, Walk, untraceable

_MOST_BRANCHES = 8
Piece = tuple[str, list[Pattern | Walk]]
"""Patterns as text, and as what they are."""


class PatternWriter:
    """Writes blocks of triple patterns, and records them in ``parts``.

    ``dataset`` is the query's FROM clauses, as written.
    """

    def __init__(self, writing: Writing, found: Analysis, base_iri: str | None, dataset: str) -> None:
        self.writing = writing
        self.text = writing.text
        self.found = found
        self.base_iri = base_iri
        self.dataset = dataset
        self.parts = Parts()
        self._nodes: dict[str, str] = {}
        self._terms: dict[str, Term] = {}

    def start(self, head: str) -> str:
        """Return how a query of some columns starts, up to its first bracket."""
        # The only SPARQL made here: it joins pieces of the query's own text and names of variables.
        return " ".join([self.found.prologue, "SELECT", head, self.dataset, "{ "])

    def fresh_name(self) -> str:
        """Return the name of a variable that the query doesn't have."""
        return self.writing.fresh()[1:]

    def block(self, block: Triples, guard: Guard, graph: str | None) -> str:
        """Write a block of triple patterns. Raises QueryRefused."""
        if block.opaque:
            raise untraceable("reifiers and annotations", "write their triples one by one")
        choices = [self._ways(triple, graph) for triple in block.triples]
        branches = 1
        for ways in choices:
            branches *= len(ways)
        if branches == 1:
            return " ".join(self._take(ways[0], guard) for ways in choices)
        if branches <= _MOST_BRANCHES:
            return self._spread(choices)
        return " ".join(
            self._take(ways[0], guard) if len(ways) == 1 else self._spread([ways]) for ways in choices
        )

    def _spread(self, choices: list[list[Piece]]) -> str:
        """Write alternatives as sides of a UNION, each with what stands beside it (§18.2.2)."""
        mark = self.fresh_name()
        sides = []
        for number, picked in enumerate(product(*choices)):
            value = ox.Literal(number)
            inside = " ".join(self._take(piece, (mark, value)) for piece in picked)
            sides.append(f"{{ {inside} BIND({number} AS ?{mark}) }}")
        return " UNION ".join(sides)

    def _take(self, piece: Piece, guard: Guard) -> str:
        text, patterns = piece
        for pattern in patterns:
            if isinstance(pattern, Walk):
                self.parts.walks.append(replace(pattern, guard=guard))
            else:
                self.parts.patterns.append(replace(pattern, guard=guard))
        return text

    def _ways(self, triple: Triple, graph: str | None) -> list[Piece]:
        """Return a triple pattern's alternatives."""
        if isinstance(triple.path, End):
            return [self._simple(triple.subject, triple.path, triple.object, graph)]
        return self._of_path(triple.subject, leafward(triple.path), triple.object, graph)

    def _of_path(self, subject: End, path: Path, target: End, graph: str | None) -> list[Piece]:
        match path:
            case Link():
                return [self._simple(subject, End("iri", path.text), target, graph)]
            case Inverse(Link() as link):
                return [self._simple(target, End("iri", link.text), subject, graph)]
            case Sequence():
                return self._sequence(subject, path, target, graph)
            case Alternative():
                return [piece for one in path.paths for piece in self._of_path(subject, one, target, graph)]
            case Negated():
                return self._negated(subject, path, target, graph)
            case Repeated() | Inverse():
                text = f"{self._name(subject)} {written(path)} {self._name(target)} ."
                where = self._place_of(graph)
                return [
                    (
                        text,
                        [
                            Walk(
                                self.place(subject),
                                Automaton.of(path, self.term),
                                self.place(target),
                                where,
                            )
                        ],
                    )
                ]

    def _sequence(self, subject: End, path: Sequence, target: End, graph: str | None) -> list[Piece]:
        between = [End("var", self.writing.fresh()) for _ in path.paths[1:]]
        starts, ends = [subject, *between], [*between, target]
        steps = [
            self._of_path(one, step, other, graph)
            for one, step, other in zip(starts, path.paths, ends, strict=True)
        ]
        return [
            (" ".join(text for text, _ in picked), [pattern for _, found in picked for pattern in found])
            for picked in product(*steps)
        ]

    def _negated(self, subject: End, path: Negated, target: End, graph: str | None) -> list[Piece]:
        pieces = []
        for forbidden, one, other in (
            (path.forwards, subject, target), (path.backwards, target, subject),
        ):  # fmt: skip
            if not forbidden and (one is target or path.backwards):
                continue
            verb = End("var", self.writing.fresh())
            text, patterns = self._simple(one, verb, other, graph)
            listed = ", ".join(f"<{RDF}type>" if name == "a" else name for name in forbidden)
            pieces.append((f"{text} FILTER({verb.text} NOT IN ({listed}))", patterns))
        return pieces

    def _simple(self, subject: End, verb: End, target: End, graph: str | None) -> Piece:
        pattern = Pattern(self.place(subject), self.place(verb), self.place(target), self._place_of(graph))
        return f"{self._name(subject)} {verb.text} {self._name(target)} .", [pattern]

    # Terms

    def _name(self, end: End) -> str:
        if end.kind == "triple":
            raise untraceable("triple terms", "ask for the statements themselves")
        if end.kind not in ("fresh", "bnode"):
            return end.text
        key = f"{end.kind} {end.text}"
        if key not in self._nodes:
            self._nodes[key] = self.writing.fresh()
        return self._nodes[key]

    def place(self, end: End) -> Place:
        """Return where a pattern's term comes from. Raises QueryRefused."""
        name = self._name(end)
        return name[1:] if name[0] in "?$" else self.term(name)

    def _place_of(self, graph: str | None) -> Place | None:
        if graph is None:
            return None
        return graph[1:] if graph[0] in "?$" else self.term(graph)

    def term(self, text: str) -> Term:
        """Return the term that a text of the query stands for. Raises QueryRefused."""
        if text not in self._terms:
            term = ox.NamedNode(f"{RDF}type") if text == "a" else resolve(text, self.found, self.base_iri)
            if term is None:
                raise untraceable(f"the term {text}", "write it in full")
            self._terms[text] = term
        return self._terms[text]
