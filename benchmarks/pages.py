"""How long the pages of random entities take at the server, and how large they are.

    python -m benchmarks.pages RELEASE [--count 1000] [--seed 1] [--language zh-Hans]

RELEASE is a release's folder with its store. Pages are asked of the WSGI application in this process: what a
browser waits for at the server, without the network.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from pathlib import Path
from urllib.parse import quote

from tqdm import tqdm

from kg.engine.local import LocalEngine
from kg.release import open_release
from kg.settings import Settings
from kg.store import ensure_store
from web import create_app


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("release", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--language", default="zh-Hans")
    given = parser.parse_args()
    release = open_release(given.release)
    engine = LocalEngine.open(ensure_store(release))
    subjects = sorted({row[0].value for row in engine.query("SELECT ?s WHERE { ?s a ?type }").rows if row[0]})
    subjects = [iri for iri in subjects if iri.startswith(release.base)]
    chosen = random.Random(given.seed).sample(subjects, min(given.count, len(subjects)))  # noqa: S311
    site = create_app(engine, Settings(), release).test_client(use_cookies=False)
    headers = {"Accept-Language": given.language}
    site.get("/", headers=headers)
    site.get("/page/" + quote(chosen[0].removeprefix(release.base)), headers=headers)
    times, work, sizes = [], [], []
    for iri in tqdm(chosen, disable=None):
        path = "/page/" + quote(iri.removeprefix(release.base))
        start, worked = time.perf_counter(), time.process_time()
        response = site.get(path, headers=headers)
        times.append(((time.perf_counter() - start) * 1000, iri))
        work.append((time.process_time() - worked) * 1000)
        sizes.append(len(response.data))
        assert response.status_code == 200, iri
    times.sort()
    print(f"{len(chosen)} of {len(subjects)} things")
    median, late = statistics.median(t for t, _ in times), times[int(len(times) * 0.95)][0]
    work.sort()
    print(f"median {median:.1f} ms, p95 {late:.1f} ms")
    # What the processor spent: the same on a machine that is busy with other things.
    print(f"processor: median {statistics.median(work):.1f} ms, p95 {work[int(len(work) * 0.95)]:.1f} ms")
    print(f"slowest {times[-1][0]:.0f} ms: {times[-1][1]}")
    print(f"size: median {statistics.median(sizes) / 1000:.0f} KB, largest {max(sizes) / 1000:.0f} KB")


if __name__ == "__main__":
    main()
