"""Try the built wheel as a user gets it: in a fresh virtual environment, away from the checkout.

Builds the wheel, installs it with the locked dependencies alone, serves a release and crawls it: no page may
offer what this installation can't do. Then installs what tests need, with it the optional packages, crawls
again, compares what is installed with the checkout, and runs the tests that need none (the quick ones; all of
them, and a build of the default data, with --whole).
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = next(filter(Path.is_dir, (ROOT.parent / "shared", ROOT.parents[1] / "shared")), ROOT / "none")
NEEDS_CHECKOUT = (
    "test_structure.py",
    "test_newcomer.py",
    "test_docs.py",
    "test_docs_blocks.py",
    "test_examples_of_changes.py",
    "test_life.py",
    "test_packages.py",
    "wheel.py",
    "lock.py",
)
QUICK = ("test_terms.py", "test_wheel.py", "test_engine_contract.py")


def run(*command: str | Path, cwd: Path) -> None:
    """Run a command with an environment that doesn't lead back to the checkout. Raises CalledProcessError."""
    environ = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    subprocess.run([str(word) for word in command], cwd=cwd, env=environ, check=True)


def listed() -> list[str]:
    """Return the files of the checkout, without those that git ignores."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in told.split("\0") if (ROOT / name).is_file()]  # and wasn't removed


def copy_tree(to: Path) -> None:
    """Copy the checkout without what git ignores: scripts are built anew, and other tests use those here."""
    for name in listed():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, to / name)


def install(folder: Path) -> Path:
    """Build the wheel and install it, and nothing optional, into a new environment; return its bin folder."""
    wheels, tree = folder / "wheels", folder / "tree"
    copy_tree(tree)
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", wheels, cwd=tree)
    shutil.rmtree(tree)
    venv.create(folder / "venv", with_pip=True)
    scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    pip = (scripts / "python", "-m", "pip", "install", "--quiet")
    run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock", cwd=folder)
    run(*pip, "--no-deps", *wheels.glob("*.whl"), cwd=folder)
    return scripts


def crawl(scripts: Path, folder: Path, *, optional: bool) -> None:
    """Serve a release of which nothing was asked yet, and crawl it. Raises CalledProcessError."""
    present = f"import importlib.util as u, sys; sys.exit((u.find_spec('pyarrow') is not None) != {optional})"
    run(scripts / "python", "-c", present, cwd=folder)
    out, project = folder / f"crawled-{optional}", ROOT / "tests" / "graphs" / "orchard"
    words = ("--ontology", project / "ontology", "--data", project / "data", "--out", out, "--final")
    run(scripts / "kg", "build", *words, cwd=folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    server = subprocess.Popen(
        [str(scripts / "kg"), "serve", "--port", str(port)],
        cwd=folder,
        env={**environ, "KG_RELEASES": str(out), "KG_ACCESS_LOG": "no"},
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(url)
        run(scripts / "python", ROOT / "tests" / "crawl.py", url, "3", cwd=folder)
    finally:
        server.terminate()
        server.wait(30)


def compare(scripts: Path, folder: Path) -> None:
    """See that what is installed is this checkout to the byte: program, ontology and data.

    A release depends on nothing else, and the tests beside build that of the default data, which takes most
    of a minute; what is installed builds the little one. Raises AssertionError.
    """
    code = (
        "import kg, kg_web; from kg import resources as r; from pathlib import Path as P\n"
        "print(P(kg.__file__).parent, P(kg_web.__file__).parent, r.ontology_dir(), r.data_dir(), sep='\\n')"
    )
    told = subprocess.run(
        [scripts / "python", "-P", "-c", code], cwd=folder, check=True, capture_output=True, text=True
    )
    every = listed()
    for there, name in zip(
        map(Path, told.stdout.splitlines()), ("kg", "web/kg_web", "ontology", "data"), strict=True
    ):
        assert there.is_relative_to(folder.resolve()), there
        here = {one.removeprefix(f"{name}/") for one in every if one.startswith(f"{name}/")}
        assert len(here) > 20, name
        made = {"__pycache__", "_resources", "built"}  # compiled, compared by themselves, made by scripts
        installed = {
            str(path.relative_to(there))
            for path in there.rglob("*")
            if path.is_file() and not made & {*path.relative_to(there).parts}
        }
        assert installed == here, f"{name}: {sorted(installed ^ here)[:5]}"
        changed = [one for one in here if (there / one).read_bytes() != (ROOT / name / one).read_bytes()]
        assert changed == [], f"{name}: {changed[:5]}"


def wait_until_ready(url: str) -> None:
    """Wait until a server answers. Raises TimeoutError."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"{url} did not become ready")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--whole", action="store_true", help="run every test that needs no checkout")
    whole = parser.parse_args().whole
    with tempfile.TemporaryDirectory(prefix="kg-wheel-") as name:
        folder = Path(name)
        scripts = install(folder)
        crawl(scripts, folder, optional=False)
        # What is tested came by pip, as a user's does; what tests need comes by uv, in a tenth of the time.
        # Python compiles what they import of it: all of it would take longer than the tests here.
        uv = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", scripts / "python")
        run(*uv, "--require-hashes", "-r", ROOT / "requirements-dev.lock", cwd=folder)
        crawl(scripts, folder, optional=True)
        away = folder / "away"
        shutil.copytree(
            ROOT / "tests", away / "tests", ignore=shutil.ignore_patterns(*NEEDS_CHECKOUT, "__pycache__")
        )
        # What the documents say is held against the installed program.
        shutil.copytree(ROOT / "docs", away / "docs")
        if SHARED.is_dir():  # the files of others lie beside a checkout
            (folder / "shared").symlink_to(SHARED, target_is_directory=True)
        names = "".join(f"    {name}: {name}\n" for name in ("long", "alone", "browser", "tool"))
        (away / "pytest.ini").write_text(f"[pytest]\naddopts = -q --strict-markers -ra\nmarkers =\n{names}")
        compare(scripts, folder)
        if whole:
            run(scripts / "kg", "build", "--out", away / "releases", cwd=away)
        chosen = (
            ["-n", "2", "tests"]
            if whole
            else [f"tests/{test}" for test in QUICK if (ROOT / "tests" / test).exists()]
        )
        marked = "not long and not browser and not tool"
        run(scripts / "python", "-m", "pytest", "-m", marked, *chosen, cwd=away)
    return 0


if __name__ == "__main__":
    sys.exit(main())
