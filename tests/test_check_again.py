"""A check that remembers says what one that doesn't says, whatever changed, and looks at that alone."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import review
from kg.engine.door import Policy, admit
from kg.engine.local import run
from kg.errors import DataError, Fault
from kg.machine import memory
from kg.machine.memory import Memory, key_of, memory_of
from kg.make import Report, asking, check, validate
from kg.make.adding import infer
from kg.make.asking import CHECKS
from kg.make.incremental.changes import Changes
from kg.make.incremental.dependencies import reads
from kg.make.loading import file_memory
from kg.make.loading.glance import Lines, Readable
from tests.conftest import ORCHARD, Project

P04, P09 = "data/almanac-1931/p04.trig", "data/almanac-1931/p09.trig"
VERDICT = "data/almanac-1931/_evidence.json"


def replaced(name: str, old: str, new: str) -> Callable[[Project], None]:
    """Change a text in a file, and back if it was changed before."""

    def edit(project: Project) -> None:
        path = project.root / name
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            project.write(name, text.replace(old, new) if old in text else text.replace(new, old))

    return edit


def toggled(name: str, text: str) -> Callable[[Project], None]:
    """Add a file, or remove it if it is there."""

    def edit(project: Project) -> None:
        path = project.root / name
        if path.exists():
            path.unlink()
        else:
            project.write(name, text)

    return edit


def removed(name: str) -> Callable[[Project], None]:
    """Remove a file, or put it back."""

    def edit(project: Project) -> None:
        path = project.root / name
        if path.exists():
            path.unlink()
        else:
            shutil.copy(ORCHARD / name, path)

    return edit


ALWAYS = {path.stem for path in CHECKS.glob("*.rq")}
"""Checks that ask for graphs or for any property: what they read can't be told."""
SHOP = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
EDITS = {
    "a number": replaced(P04, "12400", "12500"),
    "a number that isn't canonical": replaced(P04, "o:number 3.5 ", "o:number 3.50 "),
    "a name": replaced(P04, "南坡", "南坡上"),
    "a name gone": replaced(P04, '"North slope"@en', '"北 slope"@en, "North"@en'),
    "a part": replaced(P04, "; o:isPartOf <id/orchard/long-ridge> .\n    <id/plot/long-ridge-south>",
                       ".\n    <id/plot/long-ridge-south>"),
    "a slip of the pen": replaced(P04, "ridge/area-3.5>,", "ridge/aera-3.5>,"),
    "no Turtle": replaced(P09, "GRAPH", "GRPAH"),
    "a file gone": removed(P09),
    "a record gone": removed("data/almanac-1931/source.ttl"),
    "a table gone": removed("data/tree-list/trees.ttl"),
    "a verdict": replaced(VERDICT, '"p04"', '"p05"'),
    "a file more": toggled("data/extra/p01.trig", SHOP + (
        "GRAPH <https://example.org/orchard/graph/extra/p01> "
        "{ <https://example.org/orchard/id/x> rdfs:label 'X'@en }")),
    "a file that names a graph of the build": toggled("data/extra/p02.trig", SHOP + (
        "GRAPH <https://example.org/orchard/graph/inferred/p> "
        "{ <https://example.org/x> rdfs:label 'X'@en }")),
    "a file that isn't read": toggled("data/extra/notes.doc", "x"),
    "a file of N-Quads": toggled("data/extra/more.nq",
        '<https://example.org/x> <http://www.w3.org/2000/01/rdf-schema#label> "X"@en .\n'),
    "the ontology": replaced("ontology/orchard.ttl", "rdfs:subClassOf", "rdfs:seeAlso"),
    "a shape": replaced("ontology/shapes/orchard.ttl", "o:standsIn ; sh:class o:Plot",
                        "o:standsIn ; sh:class o:Tree"),
    "a shape more": replaced("ontology/shapes/orchard.ttl", "sh:minInclusive 0", "sh:minInclusive 90"),
    "a shape that warns": replaced("ontology/shapes/orchard.ttl", "sh:minInclusive 0",
                                   "sh:minInclusive 9 ; sh:severity sh:Warning"),
    "a rule": replaced("ontology/rules/10-within.rq", "o:isPartOf+", "o:isPartOf"),
    "a rule gone": removed("ontology/rules/20-tree-count.rq"),
    "a check": replaced("ontology/checks/no-circles.rq", "SELECT", "SELCT"),
    "the base": replaced("data/dataset.ttl", 'uriSpace "https://example.org/orchard/"',
                         'uriSpace "https://example.org/orchards/"'),
    "how names are read": replaced("data/pinyin.csv", "园", "圆"),
}  # fmt: skip


