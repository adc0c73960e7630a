"""The embedded engine: pyoxigraph over a release's read-only store."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.engine import functions
from kg.engine.base import Dataset, Engine, Result
from kg.engine.door import Admitted, Order, Policy, admit, wrong
from kg.engine.path_constants import for_data
from kg.engine.quirks import of
from kg.errors import EngineError, KgError, QuerySyntaxError, ServiceFailed, UnknownFunction
from kg.machine.room import no_room
from kg.sparql.bind import Own

# "error at 4:2: expected ..." is all that pyoxigraph says of the place.
_PLACE = re.compile(r"error at (\d+):(\d+): ?(.*)", re.DOTALL)
_NO_FUNCTION = re.compile(r"custom function <([^>]*)> (?:is not supported|requires)")


class LocalEngine(Engine):
    """Answers from a pyoxigraph store, in this process.

    It can't keep a ``timeout``, as pyoxigraph has none. So it is for bounded queries of our own and for
    notebooks; what strangers write goes through `kg.engine.pool.pool`.
    """

    name = f"pyoxigraph {ox.__version__}"

    def __init__(self, store: ox.Store) -> None:
        self.store = store

    @classmethod
    def open(cls, path: Path) -> LocalEngine:
        """Open a store's directory for reading; several processes may. Raises EngineError or StorageError."""
        try:
            return cls(ox.Store.read_only(str(path)))
        except (OSError, ValueError, RuntimeError) as error:
            what = f"the store {path} can't be opened"
            raise no_room(what, error) or EngineError(f"{what}: {error}") from error

    def query(
        self,
        sparql: str | Admitted,
        *,
        dataset: Dataset | None = None,
        base_iri: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - part of Engine.query; it can't be kept here
    ) -> Result:
        """Answer a query; see `Engine.query`. ``timeout`` is not kept here.

        The text is admitted first (`kg.engine.door`), unless it is a query of the program's own
        (`kg.sparql.bind.Own`): a test has admitted all of those.
        """
        if isinstance(sparql, Own):
            return as_result(run(self.store, Order(sparql), dataset=dataset, base_iri=base_iri))
        admitted = (
            admit(sparql, Policy(quirks=of(), base_iri=base_iri)) if isinstance(sparql, str) else sparql
        )
        try:
            answer = run(self.store, admitted.order, dataset=dataset, base_iri=base_iri)
        except QuerySyntaxError as error:
            raise admitted.placed(error) from None
        return as_result(answer, admitted.order)

    def close(self) -> None:
        """Drop the store; pyoxigraph closes it with the last reference."""


def run(
    store: ox.Store, order: Order, *, dataset: Dataset | None, base_iri: str | None
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Ask a store; return pyoxigraph's own lazy answer.

    Read it in the same thread; turn an error while reading it into ours by `failure`. Raises
    QuerySyntaxError, QueryRefused, EngineError.
    """
    default = _nodes(dataset.default) if dataset else None
    named = _nodes(dataset.named) if dataset else None
    if order.parsed is not None:
        _ask(ox.Store(), order.parsed, order, base_iri=base_iri)  # is it SPARQL at all?
    try:
        return _ask(
            store,
            order.sparql if order.plain else for_data(order, store, dataset),
            order,
            base_iri=base_iri,
            default_graph=list(default) if default is not None else None,
            named_graphs=named,
        )
    except QuerySyntaxError as error:
        if order.parsed is None:
            raise
        raise EngineError(f"the query could not be written anew for the engine: {error.message}") from None


def _ask(
    store: ox.Store, sparql: str, order: Order, **options: Any
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    if order.calls:
        options["custom_functions"] = functions.FUNCTIONS
    functions.begin()
    try:
        answer = store.query(sparql, **options)
    except SyntaxError as error:
        raise syntax_error(str(error)) from None
    except (OSError, ValueError, RuntimeError) as error:
        raise failure(error, order) from error
    if order.unread:
        raise wrong("some forms", "write the query in a plainer way", f"pyoxigraph {ox.__version__}")
    return answer


def failure(error: Exception, order: Order) -> KgError:
    """Return our error for pyoxigraph's: an unknown function, a failed endpoint, no room, or a fault."""
    match = _NO_FUNCTION.search(str(error))
    if match:
        return UnknownFunction(match[1])
    if order.services:
        return ServiceFailed(
            f"SERVICE <{'>, <'.join(order.services)}> failed: {error}",
            hint="ask that endpoint by itself, or write SERVICE SILENT to go on without it",
        )
    what = "the engine could not answer"
    return no_room(what, error) or EngineError(f"{what}: {error}")


def _nodes(iris: Sequence[str]) -> list[ox.NamedNode | ox.BlankNode]:
    try:
        return [ox.NamedNode(iri) for iri in iris]
    except ValueError as error:
        raise QuerySyntaxError(f"a graph's IRI in the dataset is malformed: {error}") from None


def as_result(answer: object, order: Order | None = None) -> Result:
    """Read pyoxigraph's answer (of a query, or parsed from a remote reply) to its end.

    Raises EngineError when it can't be read to its end, MemoryError when there is no room for it.
    """
    try:
        result = _read_all(answer)
        functions.check()
        return result
    except (SyntaxError, OSError, ValueError, RuntimeError) as error:
        told = failure(error, order or Order(""))
        told.__cause__ = None
    # Outside of the handler: an exception that keeps the answer alive would have another thread drop it,
    # which pyoxigraph forbids.
    raise told


def _read_all(answer: object) -> Result:
    if isinstance(answer, ox.QueryBoolean):
        return Result("ask", boolean=bool(answer))
    if isinstance(answer, ox.QuerySolutions):
        variables = tuple(v.value for v in answer.variables)
        return Result("select", variables, [tuple(solution) for solution in answer])
    if isinstance(answer, ox.QueryTriples):
        return Result("graph", triples=list(dict.fromkeys(answer)))
    raise EngineError(f"the engine gave an answer of an unknown kind: {type(answer).__name__}")


def syntax_error(message: str) -> QuerySyntaxError:
    """Turn pyoxigraph's message into an error with line and column."""
    match = _PLACE.search(message)
    if not match:
        return QuerySyntaxError(message)
    line, column, rest = match.groups()
    return QuerySyntaxError(rest.strip() or message, line=int(line), column=int(column))
