"""Reading files as people have them: syntaxes, packings, contexts, tables, and bad input with its place."""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import resource
import zipfile
from pathlib import Path

import pytest
import zstandard

from kg.errors import DataError, UsageError
from kg.opening.inputs import look
from kg.reading import documents, packed, parse, reason_unread, syntax_named
from kg.reading import names as reading_names
from kg.reading.lexical import is_well_typed
from kg.terms import GEO, XSD
from tests.opened import opened, rows, write

TURTLE = '@prefix x: <http://x.example/> . x:a x:b "c" .'
LINE = '<http://x.example/a> <http://x.example/b> "c"'
RDFXML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://x.example/">'
    '<rdf:Description rdf:about="http://x.example/a"><x:b>c</x:b></rdf:Description></rdf:RDF>'
)
JSONLD = json.dumps({"@id": "http://x.example/a", "http://x.example/b": "c"})
TEXTS = {
    "a.ttl": TURTLE,
    "a.turtle": TURTLE,
    "a.TTL": TURTLE,
    "a.trig": TURTLE,
    "a.nt": LINE + " .\n",
    "a.nq": LINE + " <http://x.example/g> .\n",
    "a.rdf": RDFXML,
    "a.owl": RDFXML,
    "a.xml": RDFXML,
    "a.jsonld": JSONLD,
    "a.n3": TURTLE,
}


def said(path: Path) -> list[tuple[str, str, str]]:
    return [
        (str(q.subject), str(q.predicate), str(q.object))
        for document in documents(path, path.parent)
        for q in parse(document)
    ]


def fault(path: Path):
    with pytest.raises(DataError) as raised:
        said(path)
    (one,) = raised.value.faults
    return one


ONE = [("<http://x.example/a>", "<http://x.example/b>", '"c"')]


@pytest.mark.parametrize("name", TEXTS)
def test_each_syntax_is_told_by_its_name(tmp_path, name):
    assert said(write(tmp_path, name, TEXTS[name])) == ONE


@pytest.mark.parametrize("packing", [".gz", ".bz2", ".zst", ".zip"])
@pytest.mark.parametrize("name", TEXTS)
def test_each_syntax_may_be_packed(tmp_path, name, packing):
    path, text = tmp_path / f"{name}{packing}", TEXTS[name].encode()
    if packing == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr(f"folder/{name}", text)
            bundle.writestr("notes.txt", "nothing")
    else:
        pack = {".gz": gzip.compress, ".bz2": bz2.compress, ".zst": zstandard.compress}[packing]
        path.write_bytes(pack(text))
    assert said(path) == ONE


def test_a_byte_order_mark_is_passed_over(tmp_path):
    for name, text in TEXTS.items():
        assert said(write(tmp_path, name, b"\xef\xbb\xbf" + text.encode())) == ONE, name


def test_what_no_name_tells_must_be_told(tmp_path):
    path = write(tmp_path, "data.txt", TURTLE)
    with pytest.raises(UsageError, match=r"\.txt is no syntax"):
        list(documents(path, tmp_path))
    (document,) = documents(path, tmp_path, syntax=syntax_named("ttl"))
    assert len(list(parse(document))) == 1
    with pytest.raises(UsageError, match="no syntax is named 'docx'"):
        syntax_named("docx")


def test_a_context_beside_the_file_is_read_and_a_remote_one_never_fetched(tmp_path):
    text = json.dumps({"@context": "terms.jsonld", "@id": "http://x.example/a", "b": "c"})
    path = write(tmp_path, "a.jsonld", text)
    missing = fault(path)
    assert "terms.jsonld" in missing.message
    write(tmp_path, "terms.jsonld", json.dumps({"@context": {"b": "http://x.example/b"}}))
    assert said(path) == ONE
    remote = write(tmp_path, "r.jsonld", text.replace("terms.jsonld", "https://x.example/ctx/terms.jsonld"))
    assert said(remote) == ONE  # saved beside it under the last part of its address
    (tmp_path / "terms.jsonld").unlink()
    refused = fault(remote)
    assert "isn't fetched" in refused.message
    assert "save it beside the file as terms.jsonld" in refused.hint


@pytest.mark.parametrize("name", ["../secret.jsonld", "/etc/passwd", "file:///etc/passwd"])
def test_a_context_doesnt_lead_out_of_the_folder(tmp_path, name):
    write(tmp_path, "secret.jsonld", '{"@context": {}}')
    text = json.dumps({"@context": name, "@id": "http://x.example/a", "http://x.example/b": "c"})
    assert "isn't fetched" in fault(write(tmp_path, "in/a.jsonld", text)).message


