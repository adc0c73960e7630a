"""Bad input: each check of the ontology finds what it looks for, and says where and what would mend it.

A file of tests/checks is one mistake; its head says what is expected, ``# expect: <property> <words>``.
`good.trig` comes near to each and is right.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from kg import resources
from kg.errors import DataError
from kg.make import check
from kg.make.loading.faults import Fault

HERE = Path(__file__).parent / "checks"
ONTOLOGY = resources.ontology_dir()
EXPECT = re.compile(r"^# expect: (\S+) (.+)$", re.MULTILINE)
WARNED = ("double-with-another-tail",)
"""What fails nothing: it may be right all the same."""
BAD = sorted(path.stem for path in HERE.glob("*.trig") if path.stem not in ("good", *WARNED))
RECORD = """@base <https://w3id.org/linli/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix docKind: <https://w3id.org/linli/vocabulary/document-kind/> .
@prefix extent: <https://w3id.org/linli/vocabulary/extent/> .
@prefix linli: <https://w3id.org/linli/ontology/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<source/bad-input> a linli:Document ; rdfs:label "Bad input"@en ; dcterms:title "Bad input"@en ;
    linli:hasKind docKind:press ; linli:isReadTo extent:whole ; dcterms:issued "2024-05-20"^^xsd:date ;
    dcterms:language "en" ; dcterms:identifier "https://example.org/" ; dcterms:provenance "Made up."@en ;
    linli:summary "Made up."@en, "虚构。"@zh-hans, "虛構。"@zh-hant .
"""
PASSAGE = """<source/bad-input/{0}> a linli:Passage ;
    rdfs:label "Bad input, {0}"@en, "{0}"@zh-hans, "{0}"@zh-hant ;
    linli:isPassageOf <source/bad-input> ; linli:length 10 ; linli:sha256 "{1}" ; dcterms:language "en" ;
    linli:summary "Made up."@en, "虚构。"@zh-hans, "虛構。"@zh-hant .
"""


def checked(tmp: Path, *names: str) -> tuple[Fault, ...]:
    """Return what is wrong with a dataset of these files of tests/checks."""
    folder = tmp / "data" / "bad-input"
    folder.mkdir(parents=True)
    for name in ("dataset.ttl", "pinyin.csv"):
        shutil.copy(resources.data_dir() / name, tmp / "data" / name)
    about = tmp / "data" / "dataset.ttl"
    # The place that the dataset is about isn't in this little one.
    about.write_text(re.sub(r"\n    dcterms:spatial .*", "", about.read_text("utf-8")), encoding="utf-8")
    passages = "".join(PASSAGE.format(one, "0" * 64) for one in ("p01", "p02"))
    (folder / "source.ttl").write_text(RECORD + passages, encoding="utf-8")
    for name in names:
        shutil.copy(HERE / f"{name}.trig", folder)
    try:
        # In which subdistrict each thing lies is asked of real ones.
        warnings = check(ONTOLOGY, tmp / "data").warnings
        return tuple(fault for fault in warnings if fault.path != "linli:isLocatedIn")
    except DataError as error:
        return error.faults


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Fault]]:
    """All mistakes at once; each is told of in its own file."""
    found: dict[str, list[Fault]] = {}
    for fault in checked(tmp_path_factory.mktemp("checks"), "good", *BAD):
        found.setdefault(fault.file.stem if fault.file else "", []).append(fault)
    return found


def test_every_check_has_its_mistake() -> None:
    checks = {path.stem for path in (ONTOLOGY / "checks").glob("*.rq")}
    assert {*BAD, *WARNED} == checks | {"two-labels"}, "two labels are a shape's to find"


def test_what_comes_near_to_a_fault_is_none(tmp_path: Path) -> None:
    assert [str(fault) for fault in checked(tmp_path, "good")] == []


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_found_and_nothing_else_is(name: str, faults: dict[str, list[Fault]]) -> None:
    expected = EXPECT.findall((HERE / f"{name}.trig").read_text("utf-8"))
    assert expected
    told = faults[name]
    for path, words in expected:
        assert any(f.path == path and words in f.message for f in told), list(map(str, told))
    for fault in told:
        assert any(fault.path == path and words in fault.message for path, words in expected), str(fault)


@pytest.mark.parametrize("name", BAD)
def test_it_is_said_where_and_what_would_mend_it(name: str, faults: dict[str, list[Fault]]) -> None:
    for fault in faults[name]:
        assert fault.line and fault.column and fault.focus, str(fault)
        assert fault.hint and not fault.hint.startswith("see "), str(fault)
        assert "<http" not in fault.message + fault.hint or "/id/" in fault.message + fault.hint, str(fault)


def test_no_fault_is_told_twice_or_without_a_place(faults: dict[str, list[Fault]]) -> None:
    assert set(faults) == set(BAD)
    every = [str(fault) for told in faults.values() for fault in told]
    assert [text for text, count in Counter(every).items() if count > 1] == []


@pytest.mark.parametrize("name", WARNED)
def test_what_may_be_right_is_a_warning(name: str, tmp_path: Path) -> None:
    told = checked(tmp_path, "good", name)
    assert {fault.severity for fault in told} == {"warning"}
    assert sorted((f.focus or "").rpartition("/")[2] for f in told) == [
        "north-lake-garden",
        "renamed-lake",
        "steward-again",
    ]
    for path, words in EXPECT.findall((HERE / f"{name}.trig").read_text("utf-8")):
        assert any(f.path == path and words in f.message and f.line and f.hint for f in told), path


def test_a_year_and_its_month_are_one_cell(faults: dict[str, list[Fault]]) -> None:
    assert {(f.focus or "").rpartition("/")[2] for f in faults["two-values-in-one-passage"]} >= {"year"}


def test_two_open_managers_and_two_dated_operators_are_told(faults: dict[str, list[Fault]]) -> None:
    told = {(f.focus or "").rpartition("/")[2] for f in faults["overlapping-mandates"]}
    assert told == {"cook-b", "manager-b"}
