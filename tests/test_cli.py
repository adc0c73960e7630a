"""The command as a user has it: what goes to stdout, what to stderr, and the exit code."""

from __future__ import annotations

import fcntl
import os
import pty
import resource
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.release import Release, active_release
from kg.settings import LIMITS
from tests.commands import MAIN, anew, kg
from tests.conftest import ORCHARD, Project
from tests.servers import answers, ended, free_port, wait_until

RIDGE = "https://example.org/orchard/id/orchard/long-ridge"


def folders(project: Project) -> list[str | Path]:
    return ["--ontology", project.ontology, "--data", project.data]


@pytest.mark.parametrize(
    "command", [[], ["build"], ["check"], ["serve"], ["query"], ["export"], ["source"], ["mcp"], ["crate"]]
)
def test_help_teaches_with_examples(command: list[str]):
    done = kg(*command, "--help")
    assert done.returncode == 0
    assert f"kg {command[0] if command else 'build'}" in done.stdout.replace("Usage: kg", "")
    assert "\b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_help_lists_every_limit_with_its_default():
    told = " ".join(kg("serve", "--help").stdout.partition("\nLimits")[2].partition("\nExamples")[0].split())
    for limit in LIMITS.values():
        assert f"{limit.variable} {limit.meaning} [default: {limit.standard}]" in told
    assert "KG_QUERY_TIMEOUT how long a query may run [default: 30 s]" in told


@pytest.mark.parametrize("group", [[], ["release"], ["citations"], ["sheet"]])
def test_each_command_is_summed_up_in_a_line(group: list[str]):
    listed = kg(*group, "--help").stdout.partition("Commands:")[2].partition("Examples:")[0]
    assert "..." not in listed
    assert all(line.endswith(".") for line in listed.split("\n") if line.strip())


@pytest.mark.long
def test_the_default_data_is_built_in_thirty_seconds_of_two_processors(tmp_path: Path):
    # What the processors spent, which on two of them is more than what a user waits for.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = anew("build", "--out", tmp_path, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime) < 60


def test_build_prints_the_release_and_activates_it(orchard: Project):
    done = anew("build", *folders(orchard), "--out", orchard.out)
    assert done.returncode == 0, done.stderr
    release = active_release(orchard.out)
    assert done.stdout == f"{release.path}\n"
    assert (release.store / "ready.json").is_file()
    assert "\r" not in done.stderr, "no bar where nobody watches"


def test_build_seals_a_version_once(orchard: Project):
    assert kg("build", *folders(orchard), "--out", orchard.out, "--final").stdout.strip().endswith("/2.3.0")
    orchard.change("data/almanac-1931/p04.trig", "Long Ridge Orchard", "Longridge Orchard")
    done = kg("build", *folders(orchard), "--out", orchard.out, "--final")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: release 2.3.0 exists")
    assert "hint: a release never changes" in done.stderr


def test_a_final_build_s_old_word_is_understood_and_told(orchard: Project):
    done = kg("build", *folders(orchard), "--out", orchard.out, "--release")
    assert done.stdout.strip().endswith("/2.3.0"), done.stderr
    assert done.stderr.splitlines()[0] == "warning: kg build --release is called kg build --final now"
    told = kg("build", "--help").stdout
    assert "--final" in told
    assert "--release" not in told


def test_the_folder_of_releases_is_a_setting(orchard: Project):
    done = kg("build", *folders(orchard), KG_RELEASES=str(orchard.root / "elsewhere"))
    assert Path(done.stdout.strip()).parent == orchard.root / "elsewhere"


def test_check_says_that_all_is_right(orchard: Project):
    done = anew("check", *folders(orchard))
    assert done.returncode == 0
    assert "are right" in done.stdout
    assert done.stderr == ""


