"""The embedded engine: pyoxigraph over a release's read-only store."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.engine.base import Dataset, Engine, Result
from kg.errors import EngineError, KgError, QuerySyntaxError
from kg.room import no_room

# "error at 4:2: expected ..." is all that pyoxigraph says of the place.
_PLACE = re.compile(r"error at (\d+):(\d+): ?(.*)", re.DOTALL)


class LocalEngine(Engine):
    """Answers from a pyoxigraph store, in this process.

    It keeps no ``timeout``: pyoxigraph has none. So it is for bounded queries of our own and for notebooks;
    what strangers write goes through `kg.engine.workers`.
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
        sparql: str,
        *,
        dataset: Dataset | None = None,
        base_iri: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the seam's; it can't be kept here
    ) -> Result:
        """Answer a query; see `Engine.query`. ``timeout`` is not kept here."""
        return as_result(run(self.store, sparql, dataset=dataset, base_iri=base_iri))

    def close(self) -> None:
        """Drop the store; pyoxigraph closes it with the last reference."""


def run(
    store: ox.Store, sparql: str, *, dataset: Dataset | None, base_iri: str | None
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Ask a store; return pyoxigraph's own lazy answer.

    Read it in the same thread. Raises QuerySyntaxError, EngineError.
    """
    default = _nodes(dataset.default) if dataset else None
    named = _nodes(dataset.named) if dataset else None
    try:
        return store.query(
            sparql,
            base_iri=base_iri,
            default_graph=list(default) if default is not None else None,
            named_graphs=named,
        )
    except SyntaxError as error:
        raise syntax_error(str(error)) from None
    except (OSError, ValueError, RuntimeError) as error:
        what = "the engine could not answer"
        raise no_room(what, error) or EngineError(f"{what}: {error}") from error


def _nodes(iris: Sequence[str]) -> list[ox.NamedNode | ox.BlankNode]:
    try:
        return [ox.NamedNode(iri) for iri in iris]
    except ValueError as error:
        raise QuerySyntaxError(f"a graph's IRI in the dataset is malformed: {error}") from None


def as_result(answer: object) -> Result:
    """Read pyoxigraph's answer (of a query, or parsed from a remote reply) to its end.

    Raises EngineError when it can't be read to its end.
    """
    try:
        return _read_all(answer)
    except (SyntaxError, OSError, ValueError, RuntimeError) as error:
        fault: KgError = no_room("the engine could not answer", error) or EngineError(
            f"the engine could not answer: {error}"
        )
    # Outside of the handler: an exception that keeps the answer alive would have another thread drop it,
    # which pyoxigraph forbids.
    raise fault


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
