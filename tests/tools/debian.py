"""See to the programs that tests in this folder run: Debian's packages, installed when we are root.

What is missing and can't be installed fails with the command that installs it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {
    "libowlapi-java": Path("/usr/share/java/owlapi-distribution.jar"),
    "openjdk-17-jdk-headless": Path("/usr/bin/javac"),
    "openrefine": Path("/usr/bin/openrefine"),
    "libreoffice-calc-nogui": Path("/usr/lib/libreoffice/program/soffice.bin"),
    "podman": Path("/usr/bin/podman"),
    "runc": Path("/usr/sbin/runc"),
    "mmdebstrap": Path("/usr/bin/mmdebstrap"),
}
"""Packages, each with a file that shows that it is there."""


def missing() -> list[str]:
    """Return the packages that aren't there."""
    return [name for name, file in PACKAGES.items() if not file.exists()]


def main() -> int:
    wanted = missing()
    command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *wanted]
    if wanted and shutil.which("apt-get") and os.geteuid() == 0:
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], check=False, env=environ)
        subprocess.run(command, check=False, env=environ)
    if wanted := missing():
        print(f"Not there: {', '.join(wanted)}. Install them: {' '.join(command)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
