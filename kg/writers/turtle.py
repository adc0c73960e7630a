"""Pretty Turtle and TriG, streamed: prefixed, grouped, sorted, so that `git diff` of two exports reads well.

We have a writer of our own because rdflib's, though pretty, holds the graph in memory (94 s and 4.3 GB only
to load 3.3 million triples), and pyoxigraph's, though it streams, puts a predicate's values on one line and
its prefixes in no fixed order, so that one changed label changes a long line. This one gives every value a
line of its own, and the same triples always the same bytes (Turtle 1.1 §2, TriG 1.1 §2; terms of RDF 1.2 as
pyoxigraph writes them).

Subjects come in the order of the input; give sorted input (N-Quads lines that are sorted, or `ordered`) and
memory is bounded by the largest subject.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Protocol

import pyoxigraph as ox

from kg.terms import RDF, XSD, Prefixes
from kg.writers.term import Term
from kg.writers.turtle_layout import is_bare, paragraph, prologue

_TYPE = RDF + "type"
_UNNAMED = frozenset({_TYPE, XSD + "string", RDF + "langString"})
"""What is mostly written in another way, so that no prefix is declared for it alone."""
# Relative IRIs that every reader resolves alike: plain segments, none with a leading dot.
RELATIVE = re.compile(r"(?!\.)[A-Za-z0-9_.~-]+(?:/(?!\.)[A-Za-z0-9_.~-]+)*/?\Z")
_BUFFER = 1 << 16

Writer = Callable[[Term], str]


class Sink(Protocol):
    """Where bytes go: an open file, a socket, a compressor."""

    def write(self, data: bytes, /) -> object:
        """Take some bytes."""


def write_turtle(
    triples: Iterable[ox.Triple],
    out: Sink,
    *,
    prefixes: Mapping[str, str],
    base: str = "",
    header: str = "",
) -> int:
    """Write triples as Turtle and return how many there were.

    Of equal neighbours only the first is written. ``base`` becomes ``@base``; ``header`` is a comment at
    the top, of any number of lines.
    """
    return write_chunks(turtle_chunks(triples, prefixes=prefixes, base=base, header=header), out)


def write_trig(
    quads: Iterable[ox.Quad],
    out: Sink,
    *,
    prefixes: Mapping[str, str],
    base: str = "",
    header: str = "",
) -> int:
    """Write quads as TriG and return how many there were; those of one graph should follow each other."""
    return write_chunks(trig_chunks(quads, prefixes=prefixes, base=base, header=header), out)


def turtle_chunks(
    triples: Iterable[ox.Triple], *, prefixes: Mapping[str, str], base: str = "", header: str = ""
) -> Iterator[tuple[str, int]]:
    """Yield the Turtle of `write_turtle` piece by piece, each with the number of triples in it."""
    term = term_writer(prefixes, base)
    yield prologue(prefixes, base, header), 0
    for subject, group in groupby(triples, key=attrgetter("subject")):
        text, count = _subject(term(subject), group, term, "")
        yield "\n" + text, count


def trig_chunks(
    quads: Iterable[ox.Quad], *, prefixes: Mapping[str, str], base: str = "", header: str = ""
) -> Iterator[tuple[str, int]]:
    """Yield the TriG of `write_trig` piece by piece, each with the number of quads in it."""
    term = term_writer(prefixes, base)
    yield prologue(prefixes, base, header), 0
    for name, graph in groupby(quads, key=attrgetter("graph_name")):
        default = isinstance(name, ox.DefaultGraph)
        yield ("\n" if default else f"\nGRAPH {term(name)} {{\n"), 0
        gap = ""
        for subject, group in groupby(graph, key=attrgetter("subject")):
            text, count = _subject(term(subject), group, term, "" if default else "    ")
            yield gap + text, count
            gap = "\n"
        if not default:
            yield "}\n", 0


def ordered(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Return triples in the order of their sorted N-Triples lines, without doubles; in memory."""
    return sorted(set(triples), key=str)


