"""The W3C's SPARQL test suites: their manifests, their data, and what they expect."""

from __future__ import annotations

import csv
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kg.engine import Result
from kg.engine.local import as_result
from kg.terms import RDF

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
BASE = "http://w3c.example/"
KINDS = {
    "QueryEvaluationTest": "answer",
    "CSVResultFormatTest": "answer",
    "PositiveSyntaxTest": "good",
    "PositiveSyntaxTest11": "good",
    "NegativeSyntaxTest": "bad",
    "NegativeSyntaxTest11": "bad",
}


@dataclass
class Case:
    """One test: ``kind`` is ``answer``, ``good`` or ``bad`` (of the syntax); ``lax``: it is of REDUCED."""

    name: str
    kind: str
    query: Path
    root: Path
    data: list[Path] = field(default_factory=list)
    named: list[tuple[str, Path]] = field(default_factory=list)
    result: Path | None = None
    lax: bool = False

    @property
    def text(self) -> str:
        """The query, with its own address as base."""
        return f"BASE <{iri(self.root, self.query)}>\n{self.query.read_text(encoding='utf-8')}"

    @property
    def dataset(self) -> tuple[tuple[Path, ...], tuple[tuple[str, Path], ...]]:
        """What is loaded: files of the default graph, and of named ones."""
        return tuple(self.data), tuple(self.named)


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack the suites; return their folder."""
    with tarfile.open(archive) as tar:
        # Python 3.11 has filters since 3.11.4 only; the suites are no stranger's archive.
        filters = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        tar.extractall(folder, **filters)  # noqa: S202 # see above
    return folder / "sparql"


def iri(root: Path, path: Path) -> str:
    """Return the address that a file of the suites has."""
    return BASE + path.relative_to(root).as_posix()


def cases(root: Path) -> list[Case]:
    """Return the tests of all suites, in order: queries only, no updates, no protocol."""
    found = [
        case
        for suite in ("sparql10", "sparql11", "sparql12")
        for manifest in sorted((root / suite).glob("*/manifest.ttl"))
        if manifest.parent.name != "entailment"  # another specification, which we don't claim
        for case in _read(root, manifest)
    ]
    return sorted(found, key=lambda case: case.name)


def _read(root: Path, manifest: Path) -> Iterator[Case]:
    store = ox.Store()
    store.load(path=str(manifest), format=ox.RdfFormat.TURTLE, base_iri=iri(root, manifest))

    def one(subject: object, predicate: str) -> object:
        found = [quad.object for quad in store.quads_for_pattern(subject, ox.NamedNode(predicate), None)]
        return found[0] if found else None

    def path(node: object) -> Path:
        return root / node.value.removeprefix(BASE)

    for quad in list(store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), None)):
        kind = KINDS.get(quad.object.value.removeprefix(MF))
        if kind is None:
            continue
        action, result = one(quad.subject, MF + "action"), one(quad.subject, MF + "result")
        name = f"{manifest.parent.relative_to(root)}/{quad.subject.value.rpartition('#')[2]}"
        if kind != "answer":
            yield Case(name, kind, path(action), root)
            continue
        case = Case(name, kind, path(one(action, QT + "query")), root, result=path(result))
        for item in store.quads_for_pattern(action, ox.NamedNode(QT + "data"), None):
            case.data.append(path(item.object))
        for item in store.quads_for_pattern(action, ox.NamedNode(QT + "graphData"), None):
            file = one(item.object, QT + "graph")
            label = one(item.object, "http://www.w3.org/2000/01/rdf-schema#label")
            node = file if isinstance(file, ox.NamedNode) else item.object
            case.named.append((label.value if label is not None else node.value, path(node)))
        case.lax = one(quad.subject, MF + "resultCardinality") == ox.NamedNode(MF + "LaxCardinality")
        case.data.sort()
        case.named.sort()
        yield case


def load(case: Case, store: ox.Store) -> None:
    """Load a test's data, and what its FROM names."""
    for file in case.data:
        _load(case.root, file, store, ox.DefaultGraph())
    for name, file in case.named:
        _load(case.root, file, store, ox.NamedNode(name))
    for name in from_names(case):
        _load(case.root, case.root / name.removeprefix(BASE), store, ox.NamedNode(name))


def from_names(case: Case) -> list[str]:
    """Return the addresses behind FROM."""
    from kg.sparql.checking.analysis import analyse
    from kg.sparql.checking.guard import resolve

    found = analyse(case.text)
    nodes = [resolve(token.text, found, None) for token in found.from_graphs]
    names = [node.value for node in nodes if isinstance(node, ox.NamedNode)]
    return [
        name for name in names if name.startswith(BASE) and (case.root / name.removeprefix(BASE)).is_file()
    ]


