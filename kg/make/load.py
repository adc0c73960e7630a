"""Load ontology and data into one store, refusing what no engine would give back as it was written."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kg import terms
from kg.errors import DataError, Fault
from kg.make import graphs, literals
from kg.make.config import Config, read_config
from kg.make.faults import MOST, raise_faults
from kg.make.files import RECORD, SourceFile, data_files, ontology_files
from kg.make.locate import EXACT, locate, locate_statement, uncanonical_tags
from kg.make.parse import parse_file
from kg.progress import Progress
from kg.sparql.bind import bind

_TEXTS = frozenset(ox.NamedNode(iri) for iri in (terms.RDF + "langString", terms.XSD + "string"))
_MOST_MET = 200_000
_QUERIES = Path(__file__).parent / "queries"
_NAMES_ONLY = frozenset(terms.OWL + name for name in ("versionIRI", "priorVersion"))
"""Properties whose values need no description here."""


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

    def add(self, graph: str, triples: Iterable[ox.Triple]) -> int:
        """Put triples that the merge lacks into a graph and the merge. Returns how many."""
        node, merge = ox.NamedNode(graph), ox.DefaultGraph()
        new = {t for t in triples if ox.Quad(t.subject, t.predicate, t.object, merge) not in self.store}
        places = (node,) if graph in self.apart else (node, merge)
        self.store.extend(ox.Quad(t.subject, t.predicate, t.object, g) for t in new for g in places)
        return len(new)

    def add_answer(self, graph: str, answer: ox.QueryTriples) -> int:
        """Do the same with a query's answer of any size: it goes through a file and not through Python."""
        node = ox.NamedNode(graph)
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/answer.nt"
            answer.serialize(path, ox.RdfFormat.N_TRIPLES)
            self.store.bulk_load(path=path, format=ox.RdfFormat.N_TRIPLES, to_graph=node)
        self._update("known", node)
        self._update("add", node)
        return sum(1 for _ in self.store.quads_for_pattern(None, None, None, node))

    def _update(self, name: str, graph: ox.NamedNode) -> None:
        """Run ``queries/<name>.ru``, where no statement need go through Python."""
        self.store.update(bind((_QUERIES / f"{name}.ru").read_text(encoding="utf-8"), graph=graph))


def load(ontology: Path, data: Path, progress: Progress) -> Loaded:
    """Load everything.

    Raises DataError with all faults of form: syntax, unknown prefixes, blank nodes, literals that aren't
    canonical, IRIs that aren't http(s), statements outside a graph.
    """
    config, description = read_config(data)
    loaded = Loaded(config, ox.Store())
    files = [*ontology_files(ontology), *data_files(data)]
    faults: list[Fault] = []
    met = _Met()
    checker = _Checker(data / "dataset.ttl", config.graph(graphs.DATASET), loaded, met)
    loaded.store.bulk_extend(checker.quads(description))
    faults += checker.faults
    with progress.step("load", sum(f.path.stat().st_size for f in files), "B") as tick:
        # in one go: with some thousand small files, beginning anew for each took as long as their statements
        loaded.store.bulk_extend(_statements(files, loaded, met, faults, tick))
    raise_faults(faults)
    with progress.step("merge"):
        merge(loaded)
    return loaded


@dataclass
class _Met:
    """Terms that were found right as a subject or as a value, so that each is looked at once.

    Only up to a bound: a country's names would fill the memory.
    """

    subjects: set[object] = field(default_factory=set)
    objects: set[object] = field(default_factory=set)

    def bound(self) -> None:
        """Begin anew when they are many."""
        for terms_met in (self.subjects, self.objects):
            if len(terms_met) > _MOST_MET:
                terms_met.clear()


def _statements(
    files: Iterable[SourceFile],
    loaded: Loaded,
    met: _Met,
    faults: list[Fault],
    tick: Callable[[int], None],
) -> Iterator[ox.Quad]:
    """Yield the statements of files, and add to the faults what is wrong with each."""
    for file in files:
        graph = loaded.config.graph(file.graph) if file.graph else None
        checker = _Checker(file.path, graph, loaded, met, mixed=file.mixed)
        try:
            yield from checker.quads(parse_file(file.path, loaded.config.prefixes))
        except DataError as error:
            faults += [*checker.faults, *error.faults]
        else:
            if graph in checker.used and file.graph != graphs.ONTOLOGY and file.path.name != RECORD:
                loaded.tabulated.add(graph)
            faults += checker.faults + uncanonical_tags(file.path)
        tick(file.path.stat().st_size)


