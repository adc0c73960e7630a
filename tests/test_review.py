"""Second reading: each statement as a sentence beside its passage, and what a reader found kept as data."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from kg import resources, review
from kg.errors import DataError, UsageError
from kg.review import FILE, Sentence
from tests.commands import kg
from tests.test_evidence import HEAD, TERMS, Mill

ONTOLOGY, DATA = resources.ontology_dir(), resources.data_dir()
DAY = date(2026, 11, 27)
MORE = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
m:Mill a owl:Class ; rdfs:label "mill"@en . m:Figure a owl:Class ; kg:isDependent true .
m:wheels rdfs:label "has wheels"@en . m:figure rdfs:label "has figure"@en .
m:yield rdfs:label "yield"@en . m:owners rdfs:label "has owners"@en .
"""
STATED = """<id/mill/east> a m:Mill ; rdfs:label "東關磨坊"@zh-hant ; m:wheels 12 ;
    m:figure <id/figure/yield> .
    <id/figure/yield> a m:Figure ; m:yield 15000 ."""
ONLY_READ = f"""{HEAD}GRAPH <graph/ledger/p02/reading> {{ <id/mill/east> m:owners 3 }}
GRAPH <graph/meta> {{ <graph/ledger/p02/reading> kg:reason "So it is"@en }}
"""


# --- the data that came along ------------------------------------------------------------------


def test_no_review_of_the_data_is_stale_or_against_what_is_stated() -> None:
    """Whoever changes a statement has it read again: ``kg review NAME --by ROLE --yes ...``."""
    assert [str(fault) for fault in review.faults(ONTOLOGY, DATA)] == []


def test_every_statement_of_the_data_has_been_read_by_a_second_reader() -> None:
    """What ``kg review --missing`` lists; a document without its reviews is listed whole."""
    unread = {source: len(sentences) for source, sentences in review.missing(ONTOLOGY, DATA).items()}
    assert unread == {}


# --- a document of our own ------------------------------------------------------------------------


class Reading:
    """A mill's ledger with one passage, and two readers of it."""

    def __init__(self, root: Path) -> None:
        self.mill = Mill(root, stated=STATED)
        self.write()

    def write(self, **changes: str) -> None:
        """Write the ledger, with parts of it changed."""
        for name, value in changes.items():
            setattr(self.mill, name, value)
        self.mill.write()
        (self.ontology / "mill.ttl").write_text(TERMS + MORE)

    @property
    def ontology(self) -> Path:
        return self.mill.root / "ontology"

    @property
    def data(self) -> Path:
        return self.mill.root / "data"

    @property
    def folder(self) -> Path:
        return self.data / "ledger"

    def sentences(self) -> list[Sentence]:
        return review.read_sentences(self.ontology, self.data, "ledger")

    def said(self) -> list[str]:
        words = review.read_words(self.ontology, self.data, self.sentences())
        return [words.say(one) for one in self.sentences()]

    def record(
        self, *, by: str = "reader-2", curator: str | None = "curator-1", on: date = DAY, **found: list[int]
    ) -> int:
        return review.record(self.folder, self.sentences(), found, by=by, curator=curator, on=on)

    def everything(self, *, no: list[int] | None = None, reading: list[int] | None = None) -> None:
        no, reading = no or [], reading or []
        rest = [one.number for one in self.sentences() if one.number not in {*no, *reading}]
        self.record(yes=rest, no=no, reading=reading)

    def faults(self) -> list[str]:
        return [fault.message for fault in review.faults(self.ontology, self.data)]

    def missing(self) -> list[str]:
        words = review.read_words(self.ontology, self.data, self.sentences())
        return [words.say(one) for one in review.missing(self.ontology, self.data).get("ledger", [])]


@pytest.fixture
def ledger(tmp_path: Path) -> Reading:
    return Reading(tmp_path)


def test_each_statement_is_a_sentence_in_the_ontologys_words(ledger: Reading) -> None:
    assert ledger.said() == [
        "東關磨坊 has figure: yield 15000",
        "mill/east is called “東關磨坊” (zh-hant)",
        "東關磨坊 is a mill",
        "東關磨坊 has wheels 12",
        "東關磨坊 has owners 3",
    ]


