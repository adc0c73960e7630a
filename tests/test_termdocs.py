"""The vocabulary's documentation: every term, in each language, with drawings in which nothing collides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg import termdocs
from kg.engine.local import LocalEngine
from kg.release import Release
from kg.release.store import ensure_store
from kg.settings import Settings
from kg.termdocs.diagram import BOX, draw, width_of
from kg.termdocs.page import words
from kg_web import create_app

ORCHARD = "https://example.org/orchard/ontology/"


@cache
def loaded(dataset: Path) -> ox.Store:
    """A release's statements, to read alone: it takes a second to load them."""
    store = ox.Store()
    store.bulk_load(path=str(dataset), format=ox.RdfFormat.N_QUADS)
    return store


def vocabulary_of(release: Release) -> termdocs.Vocabulary:
    store = loaded(release.file("dataset.nq"))
    triples = [
        quad.triple
        for name in ("graph/ontology", "graph/derived/statistics")
        for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(release.base + name))
    ]
    return termdocs.read(triples, release.prefixes)


@pytest.fixture(params=["small_release", "release"], scope="module")
def built(request: pytest.FixtureRequest) -> Release:
    found: Release = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def vocabulary(built: Release) -> termdocs.Vocabulary:
    return vocabulary_of(built)


@pytest.fixture(scope="module")
def client(built: Release) -> Iterator[FlaskClient]:
    with LocalEngine.open(ensure_store(built)) as engine:
        yield create_app(engine, Settings(), built).test_client()


