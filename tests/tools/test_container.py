"""The image is built as `deploy/Containerfile` says, and run read-only and without rights, by podman itself.

No registry of images is asked: what the Containerfile begins with is made of Debian's packages here, with
Debian's Python where the published image has a newer one.
"""

from __future__ import annotations

import os
import resource
import shlex
import ssl
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.test_deploy import DEPLOY, ROOT, steps

CONFIG = Path("/root", ".npmrc")
"""Where npm reads its settings in the image that is built."""

pytestmark = pytest.mark.tool
PACKAGES = "python3,python3-venv,python-is-python3,passwd,ca-certificates"


def run(words: Sequence[str | Path], environ: Mapping[str, str], minutes: int = 10) -> str:
    done = subprocess.run(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=minutes * 60,
        env=environ,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


class Podman:
    """Podman with a store of its own, which asks for no more files and processes than we have."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "run").mkdir()
        self.environ = {**os.environ, "XDG_RUNTIME_DIR": str(folder / "run")}
        self.words = ["podman", "--storage-driver=vfs", f"--root={folder / 'store'}"]
        self.words += [f"--runroot={folder / 'state'}", "--runtime=runc", "--cgroup-manager=cgroupfs"]
        self.words += ["--events-backend=file"]
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        self.limits = [f"--ulimit=nofile={min(1024, files)}:{files}", "--ulimit=nproc=1000:1000"]

    def __call__(self, *words: str | Path, minutes: int = 10) -> str:
        return run([*self.words, *words], self.environ, minutes)

    def reached(self) -> list[str]:
        """What pip and npm must know to reach their registries from inside, as they know it here."""
        bundle = Path(os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile or "")
        known = [Path("/etc/pip.conf"), Path.home() / ".config/pip/pip.conf", bundle]
        mounts = [f"{one}:{one}:ro" for one in known if one.is_file()]
        # Variables that a build is given reach its last stage alone, and npm runs in the first.
        npm = self.folder / "npmrc"
        npm.write_text(f"cafile={bundle}\n" if bundle.is_file() else "", encoding="utf-8")
        return [f"--volume={one}" for one in (*mounts, f"{npm}:{CONFIG}:ro")]


@pytest.fixture(scope="module")
def podman(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podman]:
    made = Podman(tmp_path_factory.mktemp("podman"))
    yield made
    made("rmi", "--all", "--force")


@pytest.fixture(scope="module")
def image(podman: Podman) -> str:
    base = next(rest.split()[0] for word, rest in steps() if word == "FROM")
    tar = podman.folder / "base.tar"
    bootstrap = ["mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(tar)]
    sources = Path("/etc/apt/sources.list.d/debian.sources")
    run([*bootstrap, *([str(sources)] if sources.exists() else [])], podman.environ)
    podman("import", tar, base)
    tar.unlink()
    build = ["build", "--format=docker", "--isolation=chroot", "--layers=false", "--network=host"]
    podman(*build, *podman.limits, *podman.reached(), "-f", DEPLOY / "Containerfile", "-t", "linli", ROOT)
    return "localhost/linli"


def test_the_image_runs_read_only_without_rights_and_is_healthy(podman: Podman, image: str) -> None:
    environ = {**podman.environ, "PODMAN": shlex.join(podman.words), "RUN": shlex.join(podman.limits)}
    said = run([DEPLOY / "try-image.sh", image], environ, 3)
    assert "/sparql answers" in said
    assert said.rstrip().endswith("told to end, it ends with 0")