def test_the_passages_own_words_stand_behind_it(ledger: Reading) -> None:
    words = review.read_words(ledger.ontology, ledger.data, ledger.sentences())
    paragraphs = review.read_paragraphs(ledger.mill.root / "texts", ledger.data, "ledger")
    lines = list(review.listing(ledger.sentences(), words, paragraphs))
    assert lines[0] == f"\n[p01] {ledger.mill.text}"
    assert "“2021年3月”" in lines[3] and lines[5].startswith("    5r ")


def test_nothing_is_read_until_a_second_reader_has_read_it(ledger: Reading) -> None:
    assert len(ledger.missing()) == 5
    ledger.everything()
    assert ledger.missing() == [] and ledger.faults() == []
    assert review.count(ledger.ontology, ledger.data) == review.Count(5, 5, 0)


def test_what_is_only_read_in_a_passage_is_read_too(ledger: Reading) -> None:
    """A passage of which nothing is stated has the graph of its reading alone, and no evidence to check."""
    ledger.everything()
    (ledger.folder / "p02.trig").write_text(ONLY_READ)
    assert ledger.missing() == ["東關磨坊 has owners 3"]
    told = [fault.message for fault in review.warnings(ledger.ontology, ledger.data)]
    ledger.everything()
    assert ledger.missing() == []
    assert [fault.message for fault in review.warnings(ledger.ontology, ledger.data)] == told
    (ledger.folder / "p02.trig").write_text(ONLY_READ.replace("m:owners 3", "m:owners 4"))
    assert any("has changed since" in fault for fault in ledger.faults())
    assert len(review.warnings(ledger.ontology, ledger.data)) == len(told) + 1


def test_a_document_that_nobody_has_reviewed_is_warned_of_where_others_are(ledger: Reading) -> None:
    assert ledger.faults() == [], "a dataset may do without reviews"
    other = ledger.data / "other"
    other.mkdir()
    (other / FILE).write_text('{"curator": "curator-1", "passages": {}}')
    (other / "p01.trig").write_text("")
    said = "nobody has reviewed the document ledger, as others have been"
    assert ledger.faults() == [said], "and of one that states nothing there is nothing to review"
    assert [
        one.message for one in review.warnings(ledger.ontology, ledger.data) if "nobody" in one.message
    ] == [said]
    ledger.everything()
    assert ledger.faults() == []


def test_a_review_of_a_statement_that_changed_since_is_stale(ledger: Reading) -> None:
    ledger.everything()
    ledger.write(stated=STATED.replace("m:wheels 12", "m:wheels 13"))
    assert ledger.missing() == ["東關磨坊 has wheels 13"]
    assert len(ledger.faults()) == 1 and "has changed since" in ledger.faults()[0]


def test_a_figure_changes_with_what_hangs_on_it(ledger: Reading) -> None:
    ledger.everything()
    ledger.write(stated=STATED.replace("m:yield 15000", "m:yield 15001"))
    assert len(ledger.missing()) == 1


def test_what_was_stated_and_is_a_reading_now_is_another_sentence(ledger: Reading) -> None:
    ledger.everything()
    ledger.write(
        stated=STATED.replace(" ; m:wheels 12", ""), read="<id/mill/east> m:owners 3 ; m:wheels 12 ."
    )
    assert ledger.missing() == ["東關磨坊 has wheels 12"]


def test_a_reader_who_is_the_curator_is_refused(ledger: Reading) -> None:
    with pytest.raises(UsageError, match="curator-1 wrote ledger down"):
        ledger.record(by="curator-1", yes=[1])
    assert not (ledger.folder / FILE).exists()


def test_a_review_by_the_curator_that_got_in_counts_nothing(ledger: Reading) -> None:
    ledger.everything()
    path = ledger.folder / FILE
    path.write_text(path.read_text().replace("reader-2", "curator-1"))
    assert len(ledger.missing()) == 5
    assert set(ledger.faults()) == {"the review by curator-1 is by the curator"}


def test_readers_who_disagree_are_shown(ledger: Reading) -> None:
    ledger.everything()
    ledger.record(by="reader-3", curator=None, no=[3])
    assert any("sentence 3 disagree: reader-2 says yes, reader-3 says no" in one for one in ledger.faults())


