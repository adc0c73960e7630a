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


def test_queries_are_spelt_in_one_way():
    assert [path.name for path in (ROOT / "kg" / "queries").glob("*.rq") if "_" in path.stem] == []


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
