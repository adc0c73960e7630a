"""The index of names: what finds what, in which order, and how the index comes about."""

import itertools
import json
import multiprocessing
import random
import subprocess
import sys
from pathlib import Path

import pytest

from kg.errors import ReleaseError
from kg.languages import is_transliterated
from kg.release import STORE_READY, open_release
from kg.search import ensure_index
from kg.search import index as search_index
from kg.search.documents import rank, written_of
from kg.search.hits import Thing
from kg.search.index import DEEPEST, Index
from tests.tiny import KG, RDFS, named, quad, release_of, written


def opened(release) -> Index:
    return Index.open(ensure_index(release))


def found(index, text, **more):
    return [hit.thing.iri for hit in index.find(text, **more).hits]


@pytest.fixture(scope="module")
def index(release):
    return opened(release)


@pytest.fixture(scope="module")
def small(small_release):
    return opened(small_release)


# --- ways to find -----------------------------------------------------------------------------------------

CASE = "https://w3id.org/linli/id/compound/cuiyuan-siqu"


DISTRICT = "https://w3id.org/linli/id/division/nbs2023-330106000000"


@pytest.mark.parametrize("text", ["330106", "330106000000", "330106000", " 330106000000 "])
def test_codes_are_found_however_they_are_filled_up(index, text):
    found = index.find(text, limit=1)
    assert (found.hits[0].thing.iri, found.hits[0].match) == (DISTRICT, "exact")
    assert found.text == text.strip()
    assert index.find(text, limit=5, offset=3).total == found.total


def test_a_number_is_found_with_its_thousands_apart_or_not(index):
    found = index.find("4,000", limit=5)
    assert found.total == index.find("4000", limit=5).total > 0
    assert [hit.thing.iri for hit in found.hits] == [
        hit.thing.iri for hit in index.find("4000", limit=5).hits
    ]


@pytest.mark.parametrize("text", ["999999000000", "0000000000", "00", "翠000", "3301060000001"])
def test_what_is_no_code_filled_up_finds_nothing(index, text):
    assert index.find(text).total == 0


@pytest.mark.parametrize(
    "text",
    [
        "翠苑四区",
        "翠苑四區",
        "cuiyuansiqu",
        "cui yuan si qu",
        "Cuìyuàn Sìqū",
        "cuìyuànsìqū",
        "cui4 yuan4 si4 qu1",
        "CUIYUANSI",
        "cuiyuans",
        "cysq",
        "cys",
        "四区 翠苑",
        "翠苑siqu",
    ],
)
def test_a_case_is_first_by_all_its_names(index, text):
    hits = index.find(text)
    assert hits.hits[0].thing.iri == CASE
    assert not hits.close


@pytest.mark.parametrize("text", ["四区", "siqu"])
def test_part_of_a_name_finds_first_of_all_that_are_called_so(index, text):
    """A project whose name has the part among others in brackets is written about as much."""
    called = [hit for hit in index.find(text).hits if any(n.value.endswith("四区") for n in hit.thing.names)]
    assert called[0].thing.iri == CASE


@pytest.mark.parametrize("text", ["CUIYUAN", "cuiyu"])
def test_of_cases_that_begin_alike_the_one_most_written_about_is_first(index, text):
    hits = index.find(text, limit=3).hits
    written = [hit.thing.written for hit in hits]
    assert written == sorted(written, reverse=True)
    assert "https://w3id.org/linli/id/compound/cuiyuan-yiqu" in [hit.thing.iri for hit in hits[:2]]
    assert CASE in [hit.thing.iri for hit in hits]


@pytest.mark.parametrize(
    "text", ["cuiyaunsiqu", "cuiyuansqu", "cuiyuensiqu", "翠宛四区", "翠苑四弄区", "翠院四区"]
)
def test_typing_mistakes_are_forgiven(index, text):
    hits = index.find(text)
    assert not hits.total
    assert CASE in [hit.thing.iri for hit in hits.close]


def test_other_characters_of_the_same_sound_are_close(small):
    assert [hit.thing.names[0].value for hit in small.find("雪莉").close] == ["Snow Pear"]


def test_official_codes_find_exactly_and_by_their_start(index):
    hits = index.find("330106")
    assert hits.hits[0].match == "exact"
    assert "330106" in hits.hits[0].thing.codes
    assert hits.total > 100
    assert all(any(c.startswith("330106") for c in hit.thing.codes) for hit in hits.hits)


def test_readings_that_differ_are_both_found(index):
    for text in ("changqing", "zhangqing"):
        assert "长庆街道" in {name.value for hit in index.find(text).hits for name in hit.thing.names}


def test_the_place_leads_from_the_whole_to_the_part(index):
    place = index.find("翠苑四区").hits[0].place
    assert len(place) >= 3
    assert place[0].parent is None
    assert all(below.parent == above.iri for above, below in itertools.pairwise(place))


