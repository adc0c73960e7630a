"""R for tests: Debian's, installed where it isn't there and we may."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path


@cache
def rscript() -> str:
    """Return R's command for scripts; the first of several workers that ask for it installs it."""
    with (Path(tempfile.gettempdir()) / "kg-tests-r.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if shutil.which("Rscript") is None:
            assert os.geteuid() == 0, "install R: apt-get install r-base-core"
            subprocess.run(["apt-get", "install", "-y", "r-base-core"], check=True, capture_output=True)
    found = shutil.which("Rscript")
    assert found is not None
    return found
