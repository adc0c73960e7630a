"""Each shape has an example that passes and one that must fail, for that reason: tests/shapes/<shape>/*.trig.

A file that must fail says so in its head, ``# expect: <path> <words of the message>``; the path is a CURIE,
or ``-`` for a fault of the node as a whole.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from pyshacl import validate as pyshacl_validate
from rdflib import BNode, Graph, URIRef
from rdflib.namespace import SH

from kg import resources
from kg.make import shacl
from kg.make.loading.config import read_config
from kg.make.loading.files import ontology_files, shape_files
from kg.make.shacl import Violation
from kg.terms import Prefixes

HERE = Path(__file__).parent / "shapes"
SHAPE = "https://w3id.org/linli/shape/"
FILES = sorted(HERE.glob("*/*.trig"))
EXPECT = re.compile(r"^# expect: (\S+) (.+)$", re.MULTILINE)
CONFIG, _ = read_config(resources.data_dir())
SHORT = Prefixes(CONFIG.prefixes)


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@cache
def shape_store() -> ox.Store:
    store = ox.Store()
    for path in shape_files(resources.ontology_dir()):
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    return store


@cache
def shapes() -> tuple[shacl.Shape, ...]:
    return tuple(shacl.read(shape_store()))


def data(*files: Path) -> ox.Store:
    """Return the ontology with some examples, all in the default graph, as a check sees them."""
    store = ox.Store()
    for source in ontology_files(resources.ontology_dir()):
        store.load(path=str(source.path), format=ox.RdfFormat.from_extension(source.path.suffix[1:]))
    for path in files:
        store.extend(ox.Quad(q.subject, q.predicate, q.object) for q in ox.parse(path=str(path)))
    return store


@cache
def violations() -> dict[str, list[Violation]]:
    """Hold all examples at once against the shapes; return what is wrong, by file."""
    whose: dict[str, Path] = {}
    for path in FILES:
        for quad in ox.parse(path=str(path)):
            whose[str(quad.subject)] = path
            if isinstance(quad.object, ox.Literal):
                whose[str(quad.object)] = path
    found: dict[str, list[Violation]] = {named(path): [] for path in FILES}
    for violation in shacl.validate(shacl.Data(data(*FILES)), shapes()):
        assert str(violation.focus) in whose, f"the ontology: {violation.focus} {violation.message}"
        found[named(whose[str(violation.focus)])].append(violation)
    return found


def kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def test_every_shape_has_examples():
    targeted = {kebab(str(shape.node.value).removeprefix(SHAPE)) for shape in shapes()}
    assert {path.parent.name for path in FILES if path.stem == "good"} == targeted
    assert {path.parent.name for path in FILES if path.stem.startswith("bad-")} == targeted
    assert all(path.stem == "good" or path.stem.startswith("bad-") for path in FILES)


def test_no_two_examples_speak_of_one_thing():
    said: dict[str, Path] = {}
    for path in FILES:
        for quad in ox.parse(path=str(path)):
            assert said.setdefault(str(quad.subject), path) == path


def test_every_module_with_classes_has_its_file_of_shapes():
    folder = resources.ontology_dir()
    modules = {path.stem for path in folder.glob("*.ttl")} - {"alignments", "linli"}
    assert {path.stem for path in (folder / "shapes").glob("*.ttl")} == modules | {
        "shared",
        "stories",
        "style",
        "vocabularies",
    }


@pytest.mark.parametrize("path", FILES, ids=named)
def test_an_example_passes_or_fails_for_its_reason(path: Path):
    found = violations()[named(path)]
    expected = EXPECT.findall(path.read_text(encoding="utf-8"))
    if path.stem == "good":
        assert not expected
        assert [(str(v.focus), v.message) for v in found] == []
        return
    assert expected, "say what is expected: # expect: <path> <words>"
    for where, words in expected:
        assert any(at(v) == where and words in v.message for v in found), described(found)
    for violation in found:
        wanted = [words for where, words in expected if where == at(violation)]
        assert any(words in violation.message for words in wanted), (
            f"another reason: {described([violation])}"
        )


def at(violation: Violation) -> str:
    predicate = violation.path.predicate if violation.path else None
    return (SHORT.curie(predicate) or predicate) if predicate else "-"


def described(found: list[Violation]) -> list[tuple[str, str, str]]:
    return [(str(v.focus), at(v), v.message) for v in found]


@pytest.mark.parametrize("path", [p for p in FILES if p.stem != "good"], ids=named)
def test_a_bad_example_breaks_the_shape_whose_folder_it_is_in(path: Path):
    ours = {kebab(name) for v in violations()[named(path)] for name in owners(v.shape.node)}
    assert path.parent.name in ours


@cache
def owners(node: ox.NamedNode | ox.BlankNode) -> frozenset[str]:
    """Return the names of the node shapes that a shape is, or is a property shape of."""
    found = {
        s.subject for s in shape_store().quads_for_pattern(None, ox.NamedNode(str(SH.property)), node)
    } | {node}
    return frozenset(str(n.value).removeprefix(SHAPE) for n in found if isinstance(n, ox.NamedNode))


def test_the_reference_validator_says_the_same():
    graph, wanted = Graph(), Graph()
    for quad in data(*FILES):
        graph.parse(data=f"{quad.subject} {quad.predicate} {quad.object} .", format="nt")
    for path in shape_files(resources.ontology_dir()):
        wanted.parse(path)
    _, report, _ = pyshacl_validate(graph, shacl_graph=wanted)
    theirs = set()
    for result in report.subjects(SH.resultSeverity):
        if report.value(predicate=SH.detail, object=result):
            continue  # what a nested shape found; ours tells of the outer one alone
        path = report.value(result, SH.resultPath)
        component = str(report.value(result, SH.sourceConstraintComponent)).removeprefix(str(SH))
        theirs.add(
            (
                str(report.value(result, SH.focusNode)),
                str(path) if isinstance(path, URIRef) else "",
                component.removesuffix("ConstraintComponent").lower(),
                str(report.value(result, SH.resultSeverity)),
            )
        )
    assert not any(isinstance(focus, BNode) for focus, *_ in theirs)
    ours = {
        (
            str(v.focus.value),
            v.path.predicate if v.path and v.path.predicate else "",
            v.component.lower(),
            v.shape.severity,
        )
        for found in violations().values()
        for v in found
    }
    assert ours == theirs
