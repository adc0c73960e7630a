"""A file that didn't change isn't read again to be known; one that did is, whatever its size and time say."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from kg.opening import digests
from kg.opening.digests import NAME, Digests
from kg.opening.states import open_paths

NOBODY = b'<urn:a> <urn:b> "one" .\n'
OTHERS = b'<urn:a> <urn:b> "two" .\n'


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """The files whose bytes were read for a digest, and states that count as settled at once."""
    found: list[str] = []
    real = hashlib.file_digest

    def counted(stream, name):
        if Path(stream.name).suffix in {".nt"}:  # none of the release's own files
            found.append(Path(stream.name).name)
        return real(stream, name)

    monkeypatch.setattr(digests.hashlib, "file_digest", counted)
    monkeypatch.setattr(digests, "_SETTLED", -1)
    return found


def opened(path: Path, cache: Path) -> str:
    """Return the version that was made of a file."""
    return open_paths([path], cache=cache, served=False).release.version


def test_what_did_not_change_is_not_read_again(tmp_path, reads):
    path = tmp_path / "a.nt"
    path.write_bytes(NOBODY)
    first = opened(path, tmp_path / "cache")
    assert opened(path, tmp_path / "cache") == first
    assert reads == ["a.nt"]


def test_a_new_time_alone_makes_nothing_anew(tmp_path, reads):
    path = tmp_path / "a.nt"
    path.write_bytes(NOBODY)
    first = opened(path, tmp_path / "cache")
    os.utime(path, (1, 1))
    assert opened(path, tmp_path / "cache") == first
    assert reads == ["a.nt", "a.nt"]


def test_other_bytes_of_the_same_size_and_time_are_seen(tmp_path, reads):
    path = tmp_path / "a.nt"
    path.write_bytes(NOBODY)
    before = path.stat()
    first = opened(path, tmp_path / "cache")
    with path.open("r+b") as stream:
        stream.write(OTHERS)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert opened(path, tmp_path / "cache") != first
    assert reads == ["a.nt", "a.nt"]


def test_a_file_put_in_another_s_place_is_seen(tmp_path, reads):
    path, other = tmp_path / "a.nt", tmp_path / "b"
    path.write_bytes(NOBODY)
    other.write_bytes(OTHERS)
    state = path.stat()
    os.utime(other, ns=(state.st_atime_ns, state.st_mtime_ns))
    first = opened(path, tmp_path / "cache")
    other.replace(path)
    assert opened(path, tmp_path / "cache") != first


def test_what_changed_a_moment_ago_is_read_again(tmp_path, reads, monkeypatch):
    monkeypatch.setattr(digests, "_SETTLED", 3600 * 10**9)
    path = tmp_path / "a.nt"
    path.write_bytes(NOBODY)
    opened(path, tmp_path / "cache")
    opened(path, tmp_path / "cache")
    assert reads == ["a.nt", "a.nt"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"x": 1}', "spoilt", "short"])
def test_damaged_notes_are_passed_over(tmp_path, reads, text):
    path = tmp_path / "a.nt"
    path.write_bytes(NOBODY)
    kept = Digests()
    right = kept.of(path)
    kept.keep(tmp_path)
    note = tmp_path / NAME
    if text == "spoilt":
        note.write_text(note.read_text().replace(right.hex(), "no digest"))
    elif text == "short":
        note.write_text(note.read_text().replace(right.hex(), "00"))
    else:
        note.write_text(text)
    assert Digests.read(tmp_path).of(path) == right == hashlib.sha256(NOBODY).digest()
    assert len(reads) == 2


def test_notes_of_files_that_are_gone_go(tmp_path, reads):
    one, two = tmp_path / "a.nt", tmp_path / "b.nt"
    one.write_bytes(NOBODY)
    two.write_bytes(OTHERS)
    kept = Digests()
    kept.of(one)
    kept.of(two)
    kept.keep(tmp_path)
    later = Digests.read(tmp_path)
    later.of(two)
    later.keep(tmp_path)
    assert (tmp_path / NAME).read_text().count(":") == 1
