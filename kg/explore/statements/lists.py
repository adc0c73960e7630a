"""Lists and containers (RDF Schema §5): their members in order stand where the list's node would."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyoxigraph as ox

from kg.blanks import is_blank
from kg.engine import Engine, Term
from kg.explore.naming import anonymous
from kg.explore.ontology.schema import str_of
from kg.explore.statements.facts import Facts
from kg.terms import RDF

FIRST, REST, NIL = RDF + "first", RDF + "rest", RDF + "nil"
MOST = 1_000
"""Members of a list that a page reads at most."""
_NUMBERED = re.compile(re.escape(RDF) + r"_([1-9]\d*)\Z")


def number_of(name: str) -> int:
    """Return the place that a container's membership property stands for; 0 of any other property."""
    match = _NUMBERED.match(name)
    return int(match[1]) if match else 0


def laid_out(engine: Engine, own: Facts) -> tuple[Facts, frozenset[str]]:
    """Return the facts with the members of lists in the lists' places, and which properties are in order.

    The node of a list shows its own members. Raises QueryError.
    """
    blanks = [str_of(v) for values in own.values() for v in values if is_blank(str_of(v))]
    if not blanks and FIRST not in own:
        return own, frozenset()
    said = anonymous.read(engine, blanks, deepest=MOST)
    facts: dict[str, Mapping[Term, tuple[str, ...]]] = {}
    ordered = set()
    for name, values in own.items():
        found: dict[Term, tuple[str, ...]] = {}
        for value, graphs in values.items():
            members = [] if name == REST else members_of(str_of(value), said)
            if members:
                ordered.add(name)
            for member in members or [value]:
                found.setdefault(member, graphs)
        facts[name] = found
    if FIRST in own and REST in own:
        rest = [member for value in own[REST] for member in members_of(str_of(value), said)]
        graphs = next(iter(own[FIRST].values()))
        facts[FIRST] = {**own[FIRST], **dict.fromkeys(rest, graphs)}
        del facts[REST]
        ordered.add(FIRST)
    return facts, frozenset(ordered)


def members_of(iri: str, said: Mapping[str, Mapping[str, list[Term]]]) -> list[Term]:
    """Return the members of a list or a container in order; none of what is neither."""
    about = said.get(iri, {})
    numbered = sorted((number, values) for name, values in about.items() if (number := number_of(name)))
    if numbered:
        return [value for _, values in numbered for value in values]
    found: list[Term] = []
    seen: set[str] = set()
    while iri != NIL and iri not in seen and FIRST in (about := said.get(iri, {})):
        seen.add(iri)
        found += about[FIRST]
        iri = str_of(next(iter(about.get(REST, ())), ox.NamedNode(NIL)))
    return found