def test_entities_of_protege_are_read(tmp_path):
    head = '<?xml version="1.0"?>\n<!DOCTYPE rdf:RDF [\n <!ENTITY x "http://x.example/" >\n]>\n'
    text = head + RDFXML.replace('"http://x.example/a"', '"&x;a"')
    assert said(write(tmp_path, "a.owl", text)) == ONE


BOMB = "\n".join(
    ['<!ENTITY a0 "aaaaaaaaaa">', *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))]
)


@pytest.mark.parametrize(
    ("entities", "message", "line"),
    [
        (BOMB, "made of others", 4),
        ('<!ENTITY x SYSTEM "file:///etc/passwd">', "outside of the file", 3),
        ('<!ENTITY x PUBLIC "a" "http://x.example/">', "outside of the file", 3),
        ('<!ENTITY % x "y">', "outside of the file", 3),
        (f'<!ENTITY x "{"y" * 2000}">', "more than 1000", 3),
    ],
    ids=["bomb", "system", "public", "parameter", "long"],
)
def test_a_bomb_of_entities_is_refused_with_its_line(tmp_path, entities, message, line):
    text = f'<?xml version="1.0"?>\n<!DOCTYPE rdf:RDF [\n{entities}\n]>\n{RDFXML.replace("c<", "&a11;<")}'
    found = fault(write(tmp_path, "bomb.rdf", text))
    assert message in found.message
    assert found.line == line


@pytest.mark.parametrize("packing", [".gz", ".zst", ".bz2", ".zip"])
def test_a_bomb_that_unpacks_without_end_is_stopped(tmp_path, packing, monkeypatch):
    monkeypatch.setattr(packed, "FREE", 2**16)
    text = (b"#" + b" " * 2**16 + b"\n") * 800
    path = tmp_path / f"bomb.ttl{packing}"
    if packing == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr("bomb.ttl", text)
    else:
        pack = {".gz": gzip.compress, ".bz2": bz2.compress, ".zst": zstandard.compress}[packing]
        path.write_bytes(pack(text))
    assert "unpacks to more than" in fault(path).message


@pytest.mark.parametrize("packing", [".gz", ".zst", ".bz2", ".zip"])
def test_what_is_no_archive_or_half_of_one_says_so(tmp_path, packing):
    path = write(tmp_path, f"a.ttl{packing}", b"this is no archive at all")
    assert fault(path).file == path


