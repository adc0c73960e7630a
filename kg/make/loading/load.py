"""Load ontology and data into one store, refusing what no engine would give back as it was written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kg import terms
from kg.machine.digests import sha256_of
from kg.machine.handing import Handed
from kg.machine.memory import Memory, key_of
from kg.machine.progress import Progress
from kg.make.incremental.last_time import LastTime
from kg.make.loading import graphs
from kg.make.loading.bulk import UNFINISHED, Filling, known_lines
from kg.make.loading.checker import Checker, Met, Told
from kg.make.loading.config import FILE, Config, read_config
from kg.make.loading.faults import raise_faults
from kg.make.loading.file_memory import Reader
from kg.make.loading.files import data_files, ontology_files, query_files
from kg.sparql.bind import bind
from kg.sparql.bind import load as load_query

_REPLACED = ox.NamedNode(terms.DCTERMS + "isReplacedBy")
_SORTED = 64 * 2**20
"""Bytes of lines that are sorted in memory."""


@dataclass(frozen=True)
class Counted:
    """The numbers of lines that are in no store: statements of merge and graphs, the graphs, uses by IRI."""

    statements: int
    quads: int
    graphs: frozenset[str]
    classes: Mapping[str, int]
    properties: Mapping[str, int]


@dataclass
class Loaded:
    """Everything loaded: named graphs and, in the default graph, their merge.

    What is opened and not curated may be too much for memory, and its literals stay as they are written, as
    no store would keep: it stands in ``lines``, sorted N-Quads; the store has the build's own graphs alone.
    """

    config: Config
    store: ox.Store
    files: dict[str, list[Path]] = field(default_factory=dict)
    """Which files stated something in a graph, by its IRI."""
    tabulated: set[str] = field(default_factory=set)
    """The graphs that hold a table's rows."""
    mentioned: set[str] = field(default_factory=set)
    """The dataset's own IRIs that stand as a property or as a value."""
    notes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """What a graph that the build made is about, in a sentence, by its IRI."""
    lines: Path | None = None
    counted: Counted | None = None
    """The numbers of ``lines``."""
    apart: frozenset[str] = frozenset()
    """The build's own graphs that aren't in the merge: what was opened is to be found there as it is."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """What else the manifest says."""
    unfinished: bool = True
    """Whether any text may be one that is still to be written, as a skeleton leaves it."""
    last: LastTime = field(default_factory=LastTime)
    """What the steps gave the last time, where that is kept."""
    filling: Filling | None = None
    """What fills graphs while others work; without it they are filled at once."""

    def settle(self, graph: str | None = None) -> None:
        """Return when a graph, or all, has what was loaded: who reads only the merge needn't wait."""
        if self.filling is not None:
            if graph is None:
                self.filling.settle()
            else:
                self.filling.settle_graph(graph)

    def graphs(self) -> frozenset[str]:
        """Return the graphs that there are, also those that aren't full yet."""
        found = {one.value for one in self.store.named_graphs() if isinstance(one, ox.NamedNode)}
        return frozenset(found) | (self.filling.waiting() if self.filling else frozenset())

    def add(self, graph: str, triples: Iterable[ox.Triple]) -> int:
        """Put triples that the merge lacks into a graph and the merge. Returns how many."""
        stated = set(triples)
        lines = ox.serialize(stated, format=ox.RdfFormat.N_TRIPLES) or b""
        if b"_:" in lines:  # a blank node, perhaps: it gets another name each time that it is loaded
            self.unfinished = True  # perhaps, as below: nobody looks through what doesn't go in as lines
            merge, places = ox.DefaultGraph(), self._places(graph)
            new = [t for t in stated if ox.Quad(t.subject, t.predicate, t.object, merge) not in self.store]
            self.store.extend(ox.Quad(t.subject, t.predicate, t.object, g) for t in new for g in places)
            return len(new)
        ordered = sorted(lines.splitlines(keepends=True))
        return self._load_others(graph, ordered, known_lines(self.store, ordered))

    def add_lines(self, graph: str, path: Path, *, lacking: bool = False) -> None:
        """Do the same with a file of N-Triples of any size: its statements don't go through Python.

        They come in the order of their lines, if they aren't too many to sort here: so whatever depends on
        the order doesn't depend on that in which an engine answers. ``lacking``: the merge has none of them.
        """
        if path.stat().st_size <= _SORTED:
            self.add_bytes(graph, path.read_bytes(), lacking=lacking)
        else:
            self.unfinished, node = True, ox.NamedNode(graph)
            self.store.bulk_load(path=str(path), format=ox.RdfFormat.N_TRIPLES, to_graph=node)
            self._into_merge(node)

    def add_bytes(self, graph: str, lines: bytes, *, lacking: bool = False) -> None:
        """Do the same with lines of N-Triples, as the engine writes them."""
        if not lines:
            return
        node = ox.NamedNode(graph)
        ordered = sorted(set(lines.splitlines(keepends=True)))
        text = b"".join(ordered)
        if b"_:" in text:
            self.unfinished = True
            self.store.load(input=text, format=ox.RdfFormat.N_TRIPLES, to_graph=node)
            self._into_merge(node)
            return
        self.store.add_graph(node)
        self._load_others(graph, ordered, frozenset() if lacking else known_lines(self.store, ordered))

    def _load_others(self, graph: str, ordered: Sequence[bytes], known: Collection[bytes]) -> int:
        """Put the lines that aren't known into a graph and the merge. Returns how many."""
        new = [line for line in ordered if line not in known] if known else ordered
        self._load(graph, b"".join(new))
        return len(new)

    def _load(self, graph: str, lines: bytes) -> None:
        """Put statements that the merge lacks into a graph and the merge. They are known to be right.

        Loaded twice they take half as long as loaded once and copied by the engine, or put in one by one.
        """
        if not lines:
            return
        self.unfinished = self.unfinished or UNFINISHED in lines
        if graph not in self.apart:
            self.store.load(input=lines, format=ox.RdfFormat.N_TRIPLES, lenient=True)
        if self.filling is not None:
            self.filling.into_graph(graph, lines)
        else:
            self.store.load(
                input=lines, format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph), lenient=True
            )

    def _places(self, graph: str) -> list[ox.NamedNode | ox.DefaultGraph]:
        """Return where a graph's statements stand."""
        return [ox.NamedNode(graph)] if graph in self.apart else [ox.NamedNode(graph), ox.DefaultGraph()]

    def _into_merge(self, graph: ox.NamedNode) -> None:
        for update in ("kg/make/loading/known", "kg/make/loading/add"):
            self.store.update(bind(load_query(update, "ru"), graph=graph))


