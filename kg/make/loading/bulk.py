"""Lines on their way into a store while the next are made, and those that it has already.

The engine lets others run. Lines go into the merge first, which nearly everything reads, and into graphs
when nothing else waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from types import TracebackType

import pyoxigraph as ox

from kg.make.loading.glance import Lines

_AT_ONCE = 2**21
"""Bytes of lines that go in at once: with fewer, beginning anew takes as long as they do."""
_MOST = 8
"""So often is waited that lines which are made faster than they go in don't fill the memory."""
_MOST_BEHIND = 40
"""As often for those that go into graphs, which wait longer."""

_PIECE = 2**18
"""Bytes of lines that go into a graph at once: the merge can't be written to meanwhile."""
UNFINISHED = b'"FILL IN'
"""How a text begins, in a line, that a skeleton left to be written."""

_MERGE = ox.DefaultGraph()
_FEW = 100
"""Lines, of which each is looked up."""
_LESS = 2
"""Times that there must be more lines than statements with their property, for these to be read instead."""

_Work = Callable[[], object]


class Filling:
    """Fills a store by a thread, which is done when the context ends; an error drops what still waits."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self.unfinished = False
        """Whether any line may have a text that is still to be written."""
        self._pool: ThreadPoolExecutor | None = None
        self._urgent: deque[tuple[_Work, Future[None]]] = deque()
        self._behind: deque[tuple[_Work, Future[None]]] = deque()
        self._merging: deque[Future[None]] = deque()
        self._graphs: deque[tuple[frozenset[str], Future[None]]] = deque()
        self._waiting: list[Lines] = []
        self._names: set[str] = set()
        self._size = 0

    def __enter__(self) -> Filling:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Put in what is left, unless something went wrong."""
        if kind is None:
            self.settle()
        else:
            self.drop()

    def add(self, lines: Lines, graphs: Collection[str]) -> None:
        """Put statements in, in their graphs and in the merge. They are known to be right."""
        self.unfinished = self.unfinished or UNFINISHED in lines.triples
        self._waiting.append(lines)
        self._names.update(graphs)
        self._size += len(lines.quads)
        if self._size > _AT_ONCE:
            self._begin()

    def into_graph(self, graph: str, lines: bytes) -> None:
        """Put lines of N-Triples into a graph, and not into the merge."""
        self._put_behind(
            frozenset((graph,)),
            partial(self._by_pieces, lines, format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph)),
        )

    def settle_merge(self) -> None:
        """Return when all lines are in the merge. Raises what the engine raised."""
        self._begin()
        while self._merging:
            self._merging.popleft().result()

    def waiting(self) -> frozenset[str]:
        """Return the graphs that are still filled, and some that are full already."""
        return frozenset(name for names, _ in self._graphs for name in names)

    def settle_graph(self, graph: str) -> None:
        """Return when all lines of a graph are in it."""
        for names, done in self._graphs:
            if graph in names:
                done.result()

    def settle(self) -> None:
        """Return when all lines are where they belong, and the thread has ended."""
        self.settle_merge()
        while self._graphs:
            self._graphs.popleft()[1].result()
        self._end()

    def drop(self) -> None:
        """Leave out what isn't in yet, and end the thread."""
        self._urgent.clear()
        self._behind.clear()
        self._merging.clear()
        self._graphs.clear()
        self._end()

    def _begin(self) -> None:
        if not self._waiting:
            return
        quads, triples = (b"".join(lines) for lines in zip(*self._waiting, strict=True))
        names = frozenset(self._names)
        self._waiting, self._names, self._size = [], set(), 0
        if len(self._merging) == _MOST:
            self._merging.popleft().result()
        into_merge = partial(self.store.load, input=triples, format=ox.RdfFormat.N_TRIPLES, lenient=True)
        self._merging.append(self._submit(self._urgent, into_merge))
        self._put_behind(names, partial(self._by_pieces, quads, format=ox.RdfFormat.N_QUADS))

    def _by_pieces(self, lines: bytes, *, format: ox.RdfFormat, to_graph: ox.NamedNode | None = None) -> None:
        """Load lines so that nobody else who writes waits for long."""
        place = 0
        while place < len(lines):
            end = lines.find(b"\n", place + _PIECE) + 1 or len(lines)
            self.store.load(input=lines[place:end], format=format, to_graph=to_graph, lenient=True)
            place = end

    def _put_behind(self, names: frozenset[str], work: _Work) -> None:
        if len(self._graphs) == _MOST_BEHIND:
            self._graphs.popleft()[1].result()
        self._graphs.append((names, self._submit(self._behind, work)))

    def _submit(self, queue: deque[tuple[_Work, Future[None]]], work: _Work) -> Future[None]:
        done = Future[None]()
        queue.append((work, done))
        self._pool = self._pool or ThreadPoolExecutor(1)
        self._pool.submit(self._next)
        return done

    def _next(self) -> None:
        """Do what is most urgent, of as much the first."""
        queue = self._urgent or self._behind
        if not queue:  # all was dropped
            return
        work, done = queue.popleft()
        try:
            work()
        except BaseException as error:
            done.set_exception(error)
        else:
            done.set_result(None)

    def _end(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None


def known_lines(store: ox.Store, lines: Sequence[bytes]) -> frozenset[bytes]:
    """Return the lines that the merge has; they are as the engine writes them, without blank nodes."""
    if len(lines) <= _FEW:
        return frozenset(_looked_up(store, lines))
    known: set[bytes] = set()
    for prop, few in _by_property(lines).items():
        known.update(_known(store, prop, few))
    return frozenset(known)


def _by_property(lines: Sequence[bytes]) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for line in lines:
        found.setdefault(line.split(b" ", 2)[1], []).append(line)
    return found


def _known(store: ox.Store, prop: bytes, lines: Sequence[bytes]) -> Iterable[bytes]:
    """Return which lines of one property the merge has."""
    node = next(_parsed(b"<urn:x> " + prop + b" <urn:x> .")).predicate
    most = len(lines) // _LESS if all(map(_is_link, lines)) else 0
    said = list(islice(store.quads_for_pattern(None, node, None, _MERGE), most + 1))
    if not said:
        return ()
    if len(said) <= most:
        text = ox.serialize((quad.triple for quad in said), format=ox.RdfFormat.N_TRIPLES) or b""
        return frozenset(lines).intersection(text.splitlines(keepends=True))
    return _looked_up(store, lines)


def _looked_up(store: ox.Store, lines: Sequence[bytes]) -> Iterable[bytes]:
    stated = _parsed(b"".join(lines))
    return (line for line, quad in zip(lines, stated, strict=True) if quad in store)


def _is_link(line: bytes) -> bool:
    """Whether a line's value is an IRI, which is written in one way alone."""
    return line.split(b" ", 2)[2].startswith(b"<")


def _parsed(text: bytes) -> ox.QuadParser:
    return ox.parse(input=text, format=ox.RdfFormat.N_TRIPLES)
