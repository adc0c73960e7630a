"""What an engine is and what an answer is: `Engine`, `Dataset`, `Result`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal as Choice
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine.door import Admitted
from kg.writers.term import Term

Row: TypeAlias = tuple[Term | None, ...]
"""One solution, its terms in the order of `Result.variables`; None where a variable is unbound."""


@dataclass(frozen=True)
class Dataset:
    """The dataset a query asks of (SPARQL 1.1 Protocol §2.1.4): IRIs of its default and its named graphs.

    It overrides FROM and FROM NAMED in the query.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """A whole answer, in memory.

    ``kind`` is ``select``, ``ask`` or ``graph``. For ``select``, `variables` and `rows`; for ``ask``,
    `boolean`; for ``graph`` (CONSTRUCT and DESCRIBE), `triples`, each once.
    """

    kind: Choice["select", "ask", "graph"]
    variables: tuple[str, ...] = ()
    rows: Sequence[Row] = ()
    boolean: bool | None = None
    triples: Sequence[ox.Triple] = ()

    def dicts(self) -> Iterator[dict[str, Term]]:
        """Yield each solution as a dict of its bound variables."""
        for row in self.rows:
            yield {name: term for name, term in zip(self.variables, row, strict=True) if term is not None}

    def __len__(self) -> int:
        return len(self.triples) if self.kind == "graph" else len(self.rows)


class Engine(ABC):
    """Answers SPARQL 1.1 queries over one dataset. Close it, or use it as a context manager."""

    name: str
    """What it is and which version, for the service description and citations."""

    @abstractmethod
    def query(
        self,
        sparql: str | Admitted,
        *,
        dataset: Dataset | None = None,
        base_iri: str | None = None,
        timeout: float | None = None,
    ) -> Result:
        """Answer a query, given as text or as what `kg.engine.door.admit` returned.

        ``dataset`` overrides FROM; ``base_iri`` resolves relative IRIs; not every engine can keep ``timeout``
        (seconds): see each. Raises QuerySyntaxError with line and column, QueryRefused, QueryLimit or
        EngineError.
        """

    @abstractmethod
    def close(self) -> None:
        """Free what the engine holds. A second call does nothing."""

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
