"""JSON-LD 1.1, compact and streamed: an inline ``@context`` (never a remote one), a node object per subject.

pyoxigraph's own writer isn't used because it writes the expanded form, with every IRI in full, which people
can't read well. Nodes are written in the order of the input, one at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any

import pyoxigraph as ox

from kg.errors import NotExpressible
from kg.terms import RDF, XSD, Prefixes
from kg.writers.term import Term
from kg.writers.turtle import RELATIVE

# A JSON number or boolean stands for a term only in its canonical form (JSON-LD 1.1 API §8.6).
_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,14})\Z")
ABOUT = "about"
"""The key of what a document says of itself; unless a prefix is called so."""
_PREFIX = re.compile(r"[A-Za-z][\w.-]*\Z")


def context(prefixes: Mapping[str, str], base: str = "") -> dict[str, str]:
    """Return the ``@context``: the base and those prefixes that JSON-LD takes (JSON-LD 1.1 §4.1.5)."""
    taken = {p: ns for p, ns in sorted(prefixes.items()) if _PREFIX.match(p) and ns[-1:] in {*":/?#[]@"}}
    return {**({"@base": base} if base else {}), **taken}


def clashing(iris: Iterable[str], prefixes: Mapping[str, str]) -> set[str]:
    """Return the prefixes that are also schemes of some IRIs, such as ``geo`` of ``geo:30.2,120.1``."""
    schemes = {
        scheme for scheme, _, rest in (iri.partition(":") for iri in iris) if not rest.startswith("//")
    }
    return schemes & set(prefixes)


def jsonld_chunks(
    statements: Iterable[ox.Triple | ox.Quad],
    *,
    prefixes: Mapping[str, str],
    base: str = "",
    header: str = "",
    indent: int | None = None,
) -> Iterator[tuple[str, int]]:
    """Yield the document piece by piece, each with its number of statements.

    JSON has no comments, so the lines of ``header`` are the value of a key that the context maps to null:
    they are no statements (JSON-LD 1.1 §4.1). Quads become graph objects, one for each run of quads of one
    graph. Raises NotExpressible for a triple term, and for an IRI whose scheme is one of the prefixes (see
    `clashing`).
    """
    writer = _Writer(prefixes, base)
    key = next(name for name in (ABOUT, f"{ABOUT}_") if name not in writer.context)
    head = json.dumps({**writer.context, **({key: None} if header else {})}, ensure_ascii=False, indent=1)
    said = json.dumps(header.splitlines(), ensure_ascii=False, indent=1)
    yield f'{{"@context": {head},\n' + (f'"{key}": {said},\n' if header else "") + '"@graph": [', 0
    gap = "\n"
    for graph, run in groupby(statements, key=lambda s: getattr(s, "graph_name", None)):
        named = graph is not None and not isinstance(graph, ox.DefaultGraph)
        if named:
            yield f'{gap}{{"@id": {json.dumps(writer.ref(graph), ensure_ascii=False)}, "@graph": [', 0
            gap = "\n"
        for subject, group in groupby(run, key=attrgetter("subject")):
            node, count = writer.node(subject, group)
            yield gap + json.dumps(node, ensure_ascii=False, indent=indent), count
            gap = ",\n"
        if named:
            yield "\n]}", 0
    yield "\n]}\n", 0


class _Writer:
    def __init__(self, prefixes: Mapping[str, str], base: str) -> None:
        self.context = context(prefixes, base)
        self.base = base
        self.prefixes = {p: ns for p, ns in self.context.items() if p != "@base"}
        self.table = Prefixes(self.prefixes)

    def node(self, subject: Term, group: Iterable[ox.Triple | ox.Quad]) -> tuple[dict[str, Any], int]:
        """Return a node object (JSON-LD 1.1 §9.2) and its number of statements."""
        values: dict[str, dict[Term, None]] = {}
        for statement in group:
            values.setdefault(statement.predicate.value, {})[statement.object] = None
        node: dict[str, Any] = {"@id": self.ref(subject)}
        for predicate in sorted(values, key=lambda iri: (iri != RDF + "type", iri)):
            found = sorted(values[predicate], key=str)
            if predicate == RDF + "type" and not any(isinstance(one, ox.Literal) for one in found):
                node["@type"] = _one([self.compact(_iri(one)) for one in found])
            else:
                node[self.compact(predicate)] = _one([self.value(one) for one in found])
        return node, sum(map(len, values.values()))

    def value(self, term: Term) -> Any:
        """Return a term as JSON-LD has it in value position."""
        if not isinstance(term, ox.Literal):
            return {"@id": self.ref(term)}
        if term.language:
            direction = {"@direction": str(term)[-3:]} if str(term).endswith(("--ltr", "--rtl")) else {}
            return {"@value": term.value, "@language": term.language, **direction}
        datatype = term.datatype.value
        if datatype == XSD + "string":
            return term.value
        if datatype == XSD + "integer" and _INTEGER.match(term.value):
            return int(term.value)
        if datatype == XSD + "boolean" and term.value in {"true", "false"}:
            return term.value == "true"
        return {"@value": term.value, "@type": self.compact(datatype)}

    def ref(self, term: Term | None) -> str:
        """Return an IRI for ``@id``: compact, relative to the base, or whole."""
        if isinstance(term, ox.NamedNode):
            iri = term.value
            if self.base.endswith("/") and iri.startswith(self.base) and RELATIVE.match(iri, len(self.base)):
                return self.table.curie(iri) or iri[len(self.base) :]
            return self.compact(iri)
        if isinstance(term, ox.BlankNode):
            return str(term)
        raise NotExpressible(f"JSON-LD can't hold {term}", hint="ask for Turtle or N-Triples")

    def compact(self, iri: str) -> str:
        """Return an IRI for ``@type`` and as a key: compact or whole."""
        curie = self.table.curie(iri)
        if curie is None and clashing([iri], self.prefixes):
            raise NotExpressible(
                f"JSON-LD would mistake <{iri}> for a compact IRI", hint="ask for another format"
            )
        return curie or iri


def _iri(term: Term) -> str:
    return str(term) if not isinstance(term, ox.NamedNode) else term.value


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
