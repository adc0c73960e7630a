"""Look at the form of statements as files state them: what no engine would give back as it was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kg import terms
from kg.errors import DataError, Fault
from kg.make.loading import graphs, literals
from kg.make.loading.config import Config
from kg.make.loading.faults import MOST
from kg.make.loading.files import RECORD, SourceFile
from kg.make.loading.locate import EXACT, locate, locate_statement, uncanonical_tags
from kg.make.loading.parse import parse_file

_TEXTS = frozenset(ox.NamedNode(iri) for iri in (terms.RDF + "langString", terms.XSD + "string"))
_MOST_MET = 200_000
NAMES_ONLY = frozenset(terms.OWL + name for name in ("versionIRI", "priorVersion"))
"""Properties whose values need no description here."""


@dataclass(frozen=True)
class Told:
    """What files tell beside their statements; `kg.make.loading.load.Loaded` says what each is."""

    files: dict[str, list[Path]] = field(default_factory=dict)
    tabulated: set[str] = field(default_factory=set)
    mentioned: set[str] = field(default_factory=set)


@dataclass
class Met:
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


def statements(
    files: Iterable[SourceFile],
    config: Config,
    told: Told,
    met: Met,
    *,
    faults: list[Fault],
    tick: Callable[[int], None],
) -> Iterator[ox.Quad]:
    """Yield the statements of files, and add to the faults what is wrong with each."""
    for file in files:
        graph = config.graph(file.graph) if file.graph else None
        checker = Checker(file.path, graph, config, told, met, mixed=file.mixed)
        try:
            yield from checker.quads(parse_file(file.path, config.prefixes))
        except DataError as error:
            faults += [*checker.faults, *error.faults]
        else:
            if graph in checker.used and is_table(file):
                told.tabulated.add(graph)
            faults += checker.faults + uncanonical_tags(file.path)
        tick(file.path.stat().st_size)


def is_table(file: SourceFile) -> bool:
    """Say whether what a file puts into its source's own graph is a table's rows."""
    return file.graph not in (None, graphs.ONTOLOGY) and file.path.name != RECORD


class Checker:
    """Passes a file's statements on and notes what is wrong with them."""

    def __init__(
        self, path: Path, graph: str | None, config: Config, told: Told, met: Met, *, mixed: bool = False
    ) -> None:
        self.path = path
        self.mixed = mixed
        self.used: set[str] = set()
        self.graph = ox.NamedNode(graph) if graph else None
        self.config = config
        self.told = told
        self.met = met
        self.faults: list[Fault] = []
        self.seen: set[ox.NamedNode] = set()
        self.base = config.base

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
            self.told.files.setdefault(node.value, []).append(self.path)

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
        wrong = graphs.fault_of(iri, self.config.graph(""))
        if wrong:
            self._fault(wrong[0], ox.NamedNode(iri), wrong[1])

    def _check_predicate(self, node: ox.NamedNode) -> None:
        self.seen.add(node)
        self._check_node(node)
        self._mention(node.value)

    def _mention(self, iri: str) -> None:
        if iri.startswith(self.base):
            self.told.mentioned.add(iri)

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
        if isinstance(value, ox.NamedNode) and quad.predicate.value not in NAMES_ONLY:
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
        short = terms.Prefixes(self.config.prefixes).curie(path) or path if path else None
        self.faults.append(Fault(message, self.path, line, column, focus=subject, path=short, hint=hint))
