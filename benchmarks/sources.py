"""What the sources of an answer cost: a release's questions, plain and with sources, in turns.

    python -m benchmarks.sources [RELEASE] [--rounds 3] [--every 1] [--format json] [--worst 10]

RELEASE is a release's folder; without it, the active one. Both are asked through the door and written as a
query process writes them (the plain answer by the engine itself); counted is processor time, the least of
the rounds, of which short questions have up to two hundred. What a process keeps between answers (admissions,
plans, graphs of statements, origins of graphs) is kept here too, after the first round; the cache of answers
plays no part. Prints the ratios for docs/performance.md: of the best rounds, and of the first, in which
little was known.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox

from kg.engine.door import Policy, admit
from kg.engine.local import LocalEngine, as_result, run
from kg.engine.quirks import of
from kg.engine.results import RESULTS_FORMAT, write
from kg.engine.worker import settle_memory
from kg.mediatypes import BY_NAME
from kg.release import active_release, open_release
from kg.settings import Settings
from kg.store import ensure_store
from kg.tracing.answer import answer
from kg.tracing.origins import Origins, upward
from kg.tracing.write import written

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
    asked = parser.parse_args()
    release = open_release(asked.release) if asked.release else active_release(Settings.load().releases)
    engine = LocalEngine.open(ensure_store(release))
    settle_memory()
    origins = Origins(engine.store, upward(release))
    format = BY_NAME[asked.format]
    policy = Policy(quirks=of(), base_iri=release.base)
    ratios, first = [], []
    for path in sorted((release.path / "questions").glob("*.rq"))[:: asked.every]:
        text = path.read_text(encoding="utf-8")

        def plainly(text: str = text) -> object:
            order = admit(text, policy).order
            found = run(engine.store, order, dataset=None, base_iri=release.base)
            if isinstance(found, ox.QueryTriples):
                return write(as_result(found, order), BY_NAME["nt"])
            return found.serialize(format=RESULTS_FORMAT[format.name])

        def with_sources(text: str = text) -> object:
            found = answer(engine.store, text, origins, base_iri=release.base)
            return written(found, "nt" if found.result.kind == "graph" else format.name)

        times = _times(plainly, with_sources, asked.rounds)
        plain, sourced = (min(column) for column in zip(*times, strict=True))
        ratios.append((sourced / plain, plain, sourced, path.stem))
        first.append(times[0][1] / plain)
    ratios.sort()
    print(f"{len(ratios)} questions, as {format.label}")
    print(f"median {statistics.median(ratio for ratio, *_ in ratios):.1f} times the plain answer")
    print(f"the first time {statistics.median(first):.1f} times in the middle, {max(first):.1f} at worst")
    for bound in (3, 10):
        print(f"above {bound} times: {sum(ratio > bound for ratio, *_ in ratios)}")
    print(f"total {sum(s for _, _, s, _ in ratios) / sum(p for _, p, _, _ in ratios):.1f} times")
    for ratio, plain, sourced, name in ratios[: -asked.worst - 1 : -1]:
        print(f"{ratio:6.1f}  {plain * 1000:7.1f} ms  {sourced * 1000:7.1f} ms  {name}")


def _times(
    plainly: Callable[[], object], sourced: Callable[[], object], rounds: int
) -> list[tuple[float, float]]:
    """Return the seconds of some rounds, and of more where one is so short that chance decides."""
    times: list[tuple[float, float]] = []
    while len(times) < rounds or (len(times) < _MOST_ROUNDS and sum(map(sum, times)) < _ENOUGH):
        times.append((_took(plainly), _took(sourced)))
    return times


def _took(run: Callable[[], object]) -> float:
    """Return the processor's seconds for one run."""
    started = time.process_time()
    run()
    return time.process_time() - started


if __name__ == "__main__":
    main()
