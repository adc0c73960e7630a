"""The controlled lists compare: what one document alone uses stands below what several use, or says why not.

Read from the files as they are written, so that no release need be built for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import resources

SKOS = "http://www.w3.org/2004/02/skos/core#"
LANGUAGES = ["en", "zh-hans", "zh-hant"]
# those of which something that can be read pairs our entries with theirs, and how a name of each is formed
ALIGNED = {
    "http://eurovoc.europa.eu/": r"[1-9][0-9]*",
    "http://qudt.org/vocab/quantitykind/": r"[A-Z][A-Za-z]+",
    "http://vocab.getty.edu/aat/": r"300[0-9]{6}",
    "http://www.wikidata.org/entity/": r"Q[1-9][0-9]*",
    "https://schema.org/": r"[A-Za-z]+",
}


def wider(concept: str, broader: Mapping[str, set[str]]) -> set[str]:
    """Return the concepts above one, of all levels."""
    found: set[str] = set()
    todo = set(broader.get(concept, ()))
    while todo:
        found |= todo
        todo = {up for one in todo for up in broader.get(one, ())} - found
    return found


def alone(broader: Mapping[str, set[str]], used: Mapping[str, set[str]]) -> set[str]:
    """Return the concepts that fewer than two documents use, none of those above them being used by two.

    `broader` has each concept of the lists; `used`, the documents that name one. What a document says of a
    concept, it says of those above it too.
    """
    reach: dict[str, set[str]] = {concept: set() for concept in broader}
    for concept in broader:
        for one in {concept} | wider(concept, broader):
            reach.setdefault(one, set()).update(used.get(concept, ()))
    return {
        concept
        for concept in broader
        if all(len(reach[one]) < 2 for one in {concept} | wider(concept, broader))
    }


def test_what_one_document_alone_uses_is_found() -> None:
    broader: dict[str, set[str]] = {"food": set(), "soup": {"food"}, "broth": {"soup"}}
    broader |= {"roof": set(), "tile": {"roof"}, "road": set()}
    used = {"soup": {"a"}, "broth": {"b"}, "tile": {"c"}, "roof": {"c"}}
    assert alone(broader, used) == {"roof", "tile", "road"}


def test_lists_that_turn_in_a_circle_end() -> None:
    assert alone({"a": {"b"}, "b": {"a"}}, {"a": {"x"}}) == {"a", "b"}


class Lists:
    """The lists as they stand in the ontology, and which documents use their entries."""

    def __init__(self, vocabularies: Path, data: Path) -> None:
        self.scheme: dict[str, str] = {}
        self.broader: dict[str, set[str]] = {}
        self.notes: dict[str, list[str]] = {}
        self.quantities: set[str] = set()
        for path in sorted(vocabularies.glob("*.ttl")):
            for quad in ox.parse(path=path):
                self._take(quad)
        self.used: dict[str, set[str]] = {concept: set() for concept in self.scheme}
        self.figures: dict[str, int] = {}
        for path in sorted(data.glob("*/*.t*")):
            if path.suffix in {".ttl", ".trig"}:
                for quad in ox.parse(path=path):
                    if isinstance(quad.object, ox.NamedNode) and quad.object.value in self.used:
                        self.used[quad.object.value].add(path.parent.name)
                        if quad.predicate.value.endswith("/hasQuantity"):
                            self.figures[quad.object.value] = self.figures.get(quad.object.value, 0) + 1

    def _take(self, quad: ox.Quad) -> None:
        term, object_ = str(quad.subject)[1:-1], quad.object
        if quad.predicate.value == SKOS + "inScheme" and isinstance(object_, ox.NamedNode):
            self.scheme[term] = object_.value
            self.broader.setdefault(term, set())
        elif quad.predicate.value == SKOS + "broader" and isinstance(object_, ox.NamedNode):
            self.broader.setdefault(term, set()).add(object_.value)
        elif quad.predicate.value == SKOS + "editorialNote" and isinstance(object_, ox.Literal):
            self.notes.setdefault(term, []).append(object_.language or "")


@pytest.fixture(scope="module")
def lists() -> Lists:
    return Lists(resources.ontology_dir() / "vocabularies", resources.data_dir())


def test_an_entry_that_one_document_uses_stands_below_one_of_several(lists: Lists) -> None:
    found = alone(lists.broader, lists.used)
    kept = {concept for concept in found if concept in lists.notes or lists.scheme[concept] in lists.notes}
    assert found - kept == set(), "give each a skos:broader that several use, or a skos:editorialNote"


def test_the_exceptions_are_few_are_needed_and_say_why(lists: Lists) -> None:
    found = alone(lists.broader, lists.used)
    for term, languages in lists.notes.items():
        assert sorted(languages) == LANGUAGES, term
        needed = term in found or any(lists.scheme[one] == term for one in found)
        assert needed, f"<{term}> needs no exception"
    assert sum(term in lists.scheme for term in lists.notes) <= 3
    assert sum(term not in lists.scheme for term in lists.notes) <= 4


def test_a_quantity_with_one_figure_says_which_it_specialises(lists: Lists) -> None:
    single = {quantity for quantity, count in lists.figures.items() if count == 1}
    assert len(single) > 100
    families = {above for others in lists.broader.values() for above in others}
    assert {quantity for quantity in single if not lists.broader[quantity]} - families == set()


def test_a_broader_entry_is_of_the_same_list(lists: Lists) -> None:
    for concept, above in lists.broader.items():
        for one in above:
            assert lists.scheme.get(one) == lists.scheme[concept], f"<{concept}> below <{one}>"


def alignments() -> list[ox.Quad]:
    return list(ox.parse(path=resources.ontology_dir() / "vocabularies" / "alignments.ttl"))


def test_alignments_of_the_lists_say_how_entries_stand_to_others_and_nothing_else(lists: Lists) -> None:
    for quad in alignments():
        assert str(quad.subject)[1:-1] in lists.scheme, f"{quad.subject} is no entry of a list"
        # whoever drew the outer terms drew them for all the world: none is said to mean the same
        assert re.fullmatch(re.escape(SKOS) + "(close|broad|narrow|related)Match", quad.predicate.value), quad
        assert isinstance(quad.object, ox.NamedNode)
        outer = quad.object.value
        assert any(re.fullmatch(re.escape(base) + form, outer) for base, form in ALIGNED.items()), outer


@pytest.mark.parametrize(
    "scheme", ["body-kind", "facility-kind", "means", "quantity", "role", "service-kind"]
)
def test_kinds_and_quantities_are_aligned(scheme: str) -> None:
    assert sum(f"/vocabulary/{scheme}/" in str(quad.subject) for quad in alignments()) >= 9


def test_an_entry_is_aligned_with_a_term_in_one_way() -> None:
    pairs = [(str(quad.subject), str(quad.object)) for quad in alignments()]
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize("base", ALIGNED)
def test_an_entry_comes_close_to_one_term_of_a_scheme(base: str) -> None:
    """Close matches don't chain (SKOS 10.1): two in one scheme would leave open which of them is meant."""
    matches = [quad for quad in alignments() if quad.predicate.value == SKOS + "closeMatch"]
    close = [str(quad.subject) for quad in matches if quad.object.value.startswith(base)]
    assert close and len(close) == len(set(close))


