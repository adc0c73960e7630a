"""Where engines differ from the standard or from each other: the one table.

`check_local` refuses the queries that the embedded engine is known to answer wrongly; `RemoteQuirks` says
what a peer needs. Each entry has a test that fails once the engine has mended it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine.base import Dataset, Result
from kg.errors import QueryLimit, QueryRefused
from kg.sparql.analysis import Analysis, PathEnd
from kg.sparql.guard import resolve

WRONG_VERSIONS = frozenset({"0.5.13"})
"""The versions of pyoxigraph that `check_local` guards."""


def check_local(found: Analysis, version: str = ox.__version__) -> None:
    """Raise QueryRefused for a form that this version of pyoxigraph answers wrongly, whatever the data."""
    if version not in WRONG_VERSIONS:
        return
    if found.selects_in_graph:
        raise _wrong(
            "GRAPH ?g { SELECT ... }", "put the GRAPH block inside of the inner SELECT, and select ?g there"
        )
    if found.values_in_graph:
        raise _wrong(
            "GRAPH ?g { VALUES ... } without a triple pattern beside it", "put VALUES outside of GRAPH"
        )
    if found.repeats_in_graph:
        # With both ends bound by then, a solution comes once for each way (§18.4: ALP visits a node once).
        raise _wrong("a path with + inside of GRAPH ?g", "name the graph, or write p/p* for p+ with DISTINCT")


def check_path_ends(
    found: Analysis,
    store: ox.Store,
    dataset: Dataset | None,
    base_iri: str | None,
    version: str = ox.__version__,
) -> None:
    """Raise QueryRefused for a path of length zero from a constant that the graph asked doesn't hold.

    SPARQL 1.1 §18.4 (ALP, ZeroLengthPath) gives one solution there, the constant itself; the engine gives
    none.
    """
    if version not in WRONG_VERSIONS:
        return
    for end in found.path_ends:
        if not _held(end, found, store, dataset, base_iri):
            raise _wrong(
                f"a path with * or ? at {end.term}, which the graph asked does not hold",
                "check the term; or use + and add the case of length zero with UNION and BIND",
            )


def _held(
    end: PathEnd, found: Analysis, store: ox.Store, dataset: Dataset | None, base_iri: str | None
) -> bool:
    """Whether every graph that the pattern may be matched in holds the term as a subject or an object."""
    term = resolve(end.term, found, base_iri)
    if term is None:
        return True  # the engine will say what is wrong with it
    # In GRAPH ?g the path is matched in each graph by itself; a default graph is the merge of several.
    many = all if end.graph is not None else any
    return many(_holds(store, term, graph) for graph in _graphs(end, found, store, dataset, base_iri))


def _holds(store: ox.Store, term: ox.NamedNode | ox.Literal, graph: ox.NamedNode | ox.DefaultGraph) -> bool:
    if isinstance(term, ox.NamedNode) and any(store.quads_for_pattern(term, None, None, graph)):
        return True
    return any(store.quads_for_pattern(None, None, term, graph))


def _graphs(
    end: PathEnd, found: Analysis, store: ox.Store, dataset: Dataset | None, base_iri: str | None
) -> list[ox.NamedNode | ox.DefaultGraph]:
    """The graphs that the pattern is matched in."""
    if end.graph is None:
        if dataset is not None:
            return [ox.NamedNode(iri) for iri in dataset.default]
        named = [resolve(token.text, found, base_iri) for token in found.from_graphs]
        return [node for node in named if isinstance(node, ox.NamedNode)] or [ox.DefaultGraph()]
    name = None if end.graph[0] in "?$" else resolve(end.graph, found, base_iri)
    if isinstance(name, ox.NamedNode):
        return [name]
    return [graph for graph in store.named_graphs() if isinstance(graph, ox.NamedNode)]


def _wrong(form: str, hint: str) -> QueryRefused:
    return QueryRefused(
        f"the engine (pyoxigraph {ox.__version__}) answers {form} wrongly, so it isn't asked",
        limit="engine",
        hint=hint,
    )


@dataclass(frozen=True)
class RemoteQuirks:
    """What a peer needs or does. ``server`` is a part of its Server header, in lower case.

    ``union_default``: its default graph is the union of all graphs and repeats what stands in several, so the
    graph that holds the merge must be named (KG_ENDPOINT_GRAPH). ``cut_headers``: headers by which it says
    that an answer is only a part.
    """

    server: str
    union_default: bool = False
    cut_headers: tuple[str, ...] = ()


REMOTE = (
    # ResultSetMaxRows cuts an answer and says so in X-SPARQL-MaxRows; "anytime" queries say it in
    # X-SQL-State.
    RemoteQuirks("virtuoso", union_default=True, cut_headers=("X-SPARQL-MaxRows", "X-SQL-State")),
    RemoteQuirks("oxigraph"),
)


def quirks_of(headers: Mapping[str, str]) -> RemoteQuirks | None:
    """Return the entry of the table for a peer's reply, or None."""
    server = (headers.get("Server") or "").lower()
    return next((quirks for quirks in REMOTE if quirks.server in server), None)


def cut_short(headers: Mapping[str, str]) -> None:
    """Raise QueryLimit when a peer says that its answer is only a part."""
    for name in {name for quirks in REMOTE for name in quirks.cut_headers}:
        if headers.get(name):
            raise QueryLimit(
                f"the endpoint gave only a part of the answer ({name}: {headers[name]})",
                limit="peer",
                hint="ask for less with LIMIT and OFFSET, or raise the endpoint's own limit",
            )


def as_standard(form: str, result: Result) -> Result:
    """Return what a peer meant by an answer of its own kind: Virtuoso 7 answers ASK with a 1 or no row."""
    if form == "ASK" and result.variables == ("__ASK_RETVAL",):
        values = [getattr(row[0], "value", "") for row in result.rows]
        if values in ([], ["0"], ["1"]):
            return Result("ask", boolean=values == ["1"])
    return result
