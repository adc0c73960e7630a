"""How well messy names are reconciled, beside plain full-text search, and how long a batch takes.

    python -m benchmarks.reconcile [RELEASE] [--rounds 5] [--batch 10] [--wrong] [--amid 665000]

The names stand in `benchmarks/reconcile.csv`, each with the thing that is meant; `benchmarks.messy` says how
they were made. Precision is of those that are marked as a match, recall that of the first candidate; of the
search the first hit counts, or the first close one, among the things of the same type. Batches go through
the whole application but for the network, in an order of chance; the first round finds nothing in memory.
``--wrong`` prints what went wrong. ``--amid`` puts as many things more into the release, with names that are
put together of its own, and prints times alone: such names have no right answer.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from benchmarks.messy import LOCATED_IN, Row, read
from kg.engine.local import LocalEngine
from kg.engine.process.worker import settle_memory
from kg.machine.digests import sha256_of
from kg.release import MANIFEST, Release, active_release, open_release
from kg.release.store import ensure_store
from kg.search import ensure_index
from kg.search.index import Index
from kg.settings import Settings
from kg_web import create_app
from tests.country import country, real_names


@dataclass(frozen=True)
class Answer:
    """The first candidate of a row, its score, whether it is a match, and the first that the search finds."""

    row: Row
    first: str
    score: float
    match: bool
    searched: str


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("release", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--amid", type=int, metavar="THINGS")
    given = parser.parse_args()
    release = open_release(given.release) if given.release else active_release(Settings.load().releases)
    with tempfile.TemporaryDirectory() as folder:
        if given.amid:
            release = amid(release, Path(folder) / release.version, given.amid)
        with opened(release) as client:
            client.get("/reconcile")  # what a process reads once
            settle_memory()  # as the server does before it serves
            times = [batches(client, read(), given.batch, number)[1] for number in range(given.rounds)]
            answers = [] if given.amid else measured(client, release)
    if answers:
        report(answers, wrong=given.wrong)
    print(f"\nms for a batch of {given.batch} by the clock (of the processor)\n")
    print("| round | median | p95 | slowest |\n|---|---|---|---|")
    for number, walls in enumerate(times):
        row_of(f"{number + 1}", walls)


def amid(release: Release, folder: Path, things: int) -> Release:
    """Return the release among so many things more, in a folder of its own."""
    folder.mkdir()
    for name in release.manifest["files"]:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).symlink_to(release.file(name).resolve())
    data = folder / "dataset.nq"
    data.unlink()
    others = sorted({line.encode() for line in country(real_names(release), things)})
    with release.file("dataset.nq").open("rb") as own, data.open("wb") as out:
        out.writelines(heapq.merge(own, others))
    manifest = json.loads((release.path / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"]["dataset.nq"] = {"sha256": sha256_of(data), "bytes": data.stat().st_size}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return open_release(folder)


@contextmanager
def opened(release: Release) -> Iterator[FlaskClient]:
    """Give a client of a release's application, in this process."""
    ensure_index(release)
    with LocalEngine.open(ensure_store(release)) as engine:
        yield create_app(engine, Settings(), release).test_client()


def measured(client: FlaskClient, release: Release) -> list[Answer]:
    """Return what is found for each row, and what the search finds."""
    rows, index = read(), Index.open(ensure_index(release))
    found, _ = batches(client, rows, 10, 0)
    return [with_search(index, release.base, row, found[row]) for row in rows]


def query_of(row: Row) -> dict[str, Any]:
    """Return a row as a client asks it."""
    query: dict[str, Any] = {"query": row.name}
    if row.type:
        query["type"] = row.type
    if row.district:
        query["properties"] = [{"pid": LOCATED_IN, "v": row.district}]
    return query


def batches(
    client: FlaskClient, rows: list[Row], size: int, seed: int
) -> tuple[dict[Row, list[Any]], list[Any]]:
    """Ask for all rows; return the candidates of each, and the times of each batch."""
    shuffled = random.Random(seed).sample(rows, len(rows))  # noqa: S311 # no secret
    found: dict[Row, list[Any]] = {}
    times = []
    for start in range(0, len(shuffled), size):
        batch = {str(at): row for at, row in enumerate(shuffled[start : start + size])}
        queries = json.dumps({key: query_of(row) for key, row in batch.items()})
        began, worked = time.perf_counter(), time.process_time()
        reply = client.post("/reconcile", data={"queries": queries})
        times.append(((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000))
        assert reply.status_code == 200, reply.text
        found |= {row: reply.json[key]["result"] for key, row in batch.items()}
    return found, times


def with_search(index: Index, base: str, row: Row, candidates: list[Any]) -> Answer:
    """Return what was found for a row, and what the search finds."""
    hits = index.find(row.name, classes=[base + row.type] if row.type else (), limit=1)
    first = next((hit.thing.iri.removeprefix(base) for hit in (*hits.hits, *hits.close)), "")
    best = candidates[0] if candidates else {"id": "", "score": 0.0, "match": False}
    return Answer(row, best["id"], best["score"], best["match"], first)


def precision(answers: Iterable[Answer]) -> float:
    """Return the share of what is marked as a match that is right."""
    marked = [one for one in answers if one.match]
    return sum(one.first == one.row.right for one in marked) / max(1, len(marked))


def recall(answers: Iterable[Answer], *, search: bool = False) -> float:
    """Return the share of the names of something whose first candidate, or the search's first, is right."""
    there = [one for one in answers if one.row.right]
    return sum((one.searched if search else one.first) == one.row.right for one in there) / len(there)


def report(answers: Iterable[Answer], *, wrong: bool) -> None:
    """Print precision and recall, by kind of mess and of all."""
    kinds: dict[str, list[Answer]] = defaultdict(list)
    for one in answers:
        kinds[one.row.mess].append(one)
    every = [one for some in kinds.values() for one in some]
    print("| mess | names | right at rank one | the search's first | marked a match | of these wrong |")
    print("|---|---|---|---|---|---|")
    for mess, some in [*kinds.items(), ("all", every)]:
        there = [one for one in some if one.row.right]
        right = sum(one.first == one.row.right for one in there)
        searched = sum(one.searched == one.row.right for one in there)
        marked = [one for one in some if one.match]
        bad = sum(one.first != one.row.right for one in marked)
        told = (f"{right}", f"{searched}") if there else ("", "")
        print(f"| {mess} | {len(some)} | {told[0]} | {told[1]} | {len(marked)} | {bad} |")
    print(f"\nprecision of matches {precision(every):.3f} ({sum(one.match for one in every)} marked)")
    print(f"recall at rank one {recall(every):.3f}, of the search {recall(every, search=True):.3f}")
    for one in every if wrong else ():
        if one.first != one.row.right and (one.row.right or one.match):
            told = f"{one.first} ({one.score}{', match' if one.match else ''})"
            print(
                f"{one.row.mess}: {one.row.name} [{one.row.type} {one.row.district}] "
                f"{told}, not {one.row.right}"
            )


def row_of(name: str, times: list[tuple[float, float]]) -> None:
    """Print a line of times."""
    walls, works = sorted(wall for wall, _ in times), sorted(work for _, work in times)
    late = int(len(walls) * 0.95)
    print(
        f"| {name} | {statistics.median(walls):.0f} ({statistics.median(works):.0f}) "
        f"| {walls[late]:.0f} ({works[late]:.0f}) | {walls[-1]:.0f} ({works[-1]:.0f}) |"
    )


if __name__ == "__main__":
    main()