def test_what_is_related_to_a_term_is_not_below_it_too(lists: Lists) -> None:
    """SKOS 8.4: `related` is disjoint with `broaderTransitive`, and matches are such relations (10.3)."""
    broad = [quad for quad in alignments() if quad.predicate.value == SKOS + "broadMatch"]
    outer = {(str(quad.subject)[1:-1], quad.object) for quad in broad}
    related = [quad for quad in alignments() if quad.predicate.value == SKOS + "relatedMatch"]
    assert related
    for quad in related:
        entry = str(quad.subject)[1:-1]
        for one in {entry} | wider(entry, lists.broader):
            assert (one, quad.object) not in outer, f"<{entry}> is related to {quad.object}, <{one}> below it"


def numbered() -> list[tuple[str, str]]:
    """Of each pair with a scheme whose identifiers are numbers: the number, and the name behind it."""
    text = (resources.ontology_dir() / "vocabularies" / "alignments.ttl").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if re.match(r"[^@#].*\b(aat|eurovoc):", line)]
    found = [re.fullmatch(r"\S+ \S+ ((?:aat|eurovoc):[0-9]+) \.  # (\S.*\S|\S)", line) for line in lines]
    unnamed = [line for line, match in zip(lines, found, strict=True) if match is None]
    assert not unnamed, f"Write one pair a line, and the other scheme's name for it behind: {unnamed}"
    return [(match[1], match[2]) for match in found if match]


def test_what_is_a_number_has_its_one_name_behind_it() -> None:
    pairs = numbered()
    bases = ("http://eurovoc.europa.eu/", "http://vocab.getty.edu/aat/")
    assert len(pairs) == sum(quad.object.value.startswith(bases) for quad in alignments())
    names = dict(pairs)
    assert all(names[number] == name for number, name in pairs), "one number under two names"
    of_scheme = [(number.split(":")[0], name) for number, name in names.items()]
    assert len(of_scheme) == len(set(of_scheme)), "two numbers under one name"


def test_the_decisions_count_the_alignments() -> None:
    pairs = [quad.object.value for quad in alignments()]
    eurovoc = sum("eurovoc" in outer for outer in pairs)
    aat = sum("/aat/" in outer for outer in pairs)
    told = (Path(__file__).parent.parent / "docs" / "decisions.md").read_text(encoding="utf-8")
    assert f"{len(pairs)} pairs, {eurovoc} of them with EuroVoc and {aat} with AAT" in " ".join(told.split())
