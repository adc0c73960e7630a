"""A release for use in notebooks: rows of Python values, an entity as an rdflib graph."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

import pyoxigraph as ox

from kg.engine import Engine, Result, Term
from kg.engine.local import LocalEngine
from kg.errors import QuerySyntaxError, UsageError
from kg.languages import ORIGINAL
from kg.release import Release, open_release
from kg.release.store import ensure_store
from kg.sparql.explaining.slips import explain
from kg.terms import XSD, Prefixes, expand
from kg.tracing.answer import RowSources, Sourced, answer, rows_of
from kg.tracing.origins import Origins, rules_of, upward
from kg.tracing.planning.rules import Rules
from kg.tracing.planning.traced import untraceable

if TYPE_CHECKING:
    import rdflib

    from kg.explore import Entity, Explorer
    from kg.search import Hit
    from kg.search.index import Index

Answer = TypeVar("Answer")
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

    ``terms`` has the same values as RDF terms, with languages and datatypes; ``sources`` what the row rests
    on, where that was asked for.
    """

    def __init__(self, terms: Mapping[str, Term], sources: RowSources | None = None) -> None:
        self.terms = terms
        self.sources = sources

    def __getitem__(self, name: str) -> Any:
        return python_value(self.terms[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.terms)

    def __len__(self) -> int:
        return len(self.terms)

    def __repr__(self) -> str:
        return repr(dict(self))


class Rows(list[Row]):
    """The rows of an answer, a list that shows itself as a table and gives frames of other libraries."""

    def __init__(self, rows: Iterable[Row], names: Sequence[str], prefixes: Prefixes) -> None:
        super().__init__(rows)
        self.names = tuple(names)
        self._prefixes = prefixes

    def pandas(self) -> Any:
        """Return a pandas DataFrame with nullable types. Raises NotInstalled."""
        return self._framed("pandas")

    def polars(self) -> Any:
        """Return a polars DataFrame. Raises NotInstalled."""
        return self._framed("polars")

    def networkx(self) -> Any:
        """Return a networkx graph: an edge for each row, from the first column to the second.

        Further columns are attributes of the edges. Raises NotInstalled; UsageError for fewer than two
        columns.
        """
        return self._framed("networkx")

    def geopandas(self) -> Any:
        """Return a GeoPandas frame, its geometry from a column of geo:wktLiteral.

        Raises NotInstalled; UsageError where no column has a geometry.
        """
        return self._framed("geopandas")

    def _framed(self, library: str) -> Any:
        from kg.notebook import frames

        return getattr(frames, library)([row.terms for row in self], self.names)

    def _repr_html_(self) -> str:
        from kg.notebook import shown

        return shown.rows([row.terms for row in self], self.names, self._prefixes)


class Card:
    """A thing with all that is said of it; in a notebook it shows itself, with its sources."""

    def __init__(self, entity: Entity, prefixes: Prefixes) -> None:
        self.entity = entity
        self._prefixes = prefixes

    def __repr__(self) -> str:
        return f"<Card of {self.entity.iri}: {self.entity.label}>"

    def _repr_html_(self) -> str:
        from kg.notebook import shown

        return shown.card(self.entity, self._prefixes)


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

    def query(self, sparql: str, *, sources: bool = False, deep: bool = False) -> Rows:
        """Return the rows of a SELECT query (of an ASK, one row ``{"ask": ...}``). Raises QueryError.

        With ``sources`` each row has its own (see ``docs/sources-of-answers.md``), with ``deep`` through what
        rules inferred; QueryRefused is raised where they can't be traced.
        """
        if sources:
            found = self.sourced(sparql, deep=deep)
            if found.reason is not None:
                raise untraceable("this answer", found.reason)
            told = rows_of(found)
            pairs = zip(found.result.dicts(), told, strict=True)
            return self._rows((Row(solution, one) for solution, one in pairs), found.result.variables)
        result = self.ask(sparql)
        if result.kind == "ask":
            return self._rows([Row({"ask": ox.Literal(bool(result.boolean))})], ["ask"])
        if result.kind == "graph":
            names = ("subject", "predicate", "object")
            return self._rows((Row(dict(zip(names, one, strict=True))) for one in result.triples), names)
        return self._rows((Row(solution) for solution in result.dicts()), result.variables)

    def _rows(self, rows: Iterable[Row], names: Sequence[str]) -> Rows:
        return Rows(rows, names, Prefixes(self.release.prefixes))

    def card(self, iri: str, language: str = ORIGINAL) -> Card:
        """Return a thing with all that is said of it and its sources, to be shown.

        The IRI may be compact. Raises UsageError for a thing that the release doesn't describe.
        """
        full = expand(iri, self.release.prefixes)
        found = self._explorer.entity(full, language)
        if found is None:
            raise UsageError(f"nothing is said of {full}", hint="is the IRI written in full?")
        return Card(found, Prefixes(self.release.prefixes))

    def find(self, text: str, *, limit: int = 10) -> Sequence[Hit]:
        """Return the things with a name or code like ``text``, in any script, the best first.

        Where there are none, things whose names are close to it. Raises ReleaseError.
        """
        hits = self._index.find(text, limit=limit)
        return (hits.hits or hits.close)[:limit]

    @cached_property
    def _index(self) -> Index:
        from kg.search import ensure_index
        from kg.search.index import Index

        return Index.open(ensure_index(self.release))

    @cached_property
    def _explorer(self) -> Explorer:
        from kg.explore import Explorer

        return Explorer(self.engine, self.release)

    def _repr_html_(self) -> str:
        from kg.export.about import about
        from kg.notebook import shown

        return shown.release(about(self.release), self.release.counts)

    def sourced(self, sparql: str, *, deep: bool = False) -> Sourced:
        """Return a SELECT query's answer with its sources as a whole. Raises QueryError."""
        return sourced(self.engine, sparql, self.release, deep=deep)

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
    return with_prefixes(engine.query, sparql, prefixes)


def sourced(engine: Engine, sparql: str, release: Release, *, deep: bool) -> Sourced:
    """Answer a query, as `ask` does, with its sources. Raises QueryError."""
    if not isinstance(engine, LocalEngine):
        raise untraceable("a remote engine's answers", "ask without sources")
    origins = Origins(engine.store, upward(release))
    folder = rules_of(release) if deep else None
    rules = Rules.read(Path(folder)) if folder else None
    run = partial(answer, engine.store, origins=origins, rules=rules)
    return with_prefixes(run, sparql, release.prefixes)


def with_prefixes(run: Callable[[str], Answer], sparql: str, prefixes: Mapping[str, str]) -> Answer:
    """Run a query with the prefixes that it doesn't declare; errors have the line numbers of the original."""
    text = declared(sparql, prefixes)
    try:
        return run(text)
    except QuerySyntaxError as error:
        found = explain(text, error, prefixes)
        line = found.line - 1 if found.line and found.line > 1 else found.line
        raise QuerySyntaxError(found.message, line=line, column=found.column, hint=found.hint) from None


def declared(sparql: str, prefixes: Mapping[str, str]) -> str:
    """Return a query with the prefixes that it doesn't declare, on a line before its first."""
    there = {match[1] for match in _DECLARED.finditer(sparql)}
    lines = "".join(f"PREFIX {p}: <{ns}> " for p, ns in sorted(prefixes.items()) if p not in there)
    return f"{lines}\n{sparql.removeprefix(chr(0xFEFF))}"