def test_check_lists_every_fault(orchard: Project):
    path = orchard.change(
        "data/almanac-1931/p04.trig", "o:number 3.5 ; o:hasUnit <vocabulary/unit/hectare> .", "o:number 3.5 ."
    )
    done = kg("check", *folders(orchard))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{path}:" in done.stderr
    assert "    entity:   https://example.org/orchard/id/figure/long-ridge/area-3.5" in done.stderr
    assert "    property: o:hasUnit" in done.stderr
    assert "    mend:     state it, or leave the thing out" in done.stderr
    assert "1 fault" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["bild"],
        ["build", "--nope"],
        ["query"],
        ["export", "--format", "docx"],
        ["serve", "--port", "many"],
        ["serve", "--port", "99999"],
    ],
)
def test_wrong_usage_is_code_2(words: list[str]):
    done = kg(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "rror" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_release_is_said(tmp_path: Path):
    for words in (["query", "-"], ["export"]):
        done = kg(*words, cwd=tmp_path, stdin="ASK {}")
        assert (done.returncode, done.stdout) == (1, "")
        assert "no release is active" in done.stderr
        assert "kg build" in done.stderr


def test_serve_builds_the_first_release_or_says_why_it_cant(tmp_path: Path):
    (tmp_path / "releases").write_text("a file, where a folder should be", encoding="utf-8")
    done = kg("serve", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no release is in releases: one is built first" in done.stderr
    assert "is a file" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_leaves_a_damaged_release_alone(tmp_path: Path):
    (tmp_path / "releases" / "1.0.0").mkdir(parents=True)
    done = kg("serve", cwd=tmp_path)
    assert done.returncode == 1
    assert "no release is active" in done.stderr
    assert "built" not in done.stderr


@pytest.mark.long
def test_serve_without_a_release_comes_to_answer(tmp_path: Path):
    command = [str(Path(sys.executable).parent / "kg"), "serve", "--port", str(port := free_port())]
    with ended(subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)):
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), 300)
    assert (tmp_path / "releases" / "active").is_symlink()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_the_commands(shell: str):
    script = kg(_KG_COMPLETE=f"{shell}_source")
    assert script.returncode == 0
    assert f"{shell}_complete" in script.stdout
    typed = {"COMP_WORDS": "kg ser", "COMP_CWORD": "ser" if shell == "fish" else "1"}
    told = kg(_KG_COMPLETE=f"{shell}_complete", **typed)
    assert "serve" in told.stdout
    assert "build" not in told.stdout


def test_query_from_a_file_or_a_pipe(small_release: Release, tmp_path: Path):
    file = ORCHARD / "ontology" / "questions" / "trees-by-plot.rq"
    done = anew("query", file, "--release", small_release.path, "--format", "csv")
    assert done.stdout.splitlines() == [
        "plot,name,trees",
        "https://example.org/orchard/id/plot/long-ridge-north,North slope,14",
        "https://example.org/orchard/id/plot/long-ridge-south,South slope,10",
    ]
    again = kg(
        "query", "-", "--release", small_release.path, "--format", "csv", stdin=file.read_text("utf-8")
    )
    assert again.stdout == done.stdout


def test_query_writes_what_fits_the_answer(small_release: Release):
    rows = kg("query", "-", "--release", small_release.path, stdin="SELECT (COUNT(*) AS ?n) { ?t a o:Tree }")
    assert rows.stdout == "?n\n24\n"
    graph = kg(
        "query", "-", "--release", small_release.path, stdin="CONSTRUCT { ?t a o:T } WHERE { ?t a o:Tree }"
    )
    assert len(list(ox.parse(graph.stdout, format=ox.RdfFormat.TURTLE))) == 24
    wrong = kg("query", "-", "--release", small_release.path, "--format", "ttl", stdin="ASK {}")
    assert wrong.returncode == 2


def test_a_query_that_is_not_sparql_has_its_place(small_release: Release, tmp_path: Path):
    file = tmp_path / "q.rq"
    file.write_text("SELECT ?x\nWHERE { ?x ?y }")
    done = kg("query", file, "--release", small_release.path)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"error: {file}:2:" in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT ?x\nWHERE { ?x shop:price ?y }", "-:2:12: the prefix shop: is not declared"),
        ("SELEC ?x { ?x ?y ?z }", "did you mean SELECT?"),
        ("INSERT DATA { <a:b> <a:b> <a:b> }", "INSERT is for updates"),
    ],
)
def test_a_query_that_is_not_sparql_is_explained(small_release: Release, text: str, said: str):
    done = kg("query", "-", "--release", small_release.path, stdin=text)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr.replace("<stdin>", "-")
    assert "\\u{" not in done.stderr, "classes of characters say nothing to people"