class Page(HTMLParser):
    """The ids, links and languages of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.outside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if said.get("id"):
            self.ids.append(said["id"] or "")
        if tag == "a" and (said.get("href") or "").startswith("#"):
            self.links.append((said["href"] or "")[1:])
        if tag in {"script", "link", "img", "iframe"}:
            self.outside.append(tag)


# --- what is read --------------------------------------------------------------------------------


def test_every_term_of_the_ontology_is_there(built: Release, vocabulary: termdocs.Vocabulary) -> None:
    rows = loaded(built.file("dataset.nq")).query(
        """PREFIX owl: <http://www.w3.org/2002/07/owl#>
        SELECT DISTINCT ?term { VALUES ?kind { owl:Class owl:ObjectProperty owl:DatatypeProperty }
        GRAPH ?g { ?term a ?kind } FILTER(!STRSTARTS(STR(?term), "https://w3id.org/linli/kg#")) }"""
    )
    assert {row["term"].value for row in rows} == set(vocabulary.terms)


def test_the_default_ontology_has_its_modules_lists_and_alignments(release: Release) -> None:
    found = vocabulary_of(release)
    assert len(found.modules) == 9
    assert len(found.lists) >= 15
    assert all(module.labels and module.definition for module in found.modules)
    terms = found.terms.values()
    assert all(set(term.definition) >= {"en", "zh-hans", "zh-hant"} for term in terms)
    assert sum(bool(term.alignments) for term in terms) >= 30
    assert sum(bool(term.notes) for term in terms) >= 10
    retired = [term for term in terms if "retired" in term.traits]
    assert retired and all(term.replaced_by and term.notes for term in retired)


def test_an_ontology_without_modules_is_one_module(small_release: Release) -> None:
    found = vocabulary_of(small_release)
    assert [module.iri for module in found.modules] == [ORCHARD]
    tree = found.terms[ORCHARD + "Tree"]
    assert (tree.name, tree.kind, tree.uses) == ("o:Tree", "class", 24)
    assert found.terms[ORCHARD + "Plot"].broader == (ORCHARD + "Site",)
    assert found.terms[ORCHARD + "standsIn"].domains == (ORCHARD + "Tree",)


def test_nothing_at_all_is_read_as_an_empty_vocabulary() -> None:
    found = termdocs.read([], {})
    assert (found.modules, found.lists) == ((), ())
    assert "<html" in termdocs.whole(found, ["en"])


# --- the drawing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_no_box_of_a_drawing_lies_on_another(vocabulary: termdocs.Vocabulary, language: str) -> None:
    for module in vocabulary.modules:
        drawing = draw(vocabulary, module, language, words(language))
        for one, other in combinations(drawing.boxes, 2):
            tall = 18 if "arrow" in one.kind or "arrow" in other.kind else BOX
            apart = (
                abs(one.y - other.y) >= tall - 0.1
                or one.x + one.width <= other.x + 0.1
                or other.x + other.width <= one.x + 0.1
            )
            assert apart, (module.iri, one, other)
        for box in drawing.boxes:
            assert box.x >= 0 and box.x + box.width <= drawing.width + 0.1
            assert (9 if "arrow" in box.kind else BOX / 2) - 0.1 <= box.y <= drawing.height
            assert width_of(box.label) <= box.width


def test_every_property_of_a_module_is_an_arrow_from_its_classes(vocabulary: termdocs.Vocabulary) -> None:
    for module in vocabulary.modules:
        drawing = draw(vocabulary, module, "en", words("en"))
        arrows = [box for box in drawing.boxes if box.kind.startswith("arrow")]
        live = [term for term in module.properties if "retired" not in term.traits]
        assert sorted(box.anchor or "" for box in arrows) == sorted(term.anchor for term in live)
        kinds = [kind for _, kind in drawing.curves]
        assert kinds.count("from") >= len(live) and kinds.count("to") >= len(live)


def test_what_is_retired_is_described_but_not_drawn(release: Release) -> None:
    found = vocabulary_of(release)
    page = termdocs.render(found, "en")
    for term in found.terms.values():
        drawings = [draw(found, module, "en", words("en")) for module in found.modules]
        drawn = {box.anchor for drawing in drawings for box in drawing.boxes}
        if "retired" in term.traits:
            assert term.anchor not in drawn
            assert f'id="{term.anchor}"' in page and term.notes[-1]["en"] in page


def test_a_drawing_is_the_same_again(release: Release) -> None:
    one, other = vocabulary_of(release), vocabulary_of(release)
    assert termdocs.render(one, "en") == termdocs.render(other, "en")


# --- the file ---------------------------------------------------------------------------------------


def test_the_release_has_one_file_that_needs_nothing_else(
    built: Release, vocabulary: termdocs.Vocabulary
) -> None:
    text = built.file(termdocs.FILE).read_text("utf-8")
    page = Page(text)
    assert page.outside == []
    assert "url(http" not in text and "@import" not in text
    assert len(page.ids) == len(set(page.ids)), "two elements of one id"
    assert set(page.links) <= set(page.ids), "a link that leads nowhere"
    languages = [one for one in built.languages if one in vocabulary.languages]
    for language in languages:
        assert f'<div class="fragment" lang="{language}">' in text
        for term in vocabulary.terms.values():
            assert f'id="{language}-{term.anchor}"' in text
    assert len(re.findall(r"<svg ", text)) == len(languages) * len(vocabulary.modules)


def test_a_drawing_is_well_formed(vocabulary: termdocs.Vocabulary) -> None:
    for svg in re.findall(r"<svg .*?</svg>", termdocs.render(vocabulary, "zh-hant"), re.DOTALL):
        ElementTree.fromstring(svg)  # noqa: S314 (our own)


def test_what_the_data_says_is_escaped() -> None:
    thing, kind = ox.NamedNode("https://x.example/T"), ox.NamedNode("http://www.w3.org/2002/07/owl#Class")
    label = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    type_ = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    found = termdocs.read(
        [
            ox.Triple(thing, type_, kind),
            ox.Triple(thing, label, ox.Literal("<script>x</script>", language="en")),
        ],
        {},
    )
    assert "<script>" not in termdocs.whole(found, ["en"])


# --- the page ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Classes"), ("zh-Hans", "受控词表"), ("zh-Hant", "受控詞表")]
)
def test_the_page_shows_the_vocabulary(
    client: FlaskClient, vocabulary: termdocs.Vocabulary, language: str, word: str
) -> None:
    answer = client.get(f"/ontology/?lang={language}")
    text = answer.get_data(as_text=True)
    page = Page(text)
    assert answer.status_code == 200
    assert word in text
    assert len(page.ids) == len(set(page.ids))
    assert {term.anchor for term in vocabulary.terms.values()} <= set(page.ids)
    assert text.count("<svg ") == len(vocabulary.modules)
    assert termdocs.FILE in text
    assert "style=" not in text


def test_the_style_is_sent(client: FlaskClient) -> None:
    answer = client.get("/ontology.css")
    assert (answer.status_code, answer.mimetype) == (200, "text/css")


def test_programs_get_the_ontology_as_data(client: FlaskClient) -> None:
    answer = client.get("/ontology/", headers={"Accept": "text/turtle"})
    assert answer.status_code == 303
    followed = client.get(answer.headers["Location"])
    assert followed.status_code == 200 and followed.mimetype == "text/turtle"