def test_half_a_download_is_a_fault(tmp_path):
    whole = gzip.compress(TURTLE.encode() * 500)
    assert "can't be unpacked" in fault(write(tmp_path, "a.ttl.gz", whole[: len(whole) // 2])).message


@pytest.mark.parametrize(
    ("name", "head", "tail"),
    [
        ("long.nt", '<http://x.example/a> <http://x.example/b> "', '" .'),
        ("long.ttl", '<http://x.example/a> <http://x.example/b> "', '" .'),
        ("long.rdf", RDFXML.partition("c<")[0], "<" + RDFXML.partition("c<")[2]),
    ],
)
def test_a_gigabyte_without_end_is_stopped_in_little_memory(tmp_path, name, head, tail):
    path = tmp_path / name
    with path.open("wb") as out:
        out.write(head.encode())
        out.seek(2**30)  # a hole: a gigabyte that takes no room on the disk
        out.write(tail.encode())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = fault(path)
    assert found.file == path
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 256 * 1024


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.ttl", "@prefix x: <http://x.example/> .\nx:a x:b .\n", 2),
        ("a.nt", "<http://x.example/a> <http://x.example/b> <http://x.example/c d> .\n", 1),
        ("a.nq", f"{LINE} .\n{LINE} nonsense .\n", 2),
        ("a.trig", "@prefix x: <http://x.example/> .\nGRAPH x:g { x:a x:b x:c .\n", 3),
        ("a.jsonld", '{"@id": "http://x.example/a",\n "b": }', 2),
        ("a.rdf", RDFXML.replace("</x:b>", "</x:c>"), 1),
    ],
)
def test_a_slip_has_file_and_line(tmp_path, name, text, line):
    found = fault(write(tmp_path, name, text))
    assert found.file == tmp_path / name
    assert found.line == line


def test_a_table_is_read_by_the_metadata_beside_it(tmp_path):
    path = write(tmp_path, "people.csv", "id,name,born,tags\n1,Ada,1815,a;b\n2,Karl,,\n")
    assert "without metadata" in reason_unread(path)
    columns = [
        {"name": "id", "suppressOutput": True},
        {"name": "name", "propertyUrl": "http://x.example/name", "lang": "en"},
        {"name": "born", "propertyUrl": "http://x.example/born", "datatype": "gYear"},
        {"name": "tags", "propertyUrl": "http://x.example/tag", "separator": ";"},
        {
            "virtual": True,
            "propertyUrl": "rdf:type",
            "valueUrl": "http://x.example/Person",
        },
    ]
    schema = {"aboutUrl": "http://x.example/p/{id}", "columns": columns}
    write(
        tmp_path,
        "people.csv-metadata.json",
        json.dumps({"@context": "http://www.w3.org/ns/csvw", "url": "people.csv", "tableSchema": schema}),
    )
    assert reason_unread(path) is None
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    one, two = "<http://x.example/p/1>", "<http://x.example/p/2>"
    assert said(path) == [
        (one, "<http://x.example/name>", '"Ada"@en'),
        (one, "<http://x.example/born>", f'"1815"^^<{XSD}gYear>'),
        (one, "<http://x.example/tag>", '"a"'),
        (one, "<http://x.example/tag>", '"b"'),
        (one, kind, "<http://x.example/Person>"),
        (two, "<http://x.example/name>", '"Karl"@en'),
        (two, kind, "<http://x.example/Person>"),
    ]


def test_a_long_cell_is_read_and_the_csv_modules_limit_stays(tmp_path):
    """The limit is the whole process's: other readers of tables rely on it."""
    before = csv.field_size_limit()
    path = write(tmp_path, "long.csv", "id,text\n1," + "x" * 2 * before + "\n")
    column = {"propertyUrl": "http://x.example/text"}
    schema = {"aboutUrl": "http://x.example/{id}", "columns": [{"suppressOutput": True}, column]}
    write(tmp_path, "long.csv-metadata.json", json.dumps({"url": "long.csv", "tableSchema": schema}))
    ((_, _, text),) = said(path)
    assert len(text) == 2 * before + len('""')
    assert csv.field_size_limit() == before


def test_a_folder_is_read_and_what_isnt_is_named(tmp_path):
    write(tmp_path, "b/two.nt", TEXTS["a.nt"])
    write(tmp_path, "one.ttl", TURTLE)
    write(tmp_path, "table.csv", "a\n1\n")
    write(tmp_path, "paper.pdf", "x")
    write(tmp_path, "noending", "x")
    write(tmp_path, ".hidden/three.ttl", TURTLE)
    found = look([tmp_path])
    assert [one.name for one in found.documents] == ["b/two.nt", "one.ttl"]
    assert {path.name: reason for path, reason in found.unread} == {
        "table.csv": "a table without metadata beside it (table.csv-metadata.json)",
        "paper.pdf": ".pdf is no syntax of RDF that is read here",
        "noending": "its name has no ending that tells a syntax",
    }


def test_a_folder_with_too_many_files_isnt_walked_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr("kg.opening.inputs.MOST_FILES", 20)
    for number in range(30):
        write(tmp_path, f"{number}.ttl", "")
    with pytest.raises(UsageError, match="more than 20 files"):
        look([tmp_path])
    assert reading_names.MOST_FILES >= 10_000


def test_two_files_of_one_name_are_two(tmp_path):
    one, two = write(tmp_path, "one/a.ttl", TURTLE), write(tmp_path, "two/a.ttl", TURTLE)
    assert [d.name for d in look([one, two]).documents] == ["a.ttl", "2/a.ttl"]


def test_two_files_that_say_one_label_have_two_blank_nodes(tmp_path):
    for name in ("one.ttl", "two.ttl"):
        write(tmp_path, name, "_:same <http://x.example/b> 1 .")
    found = opened(tmp_path, tmp_path / "one.ttl", tmp_path / "two.ttl").release
    assert {row[0] for row in rows(found, "SELECT ?s { ?s ?p ?o }")} == {
        "<https://opened.invalid/.well-known/genid/one/same>",
        "<https://opened.invalid/.well-known/genid/two/same>",
    }


@pytest.mark.parametrize(
    ("value", "datatype", "right"),
    [
        ("2024-02-29", "date", True),
        ("2023-02-29", "date", False),
        ("2024-05", "date", False),
        ("2024-05-20T10:00:00Z", "dateTime", True),
        ("2024-05-20 10:00", "dateTime", False),
        ("24:00:00", "time", True),
        ("12", "integer", True),
        ("1.0", "integer", False),
        ("300", "byte", False),
        ("-1", "nonNegativeInteger", False),
        ("1e3", "decimal", False),
        ("1e3", "double", True),
        ("yes", "boolean", False),
        ("P1Y2M", "duration", True),
        ("1 year", "duration", False),
        ("--05", "gMonth", True),
        ("anything", "unheard-of", True),
    ],
)
def test_values_are_held_against_their_datatype(value, datatype, right):
    assert is_well_typed(value, XSD + datatype) is right


def test_geometry_is_held_against_its_form():
    assert is_well_typed("<http://x.example/crs> POINT(1 2)", GEO + "wktLiteral")
    assert not is_well_typed("1,2", GEO + "wktLiteral")