@pytest.fixture
def grove(orchard: Project) -> Project:
    """The little graph, with a verdict on the evidence of a source that holds no more."""
    return with_verdict(orchard)


def with_verdict(project: Project) -> Project:
    project.write(VERDICT, '{"passages": {"p04": {}}}')
    return project


def said(project: Project, kept: Memory | None) -> Report | tuple[str, list[Fault]]:
    """Return all that a check says: what the build's part does, and what the reviews' part does."""
    try:
        report = check(project.ontology, project.data, memory=kept)
        return report, review.warnings(project.ontology, project.data, kept)  # type: ignore[return-value]
    except DataError as error:
        return error.message, list(error.faults)


@pytest.fixture(autouse=True)
def everything_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate, "_MANY", 0)


@pytest.mark.parametrize("name", EDITS)
def test_each_change_is_seen(grove: Project, name: str):
    kept = Memory(grove.root / "kept")
    first = said(grove, kept)
    assert first == said(grove, None)
    assert isinstance(first[0], Report)
    assert len(first[1]) == 2
    EDITS[name](grove)
    changed = said(grove, None)
    assert said(grove, kept) == changed
    EDITS[name](grove)
    assert said(grove, kept) == first


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=3), max_size=4))
def test_changes_one_after_the_other_are_seen(rounds: list[list[str]]):
    with tempfile.TemporaryDirectory() as folder:
        project = with_verdict(Project(Path(shutil.copytree(ORCHARD, Path(folder) / "orchard"))))
        kept = Memory(project.root / "kept")
        for names in rounds:
            for name in names:
                EDITS[name](project)
            assert said(project, kept) == said(project, None)