def test_the_little_graph_is_searched_too(small):
    hit = small.find("long ridge").hits[0]
    assert hit.matched.value == "Long Ridge Orchard"
    assert [hit.thing.iri for hit in small.find("long rigde").close] == [hit.thing.iri]
    assert found(small, "changlingguoyuan") == found(small, "clgy") == [hit.thing.iri]
    tree = small.find("Tree 1").hits[0]
    assert tree.match == "exact"
    assert [one.parent for one in tree.place] == [None, tree.place[0].iri]
    assert "Hóngdēnglóng" not in {hit.thing.names[0].value for hit in small.find("figure").hits}


def test_every_name_of_every_thing_finds_it(index, release):
    """A sample of things, each looked for by names, parts of names and readings that the data has."""
    chosen = random.Random(4)  # noqa: S311 # a sample, not a secret
    things = [index.look_up(iri) for iri in sample_of(release, chosen, 150)]
    for thing in filter(None, things):
        for name in thing.names:
            word = name.value[: chosen.randint(2, 12)]
            hits = index.find(name.value, limit=DEEPEST)
            # Of a name that is too long, or of too many runs, the beginning is looked for.
            assert is_transliterated(name.language) or hits.cut or hits.hits[0].match == "exact", name
            assert thing.iri in [hit.thing.iri for hit in hits.hits], name
            part = index.find(word, limit=DEEPEST)
            assert thing.iri in [h.thing.iri for h in part.hits] or part.total > DEEPEST, (name, word)


def sample_of(release, chosen, count):
    lines = release.file("dataset.nq").read_text(encoding="utf-8").splitlines()
    named_ones = sorted({line.split(" ")[0][1:-1] for line in lines if f"<{RDFS}label>" in line})
    return chosen.sample(named_ones, count)


# --- what is left out -------------------------------------------------------------------------------------


