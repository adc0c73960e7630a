"""Releases that tests share: each is built once per session, also when several pytest workers run."""

from __future__ import annotations

import fcntl
import gc
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

import kg
from kg import complete, resources
from kg.engine.local import LocalEngine
from kg.errors import DataError, Fault, ReleaseError
from kg.make import build, check
from kg.release import Release, active_release
from kg.settings import Settings
from tests.servers import Served, kg_serve
from tests.together import together

# Each of the many servers would make pages beforehand, beside the tests; tests/test_premade.py has it on.
os.environ.setdefault("KG_PREMADE", "0")

# While tests are collected nearly all that comes into being stays: to look for what could go takes two fifths
# of the time.
gc.disable()


def pytest_collection_finish() -> None:
    """Look again for what could go: not through all that was collected, and as seldom as servers do."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


_OPENED = 200
"""So many more files may be open until garbage is looked for: some that tests opened wait for that."""
_open = 0


def pytest_runtest_teardown() -> None:
    """Have files closed that nobody has any more: a system lets a process open some thousand."""
    global _open  # noqa: PLW0603 (of this process)
    now = _open_files()
    if now > _open + _OPENED:
        gc.collect()
        _open = _open_files()
    _open = min(_open, now) or now


def _open_files() -> int:
    files = Path("/proc/self/fd")
    return sum(1 for _ in files.iterdir()) if files.is_dir() else 0


# How long an example takes says how busy the machine is: tests aren't timed, benchmarks are.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

ORCHARD = Path(__file__).parent / "graphs" / "orchard"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def shared_folder(folder: pytest.TempPathFactory, worker: str, name: str) -> Path:
    """Return a folder that all pytest workers of this session share."""
    own = folder.getbasetemp()
    shared = (own if worker == "master" else own.parent) / name
    shared.mkdir(exist_ok=True)
    return shared


def _fingerprint(*folders: Path) -> str:
    """All that a build depends on: the program, what it reads, the engine that makes its store."""
    found = hashlib.sha256(version("pyoxigraph").encode())
    for folder in (Path(kg.__file__).parent, *folders):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(f"{path.relative_to(folder)}\0".encode())
                found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:20]


def _kept(cache: pytest.Cache, name: str, ontology: Path, data: Path) -> Path:
    """Return a folder with the release, built anew only when the program or its data have changed.

    `make clean` removes it with pytest's other caches.
    """
    folder = cache.mkdir(name)
    key = _fingerprint(ontology, data)
    with _locked(folder / ".lock"):
        kept = folder / key
        if not kept.is_dir():
            for old in (path for path in folder.iterdir() if path.is_dir()):
                shutil.rmtree(old)
            half = folder / f"{key}.half"
            release = build(ontology, data, half)
            complete.prepare(release)  # as `kg build` does
            half.rename(kept)
    return kept


def _copied_once(kept: Path, out: Path) -> Release:
    """Return a copy for this session: tests fill its caches and may change it."""
    with _locked(out / ".session.lock"):
        try:
            return active_release(out)
        except ReleaseError:
            shutil.copytree(kept, out, dirs_exist_ok=True, symlinks=True)
            return active_release(out)


@dataclass(frozen=True)
class Project:
    """A folder of one's own with an ontology and data, to change and build."""

    root: Path

    @property
    def ontology(self) -> Path:
        return self.root / "ontology"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def out(self) -> Path:
        return self.root / "releases"

    def write(self, name: str, text: str) -> Path:
        """Write a file below the root."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def change(self, name: str, old: str, new: str) -> Path:
        """Replace a text that stands in a file."""
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        return self.write(name, text.replace(old, new))

    def build(self, *, final: bool = False) -> Release:
        return build(self.ontology, self.data, self.out, final=final)

    def faults(self) -> tuple[Fault, ...]:
        """Check, and return the faults; there must be some."""
        with pytest.raises(DataError) as raised:
            check(self.ontology, self.data)
        return raised.value.faults


@pytest.fixture
def orchard(tmp_path: Path) -> Project:
    """A copy of the little graph of orchards."""
    shutil.copytree(ORCHARD, tmp_path / "orchard")
    return Project(tmp_path / "orchard")


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of this pytest worker, ``master`` when there is only one."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "master"))


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory, worker: str, pytestconfig: pytest.Config) -> Release:
    """A release of the default ontology and data, with its store."""
    out = shared_folder(tmp_path_factory, worker, "default-releases")
    read = resources.ontology_dir(), resources.data_dir()
    return _copied_once(_kept(pytestconfig.cache, "default-release", *read), out)


@pytest.fixture(scope="session")
def small_release(
    tmp_path_factory: pytest.TempPathFactory, worker: str, pytestconfig: pytest.Config
) -> Release:
    """A release of the little graph of orchards, unrelated to the default one, with its store."""
    out = shared_folder(tmp_path_factory, worker, "orchard-releases")
    read = ORCHARD / "ontology", ORCHARD / "data"
    return _copied_once(_kept(pytestconfig.cache, "orchard-release", *read), out)


@pytest.fixture(scope="session")
def default_site(release: Release) -> FlaskClient:
    """The default release's pages, for tests that only read them: what one has made is kept for the next."""
    from kg_web import create_app

    return create_app(LocalEngine.open(release.store), Settings(), release).test_client(use_cookies=False)


@pytest.fixture(scope="session")
def every_kind(
    default_site: FlaskClient, release: Release, tmp_path_factory: pytest.TempPathFactory, worker: str
) -> Callable[[str], dict[str, str]]:
    """Give every kind of page of the default release, by name, as a reader of a language gets it.

    Several tests read them all: each page is made once, by the worker that comes to it first.
    """
    from tests.browser.screenshots import pages

    addresses = pages(release)

    def made(language: str) -> dict[str, str]:
        def page(name: str) -> str:
            headers = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": language}
            reply = default_site.get(addresses[name], headers=headers)
            assert reply.status_code == (404 if name == "error" else 200), name
            return reply.text

        return together(shared_folder(tmp_path_factory, worker, f"pages-{language}"), addresses, page)

    return made


@pytest.fixture(scope="session")
def orchard_served(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of the little graph, in one process, for tests that only ask it, whatever they ask.

    What stops it, changes its settings or counts what it did starts its own.
    """
    with kg_serve(small_release, tmp_path_factory.mktemp("orchard"), {"KG_WORKERS": "1"}) as found:
        yield found
