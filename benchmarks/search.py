"""The index of names beside SQLite's full text index (FTS5, trigrams), over as many names as a country has.

    python -m benchmarks.search [RELEASE] [--things 665000]

RELEASE lends the names that others are put together of; without it, the active one. Both are made of the
same names, readings and codes, and asked what people type: names, their beginnings and middles, readings,
first letters, codes, slips, and worse. FTS5 knows no reading without its tones, no slip and no order of hits
by what they are; it shows what a look-up must cost. Prints a table for docs/performance.md: times of the
processor.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from kg.release import active_release, open_release
from kg.search.index import Index
from kg.settings import Settings
from tests.country import THINGS, country, made, real_names, texts
from tests.tiny import release_of


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("release", type=Path, nargs="?")
    parser.add_argument("--things", type=int, default=THINGS)
    given = parser.parse_args()
    release = open_release(given.release) if given.release else active_release(Settings.load().releases)
    names = real_names(release)
    with tempfile.TemporaryDirectory() as folder:
        large = release_of(Path(folder), country(names, given.things))
        ours = made(large)
        index = Index.open(large.search)
        began = time.process_time()
        peer = fts5(Path(folder) / "peer.sqlite3", country(names, given.things))
        peers = time.process_time() - began
        typed = texts(names, given.things)
        print(f"{given.things:,} things, {len(typed)} texts; times of the processor\n")
        print("| | made in | find: median | p95 | slowest |\n|---|---|---|---|---|")
        print(f"| ours | {ours['busy']:.0f} s, {ours['megabytes']:.0f} MB {row(typed, index.find)}")
        print(f"| FTS5 | {peers:.0f} s {row(typed, peer)}")


def fts5(path: Path, lines: Iterable[str]) -> Callable[[str], object]:
    """Make the peer's index of the literals of some lines; return its look-up."""
    base = sqlite3.connect(path)
    base.execute("CREATE VIRTUAL TABLE names USING fts5(name, tokenize='trigram')")
    literals = ((line.split('"')[1],) for line in lines if '"' in line)
    base.executemany("INSERT INTO names VALUES (?)", literals)
    base.commit()

    def find(text: str) -> object:
        text = text.encode("utf-8", "replace").decode()  # half a surrogate pair is no text to SQLite
        # fewer than three characters have no trigram: those are looked for by reading all
        if len(text) < 3:
            return base.execute(
                "SELECT rowid FROM names WHERE name LIKE ? LIMIT 20", (f"%{text}%",)
            ).fetchall()
        quoted = '"' + text.replace('"', '""').replace("\0", "") + '"'
        return base.execute(
            "SELECT rowid FROM names WHERE names MATCH ? ORDER BY rank LIMIT 20", (quoted,)
        ).fetchall()

    return find


def row(typed: Iterable[str], find: Callable[[str], object]) -> str:
    """Return the cells of the times that look-ups take, each the best of three."""
    taken = []
    for text in typed:
        best = float("inf")
        for _ in range(3):
            began = time.thread_time()
            find(text)
            best = min(best, time.thread_time() - began)
        taken.append(best * 1000)
    taken.sort()
    return (
        f"| {statistics.median(taken):.2f} ms | {taken[int(len(taken) * 0.95)]:.2f} ms | {taken[-1]:.0f} ms |"
    )


if __name__ == "__main__":
    main()
