"""A release as an RO-Crate, read by pkg:pypi/rocrate; the program's own citation and description."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kg.errors import ReleaseError
from kg.export.descriptions.crate import NAME, check_crate, crate, write_crate
from kg.release import Release, open_release
from tests.commands import kg as run_kg
from tests.servers import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture
def own(small_release: Release, tmp_path: Path) -> Release:
    out = tmp_path / small_release.version
    shutil.copytree(small_release.path, out, ignore=shutil.ignore_patterns("store", "search", "exports"))
    return open_release(out)


def test_the_crate_is_read_by_another_library(own: Release) -> None:
    from rocrate.rocrate import ROCrate  # here, as no other worker needs it

    write_crate(own, "0.1.0")
    found = ROCrate(own.path)
    root = found.root_dataset
    assert root["name"] == "The old orchards"
    assert root["version"] == own.version
    names = {one.id for one in found.data_entities}
    assert names == {"manifest.json", *own.manifest["files"]}
    data = found.dereference("dataset.nq")
    assert data["sha256"] == own.digest
    assert data["encodingFormat"] == "application/n-quads"
    assert int(data["contentSize"]) == own.file("dataset.nq").stat().st_size
    assert found.metadata["conformsTo"] == "https://w3id.org/ro/crate/1.2"


def test_the_document_has_what_the_specification_asks_for(own: Release) -> None:
    found: dict[str, Any] = crate(own, "0.1.0")
    assert found["@context"] == "https://w3id.org/ro/crate/1.2/context"
    by_id = {one["@id"]: one for one in found["@graph"]}
    assert len(by_id) == len(found["@graph"])
    assert by_id[NAME]["about"] == {"@id": "./"}
    root = by_id["./"]
    assert {"name", "description", "datePublished", "license"} <= set(root)
    assert re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", root["datePublished"])
    # Each entity that is led to is described, and each one is led to: none hangs loose.
    led = set(re.findall(r'\{"@id": "([^"]*)"\}', json.dumps(list(found["@graph"]))))
    assert {one for one in led if not one.startswith("http")} <= set(by_id)
    assert all(one["@type"] for one in by_id.values())
    files = [one for one in by_id.values() if one["@type"] == "File"]
    assert all(one["description"] for one in files)
    asked = by_id["questions/harvest.rq"]["description"]
    assert asked == "How much was harvested, and who says so?"
    assert by_id["#program"]["url"].startswith("https://")


def test_it_writes_the_same_bytes_and_leaves_the_release_whole(own: Release) -> None:
    first = write_crate(own, "0.1.0").read_bytes()
    assert write_crate(own, "0.1.0").read_bytes() == first
    open_release(own.path).verify()


def test_a_crate_whose_file_was_changed_is_refused(own: Release) -> None:
    write_crate(own, "0.1.0")
    assert check_crate(own.path) == len(own.manifest["files"]) + 1
    path = own.file("dataset.ttl")
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(ReleaseError, match=r"dataset\.ttl was changed"):
        check_crate(own.path)
    with pytest.raises(ReleaseError):
        write_crate(own, "0.1.0")
    path.unlink()
    with pytest.raises(ReleaseError, match=r"dataset\.ttl is missing"):
        check_crate(own.path)


def test_a_crate_that_leads_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("x")
    (tmp_path / "crate").mkdir()
    graph = {"@graph": [{"@id": "../outside", "@type": "File"}]}
    (tmp_path / "crate" / NAME).write_text(json.dumps(graph))
    with pytest.raises(ReleaseError, match="is missing"):
        check_crate(tmp_path / "crate")
    (tmp_path / "crate" / NAME).write_text("[]")
    with pytest.raises(ReleaseError, match="is no crate"):
        check_crate(tmp_path / "crate")


def test_the_command_writes_and_checks(own: Release) -> None:
    wrote = run_kg("crate", "--release", own.path)
    assert wrote.returncode == 0, wrote.stderr
    assert wrote.stdout.strip().endswith(NAME)
    checked = run_kg("crate", "--check", own.path)
    assert checked.stdout.split("\t")[1] == "ok"


def test_the_programs_citation_and_description_say_what_the_project_says() -> None:
    said = dict(
        re.findall(r'^([a-z-]+): "?([^"\n]*?)"?$', (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    )
    assert said["cff-version"] == "1.2.0"
    assert said["version"] == PROJECT["version"]
    assert said["license"] in PROJECT["license"]
    meta = json.loads((ROOT / "codemeta.json").read_text(encoding="utf-8"))
    assert meta["version"] == PROJECT["version"]
    assert meta["name"] == PROJECT["name"]
    assert meta["description"] == PROJECT["description"]
    assert meta["keywords"] == PROJECT["keywords"]
    needed = {re.split(r"[^A-Za-z0-9-]", one)[0].lower() for one in PROJECT["dependencies"]}
    assert {one.removeprefix("pkg:pypi/") for one in meta["softwareRequirements"]} <= needed