def test_only_what_changed_is_looked_at(grove: Project, monkeypatch: pytest.MonkeyPatch):
    kept = Memory(grove.root / "kept")
    said(grove, kept)
    looked: list[str] = []
    whole = file_memory.right_lines

    def right_lines(files: Iterable[Readable], *rest: object) -> Lines | None:
        files = list(files)
        looked.extend(file.path.name for file, _, _ in files)
        return whole(files, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(file_memory, "right_lines", right_lines)
    passages = review.state.read_passages
    monkeypatch.setattr(
        review.state, "read_passages", lambda *one: looked.append("passages") or passages(*one)
    )
    said(grove, kept)
    assert looked == []
    EDITS["a number"](grove)
    said(grove, kept)
    assert looked == ["p04.trig", "p09.trig", "source.ttl", "passages"]


def test_a_step_runs_again_only_when_what_it_reads_changed(grove: Project, monkeypatch: pytest.MonkeyPatch):
    kept = Memory(grove.root / "kept")
    said(grove, kept)
    ran: list[str] = []
    monkeypatch.setattr(validate, "_MANY", 1_000)  # here, and not in another process

    def watched(asked: Callable[..., object]) -> Callable[..., object]:
        return lambda loaded, file, *rest: ran.append(file.stem) or asked(loaded, file, *rest)

    for module in (infer, asking):
        monkeypatch.setattr(module, "ask", watched(module.ask))
    unfit = validate.shacl.unfit
    monkeypatch.setattr(
        validate.shacl,
        "unfit",
        lambda data, nodes: ran.extend(n.value.rpartition("/")[2] for n, _ in nodes) or unfit(data, nodes),
    )

    def again() -> list[str]:
        ran.clear()
        said(grove, kept)
        return [one for one in ran if one not in ALWAYS]

    assert again() == []
    EDITS["a number"](grove)
    assert sorted(again()) == ["harvest-12500", "long-ridge"]
    EDITS["a part"](grove)
    assert again() == ["10-within", "no-circles", "long-ridge-north"]


def damaged(path: Path, how: str) -> None:
    whole = path.read_bytes()
    match how:
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case "a bit":
            path.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
        case "another's":
            other = next(one for one in sorted(path.parent.iterdir()) if one != path)
            path.write_bytes(other.read_bytes())
        case "a folder":
            path.unlink()
            path.mkdir()


@pytest.mark.parametrize("how", ["empty", "cut", "a bit", "another's", "a folder"])
def test_a_damaged_memory_is_none(grove: Project, how: str):
    kept = Memory(grove.root / "kept")
    said(grove, kept)
    EDITS["a name gone"](grove)
    before = said(grove, kept)
    files = sorted((grove.root / "kept").iterdir())
    assert {path.name for path in files} >= {"right", "names-pinyin", "last"}
    for path in files:
        damaged(path, how)
    assert said(grove, kept) == before == said(grove, None)


def test_where_nothing_can_be_kept_a_check_goes_on(grove: Project):
    kept = Memory(grove.write("file", "no folder") / "kept")
    assert said(grove, kept) == said(grove, kept) == said(grove, None)


def test_a_check_that_is_killed_while_it_writes_leaves_what_was_there(grove: Project):
    kept = Memory(grove.root / "kept")
    said(grove, kept)
    EDITS["a number"](grove)
    child = os.fork()
    if child == 0:
        Path.replace = lambda *_: os._exit(9)  # type: ignore[assignment, method-assign]
        said(grove, kept)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert list((grove.root / "kept").glob(".*"))
    assert said(grove, kept) == said(grove, None)


def test_another_program_remembers_nothing_of_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    kept = Memory(tmp_path)
    kept.keep("name", "key", b"answer")
    assert kept.recall("name", "key") == b"answer"
    assert kept.recall("name", "other") is None
    assert kept.recall("none", "key") is None
    memory._program.cache_clear()
    monkeypatch.setattr(memory, "_version", lambda _: "0.0.1")
    assert kept.recall("name", "key") is None
    memory._program.cache_clear()


def test_keys_tell_values_apart():
    assert len({key_of("ab", "c"), key_of("a", "bc"), key_of("abc"), key_of(["ab", "c"])}) == 4


def test_few_memories_are_kept_and_each_is_of_its_inputs(tmp_path: Path):
    folders = [memory_of(tmp_path / "all", tmp_path / str(number)).folder for number in range(12)]
    assert len(set(folders)) == 12
    assert len(list((tmp_path / "all").iterdir())) == memory._STATES
    assert folders[-1] is not None
    assert folders[-1].is_dir()


READS = {
    "SELECT * { ?s :p ?o }": {("p", None, False)},
    "SELECT * { ?s a :C ; :p/^:q+ ?o }": {("type", "C", False), ("p", None, False), ("q", None, False)},
    "SELECT * { ?s :p :a FILTER NOT EXISTS { ?s :q 1 } }": {("p", "a", False), ("q", None, False)},
    "SELECT * { GRAPH ?g { ?s :p ?o } OPTIONAL { ?s :q ?x } }": {("p", None, True), ("q", None, False)},
    "SELECT * { { ?s :p ?o } UNION { SELECT ?s { ?s :q ?o } } MINUS { ?s (:r|:p) ?o } }": {
        ("p", None, False), ("q", None, False), ("r", None, False)},
    "CONSTRUCT { ?s :z ?o } WHERE { ?s :p ?o }": {("p", None, False)},
    "SELECT (COUNT(?s) AS ?n) { ?s :p ?o }": {("p", None, False)},
    "SELECT * { ?s ?p ?o }": None,
    "SELECT * { ?s !:p ?o }": None,
    "SELECT * { ?s :p* ?o }": None,
    "SELECT * { ?s :p/:q? ?o }": None,
    "SELECT * { :a :p? ?o }": None,
    "SELECT * { GRAPH ?g { } }": None,
    "SELECT * { ?s :p ?o } LIMIT 1": None,
    "SELECT * { ?s :p ?o FILTER(RAND() < 1) }": None,
    "SELECT (SAMPLE(?o) AS ?x) { ?s :p ?o } GROUP BY ?s": None,
    "SELECT * FROM <http://e/g1> { ?s :p ?o }": None,
    "SELECT * { ?s :p ?o FILTER EXISTS { ?s ?q ?o } }": None,
}  # fmt: skip
PREFIX = "PREFIX : <http://e/> "


def named(found: object) -> set[tuple[str, str | None, bool]] | None:
    if found is None:
        return None
    return {  # type: ignore[attr-defined]
        (
            one.prop.value.split("/")[-1].split("#")[-1],
            one.value and one.value.value.split("/")[-1],
            one.named,
        )
        for one in found  # type: ignore[attr-defined]
    }


@pytest.mark.parametrize("query", READS)
def test_what_a_query_reads(query: str):
    assert named(reads(admit(PREFIX + query, Policy()))) == READS[query]


NODES = st.sampled_from("abC").map(lambda name: ox.NamedNode(f"http://e/{name}"))
PROPS = st.sampled_from(["http://e/p", "http://e/q", "http://e/r",
                         "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"]).map(ox.NamedNode)  # fmt: skip
GRAPHS = st.sampled_from([ox.DefaultGraph(), ox.NamedNode("http://e/g1"), ox.NamedNode("http://e/g2")])
QUADS = st.lists(st.builds(ox.Quad, NODES, PROPS, NODES, GRAPHS), max_size=8)


def store_of(quads: list[ox.Quad]) -> ox.Store:
    store = ox.Store()
    store.extend(quads)
    return store


def answered(store: ox.Store, query: str) -> list[str]:
    answer = run(store, admit(PREFIX + query, Policy()).order, dataset=None, base_iri=None)
    return sorted(map(str, answer))  # type: ignore[arg-type]


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([q for q, read in READS.items() if read]), QUADS, QUADS)
def test_what_is_read_decides_on_the_answer(query: str, both: list[ox.Quad], more: list[ox.Quad]):
    read = reads(admit(PREFIX + query, Policy()))
    if read is None:
        return
    one, other, changes = store_of(both), store_of([*more, *both]), Changes()
    changes.add(set(other) - set(one))
    if not changes.touch(read):
        assert answered(one, query) == answered(other, query)


def test_names_made_anew_read_those_that_are_recalled(orchard: Project):
    # The first table has another row, for no name that there is; so the names in the middle are recalled.
    orchard.change(
        "data/dataset.ttl",
        "kg:transliteration <https://example.org/orchard/transliteration/simplified>",
        "kg:transliteration <https://example.org/orchard/transliteration/other>, "
        "<https://example.org/orchard/transliteration/simplified>",
    )
    path = orchard.data / "dataset.ttl"
    path.write_text(
        path.read_text(encoding="utf-8")
        + "\n<https://example.org/orchard/transliteration/other> a kg:Transliteration ;"
        ' kg:procedure "opencc-t2s" ; kg:overrides "other.csv" ;'
        ' kg:fromLanguage "zh-hant" ; kg:toLanguage "zh-other" .\n',
        encoding="utf-8",
    )
    orchard.write("data/other.csv", "無人,甲\n")
    kept = Memory(orchard.root / "kept")
    assert isinstance(said(orchard, kept)[0], Report)
    orchard.write("data/other.csv", "無人,乙\n")
    EDITS["how names are read"](orchard)
    assert said(orchard, kept) == said(orchard, None)
