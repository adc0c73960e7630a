"""The house rules that a machine can check."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = sorted(p for folder in ("kg", "web") for p in (ROOT / folder).rglob("*") if p.is_file())
SOURCES = [p for p in PROGRAM if p.suffix in {".py", ".ts"} and "node_modules" not in p.parts]
TEXTS = [
    p for p in PROGRAM if p.suffix in {".py", ".ts", ".js", ".html", ".css", ".rq"} and "built" not in p.parts
]

DOMAIN = re.compile(
    r"hangzhou|杭州|subdistrict|owners.?.?committee|party.?committee|residential.?compound|社区|街道|小区|社區|小區",
    re.IGNORECASE,
)
STRING_SPARQL = re.compile(r"""f['"]{1,3}[^'"]*\b(SELECT|CONSTRUCT|ASK|DESCRIBE|INSERT)[ {]""")


def offenders(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    found = []
    for path in files:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    return found


def test_there_is_something_to_check():
    assert len(SOURCES) > 10
    assert DOMAIN.search("a Subdistrict of 杭州")
    assert STRING_SPARQL.search('f"SELECT {x}"')


def test_the_program_knows_no_domain():
    assert offenders(DOMAIN, TEXTS) == []


def test_no_query_is_glued_together():
    assert offenders(STRING_SPARQL, SOURCES) == []


def test_what_a_client_takes_is_read_in_one_way():
    """Formats by `kg.mediatypes`, codings by `kg_web.protocol.coding`: a second would choose otherwise."""
    other = re.compile(r"accept_mimetypes|accept_encodings|best_match")
    assert other.search('request.accept_encodings["gzip"]')
    assert offenders(other, SOURCES) == []


QUERIES = [p for p in PROGRAM if p.suffix in {".rq", ".ru"}]
BY_FOLDER = {"checks", "queries", "for-any-graph"}
"""Folders of queries that are read one after the other, or by another's name than `kg.sparql.bind.load`."""


def test_queries_are_spelt_in_one_way():
    assert len(QUERIES) > 100
    assert [path.name for path in QUERIES if "_" in path.stem] == []


def test_each_query_lies_beside_code_that_asks_it():
    """Who else asks it imports that room, or stands above it: import-linter sees to the code's side."""
    astray = []
    for path in QUERIES:
        tops = ROOT / "web" if "kg_web" in path.parts else ROOT
        name = path.relative_to(tops).with_suffix("").as_posix()
        beside = "".join(one.read_text("utf-8") for one in path.parent.glob("*.py"))
        if path.parent.name not in BY_FOLDER and f'"{name}"' not in beside:
            astray.append(name)
    assert astray == []


def test_each_query_that_is_asked_is_there():
    there = {
        p.relative_to(ROOT / "web" if "kg_web" in p.parts else ROOT).with_suffix("").as_posix()
        for p in QUERIES
    }
    asked = re.compile(r'"((?:kg|kg_web)(?:/[a-z_]+)*/[a-z]+(?:-[a-z]+)*)"')
    code = [p for p in SOURCES if p.suffix == ".py"]
    named = {name for p in code for name in asked.findall(p.read_text("utf-8"))}
    assert len(named) > 100
    assert named - there == set()


def test_rooms_can_be_seen_at_a_glance():
    """So many modules in one room: more are of several subjects."""
    rooms: dict[str, int] = {}
    for path in SOURCES:
        if path.suffix == ".py" and path.name != "__init__.py":
            room = str(path.parent.relative_to(ROOT))
            rooms[room] = rooms.get(room, 0) + 1
    assert len(rooms) > 50
    assert {room: files for room, files in rooms.items() if files > 12} == {}


def test_each_room_says_what_it_is_for():
    rooms = {path.parent for path in SOURCES if path.suffix == ".py"}
    said = {room: (room / "__init__.py").read_text("utf-8") for room in rooms}
    assert [str(room) for room, text in said.items() if not text.startswith('"""')] == []


def test_who_uses_the_library_gets_its_types():
    assert (ROOT / "kg" / "py.typed").is_file()


def test_files_are_about_one_thing():
    lengths = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in SOURCES}
    assert {path: lines for path, lines in lengths.items() if lines > 350} == {}


def test_no_address_of_a_registry_or_a_machine_is_committed():
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    # Written in pieces, so that this file is not its own offender.
    pieces = ["pypi" + r"\.org", "python" + "hosted", "registry" + r"\.npmjs", "/ro" + "ot/", "/wo" + "rk/"]
    addresses = re.compile("|".join(pieces))
    files = [ROOT / name for name in tracked.decode().split("\0") if name]
    texts = [p for p in files if p.is_file() and p.suffix not in {".png", ".gz", ".zip"}]
    assert offenders(addresses, texts) == []