def ordered_quads(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return quads by graph, then in the order of sorted N-Quads lines, without doubles; in memory."""
    return sorted(set(quads), key=lambda quad: (_graph(quad), str(quad)))


def used_prefixes(statements: Iterable[ox.Triple | ox.Quad], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return the prefixes that writing these triples or quads uses; rarely one more."""
    iris, datatypes = mentioned(statements)
    return prefixes_of(iris | datatypes, prefixes)


def mentioned(statements: Iterable[ox.Triple | ox.Quad]) -> tuple[set[str], set[str]]:
    """Return the IRIs that stand in statements, and those of the datatypes that are written with literals."""
    iris, datatypes = set(), set()
    for statement in statements:
        for part in statement:
            if isinstance(part, ox.NamedNode):
                iris.add(part.value)
            elif isinstance(part, ox.Literal) and (not part.language or part.direction is not None):
                datatype = part.datatype.value
                if not is_bare(part.value, datatype):
                    datatypes.add(datatype)
    return iris, datatypes


def prefixes_of(iris: set[str], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return the prefixes that writing some IRIs uses."""
    curies = map(_shortener(tuple(prefixes.items())), iris - _UNNAMED)
    used = {curie.partition(":")[0] for curie in curies if curie}
    return {prefix: prefixes[prefix] for prefix in sorted(used)}


@lru_cache(maxsize=16)
def _shortener(prefixes: tuple[tuple[str, str], ...]) -> Callable[[str], str | None]:
    """Return what shortens an IRI; kept, as one answer after another needs it for much the same IRIs."""
    return lru_cache(maxsize=1 << 10)(Prefixes(dict(prefixes)).curie)


def term_writer(prefixes: Mapping[str, str], base: str = "") -> Writer:
    """Return a function that writes a term in Turtle; it remembers the IRIs it has met lately."""
    shorten = _shortener(tuple(prefixes.items()))

    @lru_cache(maxsize=1 << 13)
    def iri(value: str) -> str:
        curie = shorten(value)
        if curie is not None:
            return curie
        if base.endswith("/") and value.startswith(base) and RELATIVE.match(value, len(base)):
            return f"<{value[len(base) :]}>"
        return f"<{value}>"

    def term(node: Term) -> str:
        if isinstance(node, ox.NamedNode):
            return iri(node.value)
        if isinstance(node, ox.Literal) and not node.language:
            datatype = node.datatype.value
            if datatype == XSD + "string":
                return str(node)
            if is_bare(node.value, datatype):
                return node.value
            return f"{ox.Literal(node.value)}^^{iri(datatype)}"
        if isinstance(node, ox.Triple):
            return f"<<( {term(node.subject)} {term(node.predicate)} {term(node.object)} )>>"
        return str(node)

    return term


def _graph(quad: ox.Quad) -> str:
    # Sort by the bare IRI: with its ">" a graph would come after those whose IRIs begin with its own.
    return "" if isinstance(quad.graph_name, ox.DefaultGraph) else quad.graph_name.value


def write_chunks(chunks: Iterable[tuple[str, int]], out: Sink) -> int:
    """Write pieces of text as UTF-8, many at once, and return the sum of their counts."""
    total, size, parts = 0, 0, []
    for text, count in chunks:
        total += count
        size += len(text)
        parts.append(text)
        if size > _BUFFER:
            out.write("".join(parts).encode())
            size, parts = 0, []
    out.write("".join(parts).encode())
    return total


def _subject(name: str, group: Iterable[ox.Triple | ox.Quad], term: Writer, indent: str) -> tuple[str, int]:
    """Return one subject's block and its number of triples: its types first, then by property and value."""
    values: dict[str, dict[str, None]] = {}
    for statement in group:
        values.setdefault(statement.predicate.value, {})[term(statement.object)] = None
    verbs = [
        ("a" if iri == _TYPE else term(ox.NamedNode(iri)), sorted(values[iri]))
        for iri in sorted(values, key=lambda iri: (iri != _TYPE, iri))
    ]
    return paragraph(name, verbs, indent), sum(len(objects) for _, objects in verbs)
