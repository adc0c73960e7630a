"""Hints on names in the dataset's own namespaces that the data doesn't have."""

from __future__ import annotations

import difflib
from collections.abc import Generator, Iterable, Iterator

import pyoxigraph as ox

from kg.engine import Result
from kg.hints.known import Known, Probe
from kg.hints.query import Asked
from kg.sparql.bind import bind, load
from kg.sparql.explaining.hints import Hint, hint
from kg.sparql.reading.lexer import Lexer, Token
from kg.terms import XSD, Prefixes, local_name

_MOST = 40
_ELSEWHERE = (XSD, "http://www.opengis.net/def/function/geosparql/")
"""Namespaces of datatypes and functions, which no data speaks of."""

Found = Generator[Probe, Result | None, list[Hint]]


def unknown(asked: Asked, known: Known) -> Found:
    """Return a hint on the first name that the data doesn't have, with what is called nearly the same."""
    names = {iri: text for text, iri in _named(asked) if _ours(iri, known)}
    terms = (yield from known.terms()) if names else {}
    doubtful = [iri for iri in names if iri not in terms][:_MOST]
    if not doubtful:
        return []
    result = yield Probe(bind(load("kg/hints/spoken-of"), entity=[ox.NamedNode(iri) for iri in doubtful]))
    if result is None:
        return []
    there = {getattr(row[0], "value", "") for row in result.rows}
    for iri in doubtful:
        if iri not in there:
            return [(yield from _hint(names[iri], iri, terms, known, asked))]
    return []


def _ours(iri: str, known: Known) -> bool:
    spaces = (known.base, *known.prefixes.values())
    return not iri.startswith(_ELSEWHERE) and any(space and iri.startswith(space) for space in spaces)


def _named(asked: Asked) -> Iterator[tuple[str, str]]:
    """Yield each IRI of the query's patterns, as written and whole; no datatype, no function, no graph."""
    lexer, before = Lexer(asked.text), Token("", "", 0)
    pending: Token | None = None
    while True:
        token = lexer.take(compares=False)
        if pending is not None and (token is None or token.text != "("):
            term = asked.term(pending.text)
            if isinstance(term, ox.NamedNode):
                yield pending.text, term.value
        pending = None
        if token is None:
            return
        names = token.kind in ("iri", "pname") and token.start > asked.query.head_end
        if (
            names
            and before.text != "^^"
            and before.text.upper() not in ("FROM", "NAMED", "SERVICE", "SILENT")
        ):
            pending = token
        before = token


def _hint(
    text: str, iri: str, terms: Iterable[str], known: Known, asked: Asked
) -> Generator[Probe, Result | None, Hint]:
    is_term = any(iri.rpartition(local_name(iri))[0] == _namespace(term) for term in terms)
    is_term = is_term or not iri.startswith(known.base)
    near = _nearest_terms(iri, known) if is_term else []
    if is_term and not near and not iri.startswith(known.base):
        near = yield from _used(iri, known)
    if not is_term:
        near = yield from _siblings(iri)
    kind = ("misspelt-" if near else "no-") + ("term" if is_term else "thing")
    declared = Prefixes(asked.found.prefixes)
    shown = " or ".join(declared.curie(one) or f"<{one}>" for one in near)
    return hint(kind, term=text, near=shown) if near else hint(kind, term=text)


def _namespace(iri: str) -> str:
    return iri[: len(iri) - len(local_name(iri))]


def _nearest_terms(iri: str, known: Known) -> list[str]:
    """Return up to three known terms of which the name or a label is near to an IRI's."""
    wanted, scored = local_name(iri).lower(), []
    matcher = difflib.SequenceMatcher()
    matcher.set_seq2(wanted)
    for term, labels in (known.learnt or {}).items():
        for name in (local_name(term), *labels):
            matcher.set_seq1(name.lower().replace(" ", ""))
            if matcher.real_quick_ratio() > _NEAR and matcher.ratio() > _NEAR:
                scored.append((-matcher.ratio(), term))
    best = dict.fromkeys(term for _, term in sorted(scored))
    return list(best)[:3]


_NEAR = 0.7


def _used(iri: str, known: Known) -> Generator[Probe, Result | None, list[str]]:
    """Return terms of a foreign vocabulary that the data uses and that are called nearly the same."""
    used = yield from known.used()
    space = _namespace(iri)
    names = {local_name(term).lower(): term for term in used if _namespace(term) == space}
    near = difflib.get_close_matches(local_name(iri).lower(), list(names), n=2, cutoff=_NEAR)
    return [names[name] for name in near]


def _siblings(iri: str) -> Generator[Probe, Result | None, list[str]]:
    """Return things under the same path, or under another with the same end, that are nearly the same."""
    slug = local_name(iri)
    start = iri[: len(iri) - len(slug)] + slug[:2]
    result = yield Probe(bind(load("kg/hints/things-under"), start=ox.Literal(start)))
    names = [getattr(row[0], "value", "") for row in result.rows] if result else []
    return difflib.get_close_matches(iri, names, n=2, cutoff=0.85)
