"""A release as a notebook wants it: rows of Python values, an entity as an rdflib graph."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg.engine import Engine, Result, Term
from kg.engine.local import LocalEngine
from kg.errors import QuerySyntaxError
from kg.release import Release, open_release
from kg.sparql.explain import explain
from kg.store import ensure_store
from kg.terms import XSD

if TYPE_CHECKING:
    import rdflib

_DECLARED = re.compile(r"\bPREFIX\s+([^\s:]*):", re.IGNORECASE)
_PYTHON: Mapping[str, Callable[[str], Any]] = {
    XSD + "integer": int,
    XSD + "decimal": Decimal,
    XSD + "double": float,
    XSD + "float": float,
    XSD + "boolean": lambda text: text in ("true", "1"),
    XSD + "date": datetime.date.fromisoformat,
    XSD + "dateTime": datetime.datetime.fromisoformat,
}


class Row(Mapping[str, Any]):
    """One solution: Python values by the names of the variables; an unbound one is absent.

    ``terms`` has the same as RDF terms, with languages and datatypes.
    """

    def __init__(self, terms: Mapping[str, Term]) -> None:
        self.terms = terms

    def __getitem__(self, name: str) -> Any:
        return python_value(self.terms[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.terms)

    def __len__(self) -> int:
        return len(self.terms)

    def __repr__(self) -> str:
        return repr(dict(self))


class Notebook:
    """An open release. Close it, or use it as a context manager."""

    def __init__(self, release: Release, engine: Engine) -> None:
        self.release = release
        self.engine = engine

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Notebook:
        """Open a release's folder, making its store if need be. Raises ReleaseError when it is none."""
        release = open_release(Path(path))
        return cls(release, LocalEngine.open(ensure_store(release)))

    def ask(self, sparql: str) -> Result:
        """Answer a query. The dataset's prefixes need not be declared. Raises QueryError."""
        return ask(self.engine, sparql, self.release.prefixes)

    def query(self, sparql: str) -> Sequence[Row]:
        """Return the rows of a SELECT query (of an ASK, one row ``{"ask": ...}``). Raises QueryError."""
        result = self.ask(sparql)
        if result.kind == "ask":
            return [Row({"ask": ox.Literal(bool(result.boolean))})]
        if result.kind == "graph":
            names = ("subject", "predicate", "object")
            return [Row(dict(zip(names, triple, strict=True))) for triple in result.triples]
        return [Row(solution) for solution in result.dicts()]

    def graph(self, iri: str, *, inferred: bool = False) -> rdflib.Graph:
        """Return the description of a thing, with what belongs to it, as an rdflib graph.

        The IRI may be compact (``ex:thing``). What a rule inferred is left out, unless ``inferred`` asks for
        it. The graph is empty for a thing that the release doesn't describe.
        """
        import rdflib

        from kg.export import describe, embedding, serialise
        from kg.mediatypes import NTRIPLES

        graph = rdflib.Graph(bind_namespaces="none")
        for prefix, namespace in self.release.prefixes.items():
            graph.bind(prefix, namespace)
        full = expand(iri, self.release.prefixes)
        found = describe(self.engine, full, embeds=embedding(self.release), inferred=inferred)
        if found:
            graph.parse(data=serialise(found.triples, NTRIPLES, prefixes={}), format="nt")
        return graph

    def close(self) -> None:
        """Close the store. A second call does nothing."""
        self.engine.close()

    def __enter__(self) -> Notebook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def python_value(term: Term) -> Any:
    """Return a term as Python has it: str, int, Decimal, bool, date or datetime, by the datatype."""
    if not isinstance(term, ox.Literal):
        return term.value if isinstance(term, ox.NamedNode | ox.BlankNode) else term
    convert = _PYTHON.get(term.datatype.value, str)
    try:
        return convert(term.value)
    except (ValueError, ArithmeticError):
        return term.value


def ask(engine: Engine, sparql: str, prefixes: Mapping[str, str]) -> Result:
    """Answer a query that may use prefixes without declaring them. Raises QueryError, with its own lines."""
    text = declared(sparql, prefixes)
    try:
        return engine.query(text)
    except QuerySyntaxError as error:
        found = explain(text, error, prefixes)
        line = found.line - 1 if found.line and found.line > 1 else found.line
        raise QuerySyntaxError(found.message, line=line, column=found.column, hint=found.hint) from None


def declared(sparql: str, prefixes: Mapping[str, str]) -> str:
    """Return a query with the prefixes that it doesn't declare, on a line before its first."""
    there = {match[1] for match in _DECLARED.finditer(sparql)}
    lines = "".join(f"PREFIX {p}: <{ns}> " for p, ns in sorted(prefixes.items()) if p not in there)
    return f"{lines}\n{sparql.removeprefix(chr(0xFEFF))}"


def expand(iri: str, prefixes: Mapping[str, str]) -> str:
    """Return the full IRI of one that may be compact."""
    prefix, _, local = iri.partition(":")
    return prefixes[prefix] + local if prefix in prefixes and not local.startswith("//") else iri