@contextmanager
def load(
    ontology: Path,
    data: Path,
    progress: Progress,
    memory: Memory | None = None,
    *,
    handed: Handed | None = None,
    meanwhile: Iterable[Callable[[], object]] = (),
) -> Iterator[Loaded]:
    """Load everything. Of what ``memory`` knows to be right the form isn't looked at again.

    The merge is whole; graphs are filled until the context ends, or are waited for (`Loaded.settle`).
    ``handed`` gets what files state (`Reader`). ``meanwhile`` is work for while the engine is busy, which
    keeps by itself what it gives.

    Raises DataError with all faults of form: syntax, unknown prefixes, blank nodes, literals that aren't
    canonical, IRIs that aren't http(s), statements outside a graph.
    """
    store = ox.Store()
    with Filling(store) as filling:
        loaded = _loaded(
            ontology, data, progress, memory, filling=filling, handed=handed, meanwhile=meanwhile
        )
        yield loaded
        loaded.filling = None


def _loaded(
    ontology: Path,
    data: Path,
    progress: Progress,
    memory: Memory | None,
    *,
    filling: Filling,
    handed: Handed | None,
    meanwhile: Iterable[Callable[[], object]],
) -> Loaded:
    decides = _decides(ontology, data) if memory else ""
    config, description = read_config(data)
    loaded = Loaded(config, filling.store, filling=filling)
    files = [*ontology_files(ontology), *data_files(data)]
    told = Told(loaded.files, loaded.tabulated, loaded.mentioned)
    checker = Checker(data / FILE, config.graph(graphs.DATASET), config, told, Met())
    stated = list(checker.quads(description))
    loaded.store.extend(stated)
    loaded.store.extend(ox.Quad(s, p, o) for s, p, o, _ in stated)
    reader = Reader(filling, config, told, memory or Memory(), handed)
    reader.faults += checker.faults
    with progress.step("load", sum(f.path.stat().st_size for f in files), "B") as tick:
        reader.read(files, tick)
    raise_faults(reader.faults)
    if memory and decides != _decides(ontology, data):  # somebody is writing it
        decides, memory = "", None
    # The engine lets others run while it fills the merge.
    with progress.step("merge"), ThreadPoolExecutor(1) as pool:
        compared = pool.submit(lambda: reader.compare(LastTime(memory, decides))) if memory else None
        for work in meanwhile:
            pool.submit(work)
        merge(loaded, filled=reader.merged)
        described = ox.serialize(stated, format=ox.RdfFormat.N_QUADS) or b""
        loaded.unfinished = filling.unfinished or not reader.merged or UNFINISHED in described
        if compared:
            loaded.last = compared.result()
    return loaded


def _decides(ontology: Path, data: Path) -> str:
    """Return the key of what decides on every step, and on which steps state something."""
    path = data / FILE
    return key_of(path.is_file() and sha256_of(path), [one.name for one in query_files(ontology, "rules")])


def merge(loaded: Loaded, *, filled: bool = False) -> None:
    """Fill the default graph: every graph that no later one replaces. ``filled``: all graphs are in it."""
    store = loaded.store
    if not filled:
        loaded.settle()
        store.update(load_query("kg/make/loading/merge", "ru"))
    if not _replaces_graphs(loaded):
        return
    loaded.settle()
    replaced = superseded(store, loaded.config)
    for graph in sorted(replaced):
        for quad in list(store.quads_for_pattern(None, None, None, ox.NamedNode(graph))):
            said = store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
            names = {one.graph_name.value for one in said if isinstance(one.graph_name, ox.NamedNode)}
            if names <= replaced:
                store.remove(ox.Quad(quad.subject, quad.predicate, quad.object))


def _replaces_graphs(loaded: Loaded) -> bool:
    """Say whether the merge may say of a graph that another replaces it."""
    found = loaded.store.quads_for_pattern(None, _REPLACED, None, ox.DefaultGraph())
    return any(str(quad.subject).startswith(f"<{loaded.config.graph('')}") for quad in found)


def superseded(store: ox.Store, config: Config) -> frozenset[str]:
    """Return the graphs that a later one replaces, as graph/meta says."""
    found = store.quads_for_pattern(None, _REPLACED, None, ox.NamedNode(config.graph(graphs.META)))
    return frozenset(q.subject.value for q in found if isinstance(q.subject, ox.NamedNode))
