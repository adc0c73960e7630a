"""A second coding is data: what doesn't add up is refused, and the page shows it with its differences."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kg import quality, resources
from kg.engine.local import LocalEngine
from kg.errors import DataError
from kg.explore import Explorer
from kg.make import check
from kg.release import Release
from kg.release.store import ensure_store
from kg.review import second
from kg.settings import Settings
from kg_web import create_app
from kg_web.views.releases.coded import Wording
from tests.conftest import ORCHARD, Project

ROOT = Path(__file__).resolve().parents[1]
WHOLE = json.loads((ORCHARD / "data" / second.SOURCE).read_text(encoding="utf-8"))


def test_the_data_s_own_adds_up():
    path = second.find(resources.data_dir())
    assert path is not None
    found = second.read(path)
    assert 10 * len(found.drawn) >= found.passages
    assert {one.kind for one in found.differences} == found.labels.keys()


def test_what_was_drawn_are_passages_of_the_data():
    path = second.find(resources.data_dir())
    assert path is not None
    for drawn in second.read(path).drawn:
        record = resources.data_dir() / drawn.split("/")[0] / "source.ttl"
        assert f"<source/{drawn}> a linli:Passage" in record.read_text(encoding="utf-8"), drawn


def test_the_conventions_say_its_numbers():
    path = second.find(resources.data_dir())
    assert path is not None
    found = second.read(path)
    said = " ".join((ROOT / "docs" / "conventions.md").read_text(encoding="utf-8").split())
    assert f"{len(found.drawn)} of {found.passages:,} passages" in said
    kappas = [str(one.kappa) for one in found.kinds if one.kappa is not None]
    assert f"kappa of {', '.join(kappas[:-1])} and {kappas[-1]};" in said


def test_a_dataset_needs_none(orchard: Project):
    (orchard.data / second.SOURCE).unlink()
    release = orchard.build()
    assert second.FILE not in release.manifest["files"]
    assert quality.read_report(release.file(quality.FILE)).of("agreement") == []


def changed(place: str, value: Any) -> dict[str, Any]:
    """Return the orchard's with one value changed; ``place`` is keys joined by dots."""
    made = json.loads(json.dumps(WHOLE))
    *way, last = (int(key) if key.isdigit() else key for key in place.split("."))
    inner = made
    for key in way:
        inner = inner[key]
    inner[last] = value
    return made


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("kinds.0.f1", 0.8, "the F1 of 3 both, 1 first, 1 second is 0.750, and isn't 0.8"),
        ("kinds.0.f1", 0.751, "is 0.750, and isn't 0.751"),
        ("kinds.0.both", -3, "below nothing"),
        ("kinds.0.n", 2, "above the whole"),
        ("kinds.0.kappa", 0.7, "a kappa of 0.7 can't be worked out again: it has no table"),
        ("kinds.1.kappa", 1.4, "the kappa of the table is 0.400, and isn't 1.4"),
        ("kinds.1.kappa", 0.401, "the kappa of the table is 0.400, and isn't 0.401"),
        ("kinds.1.kappa", None, "the kappa of the table is 0.400, and isn't None"),
        ("kinds.1.table.2", ["elm", "oak", 2], "2 of 4 pairs alike, and isn't that of 2 of 3"),
        ("kinds.1.table.2", ["elm", "ash", 1], "the kappa of the table is 0.500, and isn't 0.4"),
        ("kinds.1.table.2", ["oak", "oak", 1], "stands there twice"),
        ("kinds.1.table.2.2", 0, "counts no pairs"),
        ("kinds.1.table.2", ["oak", "elm"], "not a second coding"),
        ("kinds.1.id", "trees", "a kind is counted twice"),
        ("kinds.0.label", {"zh-hans": "树"}, "no name in English"),
        ("drawn", ["almanac-1931/p04"] * 2, "drawn twice"),
        ("passages", 0, "1 passages were drawn of 0"),
        ("differences.0.passage", "almanac-1931/p05", "wasn't drawn"),
        ("differences.0.decided", "third", "'third' is no decision"),
        ("differences.0.first", None, "no difference"),
        ("differences.0.why", "", "without a reason"),
        ("kinds", 3, "not a second coding"),
        ("differences.0", {}, "not a second coding"),
        ("seed", "seven", "not a second coding"),
        ("kinds.0.f1", "high", "not a second coding"),
    ],
)
def test_what_is_wrong_with_one_is_said(orchard: Project, place: str, value: Any, message: str):
    path = orchard.write(f"data/{second.SOURCE}", json.dumps(changed(place, value)))
    with pytest.raises(DataError) as raised:
        check(orchard.ontology, orchard.data)
    fault = raised.value.faults[0]
    assert message in fault.message
    assert fault.file == path
    assert fault.hint


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        # The two readers of Cohen's example as textbooks have it: 20 and 15 of 50 alike.
        ([("yes", "yes", 20), ("yes", "no", 5), ("no", "yes", 10), ("no", "no", 15)], Decimal("0.400")),
        ([("a", "b", 1), ("b", "a", 1)], Decimal("-1.000")),
        ([("a", "a", 2), (None, None, 1)], Decimal("1.000")),
        ([("a", None, 2), ("a", "a", 1)], Decimal("0.000")),
        ([("a", "a", 3)], None),
        ([], None),
    ],
)
def test_kappa_is_what_agrees_beyond_chance(
    table: list[tuple[str | None, str | None, int]], kappa: Decimal | None
):
    assert second.kappa_of(second.Cell(*cell) for cell in table) == kappa


