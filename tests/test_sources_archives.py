"""Packages: pinned, fetched by their client, read in place."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from kg.errors import SourceError
from kg.sources import archives
from kg.sources.archives import Package, obtain, open_member

PURL = "pkg:npm/thing@1.0.0"


def tgz(path: Path, **members: bytes) -> Path:
    with tarfile.open(path, "w:gz") as bundle:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            bundle.addfile(info, io.BytesIO(content))
    return path


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class FakeClient:
    """Stands for npm or pip: puts a file into the folder it is run in."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, file: Path | None, code: int = 0) -> None:
        self.runs: list[list[str]] = []
        self.file = file
        self.code = code
        monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
        monkeypatch.setattr(subprocess, "run", self.run)

    def run(self, command: list[str], *, cwd: Path, **_: Any) -> subprocess.CompletedProcess[str]:
        self.runs.append(command)
        if self.file:
            shutil.copy(self.file, cwd)
        return subprocess.CompletedProcess(command, self.code, "", "E404 no such package")


def test_an_archive_is_fetched_once_and_checked_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tgz(tmp_path / "thing-1.0.0.tgz", **{"package/a.csv": b"x\n"})
    client = FakeClient(monkeypatch, file)
    package, cache = Package(PURL, sha(file)), tmp_path / "cache"
    kept = obtain(package, cache)
    assert kept.read_bytes() == file.read_bytes()
    assert obtain(package, cache) == kept
    assert len(client.runs) == 1
    assert client.runs[0][-2:] == ["--", "thing@1.0.0"]
    kept.write_bytes(b"damaged")
    assert sha(obtain(package, cache)) == package.sha256
    assert len(client.runs) == 2
    assert [p.name for p in cache.iterdir()] == [kept.name]


def test_another_checksum_is_refused_and_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FakeClient(monkeypatch, tgz(tmp_path / "thing-1.0.0.tgz"))
    cache = tmp_path / "cache"
    with pytest.raises(SourceError, match=rf"{PURL}: the archive's sha256 is [0-9a-f]+, the mapping pins 0+"):
        obtain(Package(PURL, "0" * 64), cache)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    ("purl", "message"),
    [
        (PURL, "fetched by npm, which is not on the PATH"),
        ("pkg:pypi/thing@1.0.0", "fetched by pip, which this Python has not"),
        ("pkg:cargo/thing@1.0.0", "no client for 'cargo' is known"),
    ],
)
def test_an_absent_client_is_named_with_what_would_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, purl: str, message: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SourceError, match=message) as caught:
        obtain(Package(purl, "0" * 64), tmp_path)
    assert caught.value.hint is not None
    if "cargo" not in purl:
        assert "install" in caught.value.hint
        assert str(tmp_path / f"sha256-{'0' * 64}") in caught.value.hint


def test_a_client_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FakeClient(monkeypatch, None, code=1)
    with pytest.raises(SourceError, match="E404 no such package"):
        obtain(Package(PURL, "0" * 64), tmp_path)


def test_a_client_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "npm").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(archives, "_CLIENT_SECONDS", 0.2)
    with pytest.raises(SourceError, match="didn't end within"):
        obtain(Package(PURL, "0" * 64), tmp_path / "cache")


@pytest.mark.parametrize(
    "purl",
    ["thing@1.0", "pkg:npm/thing", "pkg:npm/-x@1", "pkg:npm/../x@1", "pkg:npm/a b@1", "pkg:npm/x@--global"],
)
def test_a_purl_that_a_client_could_misread_is_refused(purl: str) -> None:
    with pytest.raises(SourceError, match="not a package URL"):
        Package(purl, "0" * 64)


def test_a_purl_is_read() -> None:
    package = Package("pkg:npm/%40scope/thing@1.0.0-rc.1", "0" * 64)
    assert (package.kind, package.name, package.version) == ("npm", "@scope/thing", "1.0.0-rc.1")
    with pytest.raises(SourceError, match="sha256"):
        Package(PURL, "ABC")


def test_members_are_read_from_both_kinds(tmp_path: Path) -> None:
    tar = tgz(tmp_path / "a", **{"p/x.csv": b"one"})
    wheel = tmp_path / "b"
    with zipfile.ZipFile(wheel, "w") as bundle:
        bundle.writestr("p/x.csv", b"two")
    for archive, content in ((tar, b"one"), (wheel, b"two")):
        with open_member(archive, "p/x.csv") as stream:
            assert stream.read() == content
        with pytest.raises(SourceError, match=r"it holds no p/y\.csv"), open_member(archive, "p/y.csv"):
            pass


@pytest.mark.parametrize("member", ["../x", "/etc/passwd", "a/../../x", "a\\..\\x"])
def test_a_member_cannot_leave_the_archive(tmp_path: Path, member: str) -> None:
    archive = tgz(tmp_path / "a", **{member: b"x"})
    with pytest.raises(SourceError, match="can't be the name"), open_member(archive, member):
        pass


def test_links_and_folders_in_an_archive_are_not_followed(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a", "w:gz") as bundle:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("folder", tarfile.DIRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            bundle.addfile(info)
    for name in ("link", "hard", "folder"):
        with pytest.raises(SourceError, match="not a regular file"), open_member(tmp_path / "a", name):
            pass


def test_a_member_that_would_fill_the_disk_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBER", 1000)
    archive = tgz(tmp_path / "a", big=b"0" * 1001)
    with pytest.raises(SourceError, match="more than 1000"), open_member(archive, "big"):
        pass


@pytest.mark.parametrize("cut", [0, 3, 40, 200])
def test_a_damaged_archive_is_said_to_be_one(tmp_path: Path, cut: int) -> None:
    whole = tgz(tmp_path / "a", x=bytes(range(256)) * 400)
    (tmp_path / "b").write_bytes(whole.read_bytes()[:cut])
    with pytest.raises(SourceError, match="not a sound archive"), open_member(tmp_path / "b", "x") as stream:
        stream.read()