def test_dependent_things_are_left_out_but_their_codes_lead_to_their_owner(tmp_path):
    lines = [
        *named("x:a", "Alpha@en"),
        *named("x:id", "Alpha's number@en", cls="x:SortOfIdentifier", code="XY-12/3"),
        quad("x:a", "x:hasIdentifier", "x:id"),
        quad("x:SortOfIdentifier", RDFS + "subClassOf", "x:Identifier"),
        quad("x:Identifier", KG + "isDependent", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
    ]
    index = opened(release_of(tmp_path, lines))
    assert len(index) == 1
    assert found(index, "XY-12/3") == found(index, "xy123") == found(index, "xy12") == ["x:a"]
    assert index.find("xy-12/3").hits[0].matched.value == "XY-12/3"


def test_superseded_graphs_and_the_programs_own_terms_are_left_out(tmp_path):
    lines = [
        *named("x:a", "Alpha@en"),
        quad("x:a", RDFS + "label", '"Omega"@en', "x:g/old"),
        *named(KG + "Thing", "Alpha of the program@en"),
    ]
    index = opened(release_of(tmp_path, lines, superseded=["x:g/old"]))
    assert found(index, "alpha") == ["x:a"]
    assert not index.find("omega").total


def test_escapes_in_names_are_read(tmp_path):
    lines = [quad("x:a", RDFS + "label", r'"A \"quoted\" \u7FE0\\ name"@en')]
    index = opened(release_of(tmp_path, lines))
    assert index.look_up("x:a").names[0].value == 'A "quoted" 翠\\ name'


# --- order ------------------------------------------------------------------------------------------------


def test_exact_then_most_written_about_then_start_then_the_rest(tmp_path):
    lines = [
        *named("x:exact", "Linden@en"),
        *named("x:alias", "Something else@en", alias="Linden@en"),
        *named("x:case", "Old Linden Yard@en"),
        *named("x:start", "Linden Lane@en"),
        *named("x:starts-later", "Linden Lane West@en"),
        *named("x:inside", "West Linden@en"),
        *named("x:close", "Lindon@en"),
        *written("x:case", 9),
    ]
    index = opened(release_of(tmp_path, lines))
    assert found(index, "linden") == ["x:exact", "x:alias", "x:case", "x:start", "x:starts-later", "x:inside"]
    assert [hit.match for hit in index.find("linden").hits] == ["exact"] * 2 + [
        "part",
        "start",
        "start",
        "part",
    ]
    assert "x:close" in [hit.thing.iri for hit in index.find("lindonn").close]


def test_what_passages_say_of_a_thing_from_elsewhere_counts_too(tmp_path):
    lines = [*named("x:a", "Linden A@en"), *named("x:b", "Linden B@en"), *written("x:c", 3)]
    lines += [quad("x:c", f"x:near{n}", "x:b", "x:g/passage") for n in range(4)]
    index = opened(release_of(tmp_path, lines))
    assert found(index, "linden") == ["x:b", "x:a"]
    assert index.look_up("x:b").written == 4


def test_wholes_go_before_parts_and_short_names_before_long(tmp_path):
    lines = [*named("x:big", "Linden County@en"), *named("x:a", "Linden Ab@en"), *named("x:b", "Linden A@en")]
    for n in range(8):
        lines += named(f"x:part{n}", f"Part {n}@en", part_of="x:big")
    index = opened(release_of(tmp_path, lines))
    assert found(index, "linden") == ["x:big", "x:b", "x:a"]


def test_pages_follow_one_another_without_gap_or_double(index):
    whole = found(index, "区", limit=90)
    assert len(set(whole)) == 90
    assert [iri for at in range(0, 90, 7) for iri in found(index, "区", limit=7, offset=at)][:90] == whole


def test_rank_keeps_its_order_at_every_bound():
    def of(count, children, name, order):
        from kg.search.hits import Name

        return rank(Thing("x:a", (Name(name),), (), (), count, None), children, order)

    falling = [
        of(2**30, 0, "a" * 99, 2**33),
        of(2**20 - 2, 2**40, "a", 0),
        of(1, 9, "aa", 0),
        of(1, 3, "a", 0),
        of(1, 3, "a", 1),
        of(1, 3, "aa", 0),
        of(0, 2**40, "a", 0),
        of(0, 0, "a" * 99, 2**33),
    ]
    assert falling == sorted(falling, reverse=True)
    assert len(set(falling)) == len(falling)
    assert all(0 <= one < 2**63 for one in falling)
    assert written_of(of(7, 3, "a", 5)) == 7


# --- classes ----------------------------------------------------------------------------------------------


def test_a_class_keeps_to_its_things_and_those_of_its_subclasses(tmp_path):
    lines = [
        *named("x:a", "Linden A@en", cls="x:Small"),
        *named("x:b", "Linden B@en", cls="x:Big"),
        *named("x:c", "Linden C@en", cls="x:Other"),
        quad("x:Small", RDFS + "subClassOf", "x:Big"),
        quad("x:a", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "x:Big", "x:g/inferred"),
    ]
    index = opened(release_of(tmp_path, lines))
    assert found(index, "linden", classes=["x:Big"]) == ["x:a", "x:b"]
    assert found(index, "linden", classes=["x:Small"]) == ["x:a"]
    assert found(index, "linden", classes=["x:Small", "x:Other"]) == ["x:a", "x:c"]
    assert index.find("linden", classes=["x:None"]).total == 0
    # A thing is counted by its narrowest class.
    assert index.find("linden").classes == {"x:Small": 1, "x:Big": 1, "x:Other": 1}
    assert [hit.thing.iri for hit in index.find("lindne", classes=["x:Other"]).close] == ["x:c"]


def test_counts_are_of_all_matches_not_of_the_page(index):
    hits = index.find("区", limit=3)
    assert len(hits.hits) == 3
    assert hits.total > 100
    assert sum(hits.classes.values()) >= hits.total


# --- bad input --------------------------------------------------------------------------------------------

HOSTILE = [
    "",
    " ",
    "\0",
    "\ud800\udfff",
    "翠\ud800苑",
    "a" * 10_000,
    "翠" * 10_000,
    "翠 " * 5_000,
    "a1" * 5_000,
    "*",
    "a*",
    ".*",
    "翠苑四区翠苑四区(.*)+",
    '"',
    "name:翠苑",
    "+翠苑 -四区 AND OR NOT",
    "[a TO z]",
    "a^99999",
    "a~5",
    "\\",
    "{}",
    "<script>alert(1)</script>",
    "\u202e翠苑",
    "👍🏽",
    "ﷺ" * 100,
    "e\u0301" * 3_000,
    "\u0301" * 3_000,
    "𠀀𠀀",
    "1" * 400,
    "%00%ff",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_hostile_text_is_only_text(index, text):
    hits = index.find(text, limit=5)
    assert len(hits.hits) <= 5
    assert hits.cut == (len(text.strip()) > 400) or hits.cut


def test_query_syntax_means_nothing(index):
    plain = found(index, "翠苑四区")
    for text in ("+翠苑四区*", '"翠苑四区"', "(翠苑四区)~", "翠苑四区.*", "翠苑四区\\"):
        assert found(index, text) == plain


@pytest.mark.parametrize(("limit", "offset"), [(0, 0), (-3, -9), (10, 10**9), (10**9, 0), (10**9, 10**9)])
def test_absurd_pages_are_brought_within_bounds(index, limit, offset):
    hits = index.find("区", limit=limit, offset=offset)
    assert len(hits.hits) <= DEEPEST
    assert hits.total > 100


# --- the cache --------------------------------------------------------------------------------------------


@pytest.fixture
def tiny(tmp_path):
    return release_of(tmp_path / "release", named("x:a", "Alpha@en"))


def test_an_index_is_made_once(tiny):
    made = ensure_index(tiny)
    before = (made / STORE_READY).stat().st_ino
    assert ensure_index(tiny) == made == tiny.search
    assert (made / STORE_READY).stat().st_ino == before


@pytest.mark.parametrize("harm", ["unfinished", "other engine", "other digest", "nonsense"])
def test_a_stale_or_half_written_index_is_made_again(tiny, harm):
    ready = ensure_index(tiny) / STORE_READY
    stamp = json.loads(ready.read_text())
    if harm == "unfinished":
        ready.unlink()
        (tiny.search / "meta.json").unlink()
    else:
        change = {"other engine": {"engine": "tantivy 0"}, "other digest": {"digest": "0"}, "nonsense": {}}[
            harm
        ]
        ready.write_text(json.dumps({**stamp, **change}) if change else "{")
    assert found(opened(tiny), "alpha") == ["x:a"]
    assert json.loads(ready.read_text()) == stamp


def test_what_a_killed_maker_left_is_removed(tiny):
    left = tiny.path / ".search-abc"
    left.mkdir()
    (left / "meta.json").write_text("{}")
    ensure_index(tiny)
    assert not left.exists()
    assert sorted(path.name for path in tiny.path.glob(".search*")) == []


def test_a_failed_maker_leaves_nothing(tiny, monkeypatch):
    def fail(*_args):
        raise OSError("disk full")

    monkeypatch.setattr("kg.search.survey.survey", fail)
    with pytest.raises(ReleaseError, match="disk full"):
        ensure_index(tiny)
    assert not tiny.search.exists()
    assert not list(tiny.path.glob(".search-*"))


def _make(path: Path) -> int:
    return len(Index.open(ensure_index(open_release(path))))


def test_many_makers_at_once_make_one_index(tmp_path):
    lines = [line for n in range(2000) for line in named(f"x:{n}", f"Name {n}@en")]
    release = release_of(tmp_path, lines)
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert pool.map(_make, [release.path] * 4) == [2000] * 4
    assert not list(tmp_path.glob(".search-*"))


def test_an_unreadable_index_is_a_clear_error(tiny):
    (ensure_index(tiny) / "meta.json").write_text("{")
    with pytest.raises(ReleaseError, match="can't be opened"):
        Index.open(tiny.search)


def test_an_empty_release_has_an_empty_index(tmp_path):
    index = opened(release_of(tmp_path, []))
    assert len(index) == 0
    assert index.find("anything").total == 0


def test_circles_of_places_end(tmp_path):
    lines = [*named("x:a", "Alpha@en", part_of="x:b"), *named("x:b", "Beta@en", part_of="x:a")]
    index = opened(release_of(tmp_path, lines))
    assert [one.iri for one in index.find("alpha").hits[0].place] == ["x:b"]


def test_without_chinese_nothing_chinese_is_loaded(tmp_path):
    release = release_of(tmp_path, [*named("x:a", "Ålborg Plads@da"), *named("x:b", "Linden@en", code="A-1")])
    program = f"""if True:
        import sys
        from pathlib import Path
        from kg.release import open_release
        from kg.search import ensure_index
        from kg.search.index import Index
        index = Index.open(ensure_index(open_release(Path({str(release.path)!r}))))
        assert [h.thing.iri for h in index.find("alborg").hits] == ["x:a"]
        assert [h.thing.iri for h in index.find("albrog").close] == ["x:a"]
        assert [h.thing.iri for h in index.find("ap").hits] == ["x:a"]
        assert not {{"pypinyin", "rjieba", "opencc"}} & set(sys.modules), "loaded"
    """
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_an_index_is_read_where_nothing_can_be_written(small_release, monkeypatch):
    """Tantivy makes a lock file in the folder that it reads; here it can't."""
    path = ensure_index(small_release)

    class ReadOnly:
        @staticmethod
        def open(folder):
            if Path(folder) == path:
                raise ValueError("Failed to acquire Lockfile")
            assert not list(Path(folder).glob("*.lock")), "a link to a lock can't be written either"
            return real.open(folder)

    real = search_index.tantivy.Index
    monkeypatch.setattr(search_index.tantivy, "Index", ReadOnly)
    with pytest.raises(ReleaseError, match="can't be opened"):
        Index.open(path)
    monkeypatch.setattr(search_index.os, "access", lambda *_: False)
    opened = Index.open(path)
    assert opened.find("pear").total == Index.open(path).find("pear").total > 0