class _Checker:
    """Passes a file's statements on and notes what is wrong with them."""

    def __init__(
        self, path: Path, graph: str | None, loaded: Loaded, met: _Met, *, mixed: bool = False
    ) -> None:
        self.path = path
        self.mixed = mixed
        self.used: set[str] = set()
        self.graph = ox.NamedNode(graph) if graph else None
        self.loaded = loaded
        self.met = met
        self.faults: list[Fault] = []
        self.seen: set[ox.NamedNode] = set()
        self.base = loaded.config.base

    def quads(self, statements: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
        """Yield the statements, each in its graph."""
        graph, own = (None, True) if self.mixed else (self.graph, self.graph is None)
        used: set[ox.NamedNode] = set()
        last, subjects, objects = None, self.met.subjects, self.met.objects
        for quad in statements:
            s, p, o, name = quad
            if own and name != graph:
                graph = self._graph_of(name, s)
            if graph is None or len(self.faults) > MOST:
                continue
            # A term is looked at where it is first met: most of a statement's were met before.
            if s not in subjects and self._check_node(s):
                self.met.bound()
                subjects.add(s)
            if p not in self.seen:
                self._check_predicate(p)
            if o not in objects and self._check_object(quad, o):
                objects.add(o)
            if graph is not last:
                used.add(graph)
                last = graph
            yield quad if own and not self.mixed else ox.Quad(s, p, o, graph)
        self.used = {node.value for node in used}
        for node in used:
            self.loaded.files.setdefault(node.value, []).append(self.path)

    def _graph_of(self, name: object, subject: object) -> ox.NamedNode | None:
        if isinstance(name, ox.NamedNode):
            if name not in self.seen:
                self.seen.add(name)
                self._check_graph(name.value)
            return name
        if isinstance(name, ox.DefaultGraph) and self.graph is not None:
            return self.graph
        if isinstance(name, ox.DefaultGraph):
            self._fault("a statement stands outside a GRAPH block", subject, "put it inside GRAPH <...> { }")
        else:
            self._fault("a graph is a blank node", name, "give it an IRI")
        return None

    def _check_graph(self, iri: str) -> None:
        base = self.loaded.config.graph("")
        if not iri.startswith(base):
            self._fault(
                f"the graph <{iri}> doesn't lie under {base}", ox.NamedNode(iri), "see docs/conventions.md"
            )
        elif iri[len(base) :].partition("/")[0] in {"ontology", "dataset", "derived", "inferred"}:
            self._fault(
                f"the graph <{iri}> is the build's own", ox.NamedNode(iri), "use graph/<source>/<passage>"
            )

    def _check_predicate(self, node: ox.NamedNode) -> None:
        self.seen.add(node)
        self._check_node(node)
        self._mention(node.value)

    def _mention(self, iri: str) -> None:
        if iri.startswith(self.base):
            self.loaded.mentioned.add(iri)

    def _check_node(self, node: object) -> bool:
        """Note what is wrong with a node. Returns whether nothing is."""
        if isinstance(node, ox.NamedNode):
            if node.value.startswith(("http://", "https://")):
                return True
            scheme = node.value.partition(":")[0]
            self._fault(f"<{node.value}> is not an http(s) IRI", node, f"{scheme}: IRIs can't be looked up")
        elif isinstance(node, ox.BlankNode):
            self._fault("a blank node: nobody could cite it", node, "give the thing an IRI")
        else:
            self._fault(
                "a triple term (RDF 1.2), which other engines don't read", node, "use a graph of its own"
            )
        return False

    def _check_object(self, quad: ox.Quad, value: object) -> bool:
        """Note what is wrong with a value. Returns whether it needn't be looked at again."""
        if isinstance(value, ox.Literal):
            if value.datatype in _TEXTS:
                return False  # a text is rarely met again
            wrong = literals.fault_of(value.value, value.datatype.value)
            if wrong:
                self._fault(wrong[0], value, wrong[1], focus=quad.subject, path=quad.predicate.value)
            return not wrong
        if isinstance(value, ox.NamedNode) and quad.predicate.value not in _NAMES_ONLY:
            self._mention(value.value)
            return self._check_node(value)
        self._check_node(value)
        return False

    def _fault(
        self, message: str, term: object, hint: str | None, *, focus: object = None, path: str | None = None
    ) -> None:
        subject = focus.value if isinstance(focus, ox.NamedNode) else None
        near = locate_statement(self.path, subject, path, term) if subject else None
        line, column = near[1:] if near and near[0] == EXACT else locate(self.path, term)
        short = terms.Prefixes(self.loaded.config.prefixes).curie(path) or path if path else None
        self.faults.append(Fault(message, self.path, line, column, focus=subject, path=short, hint=hint))


def merge(loaded: Loaded) -> None:
    """Fill the default graph: every graph that no later one replaces."""
    store = loaded.store
    store.update((_QUERIES / "merge.ru").read_text(encoding="utf-8"))
    replaced = superseded(store, loaded.config)
    for graph in sorted(replaced):
        for quad in list(store.quads_for_pattern(None, None, None, ox.NamedNode(graph))):
            said = store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
            names = {one.graph_name.value for one in said if isinstance(one.graph_name, ox.NamedNode)}
            if names <= replaced:
                store.remove(ox.Quad(quad.subject, quad.predicate, quad.object))


def superseded(store: ox.Store, config: Config) -> frozenset[str]:
    """Return the graphs that a later one replaces, as graph/meta says."""
    meta, replaced = ox.NamedNode(config.graph(graphs.META)), ox.NamedNode(terms.DCTERMS + "isReplacedBy")
    found = store.quads_for_pattern(None, replaced, None, meta)
    return frozenset(q.subject.value for q in found if isinstance(q.subject, ox.NamedNode))
