"""What strangers may ask: limits on a query's text, checked before an engine sees it.

A text with escapes is read twice, as it stands and decoded, since parsers differ in when they decode (SPARQL
1.1 §19.2); the limits hold for what either reading finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kg.errors import QueryRefused, QuerySyntaxError
from kg.limits import Limit
from kg.settings import LIMITS, Settings
from kg.sparql.checking.analysis import UPDATES, Analysis, analyse
from kg.sparql.checking.plain import glance
from kg.sparql.reading.lexer import Token, decode_escapes, position


@dataclass(frozen=True)
class Limits:
    """Bounds on a query's text. ``size`` in bytes of UTF-8; the others as `Analysis` counts them.

    ``services`` and ``graphs`` are the IRIs that SERVICE and FROM may name; ``known`` tells whether the
    dataset has a graph, which FROM may name too.
    """

    size: int = 64 * 1024
    depth: int = 50
    triples: int = 100
    services: tuple[str, ...] = ()
    graphs: tuple[str, ...] = ()
    known: Callable[[str], bool] = lambda _iri: False

    @classmethod
    def of(cls, settings: Settings, known: Callable[[str], bool] = lambda _iri: False) -> Limits:
        """Return the bounds from a deployment's settings."""
        return cls(
            size=settings.query_size * 1024,
            depth=settings.query_depth,
            triples=settings.query_patterns,
            services=settings.service_allow,
            graphs=settings.from_allow,
            known=known,
        )


_SERVICES, _GRAPHS = LIMITS["service_allow"], LIMITS["from_allow"]


def check(text: str, limits: Limits, *, base_iri: str | None = None) -> Analysis:
    """Return what was found in a query. Raises QueryRefused, naming the setting, for what is not allowed."""
    # A character takes up to four bytes, so a text this short needn't be encoded to be measured.
    if 4 * len(text) <= limits.size:
        plain = glance(text, limits.depth, limits.triples)
        if plain is not None:
            return plain
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limits.size:
        raise LIMITS["query_size"].refused(found=size, allowed=limits.size)
    if "\0" in text:
        raise QuerySyntaxError("the query holds a NUL character", hint="remove it")
    found = analyse(text, limits.depth)
    _check(text, found, limits, base_iri)
    if "\\u" in text or "\\U" in text:
        decoded = decode_escapes(text)
        again = analyse(decoded, limits.depth)
        _check(decoded, again, limits, base_iri)
        found.changing = found.changing or again.changing
    return found


def _check(text: str, found: Analysis, limits: Limits, base_iri: str | None) -> None:
    if found.form in UPDATES:
        raise QueryRefused(
            "this endpoint answers queries only; its releases never change",
            limit="update",
            hint="ask with SELECT, ASK, CONSTRUCT or DESCRIBE",
        )
    if found.depth > limits.depth:
        line, column = position(text, found.deepest_at)
        raise LIMITS["query_depth"].refused(allowed=limits.depth, line=line, column=column)
    if found.triples > limits.triples:
        raise LIMITS["query_patterns"].refused(found=found.triples, allowed=limits.triples)
    _check_ambiguity(text, found)
    _check_reach(found.services, _SERVICES, allowed=limits.services, found=found, base_iri=base_iri)
    allowed = (
        *limits.graphs,
        *(iri for iri in _iris(found.from_graphs, found, base_iri) if limits.known(iri)),
    )
    _check_reach(found.from_graphs, _GRAPHS, allowed=allowed, found=found, base_iri=base_iri)


def _check_ambiguity(text: str, found: Analysis) -> None:
    """Refuse a text that may be read in two ways when one of them could reach out."""
    lowered = text.lower()
    for word, limit in (("service", _SERVICES), ("from", _GRAPHS)):
        lost = word == "service" and found.calls != len(found.services)
        if (found.ambiguous or lost) and word in lowered:
            raise QueryRefused(
                f"the query can be read in two ways, and one may hold {word.upper()}",
                limit=limit.variable,
                hint="put a space after each < that compares, and close all brackets",
            )


def _check_reach(
    tokens: list[Token],
    limit: Limit,
    *,
    allowed: Iterable[str],
    found: Analysis,
    base_iri: str | None,
) -> None:
    """Refuse an IRI behind SERVICE or FROM that is not on the list."""
    if not tokens:
        return
    permitted = set(allowed)
    for iri, token in zip(_iris(tokens, found, base_iri), tokens, strict=True):
        if iri not in permitted:
            raise limit.refused(found=token.text)


def _iris(tokens: list[Token], found: Analysis, base_iri: str | None) -> list[str]:
    """Return tokens as IRIs; a variable or an unknown prefix becomes "", which is never allowed."""
    resolved = []
    for token in tokens:
        term = resolve(token.text, found, base_iri)
        resolved.append(term.value if isinstance(term, ox.NamedNode) else "")
    return resolved


def resolve(term: str, found: Analysis, base_iri: str | None) -> ox.NamedNode | ox.Literal | None:
    """Return the term that a name or a literal of the query stands for, or None.

    Turtle writes prefixes, bases and terms as SPARQL does, so pyoxigraph's Turtle reader resolves them.
    """
    document = f"{found.prologue}\n<urn:x> <urn:x> {term} ."
    try:
        quads = list(ox.parse(document, format=ox.RdfFormat.TURTLE, base_iri=base_iri or found.base))
    except (SyntaxError, ValueError):
        return None
    last = quads[-1].object if quads else None
    return last if isinstance(last, ox.NamedNode | ox.Literal) else None
