"""Evidence: do the words that support a passage's statements say them, and has nothing changed since?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import resources
from kg.errors import DataError, UsageError
from kg.evidence import FILE, check_sources, checked, dates, stale
from kg.evidence.check import cut_number
from kg.evidence.fold import fold
from kg.evidence.numerals import numbers
from kg.evidence.source import Passage, Span, digest
from kg.evidence.statements import DATE as DATED
from kg.evidence.statements import Statement, is_said
from tests.commands import kg

ONTOLOGY, DATA = resources.ontology_dir(), resources.data_dir()

# --- the data that came along ------------------------------------------------------------------


def test_no_passage_changed_since_its_evidence_was_checked() -> None:
    """Whoever changes what a passage states needs its text: ``kg check --sources FOLDER --record``."""
    assert [str(fault) for fault in stale(ONTOLOGY, DATA)] == []


def test_every_document_with_passages_has_a_verdict() -> None:
    documents = {path.parent.name for path in DATA.glob("*/p[0-9]*.trig")}
    assert documents
    assert {path.parent.name for path in DATA.glob(f"*/{FILE}")} == documents


def test_the_verdicts_are_on_hundreds_of_figures_names_and_dates() -> None:
    verdicts = [
        one
        for path in DATA.glob(f"*/{FILE}")
        for one in json.loads(path.read_text(encoding="utf-8"))["passages"].values()
    ]
    assert len(verdicts) >= 200
    assert sum(one["figures"] for one in verdicts) >= 300
    assert sum(one["names"] for one in verdicts) >= 500
    assert sum(one["dates"] for one in verdicts) >= 30


def test_no_text_of_a_document_is_among_the_data() -> None:
    assert not list(DATA.glob("**/*.txt"))


# --- a document of our own ------------------------------------------------------------------------

HEAD = """@base <https://example.org/mill/> .
@prefix m: <https://example.org/mill/ontology/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix kg: <https://w3id.org/linli/kg#> .
"""
TERMS = """@prefix m: <https://example.org/mill/ontology/> .
@prefix kg: <https://w3id.org/linli/kg#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
m:from rdfs:subPropertyOf oa:start . m:upTo rdfs:subPropertyOf oa:end .
m:in rdfs:subPropertyOf kg:isSpanOf . m:backs rdfs:subPropertyOf kg:supports .
m:sha rdfs:subPropertyOf kg:textDigest . m:long rdfs:subPropertyOf kg:textLength .
m:rank rdfs:subPropertyOf schema:position .
"""
TEXT = "2021年3月,東關磨坊裝了12台水車,產量1.5萬斤余。"
STATED = """<id/mill/east> rdfs:label "東關磨坊"@zh-hant ; m:rank 7 ; m:wheels 12 ; m:yield 15000 ;
    m:opened "2021-03"^^xsd:gYearMonth ."""
READ = "<id/mill/east> m:owners 3 ."


@dataclass
class Mill:
    """A dataset of one passage, its parts to be changed."""

    root: Path
    text: str = TEXT
    stated: str = STATED
    read: str = READ
    reason: str = 'kg:reason "Said elsewhere."@en'
    spans: tuple[tuple[int, int], ...] = ((0, 7), (8, 12), (14, 17), (18, 27))

    def write(self) -> Mill:
        """Write ontology, data and the text."""
        source = self.root / "data" / "ledger"
        source.mkdir(parents=True, exist_ok=True)
        (self.root / "ontology").mkdir(exist_ok=True)
        (self.root / "ontology" / "mill.ttl").write_text(TERMS)
        (self.root / "data" / "dataset.ttl").write_text(
            '<https://example.org/mill/> <http://rdfs.org/ns/void#uriSpace> "https://example.org/mill/" .'
        )
        sha = hashlib.sha256(TEXT.encode()).hexdigest()
        lines = [f'<source/ledger/p01> m:long {len(TEXT)} ; m:sha "{sha}" .']
        lines += [
            f"<source/ledger/p01/span/{a}-{b}> m:in <source/ledger/p01> ; m:from {a} ; m:upTo {b} ; "
            "m:backs <id/mill/east> ."
            for a, b in self.spans
        ]
        (source / "source.ttl").write_text(HEAD + "\n".join(lines))
        (source / "p01.trig").write_text(
            f"{HEAD}GRAPH <graph/ledger/p01> {{ {self.stated} }}\n"
            f"GRAPH <graph/ledger/p01/reading> {{ {self.read} }}\n"
            f"GRAPH <graph/meta> {{ <graph/ledger/p01/reading> {self.reason} . }}\n"
        )
        (self.root / "texts").mkdir(exist_ok=True)
        (self.root / "texts" / "ledger.zh-hant.txt").write_text(
            f"# Title: Ledger\n\n[s1] Mills\n[p01] {self.text}\n"
        )
        return self

    def check(self, *, record: bool = False) -> str:
        """Check it; return the message of the error, or an empty string."""
        try:
            check_sources(self.root / "ontology", self.root / "data", self.root / "texts", record=record)
        except DataError as error:
            return str(error)
        return ""

    def stale(self) -> list[str]:
        """What `kg check` warns of."""
        return [fault.message for fault in stale(self.root / "ontology", self.root / "data")]


@pytest.fixture
def mill(tmp_path: Path) -> Mill:
    return Mill(tmp_path)


def test_what_the_text_says_is_found(mill: Mill) -> None:
    found = check_sources(*(mill.write().root / name for name in ("ontology", "data", "texts")))
    assert (found.sources, found.passages, found.values, found.read) == (1, 1, 4, 0)


def test_a_rank_need_not_be_said(mill: Mill) -> None:
    mill.stated = mill.stated.replace("m:rank 7", "m:rank 9")
    assert mill.write().check() == ""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "m:wheels 12",
            "m:wheels 13",
            "the figure 13 is not in what supports it: “2021年3月”, “東關磨坊”, “12台”",
        ),
        ("15000", "1500", "the figure 1500 is not in"),
        ("東關磨坊", "西關磨坊", "the name 西關磨坊 is not in"),
        ("2021-03", "2021-04", "the date 2021-04 is not in"),
        ("2021-03", "2020-03", "the date 2020-03 is not in"),
    ],
)
def test_what_the_text_does_not_say_is_listed(mill: Mill, old: str, new: str, message: str) -> None:
    mill.stated = mill.stated.replace(old, new)
    said = mill.write().check()
    assert message in said
    assert "p01.trig" in said
    assert "https://example.org/mill/id/mill/east" in said
    assert "mend:" in said
    assert said.endswith("the texts don't say all that is stated: 1 fault")


def test_a_name_in_the_other_script_is_found(mill: Mill) -> None:
    mill.stated = mill.stated.replace('"東關磨坊"@zh-hant', '"东关磨坊"@zh-hans')
    assert mill.write().check() == ""


def test_what_no_span_supports_is_listed(mill: Mill) -> None:
    mill.spans = ()
    assert mill.write().check().count("has no span that supports it") == 4


def test_what_a_reading_gives_a_reason_for_need_not_be_said(mill: Mill) -> None:
    mill.stated += " <id/mill/east> m:owners 3 ."
    assert mill.write().check(record=True) == ""
    verdict = json.loads((mill.root / "data" / "ledger" / FILE).read_text())
    assert verdict["passages"]["p01"]["read"] == [
        "<https://example.org/mill/id/mill/east> <https://example.org/mill/ontology/owners> 3"
    ]


def test_a_reading_without_a_reason_excuses_nothing(mill: Mill) -> None:
    mill.stated += " <id/mill/east> m:owners 3 ."
    mill.reason = "kg:confidence kg:High"
    assert "the figure 3 is not in" in mill.write().check()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEXT.replace("12台", "13台"), "not the text that was recorded: the text's SHA-256 is"),
        (
            TEXT + "。",
            f"not the text that was recorded: the text has {len(TEXT) + 1} code points, not {len(TEXT)}",
        ),
    ],
)
def test_another_text_is_told(mill: Mill, text: str, message: str) -> None:
    mill.text = text
    assert message in mill.write().check()


def test_a_span_outside_the_text_is_told(mill: Mill) -> None:
    mill.spans = (*mill.spans, (26, 99))
    assert "a span runs from 26 to 99 in a text of" in mill.write().check()


def test_a_folder_without_texts_of_ours_is_refused(mill: Mill) -> None:
    mill.write()
    (mill.root / "texts" / "ledger.zh-hant.txt").rename(mill.root / "texts" / "other.txt")
    with pytest.raises(UsageError, match="no text in"):
        mill.check()


@pytest.mark.parametrize(
    "change",
    [
        lambda mill: setattr(mill, "stated", STATED.replace("12", "13")),
        lambda mill: setattr(mill, "spans", mill.spans[:-1]),
    ],
)
def test_a_verdict_holds_until_something_changes(mill: Mill, change: Callable[[Mill], None]) -> None:
    assert mill.write().check(record=True) == ""
    assert mill.stale() == []
    change(mill)
    assert mill.write().stale() == ["this passage changed since its evidence was checked against its text"]


def test_a_verdict_is_not_written_while_something_is_not_found(mill: Mill) -> None:
    mill.stated = STATED.replace("12", "13")
    assert mill.write().check(record=True)
    assert not (mill.root / "data" / "ledger" / FILE).exists()


def test_a_verdict_is_the_same_bytes_again(mill: Mill) -> None:
    mill.write().check(record=True)
    first = (mill.root / "data" / "ledger" / FILE).read_bytes()
    mill.write().check(record=True)
    assert (mill.root / "data" / "ledger" / FILE).read_bytes() == first


def test_a_damaged_verdict_is_told(mill: Mill) -> None:
    mill.write()
    (mill.root / "data" / "ledger" / FILE).write_text("[]")
    with pytest.raises(DataError, match="not a verdict"):
        mill.stale()


def test_record_without_texts_is_wrong_usage() -> None:
    done = kg("check", "--record")
    assert (done.returncode, "--record writes the verdicts of --sources" in done.stderr) == (2, True)


def changed(path: Path, old: str, new: str) -> None:
    """Replace what stands in a file."""
    text = path.read_text("utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_another_text_needs_another_verdict(mill: Mill) -> None:
    mill.write().check(record=True)
    sha = hashlib.sha256(TEXT.encode()).hexdigest()
    changed(mill.root / "data" / "ledger" / "source.ttl", sha, "0" * 64)
    assert mill.stale() == ["this passage changed since its evidence was checked against its text"]


def test_a_passage_without_a_verdict_and_a_verdict_without_its_passage_are_told(mill: Mill) -> None:
    mill.write().check(record=True)
    changed(mill.root / "data" / "ledger" / FILE, '"p01"', '"p99"')
    assert mill.stale() == [
        "the evidence of this passage has not been checked against its text",
        "a verdict on a passage that has no graph",
    ]


def test_what_was_recorded_of_other_passages_stays(mill: Mill) -> None:
    """Who has one paragraph of a document checks it without losing what others found of the rest."""
    mill.write().check(record=True)
    source, text = mill.root / "data" / "ledger", "又有西磨。"
    sha = hashlib.sha256(text.encode()).hexdigest()
    with (source / "source.ttl").open("a", encoding="utf-8") as file:
        file.write(f'\n<source/ledger/p02> m:long {len(text)} ; m:sha "{sha}" .\n')
    (source / "p02.trig").write_text(f"{HEAD}GRAPH <graph/ledger/p02> {{ <id/mill/west> a m:Mill . }}\n")
    (mill.root / "texts" / "ledger.zh-hant.txt").write_text(f"# Title: Ledger\n\n[p02] {text}\n")
    assert mill.check(record=True) == ""
    assert mill.stale() == []
    (source / "p01.trig").unlink()
    mill.check(record=True)
    assert mill.stale() == [], "a verdict on a passage that is gone goes with it"


def test_values_count_as_checked_until_something_changes(mill: Mill) -> None:
    folders = [mill.root / name for name in ("ontology", "data")]
    mill.write()
    assert checked(*folders) is None
    mill.check(record=True)
    assert checked(*folders) == 4
    mill.stated = STATED.replace("12", "13")
    mill.write()
    assert checked(*folders) == 0


@pytest.mark.parametrize("number", ["3", "2021"])
def test_a_number_of_a_date_is_no_figure(mill: Mill, number: str) -> None:
    mill.stated = STATED.replace("m:wheels 12", f"m:wheels {number}")
    assert f"the figure {number} is not in what supports it" in mill.write().check()


@pytest.mark.parametrize("name", ["—", "…", "()"])
def test_a_name_without_letters_is_said_by_nothing(mill: Mill, name: str) -> None:
    mill.stated = STATED.replace("東關磨坊", name)
    assert f"the name {name} is not in what supports it" in mill.write().check()


def test_a_span_supports_no_other_thing(mill: Mill) -> None:
    mill.stated += " <id/mill/west> m:wheels 12 ."
    assert "the figure 12 has no span that supports it" in mill.write().check()


def test_another_passages_reading_excuses_nothing(mill: Mill) -> None:
    mill.stated += " <id/mill/east> m:owners 3 ."
    mill.read = "<id/mill/east> m:owners 4 ."
    mill.write()
    (mill.root / "data" / "ledger" / "p02.trig").write_text(
        f"{HEAD}GRAPH <graph/ledger/p02> {{ }}\n"
        "GRAPH <graph/ledger/p02/reading> { <id/mill/east> m:owners 3 . }\n"
        'GRAPH <graph/meta> { <graph/ledger/p02/reading> kg:reason "Said elsewhere."@en . }\n'
    )
    assert "the figure 3 is not in what supports it" in mill.check()


@pytest.mark.parametrize(
    ("text", "spans", "cut"),
    [
        ("55000个,其中5000个", [(1, 6)], "55000"),
        ("55000个,其中5000个", [(0, 5), (9, 14)], None),
        ("约1.93万户", [(3, 5)], "1.93"),
        ("共1,200户", [(3, 6)], "1,200"),
        ("共1,200户", [(1, 6)], None),
        ("一,200户", [(2, 5)], None),
        ("5038594.223", [(0, 6), (6, 11)], None),
    ],
)
def test_a_span_cuts_no_number(text: str, spans: list[tuple[int, int]], cut: str | None) -> None:
    every = [Span(start, end, frozenset()) for start, end in spans]
    assert next((number for one in every if (number := cut_number(text, one, every))), None) == cut


def test_a_span_that_cuts_a_number_is_told(mill: Mill) -> None:
    mill.spans = (*mill.spans, (15, 17))
    said = mill.write().check()
    assert "the span from 15 to 17 cuts the number 12" in said
    assert "point at the whole number" in said


@pytest.mark.parametrize(("text", "said"), [("2021年1月,3月", True), ("3月,到2021年底", False)])
def test_a_year_is_said_before_or_not_at_all(text: str, said: bool) -> None:
    mill, opened = (ox.NamedNode(f"http://e/{name}") for name in ("mill", "opened"))
    start = text.index("3月")
    span = Span(start, start + 2, frozenset({mill.value}))
    passage = Passage("http://e/p01", (), (), (), (span,), len(text), None)
    quad = ox.Quad(mill, opened, ox.Literal("2021-03"))
    assert is_said(Statement(DATED, mill.value, opened.value, "2021-03", quad), passage, text) == said


# --- numbers, dates, names ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2181戶", "2181"),
        ("近1,200人", "1200"),
        ("15.2萬平方米", "152000"),
        ("4.7亿元", "470000000"),
        ("3000多万", "30000000"),
        ("２００余个", "200"),
        ("70%", "70"),
        ("十个", "10"),
        ("二十余", "20"),
        ("一百零三", "103"),
        ("兩千三百", "2300"),
        ("一亿二千万", "120000000"),
        ("二〇二一", "2021"),
        ("3至5万", "30000"),
        ("八成以上", "80"),
        ("六成半", "65"),
        ("百分之七十", "70"),
        ("三分之二", "66.7"),
        ("半年", "0.5"),
        ("a dozen", "12"),
        ("twenty-one", "21"),
        ("two hundred", "200"),
        ("12 million", "12000000"),
        ("about half", "50"),
    ],
)
def test_numbers_are_read_however_they_are_written(text: str, number: str) -> None:
    assert Decimal(number) in numbers(text)


@pytest.mark.parametrize(
    ("text", "number"), [("12台", "2"), ("15.2萬", "15.2"), ("三十", "3"), ("1,200", "200")]
)
def test_a_part_of_a_number_is_not_the_number(text: str, number: str) -> None:
    assert Decimal(number) not in numbers(text)


@pytest.mark.parametrize(
    ("span", "before", "value"),
    [
        ("2021年3月5日", "", "2021-03-05"),
        ("2021年的4月", "", "2021-04"),
        ("3月5日", "2021年1月,", "2021-03-05"),
        ("2022年底", "", "2022-12"),
        ("March 5, 2021", "", "2021-03-05"),
        ("5 March 2021", "", "2021-03-05"),
        ("in June of 2020", "", "2020-06"),
        ("end of 2022", "", "2022-12"),
        ("2021年度", "", "2021"),
        ("2021-2023", "", "2023"),
    ],
)
def test_dates_are_read_however_they_are_written(span: str, before: str, value: str) -> None:
    assert dates.says(span, before, value)


@pytest.mark.parametrize(
    ("span", "before", "value"),
    [
        ("3月5日", "", "2021-03-05"),
        ("2021年", "", "2021-03"),
        ("2021年13月", "", "2021-13"),
        ("12021户", "", "2021"),
    ],
)
def test_a_date_that_is_not_said_is_not_read(span: str, before: str, value: str) -> None:
    assert not dates.says(span, before, value)


@pytest.mark.parametrize(
    ("one", "other"),
    [("採荷街道", "采荷街道"), ("“一起議”", "一起议"), ("ＡＢ·小區", "ab小区"), ("墻門", "墙门")],
)
def test_names_are_folded(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_a_record_that_names_no_graph_has_the_digest_of_one_that_does():
    node, record = ox.NamedNode("http://e/a"), ox.NamedNode("http://e/graph")
    values = [ox.Literal('a "word" .\n', language="en"), ox.Literal(3), node]
    bare = [ox.Quad(node, node, value) for value in values]
    named = [ox.Quad(node, node, value, record) for value in values]
    assert digest(bare, record.value) == digest([*bare, *named], record.value) == digest(named)
    assert digest(bare) != digest(named)
