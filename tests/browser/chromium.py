"""See to a Chromium for the browser tests, and say where it is.

The headless shell is taken first: the same engine without windows and toolbars, which nobody sees here and
which take a third of the processor's work. Where Debian has it, it is installed when we are root. Else a
whole Chromium on the PATH is taken as it is; else Playwright's own, which is such a shell too.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Of two such flags Chromium heeds the last alone, so what Playwright turns off stands here again, which
# tests/browser/test_chromium.py looks at. The rest are pages of the browser's own interface, which each new
# window makes though nobody sees it: a third of the processor's work for a page.
OFF = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
    "msEdgeUpdateLaunchServicesPreferredVersion",
    "msForceBrowserSignIn",
)
SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=" + ",".join(OFF),
]


def find() -> str | None:
    """Return the path of a Chromium on the PATH, a shell before a whole one.

    None when only Playwright's own can serve.
    """
    return next((path for name in SHELLS + WHOLE if (path := shutil.which(name))), None)


def is_shell(path: str) -> bool:
    """Say whether a path is that of a headless shell."""
    return Path(path).name in SHELLS


def has_debian() -> bool:
    """Say whether we may install Debian's packages."""
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def install() -> None:
    """Install one. Raises CalledProcessError when neither way works."""
    if has_debian():
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], check=True, env=environ)
        packages = ["chromium-headless-shell", "fonts-noto-cjk"]
        subprocess.run(
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages], check=True, env=environ
        )
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def main() -> int:
    found = find()
    if found and (is_shell(found) or not has_debian()):
        return 0
    try:
        install()
    except subprocess.CalledProcessError as error:
        if found:  # a whole one does as well, only slower
            return 0
        print(f"No Chromium, and installing one failed ({error}).", file=sys.stderr)
        print(
            "Install it by hand, for example: apt-get install chromium-headless-shell fonts-noto-cjk",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
