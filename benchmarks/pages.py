"""How long the pages that people read take, from the request to the last byte, and how large they are.

    python -m benchmarks.pages [RELEASE] [--things 300] [--random 0] [--language zh-Hans] [--rounds 2]

Reads through HTTP from a server that has just been started: the very first page, then the home page, of each
class that readers come for the richest thing, the richest of all things (a city stands first), the richest
sources, and the things that most statements point at, in an order of chance. Each is read at a first visit
and again, once from a server with pages made beforehand (``KG_PREMADE``) and once without. ``--random`` adds
as many things drawn by chance, which in a gazetteer are nearly all rows of it. Times of the processor are of
all the server's processes; on a busy machine they tell more than the clock's.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from kg.engine.local import LocalEngine
from kg.explore import Explorer
from kg.release import Release, active_release, open_release
from kg.release.store import ensure_store
from kg.settings import Settings
from kg_web.server.premake import premake
from tests.servers import Served, kg_serve, wait_until

THINGS = Settings().premade
ASKED = {"median": 15.0, "p95": 40.0, "first": 100.0, "slowest": 200.0}
"""Milliseconds that issue 14 asks for: of first visits, but for the first page after a start."""


@dataclass(frozen=True)
class Visit:
    """One page read: milliseconds by the clock and of the processor, and bytes."""

    path: str
    wall: float
    work: float
    size: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("release", type=Path, nargs="?")
    parser.add_argument("--things", type=int, default=300)
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--language", default="zh-Hans")
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    release = open_release(given.release) if given.release else active_release(Settings.load().releases)
    paths = read_by_people(release, given.things, given.random, given.seed)
    began = time.process_time()
    premake(release, THINGS)
    print(f"pages made beforehand in {time.process_time() - began:.0f} s of processor time (0: they were)")
    print(f"{len(paths)} pages, {given.rounds} rounds; ms by the clock (of the processor)\n")
    print("| | median (asked) | p95 | slowest |\n|---|---|---|---|")
    for things in (THINGS, 0):
        measure(release, paths, given, things)
    print(f"\nasked at a first visit: median {ASKED['median']:g}, p95 {ASKED['p95']:g}, none above 200 ms")


def measure(release: Release, paths: list[str], given: argparse.Namespace, things: int) -> None:
    """Measure with pages of so many things made beforehand, and print rows of the table."""
    first, visits, again = [], [], []
    for number in range(given.rounds):
        random.Random(given.seed + number).shuffle(paths)  # noqa: S311 # no secret
        with tempfile.TemporaryDirectory() as folder:
            # One process, so that a first visit is one and the processor's time is whole.
            environ = {"KG_ACCESS_LOG": "no", "KG_WORKERS": "1", "KG_PREMADE": str(things)}
            with kg_serve(release, Path(folder), environ) as served:
                wait_until(lambda: len(served.children()) == 1, 30, "one process")
                first += read(served, paths[:1], given.language)
                visits += read(served, paths[1:], given.language)
                again += read(served, paths, given.language)
    how = "made beforehand" if things else "made for the reader"
    print(
        f"| {how}: the first page after a start | {max(v.wall for v in first):.0f} ({ASKED['first']:g}) | | |"
    )
    row(f"{how}: at a first visit", visits)
    row(f"{how}: again", again)
    sizes = [visit.size for visit in visits]
    print(
        f"size: median {statistics.median(sizes) / 1000:.0f} KB, largest {max(sizes) / 1000:.0f} KB",
        file=sys.stderr,
    )
    for visit in sorted(visits, key=lambda v: -v.work)[:8]:
        print(
            f"slow: {visit.wall:.0f} ms ({visit.work:.0f}), {visit.size / 1000:.0f} KB, {visit.path}",
            file=sys.stderr,
        )


def row(name: str, visits: list[Visit]) -> None:
    """Print a line of the table."""
    walls, works = sorted(v.wall for v in visits), sorted(v.work for v in visits)
    late = int(len(visits) * 0.95)
    print(
        f"| {name} | {statistics.median(walls):.1f} ({statistics.median(works):.1f}) "
        f"| {walls[late]:.1f} ({works[late]:.1f}) | {walls[-1]:.0f} ({works[-1]:.0f}) |"
    )


def read_by_people(release: Release, things: int, chance: int, seed: int) -> list[str]:
    """Return the paths of the pages, without doubles."""
    engine = LocalEngine.open(ensure_store(release))
    explorer = Explorer(engine, release)
    ours = [iri for iri in explorer.richest(2 * things) if iri.startswith(release.base)]
    explorer.names.fetch(ours)
    richest = {}
    for iri in ours:
        for one in explorer.names.of(iri).classes:
            richest.setdefault(one, iri)
    cases = [richest[cls] for cls in explorer.schema.primary if cls in richest]
    sources = [iri for iri in ours if iri.startswith(release.base + "source/")][:10]
    told = [iri for iri in ours if iri.startswith(release.base + "id/")]
    typed = engine.query("SELECT DISTINCT ?s WHERE { ?s a ?t }").rows if chance else ()
    every = sorted(row[0].value for row in typed if row[0] and row[0].value.startswith(release.base))
    drawn = random.Random(seed).sample(every, min(chance, len(every)))  # noqa: S311
    hubs = [iri for iri in explorer.pointed_at(20) if iri.startswith(release.base)]
    engine.close()
    chosen = dict.fromkeys([*told[:things], *cases, *sources, *hubs, *drawn])
    return ["/", *("/page/" + quote(iri.removeprefix(release.base)) for iri in chosen)]


def read(served: Served, paths: Iterable[str], language: str) -> list[Visit]:
    """Read some pages, one after the other."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    visits = []
    for path in paths:
        began, worked = time.perf_counter(), work(served)
        connection.request("GET", path, headers={"Accept": "text/html", "Accept-Language": language})
        reply = connection.getresponse()
        body = reply.read()
        wall = (time.perf_counter() - began) * 1000
        assert reply.status == 200, (path, reply.status)
        visits.append(Visit(path, wall, (work(served) - worked) * 1000, len(body)))
    connection.close()
    return visits


def work(served: Served) -> float:
    """Return the seconds of the processor that the server process' threads have had."""
    (pid,) = served.children()
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


if __name__ == "__main__":
    assert os.name == "posix"
    main()
