"""The first look at evidence and reviews, at lines alone, passes over nothing that another would tell."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import evidence, resources, review
from kg.errors import DataError
from kg.evidence.roles import read_roles
from kg.evidence.source import base_of
from kg.review import state
from kg.review.glance import nothing_to_say, terms_of
from kg.review.sentences import dependents
from tests.test_evidence import HEAD, STATED, changed
from tests.test_review import STATED as FIGURED
from tests.test_review import Reading

P01, SOURCE, VERDICT, REVIEW = "p01.trig", "source.ttl", evidence.FILE, review.FILE
PASSAGE = "https://example.org/mill/source/ledger/p01"
MORE = (
    f"{HEAD}GRAPH <graph/ledger/p01/reading> {{ <id/mill/east> m:owners 3 ; rdfs:label 'Ö \\\\ \"li'@de }}\n"
    "GRAPH <graph/ledger/p01/reading/2> { <id/mill/east> m:owners 3 ; m:floors 2 }\n"
    "GRAPH <graph/ledger/p03/reading> { <id/mill/east> m:owners 2 }\n"
    "GRAPH <graph/meta> { <graph/ledger/p01/reading/2> kg:reason 'So it is'@en .\n"
    "<graph/ledger/p03/reading> kg:reason 'So it is'@en }\n"
)
EDITS: dict[str, tuple[str, str, str]] = {
    "another figure": (P01, "m:wheels 12", "m:wheels 13"),
    "a statement twice": (P01, "m:wheels 12", "m:wheels 12, 12"),
    "a name more": (P01, '@zh-hant ;', '@zh-hant, "East"@en ;'),
    "a name with signs": (P01, '@zh-hant ;', '@zh-hant, "a\\"b\\\\c\\nd"@en ;'),
    "what hangs on it": (P01, "m:yield 15000", "m:yield 15000 ; m:of <id/mill/east>"),
    "another owner, as read": (P01, "m:owners 3", "m:owners 4"),
    "no reason": (P01, "kg:reason", "kg:note"),
    "a blank node": (P01, "m:wheels 12", "m:wheels [ m:count 12 ]"),
    "a statement outside of a graph": (P01, "GRAPH <graph/meta>", "<id/a> m:wheels 1 . GRAPH <graph/meta>"),
    "no syntax": (P01, "m:wheels", "m:whe els"),
    "another span": (SOURCE, "m:from 8", "m:from 9"),
    "a span of nothing": (SOURCE, "m:in <source/ledger/p01> ; m:from 14", "m:from 14"),
    "a span of a text": (SOURCE, "m:in <source/ledger/p01> ; m:from 14", f'm:in "{PASSAGE}" ; m:from 14'),
    "a span that is no number": (SOURCE, "m:from 8", 'm:from "eight"'),
    "another text": (SOURCE, 'm:sha "', 'm:sha "0'),
    "a text with a sign": (SOURCE, 'm:sha "', 'm:sha "\\\\'),
    "no text": (SOURCE, "m:sha", "m:other"),
    "a label of the passage": (SOURCE, "m:long", 'rdfs:label "Ledger" ; m:long'),
    "no verdict on it": (VERDICT, '"p01"', '"p99"'),
    "another verdict": (VERDICT, '"graph": "', '"graph": "0'),
    "another support": (VERDICT, '"support": "', '"support": "0'),
    "a damaged verdict": (VERDICT, '"passages"', '"passage"'),
    "another review": (REVIEW, '"yes": "', '"yes": "0'),
    "a review against it": (REVIEW, '"yes"', '"no2": "", "yes"'),
    "a reader against it": (REVIEW, '"no": ""', '"no": "000000000000"'),
    "the curator's": (REVIEW, '"by": "reader-2"', '"by": "curator-1"'),
    "of another passage": (REVIEW, '"p01"', '"p02"'),
    "a damaged review": (REVIEW, '"reviews"', '"review"'),
    "another reader": (REVIEW, '"curator": "curator-1"', '"curator": "curator-3"'),
}  # fmt: skip


def ledger_in(root: Path, *, more: bool, figured: bool) -> Reading:
    """Make a ledger that is checked and reviewed, with more readings or a figure if that is asked."""
    root.mkdir(parents=True, exist_ok=True)
    ledger = Reading(root)
    ledger.write(stated=FIGURED if figured else STATED)
    if more:
        (ledger.folder / "more.trig").write_text(MORE, encoding="utf-8")
    assert ledger.mill.check(record=True) == "" or figured
    ledger.everything()
    return ledger


def said(ledger: Reading) -> object:
    """What the check tells, or how it fails."""
    try:
        return review.warnings(ledger.ontology, ledger.data)
    except (DataError, ValueError) as error:
        return repr(error)


def is_passed_over(ledger: Reading) -> bool:
    terms = terms_of(read_roles(ledger.ontology), dependents(ledger.ontology))
    return nothing_to_say(ledger.folder, base_of(ledger.data), terms, checked=True, reviewed=True)


def both(ledger: Reading, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    quick = said(ledger)
    with monkeypatch.context() as patched:
        patched.setattr(state, "nothing_to_say", lambda *_, **__: False)
        return quick, said(ledger)


@pytest.mark.parametrize("more", [False, True])
def test_of_what_is_right_nothing_more_is_looked_at(tmp_path: Path, more: bool):
    ledger = ledger_in(tmp_path, more=more, figured=False)
    assert said(ledger) == []
    assert is_passed_over(ledger)


@pytest.mark.parametrize("edit", EDITS)
def test_each_edit_is_told_as_ever(edit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ledger = ledger_in(tmp_path, more=True, figured=False)
    file, old, new = EDITS[edit]
    if edit == "what hangs on it":
        changed(ledger.ontology / "mill.ttl", "m:Mill a", "m:Mill kg:isDependent true ; a")
    changed(ledger.folder / file, old, new)
    quick, slow = both(ledger, monkeypatch)
    assert quick == slow
    if isinstance(quick, list) and quick:
        assert not is_passed_over(ledger)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from([*EDITS]), max_size=3, unique=True), st.booleans(), st.booleans())
def test_edits_together_are_told_as_ever(edits: list[str], more: bool, figured: bool):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        ledger = ledger_in(Path(folder), more=more, figured=figured)
        for edit in edits:
            file, old, new = EDITS[edit]
            path = ledger.folder / file
            if path.is_file():
                path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
        quick, slow = both(ledger, monkeypatch)
        assert quick == slow


def test_readers_who_differ_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ledger = ledger_in(tmp_path, more=True, figured=False)
    ledger.record(by="reader-3", yes=[1, 2], reading=[5])
    quick, slow = both(ledger, monkeypatch)
    assert quick == slow
    ledger.record(by="reader-4", no=[1])
    quick, slow = both(ledger, monkeypatch)
    assert quick == slow != []


def test_the_data_that_came_along_is_passed_over():
    ontology, data = resources.ontology_dir(), resources.data_dir()
    terms, base = terms_of(read_roles(ontology), dependents(ontology)), base_of(data)
    checked, reviewed = ({path.parent for path in data.glob(f"*/{one.FILE}")} for one in (evidence, review))
    looked = [
        nothing_to_say(one, base, terms, checked=one in checked, reviewed=one in reviewed)
        for one in sorted(checked | reviewed)
    ]
    # A statement may wait for its second reader, or its evidence for its text.
    assert sum(looked) > len(looked) * 0.9
