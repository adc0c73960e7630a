"""See to a Chromium for the browser tests, and say where it is.

One on the PATH is taken as it is; else Debian's package is installed when we are root; else Playwright's own.
"""

import os
import shutil
import subprocess
import sys

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
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=" + ",".join(OFF),
]


def find() -> str | None:
    """Return the path of a Chromium on the PATH, or None when only Playwright's own can serve."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Install one. Raises CalledProcessError when neither way works."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], check=True, env=environ)
        packages = ["chromium", "fonts-noto-cjk"]
        subprocess.run(
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages], check=True, env=environ
        )
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def main() -> int:
    if find():
        return 0
    try:
        install()
    except subprocess.CalledProcessError as error:
        print(f"No Chromium, and installing one failed ({error}).", file=sys.stderr)
        print("Install it by hand, for example: apt-get install chromium fonts-noto-cjk", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
