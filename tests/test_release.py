"""Opening, listing, verifying and activating releases."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kg.errors import ReleaseError
from kg.machine.locks import locked
from kg.release import activate, active_release, list_releases, open_release
from tests.conftest import Project


def test_what_a_release_says_of_itself(orchard: Project):
    release = open_release(orchard.build().path)
    assert release.base == release.dataset == "https://example.org/orchard/"
    assert release.languages == ("en", "zh-hans")
    assert release.titles == {"en": "The old orchards", "zh-hans": "老果园"}
    assert release.prefixes["o"] == "https://example.org/orchard/ontology/"
    assert release.prefixes["skos"] == "http://www.w3.org/2004/02/skos/core#"
    assert len(release.digest) == 64
    assert release.counts["graphs"] == 15
    release.verify()


def test_a_folder_that_is_none(tmp_path: Path):
    with pytest.raises(ReleaseError, match=r"has no manifest\.json") as raised:
        open_release(tmp_path)
    assert "kg build" in (raised.value.hint or "")


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "{}", '{"format": "one"}', '{"format": 1}'])
def test_a_manifest_that_is_none(tmp_path: Path, text: str):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ReleaseError, match=r"manifest\.json"):
        open_release(tmp_path)


def test_a_half_written_release_names_what_it_lacks(orchard: Project):
    release = orchard.build()
    release.file("dataset.ttl").unlink()
    with pytest.raises(ReleaseError, match=r"lacks dataset\.ttl"):
        open_release(release.path)


def test_an_altered_file_is_found(orchard: Project):
    release = orchard.build()
    with release.file("dataset.nq").open("a") as stream:
        stream.write("\n")
    with pytest.raises(ReleaseError, match=r"dataset\.nq differs from its checksum"):
        release.verify()
    release.file("dataset.nq").unlink()
    with pytest.raises(ReleaseError, match=r"dataset\.nq is missing"):
        release.verify()


def test_a_newer_format_is_refused(orchard: Project):
    release = orchard.build()
    path = release.path / "manifest.json"
    path.write_text(json.dumps({**release.manifest, "format": 99}))
    with pytest.raises(ReleaseError, match="newer version of this program"):
        open_release(release.path)


def test_a_file_that_it_has_not(orchard: Project):
    with pytest.raises(ReleaseError, match=r"has no file '\.\./secret'"):
        orchard.build().file("../secret")


def test_listing_passes_over_what_is_not_whole(orchard: Project):
    release = orchard.build()
    (orchard.out / "broken").mkdir()
    (orchard.out / ".building-x").mkdir()
    assert [r.path for r in list_releases(orchard.out)] == [release.path]
    assert list(list_releases(orchard.root / "nowhere")) == []


def test_activating(orchard: Project):
    with pytest.raises(ReleaseError, match="no release is active"):
        active_release(orchard.out)
    first = orchard.build()
    orchard.change("data/almanac-1931/p04.trig", "Long Ridge Orchard", "Longridge Orchard")
    second = orchard.build()
    assert active_release(orchard.out).version == second.version
    activate(orchard.out, first.version)
    assert active_release(orchard.out).version == first.version
    with pytest.raises(ReleaseError):
        activate(orchard.out, "9.9.9")
    assert active_release(orchard.out).version == first.version


def test_a_lock_keeps_others_out_and_leaves_no_file(tmp_path: Path):
    with locked(tmp_path):
        child = os.fork()
        if child == 0:
            import fcntl

            descriptor = os.open(tmp_path, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os._exit(7)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert list(tmp_path.iterdir()) == []
