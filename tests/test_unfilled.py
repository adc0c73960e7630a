"""What a skeleton left to fill in is found wherever it stands, and told once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.errors import Fault
from kg.make import asking, check, validate
from kg.make.adding.infer import ask
from kg.make.asking import CHECKS
from kg.make.loading import file_memory, load
from kg.make.loading.config import read_config
from kg.make.loading.load import Loaded, merge
from tests.conftest import ORCHARD, Project


@pytest.mark.parametrize(
    ("quads", "found"),
    [
        ('<http://e/a> <http://e/p> "FILL IN: a name" <{0}graph/doc/p01> .', ["FILL IN: a name"]),
        ('<http://e/a> <http://e/p> "FILL IN: ein Name"@de <{0}graph/doc/p01> .', ["FILL IN: ein Name"]),
        ('<http://e/a> <http://e/p> "FILL IN"^^<http://e/type> <{0}graph/doc/p01> .', ["FILL IN"]),
        ('<http://e/a> <http://e/p> "to FILL IN" <{0}graph/doc/p01> .', []),
        ('<http://e/a> <http://e/p> "FILL IN" <{0}graph/derived/names> .', []),
        (
            '<http://e/a> <http://e/p> "FILL IN" <{0}graph/doc/p01> .\n'
            '<http://e/a> <http://e/p> "FILL IN" <{0}graph/inferred/rule> .',
            ["FILL IN"],
        ),
        (
            '<http://e/a> <http://e/p> "FILL IN" <{0}graph/old> .\n'
            "<{0}graph/old> <http://purl.org/dc/terms/isReplacedBy> <{0}graph/new> <{0}graph/meta> .",
            ["FILL IN"],
        ),
    ],
)
def test_what_is_still_to_be_written_is_found(quads: str, found: list[str]):
    config, _ = read_config(ORCHARD / "data")
    loaded = Loaded(config, ox.Store())
    loaded.store.load(input=quads.format(config.base), format=ox.RdfFormat.N_QUADS)
    merge(loaded)
    rows = ask(loaded, CHECKS / "unfilled.rq")
    assert isinstance(rows, ox.QuerySolutions)
    assert [row["value"].value for row in rows] == found  # type: ignore[union-attr]


LEFT = "FILL IN: what it is"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("data/more/more.trig", '<{0}graph/more/p01> {{ <{0}id/more> <{0}ontology/note> "{1}"@en }}'),
        ("data/more/more.ttl", '<{0}id/more> <{0}ontology/note> "{1}" .'),
        ("data/more/more.nq", '<{0}id/more> <{0}ontology/note> "{1}" <{0}graph/more/p01> .'),
        ("data/dataset.ttl", '<{0}> <http://purl.org/dc/terms/description> "{1}"@fr .'),
        ("ontology/more.ttl", '<{0}ontology/note> <http://www.w3.org/2000/01/rdf-schema#comment> "{1}" .'),
        ("ontology/rules/10-within.rq", "# about@fr: {1}"),
    ],
)
@pytest.mark.parametrize("large", [0, 2**24])
def test_nobody_overlooks_where_it_stands(
    orchard: Project, monkeypatch: pytest.MonkeyPatch, name: str, text: str, large: int
):
    monkeypatch.setattr(file_memory, "_GLANCED", large)
    check(orchard.ontology, orchard.data)
    before = (orchard.root / name).read_text("utf-8") if (orchard.root / name).exists() else ""
    said = text.format("https://example.org/orchard/", LEFT)
    orchard.write(name, f"{said}\n{before}" if name.endswith(".rq") else f"{before}\n{said}")
    assert f"this is still to be written: {LEFT}" in [fault.message for fault in orchard.faults()]


@pytest.mark.parametrize("sorted_up_to", [0, 2**20])
@pytest.mark.parametrize("value", ['"FILL IN"', "[ rdfs:label 'FILL IN' ]"])
def test_nobody_overlooks_what_a_rule_says(
    orchard: Project, monkeypatch: pytest.MonkeyPatch, sorted_up_to: int, value: str
):
    """Its graph is one whose texts aren't told; but whoever asks is to find the mark there."""
    monkeypatch.setattr(load, "_SORTED", sorted_up_to)
    rule = f"PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\nCONSTRUCT {{ ?x rdfs:seeAlso {value} }}"
    orchard.write("ontology/rules/30-more.rq", f"{rule} WHERE {{ ?x a ?class }}")
    seen: list[bool] = []
    hold = validate.validate

    def held(loaded: Loaded, *given: Any, **more: Any) -> tuple[Fault, ...]:
        seen.append(loaded.unfinished)
        return hold(loaded, *given, **more)

    monkeypatch.setattr(validate, "validate", held)
    check(orchard.ontology, orchard.data)
    assert seen == [True]


def test_nobody_overlooks_what_has_no_name():
    loaded = Loaded(read_config(ORCHARD / "data")[0], ox.Store(), unfinished=False)
    text = ox.Triple(ox.BlankNode(), ox.NamedNode("http://e/p"), ox.Literal(LEFT))
    assert loaded.add("https://example.org/orchard/graph/meta", [text]) == 1
    assert loaded.unfinished


def test_all_texts_are_looked_through_only_where_one_may_be_such(
    orchard: Project, monkeypatch: pytest.MonkeyPatch
):
    asked: list[str] = []
    rows = asking._rows

    def noted(loaded: Loaded, file: Path) -> list[dict[str, object]]:
        asked.append(file.name)
        return rows(loaded, file)

    monkeypatch.setattr(asking, "_rows", noted)
    check(orchard.ontology, orchard.data)
    assert asked
    assert "unfilled.rq" not in asked
