"""What a blank node is called: it has no name, so what it says is put into a few words.

A list is its members in order, a class expression of OWL is written as in the OWL 2 Manchester Syntax (§2),
anything else by its class and the first things said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pyoxigraph as ox

from kg.blanks import is_blank
from kg.engine import Engine, Term
from kg.explore.ask import ask, batches, nodes
from kg.explore.ontology.schema import str_of
from kg.terms import GEO, OWL, RDF, SH, local_name

DEEPEST = 12
"""How far blank nodes that lead to others are followed; a list is as deep as it is long."""
MEMBERS = 6
"""How many members of a list are named."""
LONGEST = 60
"""Characters of a literal that a name has room for."""
CLAUSES = 3
_NESTED = 3

_FIRST, _REST, _NIL = RDF + "first", RDF + "rest", RDF + "nil"
_QUANTIFIED = {OWL + "someValuesFrom": "some", OWL + "allValuesFrom": "only", OWL + "hasValue": "value"}
_COUNTED = {
    OWL + "minCardinality": "min",
    OWL + "maxCardinality": "max",
    OWL + "cardinality": "exactly",
    OWL + "minQualifiedCardinality": "min",
    OWL + "maxQualifiedCardinality": "max",
    OWL + "qualifiedCardinality": "exactly",
}
_JOINED = {OWL + "unionOf": " or ", OWL + "intersectionOf": " and "}
_BEFORE = {OWL + "complementOf": "not", OWL + "inverseOf": "inverse"}

Said = Mapping[str, list[Term]]


def read(engine: Engine, iris: Iterable[str], deepest: int = DEEPEST) -> dict[str, dict[str, list[Term]]]:
    """Return what is said of blank nodes, and of those that they lead to. Raises QueryError."""
    said: dict[str, dict[str, list[Term]]] = {}
    wanted = [iri for iri in iris if is_blank(iri)]
    for _ in range(deepest):
        if not wanted:
            break
        said.update({iri: {} for iri in wanted})
        found: dict[str, None] = {}
        for batch in batches(nodes(wanted)):
            for row in ask(engine, "kg/explore/naming/about", entity=batch):
                said[str_of(row["entity"])].setdefault(str_of(row["property"]), []).append(row["value"])
                if isinstance(value := row["value"], ox.NamedNode) and is_blank(value.value):
                    found[value.value] = None
        wanted = [iri for iri in found if iri not in said]
    return said


def mentioned(said: Mapping[str, Said]) -> set[str]:
    """Return the IRIs that names may have to be known of."""
    found: set[str] = set()
    for about in said.values():
        for name, values in about.items():
            found.add(name)
            found.update(v.value for v in values if isinstance(v, ox.NamedNode) and not is_blank(v.value))
    return found


def called(iri: str, said: Mapping[str, Said], name: Callable[[str], str], depth: int = 0) -> str:
    """Return what a blank node says, in a few words; its label in the file when it says nothing."""
    about = said.get(iri, {})

    def put(term: Term) -> str:
        if isinstance(term, ox.Literal):
            text = " ".join(term.value.split())
            return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
        if isinstance(term, ox.NamedNode) and is_blank(term.value):
            return "…" if depth >= _NESTED else called(term.value, said, name, depth + 1)
        return name(str_of(term))

    if _FIRST in about:
        return "(" + ", ".join(_members(iri, said, put)) + ")"
    return _expression(about, said, put, depth) or _plain(about, put, name)


def _members(iri: str, said: Mapping[str, Said], put: Callable[[Term], str]) -> list[str]:
    """Return the names of a list's members in order, as many as there is room for."""
    found: list[str] = []
    seen: set[str] = set()
    while iri != _NIL and iri not in seen:
        seen.add(iri)
        about = said.get(iri, {})
        if len(found) == MEMBERS or _FIRST not in about:
            return [*found, "…"]
        found.append(put(about[_FIRST][0]))
        iri = str_of(next(iter(about.get(_REST, ())), ox.NamedNode(_NIL)))
    return found


def _expression(about: Said, said: Mapping[str, Said], put: Callable[[Term], str], depth: int) -> str:
    """Return a class expression of OWL in words; empty for what is none."""
    for name, word in _JOINED.items():
        if name in about:
            joined = word.join(_members(str_of(about[name][0]), said, put))
            return f"({joined})" if depth else joined
    if OWL + "oneOf" in about:
        return "{" + ", ".join(_members(str_of(about[OWL + "oneOf"][0]), said, put)) + "}"
    for name, word in _BEFORE.items():
        if name in about:
            return f"{word} {put(about[name][0])}"
    return _restriction(about, put) if OWL + "onProperty" in about else ""


def _restriction(about: Said, put: Callable[[Term], str]) -> str:
    prop = put(about[OWL + "onProperty"][0])
    for name, word in (_QUANTIFIED | _COUNTED).items():
        if name in about:
            on = about.get(OWL + "onClass") or about.get(OWL + "onDataRange")
            return f"{prop} {word} {put(about[name][0])}" + (f" {put(on[0])}" if on else "")
    return prop


def _plain(about: Said, put: Callable[[Term], str], name: Callable[[str], str]) -> str:
    for one in (GEO + "asWKT", SH + "path", RDF + "value"):
        if one in about:
            return put(about[one][0])
    kinds = [name(str_of(kind)) for kind in about.get(RDF + "type", ())][:1]
    clauses = [
        f"{name(one)} {put(sorted(values, key=str)[0])}"
        for one, values in sorted(about.items(), key=lambda pair: (local_name(pair[0]), pair[0]))
        if one != RDF + "type"
    ]
    more = ["…"] if len(clauses) > CLAUSES else []
    return ": ".join([*kinds, "; ".join(clauses[:CLAUSES] + more)]).removesuffix(": ") or "[ ]"