def test_a_readers_later_verdict_takes_the_place_of_the_earlier(ledger: Reading) -> None:
    ledger.everything(no=[3])
    assert ledger.faults() == ["reader-2 found that the passage doesn't bear out sentence 3"]
    ledger.record(on=date(2026, 11, 28), yes=[3])
    assert ledger.faults() == [] and ledger.missing() == []


def test_what_a_reader_calls_a_reading_may_not_be_stated(ledger: Reading) -> None:
    ledger.everything(reading=[4, 5])
    assert ledger.faults() == ["reader-2 found sentence 4 to be a reading, but it is stated"]


def _renumber(ledger: Reading) -> None:
    for path in (ledger.folder / "source.ttl", ledger.folder / "p01.trig"):
        path.write_text(path.read_text().replace("/p01", "/p02"))


def test_a_passage_that_was_renumbered_is_told_and_can_be_carried_over(ledger: Reading) -> None:
    ledger.everything()
    _renumber(ledger)
    assert set(ledger.faults()) == {"the passage p01 has the number p02 now"}
    assert len(ledger.missing()) == 5
    assert review.renumber(ledger.folder, ledger.sentences()) == {"p01": "p02"}
    assert ledger.faults() == [] and ledger.missing() == []


def test_the_same_review_is_the_same_bytes(ledger: Reading) -> None:
    ledger.everything()
    once = (ledger.folder / FILE).read_bytes()
    ledger.everything()
    assert (ledger.folder / FILE).read_bytes() == once


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"yes": [6]}, "there is no sentence 6"),
        ({"yes": [0]}, "there is no sentence 0"),
        ({"yes": [1], "no": [1]}, "sentence 1 is given two verdicts"),
        ({"by": "Zhang San", "yes": [1]}, "is no role"),
        ({"curator": None, "yes": [1]}, "who wrote ledger down isn't known"),
    ],
)
def test_what_cannot_be_kept_is_refused(ledger: Reading, wrong: dict[str, list[int]], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ledger.record(**wrong)  # type: ignore[arg-type]  # a bad call on purpose
    assert not (ledger.folder / FILE).exists()


def test_another_curator_than_the_first_is_refused(ledger: Reading) -> None:
    ledger.everything()
    with pytest.raises(UsageError, match="by curator-1, not by curator-2"):
        ledger.record(curator="curator-2", yes=[1])


@pytest.mark.parametrize("damage", ["", "[]", '{"passages": {"p01": {}}}', '{"passages": {}}'])
def test_a_damaged_review_is_told(ledger: Reading, damage: str) -> None:
    (ledger.folder / FILE).write_text(damage)
    with pytest.raises(DataError, match="a review can't be read"):
        list(review.faults(ledger.ontology, ledger.data))


# --- the command -----------------------------------------------------------------------------------


def test_the_command_shows_records_and_lists(ledger: Reading) -> None:
    where = ("--ontology", str(ledger.ontology), "--data", str(ledger.data))
    shown = kg("review", "ledger", "--sources", str(ledger.mill.root / "texts"), *where)
    assert shown.returncode == 0 and "東關磨坊 has wheels 12  ← " in shown.stdout
    kept = kg(
        "review",
        "ledger",
        "--by",
        "reader-2",
        "--curator",
        "curator-1",
        "--yes",
        "all",
        "--no",
        "2-3",
        *where,
    )
    assert kept.returncode == 0 and "5 verdicts on 5 sentences" in kept.stdout
    found = json.loads((ledger.folder / FILE).read_text())["passages"]["p01"]["reviews"][0]
    assert [len(found[one].split()) for one in ("yes", "no", "reading")] == [3, 2, 0]
    missing = kg("review", "--missing", *where)
    assert missing.stdout == "" and "5 of 5 sentences" in missing.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing",), "there is no source"),
        ((), "which source"),
        (("ledger", "--yes", "all"), "a verdict is somebody's"),
        (("ledger", "--by", "reader-2", "--yes", "one"), "is no number"),
    ],
)
def test_wrong_usage_is_told(ledger: Reading, arguments: tuple[str, ...], message: str) -> None:
    done = kg("review", *arguments, "--ontology", str(ledger.ontology), "--data", str(ledger.data))
    assert done.returncode == 2 and message in done.stderr
