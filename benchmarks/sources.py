"""What the sources of an answer cost: a release's questions, plain and with sources, in turns.

    python -m benchmarks.sources [RELEASE] [--rounds 3] [--every 1] [--format json] [--worst 10] [--served]

RELEASE is a release's folder; without it, the active one. Both are asked through the door and written as a
query process writes them (the plain answer by the engine itself); counted is processor time, the least of
the rounds, of which short questions have up to two hundred. What a process keeps between answers (admissions,
plans, graphs of statements, origins of graphs) is kept here too, after the first round; the cache of answers
plays no part. ``--served`` asks a server that keeps no answers instead, over HTTP, and counts what a client
waits, by the clock. Prints the ratios for docs/performance.md: of the best rounds, and of the first, in which
little was known.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias
from urllib.parse import urlencode

import pyoxigraph as ox

from kg.engine.answers.results import RESULTS_FORMAT, write
from kg.engine.door import Policy, admit
from kg.engine.local import LocalEngine, as_result, run
from kg.engine.process.worker import settle_memory
from kg.engine.quirks import of
from kg.mediatypes import BY_NAME
from kg.release import Release, active_release, open_release
from kg.release.store import ensure_store
from kg.settings import Settings
from kg.tracing.answer import answer
from kg.tracing.origins import Origins, upward
from kg.tracing.write import written
from tests.servers import kg_serve

_ENOUGH, _MOST_ROUNDS = 1.0, 200
"""Seconds after which a question isn't asked again for its shortness, and the most rounds of one."""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("release", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--every", type=int, default=1, help="only each so many-th question")
    parser.add_argument("--format", default="json")
    parser.add_argument("--worst", type=int, default=10)
    parser.add_argument("--served", action="store_true", help="over HTTP, by the clock")
    asked = parser.parse_args()
    release = open_release(asked.release) if asked.release else active_release(Settings.load().releases)
    ratios, first = [], []
    with ExitStack() as stack:
        asking = (
            stack.enter_context(_served(release, asked.format))
            if asked.served
            else _within(release, asked.format)
        )
        for path in sorted((release.path / "questions").glob("*.rq"))[:: asked.every]:
            plainly, with_sources = asking(path.read_text(encoding="utf-8"))
            times = _times(plainly, with_sources, asked.rounds)
            plain, sourced = (min(column) for column in zip(*times, strict=True))
            ratios.append((sourced / plain, plain, sourced, path.stem))
            first.append(times[0][1] / plain)
    ratios.sort()
    how = "over HTTP, by the clock" if asked.served else "in one process, of the processor"
    print(f"{len(ratios)} questions, as {BY_NAME[asked.format].label}, {how}")
    print(f"median {statistics.median(ratio for ratio, *_ in ratios):.1f} times the plain answer")
    print(f"the first time {statistics.median(first):.1f} times in the middle, {max(first):.1f} at worst")
    for bound in (3, 10):
        print(f"above {bound} times: {sum(ratio > bound for ratio, *_ in ratios)}")
    print(f"total {sum(s for _, _, s, _ in ratios) / sum(p for _, p, _, _ in ratios):.1f} times")
    for ratio, plain, sourced, name in ratios[: -asked.worst - 1 : -1]:
        print(f"{ratio:6.1f}  {plain * 1000:7.1f} ms  {sourced * 1000:7.1f} ms  {name}")


Run: TypeAlias = "Callable[[], float]"
"""Asks once, and returns the seconds that it took."""


def _within(release: Release, format: str) -> Callable[[str], tuple[Run, Run]]:
    """Return how to ask a question in this process, plainly and with its sources."""
    engine = LocalEngine.open(ensure_store(release))
    settle_memory()
    origins = Origins(engine.store, upward(release))
    policy = Policy(quirks=of(), base_iri=release.base)

    def asking(text: str) -> tuple[Run, Run]:
        def plainly() -> object:
            order = admit(text, policy).order
            found = run(engine.store, order, dataset=None, base_iri=release.base)
            if isinstance(found, ox.QueryTriples):
                return write(as_result(found, order), BY_NAME["nt"])
            return found.serialize(format=RESULTS_FORMAT[format])

        def with_sources() -> object:
            found = answer(engine.store, text, origins, base_iri=release.base)
            return written(found, "nt" if found.result.kind == "graph" else format)

        return partial(_took, plainly), partial(_took, with_sources)

    return asking


@contextmanager
def _served(release: Release, format: str) -> Iterator[Callable[[str], tuple[Run, Run]]]:
    """Give how to ask a question of a server that keeps no answers."""
    environ = {"KG_WORKERS": "1", "KG_CACHE_SIZE": "0", "KG_PREMADE": "0", "KG_ACCESS_LOG": "no"}
    accept = f"{BY_NAME[format].media_type}, application/n-triples;q=0.5"
    with TemporaryDirectory() as folder, kg_serve(release, Path(folder), environ) as served:
        connection = HTTPConnection("127.0.0.1", served.port, timeout=120)

        def ask(text: str, sources: str) -> float:
            began = time.perf_counter()
            path = "/sparql?" + urlencode({"query": text, "sources": sources})
            connection.request("GET", path, headers={"Accept": accept})
            reply = connection.getresponse()
            reply.read()
            assert reply.status == 200, reply.status
            return time.perf_counter() - began

        yield lambda text: (partial(ask, text, "0"), partial(ask, text, "1"))
        connection.close()


def _times(plainly: Run, sourced: Run, rounds: int) -> list[tuple[float, float]]:
    """Return the seconds of some rounds, and of more where one is so short that chance decides."""
    times: list[tuple[float, float]] = []
    while len(times) < rounds or (len(times) < _MOST_ROUNDS and sum(map(sum, times)) < _ENOUGH):
        times.append((plainly(), sourced()))
    return times


def _took(run: Callable[[], object]) -> float:
    """Return the processor's seconds for one run."""
    started = time.process_time()
    run()
    return time.process_time() - started


if __name__ == "__main__":
    main()