@pytest.mark.parametrize("name", ["ttl", "nt", "trig", "nq", "jsonld", "rdf"])
def test_export_of_everything(small_release: Release, tmp_path: Path, name: str):
    out = tmp_path / f"all.{name}"
    run = anew if name == "ttl" else kg
    done = run("export", "--release", small_release.path, "--format", name, "--out", out, "--inferred")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    quads = set(ox.parse(path=str(out), format=ox.RdfFormat.from_extension(name)))
    merge = {
        q.triple for q in ox.parse(path=str(small_release.file("dataset.ttl")), format=ox.RdfFormat.TURTLE)
    }
    named = set(ox.parse(path=str(small_release.file("dataset.nq")), format=ox.RdfFormat.N_QUADS))
    if name in ("trig", "nq", "jsonld"):
        assert quads == {q for q in named if q.graph_name.value not in small_release.superseded}
    else:
        assert {quad.triple for quad in quads} == merge
    assert sorted(p.name for p in tmp_path.iterdir()) == [out.name]
    stated = kg("export", "--release", small_release.path, "--format", name)
    fewer = set(ox.parse(stated.stdout, format=ox.RdfFormat.from_extension(name)))
    assert len(fewer) < len(quads), "inferences come only when asked for"
    for text in (stated.stdout, out.read_text("utf-8")):
        for words in ("The old orchards", "2.3.0", small_release.digest):
            assert words in text, f"{name} says what it is"


@pytest.mark.parametrize(
    ("words", "expected", "absent"),
    [
        (["--class", "o:Orchard"], "o:Orchard", "o:Tree"),
        (["--axis", f"o:isWithin={RIDGE}"], "long-ridge-north", "a o:Orchard"),
        (["--class", "o:Tree", "--format", "csv"], "iri,", "<"),
        (["--class", "o:Tree", "--format", "csvw"], '"tableSchema"', "PREFIX"),
        (["--class", "o:Orchard", "--format", "geojson"], '"FeatureCollection"', "o:Tree"),
        (["--format", "geojson"], '"FeatureCollection"', "PREFIX"),
    ],
)
def test_export_of_a_part(small_release: Release, words: list[str], expected: str, absent: str):
    done = kg("export", "--release", small_release.path, *words)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout
    assert absent not in done.stdout.partition("@prefix")[2]


@pytest.mark.parametrize(
    "words",
    [
        ["--format", "xlsx"],
        ["--format", "csv"],
        ["--format", "csv", "--class", "o:Nothing"],
        [RIDGE, "--class", "o:Tree"],
        [RIDGE, "--format", "csv"],
        ["--axis", "o:isWithin"],
    ],
)
def test_export_of_what_cannot_be(small_release: Release, words: list[str]):
    done = kg("export", "--release", small_release.path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "hint:" in done.stderr


def test_export_of_an_entity(small_release: Release):
    done = kg("export", RIDGE, "--release", small_release.path, "--format", "nt")
    found = {
        quad.predicate.value.rpartition("/")[2]
        for quad in ox.parse(done.stdout, format=ox.RdfFormat.N_TRIPLES)
    }
    assert {"hasFigure", "hasUnit", "point"} <= found
    missing = kg("export", f"{RIDGE}-not", "--release", small_release.path)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "says nothing of" in missing.stderr


def test_a_reader_that_leaves_early_is_no_error(small_release: Release):
    main = f"{sys.executable} -c 'from kg.cli import main; main()'"
    command = f"{main} export --format nt --release '{small_release.path}'"
    # The whole is larger than a pipe holds, so the command must meet the closed pipe.
    done = subprocess.run(
        ["bash", "-c", f"{command} | head -1; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert done.returncode in (0, 141)


def test_a_bar_is_drawn_where_somebody_watches(orchard: Project):
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-c", MAIN, "build", *map(str, folders(orchard))]
    process = subprocess.Popen(
        [*command, "--out", str(orchard.out)], stdout=subprocess.PIPE, stderr=theirs, text=True
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the terminal is gone when the process is
            break
        if not piece:
            break
        seen += piece
    out, _ = process.communicate()
    os.close(ours)
    assert b"load" in seen
    assert b"\r" in seen
    assert out == f"{active_release(orchard.out).path}\n"


def test_no_color_is_respected(tmp_path: Path):
    ours, theirs = pty.openpty()
    texts = {}
    for no_color in ({}, {"NO_COLOR": "1"}):
        command = [sys.executable, "-c", MAIN, "query", "-"]
        subprocess.run(
            command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=theirs, cwd=tmp_path,
            env={k: v for k, v in {**os.environ, **no_color}.items() if k != "NO_COLOR" or no_color},
        )  # fmt: skip
        texts[bool(no_color)] = os.read(ours, 4096)
    os.close(ours)
    os.close(theirs)
    assert b"\x1b[" in texts[False]
    assert b"\x1b[" not in texts[True]
    assert b"error: " in texts[True]


def test_sources_are_listed(orchard: Project):
    orchard.write("data/tree-list/mapping.json", "{}")
    done = kg("source", "--data", orchard.data)
    assert done.stdout == "tree-list\n"
