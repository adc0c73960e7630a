"""How long honest clients wait while others attack: our endpoint and Oxigraph's server, in one run.

    python -m benchmarks.siege [RELEASE] [--seconds 5] [--rounds 3] [--endless 1 2 4 8]

An honest client asks a little query, fifty times a second at most, alone and then besieged: others send, one
after the other, queries that would never end, from another address of this machine or from the honest
client's own. Both servers have the same limit of time, the rounds take turns, and each server is alone while
it is measured. Prints a table for docs/performance.md.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.endpoint import oxigraph
from kg.release import Release, active_release, open_release
from kg.settings import Settings
from tests.servers import kg_serve
from tests.test_limits import HOSTILE

LIMIT = 5
"""Seconds that a query may run, in both servers."""
ATTACKS = ("cross product counted", "cross product sorted", "doubling", "distinct", "a star of 99")
HONEST, OTHER = "127.0.0.1", "127.0.0.2"
LITTLE = """
SELECT * { ?s a <http://www.w3.org/2002/07/owl#Class> ; <http://www.w3.org/2000/01/rdf-schema#label> ?name }
LIMIT 5
"""
"""Two patterns, so that no form bounds it: it needs a query process as the attackers' queries do."""


def ask(url: str, query: str, source: str, timeout: float) -> tuple[float, int]:
    """Ask once and return the seconds it took, and the status, 0 where none came."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=timeout, source_address=(source, 0)
    )
    started = time.perf_counter()
    status = 0
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        headers = {"Accept": "application/sparql-results+json", "Content-Type": "application/sparql-query"}
        connection.request("POST", parts.path, query.encode(), headers)
        reply = connection.getresponse()
        reply.read()
        status = reply.status
    return time.perf_counter() - started, status


def honest(url: str, seconds: float) -> tuple[list[float], int]:
    """Ask the little query for some seconds; return how long each answer took, and how many were refused."""
    times, refused = [], 0
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        took, status = ask(url, LITTLE, HONEST, 60)
        times.append(took)
        refused += status != 200
        time.sleep(0.02)
    return times, refused


@contextlib.contextmanager
def attack(url: str, endless: int, source: str) -> Iterator[None]:
    """Let so many attackers send their query again and again."""
    stop = threading.Event()

    def go_on(query: str) -> None:
        while not stop.is_set():
            ask(url, query, source, LIMIT + 30)

    names = itertools.islice(itertools.cycle(ATTACKS), endless)
    texts = [f"{HOSTILE[name][0]} # {number}" for number, name in enumerate(names)]
    attackers = [threading.Thread(target=go_on, args=(text,), daemon=True) for text in texts]
    for attacker in attackers:
        attacker.start()
    try:
        yield
    finally:
        stop.set()
        for attacker in attackers:
            attacker.join()


@contextlib.contextmanager
def ours(release: Release) -> Iterator[str]:
    """``kg serve`` with the limit, and no cache; no pages are made beside the queries."""
    environ = {"KG_ACCESS_LOG": "no", "KG_CACHE_SIZE": "0", "KG_QUERY_TIMEOUT": str(LIMIT), "KG_PREMADE": "0"}
    with tempfile.TemporaryDirectory() as folder, kg_serve(release, Path(folder), environ) as served:
        yield served.url + "/sparql"


@contextlib.contextmanager
def theirs(release: Release) -> Iterator[str]:
    """Oxigraph's server with the limit."""
    with oxigraph(release, f"--timeout-s={LIMIT}") as url:
        yield url + "/query"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("release", type=Path, nargs="?")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--endless", type=int, nargs="+", default=[1, 2, 4, 8])
    given = parser.parse_args()
    release = open_release(given.release) if given.release else active_release(Settings.load().releases)
    servers = {"ours": ours, "Oxigraph's server": theirs}
    print("| endless queries | from | server | alone, p50 and p95 ms | besieged, p50 and p95 ms | 503s |")
    print("|---|---|---|---|---|---|")
    for endless in given.endless:
        for where, source in (("the same address", HONEST), ("another", OTHER)):
            for name, server in servers.items():
                one(f"| {endless} | {where} | {name} |", server, release, given, endless, source)


def one(
    head: str,
    server: Callable[[Release], contextlib.AbstractContextManager[str]],
    release: Release,
    given: argparse.Namespace,
    endless: int,
    source: str,
) -> None:
    """Measure one line of the table and print it."""
    alone: list[float] = []
    besieged: list[float] = []
    refusals = 0
    for _ in range(given.rounds):
        with server(release) as url:
            alone += honest(url, given.seconds)[0]
            with attack(url, endless, source):
                time.sleep(0.5)
                times, refused = honest(url, given.seconds)
            besieged += times
            refusals += refused
    (a50, a95), (b50, b95) = quantiles(alone), quantiles(besieged)
    print(f"{head} {a50:.1f}, {a95:.1f} | {b50:.1f}, {b95:.1f} | {refusals} |", flush=True)


def quantiles(times: list[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile, in milliseconds."""
    cuts = statistics.quantiles(times, n=20)
    return cuts[9] * 1000, cuts[18] * 1000


if __name__ == "__main__":
    main()