def test_no_statement_has_no_f1():
    assert second.f1_of(0, 0, 0) is None


def test_what_is_no_json_is_said(orchard: Project):
    orchard.write(f"data/{second.SOURCE}", "{")
    assert "not a second coding" in orchard.faults()[0].message


def test_it_is_measured_and_lies_in_the_release(small_release: Release):
    report = quality.read_report(small_release.file(quality.FILE))
    assert [one.value for one in report.of("agreement")] == [Decimal("0.75"), Decimal("0.667")]
    assert [one.value for one in report.of("kappa")] == [Decimal("0.4")]
    assert json.loads(small_release.file(second.FILE).read_text(encoding="utf-8")) == WHOLE


TOLD = '<bdi lang="en">told in passing</bdi>'


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["kind of the same tree", "stands in the next plot", "drawn with the seed 7", "the second"]),
        ("zh-Hans", ["同一树的种类", "在邻近地块", "随机种子 7", "取第二次", TOLD]),
        ("zh-Hant", ["同一樹的種類", "在鄰近地塊", "隨機種子 7", "取第二次", TOLD]),
    ],
)
def test_the_page_shows_it_with_its_differences(small_release: Release, language: str, words: list[str]):
    with LocalEngine.open(ensure_store(small_release)) as engine:
        client = create_app(engine, Settings(), small_release).test_client()
        page = client.get(f"/quality?lang={language}").get_data(as_text=True)
    for word in [*words, "0.750", "0.667", "0.400", "the old oak", "a young oak &lt;&amp;&gt;"]:
        assert word in page, word


@pytest.mark.parametrize(
    ("language", "text", "parts"),
    [
        ("en", "long ridge<orchard/long-ridge> a Orchard", ["Long Ridge Orchard", "·", "orchard"]),
        (
            "zh-Hans",
            "長嶺果園<orchard/long-ridge> isPartOf <plot/long-ridge-north>",
            ["长岭果园", "属于", "北坡"],
        ),
        ("zh-Hans", "12400 harvest of 長嶺果園", ["12400", "收成", "·", "長嶺果園"]),
        ("zh-Hans", "3.5 None", ["3.5", "–"]),
        ("zh-Hans", "無名園<orchard/nowhere> a Orchard", ["無名園", "·", "果园"]),
        ("en", "the old oak", ["the old oak"]),
    ],
)
def test_what_a_coder_wrote_in_short_is_told_in_the_reader_s_words(
    small_release: Release, language: str, text: str, parts: list[str]
):
    with LocalEngine.open(ensure_store(small_release)) as engine:
        explorer = Explorer(engine, small_release)
        wording = Wording.of(explorer.reader(language), engine, explorer.schema, small_release.base)
        wording.fetch([text, None])
        told = wording.parts(text)
    assert [part if isinstance(part, str) else part.label.value for part in told] == parts


def test_every_reason_of_the_data_s_own_is_in_three_languages():
    path = second.find(resources.data_dir())
    assert path is not None
    found = second.read(path)
    lacking = {
        one.why
        for one in found.differences
        if found.reasons.get(one.why, {}).keys() != {"zh-hans", "zh-hant"}
    }
    assert lacking == set()