def _load(root: Path, file: Path, store: ox.Store, graph: ox.NamedNode | ox.DefaultGraph) -> None:
    format = ox.RdfFormat.from_extension(file.suffix[1:])
    if format in (ox.RdfFormat.TRIG, ox.RdfFormat.N_QUADS):
        store.load(path=str(file), format=format, base_iri=iri(root, file))
        return
    store.load(path=str(file), format=format, base_iri=iri(root, file), to_graph=graph)


# What is expected, and whether an answer is that


def expected(case: Case) -> Result:
    """Return the answer that a test expects."""
    file = case.result
    assert file is not None
    match file.suffix:
        case ".srx":
            return as_result(ox.parse_query_results(path=str(file), format=ox.QueryResultsFormat.XML))
        case ".srj":
            return as_result(ox.parse_query_results(path=str(file), format=ox.QueryResultsFormat.JSON))
        case ".tsv":
            return as_result(ox.parse_query_results(path=str(file), format=ox.QueryResultsFormat.TSV))
    graph = ox.Store()
    graph.load(
        path=str(file), format=ox.RdfFormat.from_extension(file.suffix[1:]), base_iri=iri(case.root, file)
    )
    triples = [quad.triple for quad in graph]
    if any(RS in str(triple) for triple in triples):
        return _described(graph)
    return Result("graph", triples=triples)


def _described(graph: ox.Store) -> Result:
    """Return the answer that a graph of the result set vocabulary describes."""

    def all_of(subject: object, name: str) -> list:
        return [quad.object for quad in graph.quads_for_pattern(subject, ox.NamedNode(RS + name), None)]

    boolean = all_of(None, "boolean")
    if boolean:
        return Result("ask", boolean=boolean[0].value == "true")
    names = tuple(node.value for node in all_of(None, "resultVariable"))
    solutions = []
    for node in all_of(None, "solution"):
        bound = {all_of(b, "variable")[0].value: all_of(b, "value")[0] for b in all_of(node, "binding")}
        index = all_of(node, "index")
        solutions.append((int(index[0].value) if index else 0, tuple(bound.get(name) for name in names)))
    return Result("select", names, [row for _, row in sorted(solutions, key=lambda pair: pair[0])])


def in_form(result: Result) -> Result:
    """Return an answer with its literals in the form that the store keeps."""

    def formed(term: object) -> object:
        store = ox.Store()
        store.add(ox.Quad(ox.NamedNode("urn:x"), ox.NamedNode("urn:x"), term))
        return next(iter(store)).object

    rows = [tuple(None if term is None else formed(term) for term in row) for row in result.rows]
    triples = [ox.Triple(s, p, formed(o)) for s, p, o in result.triples]
    return Result(result.kind, result.variables, rows, result.boolean, list(dict.fromkeys(triples)))


def same(one: Result, other: Result, *, lax: bool = False) -> bool:
    """Whether two answers are the same, as bags, whatever their blank nodes are called.

    ``lax``: REDUCED may leave out doubles.
    """
    if one.kind != other.kind:
        return False
    if one.kind == "ask":
        return one.boolean == other.boolean
    if one.kind == "select" and set(one.variables) != set(other.variables):
        return False
    if lax:
        one, other = (
            Result(r.kind, r.variables, list(dict.fromkeys(map(tuple, r.rows)))) for r in (one, other)
        )
    return _canonical(one) == _canonical(other)


def _canonical(result: Result) -> set[str]:
    dataset = ox.Dataset()
    if result.kind == "graph":
        for triple in result.triples:
            dataset.add(ox.Quad(*triple))
    else:
        for row in result.rows:
            node = ox.BlankNode()
            dataset.add(ox.Quad(node, ox.NamedNode("urn:is"), ox.Literal("row")))
            for name, term in zip(result.variables, row, strict=True):
                if term is not None:
                    dataset.add(ox.Quad(node, ox.NamedNode(f"urn:{name}"), term))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in dataset}


def same_csv(expected: bytes, got: bytes) -> bool:
    """Whether two answers in CSV are the same, as bags of rows by name; a blank node's label says nothing.

    A number counts by its value, as the store keeps it.
    """

    def cell(text: str) -> object:
        if text.startswith("_:"):
            return "_:"
        try:
            return str(float(text))
        except ValueError:
            return text

    def rows(text: bytes) -> list[list[tuple[str, object]]]:
        lines = csv.DictReader(io.StringIO(text.decode()))
        return sorted(sorted((name, cell(value or "")) for name, value in line.items()) for line in lines)

    return rows(expected) == rows(got)
