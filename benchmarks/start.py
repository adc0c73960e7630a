"""How long ``kg serve`` takes until it answers, and until its first page is there; and what memory it holds.

    python -m benchmarks.start [RELEASE] [--rounds 5]

Asked: ready within two seconds on two cores that do nothing else.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from kg.release import active_release, open_release
from kg.settings import Settings
from tests.servers import fetch, kg_serve, memory

ASKED = 2.0
"""Seconds."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("release", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    release = open_release(given.release) if given.release else active_release(Settings.load().releases)
    ready, page, held = [], [], []
    for _ in range(given.rounds):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            with kg_serve(release, Path(folder), whole=False) as served:
                ready.append(time.perf_counter() - began)
                asked = time.perf_counter()
                assert fetch(served.url + "/", headers={"Accept": "text/html"}).status == 200
                page.append((time.perf_counter() - asked) * 1000)
                held.append(sum(memory(pid, "Pss:") for pid in served.everyone()) / 1024)
    print(f"ready after {statistics.median(ready):.2f} s (asked {ASKED:g}), at worst {max(ready):.2f} s")
    print(f"the first page {statistics.median(page):.0f} ms, at worst {max(page):.0f} ms")
    print(f"{statistics.median(held):.0f} MB, what processes share counted once")


if __name__ == "__main__":
    main()
