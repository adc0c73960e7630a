"""The first look at the form of files finds right only what a look at each statement finds right."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import DataError, Fault
from kg.machine.memory import Memory
from kg.make import check
from kg.make.loading import file_memory
from kg.make.loading.checker import Met, Told, statements
from kg.make.loading.config import Config, read_config
from kg.make.loading.files import SourceFile
from kg.make.loading.glance import right_lines
from tests.conftest import ORCHARD, Project

BASE = "https://example.org/orchard/"
CONFIG, _ = read_config(ORCHARD / "data")
HEAD = f"""@base <{BASE}> .
@prefix o: <{BASE}ontology/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
RIGHT = [
    "<id/tree/01> a o:Tree ; o:number 1 , 2.5 , true .",
    '<id/tree/01> rdfs:label "苹果"@zh-hans , "a \\"quoted\\" <apple> _:b .\\n \\\\"@en , "plain" .',
    '<id/tree/01> rdfs:comment "see \'Notes\'@Home"@en , """two\nlines""" , "<urn:x> \\u2028 \\r" .',
    '<id/tree/01> o:day "2024-05-20"^^xsd:date ; o:size "a \\n b"^^<http://example.org/d> .',
    "<id/tree/01> owl:versionIRI <id/version/2> ; o:next <id/tree/02> .",
    "<id/tree/01> o:next <http://elsewhere.example/x> .",
    '<id/tree/01> rdfs:label "x"@en--ltr .',
    "",
]
DAMAGED = [
    "<id/tree/01> o:number 01 .",
    "<id/tree/01> o:number 1.50 .",
    "<id/tree/01> o:number 6.0E3 .",
    '<id/tree/01> o:number "7"^^xsd:int .',
    '<id/tree/01> o:number "1"^^xsd:boolean .',
    '<id/tree/01> o:day "2021-02-30"^^xsd:date .',
    '<id/tree/01> o:day "2021-02\\n"^^xsd:gYearMonth .',
    '<id/tree/01> rdfs:label "x"@zh-Hans .',
    "<id/tree/01> rdfs:label 'x'@zh-hanS .",
    "[] o:number 1 .",
    "<id/tree/01> o:next _:some .",
    "<id/tree/01> o:next [ o:number 1 ] .",
    "<urn:x> o:number 1 .",
    "<id/tree/01> <urn:x> 1 .",
    "<id/tree/01> o:next <file:///etc/passwd> .",
    "<id/tree/01> owl:versionIRI <urn:x> .",
    "<id/tree/01> o:next <<( <id/tree/01> o:number 1 )>> .",
    "<id/tree/01> o:number .",
    "<id/tree/01> a x:Tree .",
    '<id/tree/01> rdfs:label "x .',
]
GRAPHS = ["graph/almanac/p01", "graph/inferred/mine", "graph/ontology", "http://elsewhere.example/g", "urn:g"]


def of_table(folder: Path, text: str, name: str = "x.ttl") -> SourceFile:
    path = folder / name
    path.write_text(HEAD + text, encoding="utf-8")
    return SourceFile(path, "almanac")


def of_graph(folder: Path, text: str, graph: str) -> SourceFile:
    path = folder / "p01.trig"
    path.write_text(f"{HEAD}GRAPH <{graph}> {{ {text} }}", encoding="utf-8")
    return SourceFile(path, None)


def compare(files: list[SourceFile], config: Config = CONFIG) -> bool:
    """Hold both looks against each other. Returns whether the first found the files right."""
    told, faults = Told(), list[Fault]()
    stated = list(statements(files, config, told, Met(), faults=faults, tick=lambda _: None))
    glanced = Told()
    formats = [ox.RdfFormat.TURTLE if file.graph else ox.RdfFormat.TRIG for file in files]
    read = [(file, file.path.read_bytes(), form) for file, form in zip(files, formats, strict=True)]
    lines = right_lines(read, config, glanced)
    if lines is None:
        return False
    assert faults == []
    assert glanced == told
    assert list(ox.parse(input=lines.quads, format=ox.RdfFormat.N_QUADS)) == stated
    merged = [quad.triple for quad in ox.parse(input=lines.triples, format=ox.RdfFormat.N_TRIPLES)]
    assert merged == [quad.triple for quad in stated]
    return True


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_is_found_right_at_once(tmp_path: Path, text: str):
    # An escaped sign in a typed value, what looks like a tag within a text: they are looked at once more.
    expected = "^^<http" not in text and "@Home" not in text
    assert compare([of_table(tmp_path, text)]) is expected
    assert compare([of_table(tmp_path, text, "source.ttl")]) is expected
    assert compare([of_graph(tmp_path, text, GRAPHS[0])]) is expected


@pytest.mark.parametrize("text", DAMAGED)
def test_no_damage_is_found_right(tmp_path: Path, text: str):
    for beside in RIGHT:
        assert not compare([of_table(tmp_path, f"{beside}\n{text}\n{beside}")])
        assert not compare([of_table(tmp_path, beside, "a.ttl"), of_graph(tmp_path, text, GRAPHS[0])])


@pytest.mark.parametrize("graph", GRAPHS[1:])
def test_a_graph_that_is_not_the_curators_is_not_found_right(tmp_path: Path, graph: str):
    assert not compare([of_graph(tmp_path, RIGHT[0], graph)])


def test_a_statement_outside_a_graph_is_not_found_right(tmp_path: Path):
    path = tmp_path / "p01.trig"
    path.write_text(HEAD + RIGHT[0], encoding="utf-8")
    assert not compare([SourceFile(path, None)])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.text(max_size=12), max_size=5), st.sampled_from(["en", "zh-hans", ""]))
def test_texts_of_any_signs_come_through(tmp_path: Path, texts: list[str], tag: str):
    said = (str(ox.Literal(text, language=tag) if tag else ox.Literal(text)) for text in texts)
    assert compare([of_table(tmp_path, "".join(f"<id/tree/01> rdfs:label {one} .\n" for one in said))])


def outcome(project: Project, memory: Memory | None) -> object:
    try:
        return check(project.ontology, project.data, memory=memory)
    except DataError as error:
        return error.message, error.faults


@pytest.mark.parametrize("text", [RIGHT[0], *DAMAGED])
@pytest.mark.parametrize("kept", [False, True])
def test_a_check_says_the_same_with_and_without_the_first_look(
    orchard: Project, monkeypatch: pytest.MonkeyPatch, text: str, kept: bool
):
    orchard.write("data/tree-list/x.ttl", f"{HEAD}{text}\n")
    orchard.write("data/almanac-1931/p10.trig", f"{HEAD}GRAPH <graph/almanac-1931/p10> {{ {text} }}")
    first = outcome(orchard, Memory(orchard.root / "first") if kept else None)
    monkeypatch.setattr(file_memory, "right_lines", lambda *_: None)
    assert outcome(orchard, Memory(orchard.root / "second") if kept else None) == first
