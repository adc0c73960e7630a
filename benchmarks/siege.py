"""How long honest clients wait while others attack: our endpoint and Oxigraph's server, in one run.

    python -m benchmarks.siege [RELEASE] [--seconds 5] [--rounds 3]

An honest client asks a little query, fifty times a second at most, alone and then besieged: five others send,
one after the other, queries that would never end. Both servers have the same limit of time, the rounds take
turns, and each server is alone while it is measured. The attackers are another client than the honest one:
their connections come from another address of this machine. Prints a table for docs/performance.md.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.endpoint import oxigraph
from kg.release import Release, active_release, open_release
from kg.settings import Settings
from tests.servers import kg_serve
from tests.test_limits import HOSTILE

LIMIT = 1
"""Seconds that a query may run, in both servers."""
ATTACKS = ("cross product counted", "cross product sorted", "doubling", "distinct", "a star of 99")
LITTLE = "SELECT * { ?s a <http://www.w3.org/2002/07/owl#Class> } LIMIT 5"


def ask(url: str, query: str, source: str, timeout: float) -> float:
    """Ask once and return the seconds it took, whatever came of it."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=timeout, source_address=(source, 0)
    )
    started = time.perf_counter()
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        headers = {"Accept": "application/sparql-results+json", "Content-Type": "application/sparql-query"}
        connection.request("POST", parts.path, query.encode(), headers)
        connection.getresponse().read()
    return time.perf_counter() - started


def honest(url: str, seconds: float) -> list[float]:
    """Ask the little query for some seconds; return how long each answer took."""
    times = []
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        times.append(ask(url, LITTLE, "127.0.0.1", 60))
        time.sleep(0.02)
    return times


@contextlib.contextmanager
def attack(url: str) -> Iterator[None]:
    """Let each of the attacks be sent again and again."""
    stop = threading.Event()

    def go_on(query: str) -> None:
        while not stop.is_set():
            ask(url, query, "127.0.0.2", LIMIT + 10)

    attackers = [threading.Thread(target=go_on, args=(HOSTILE[name][0],), daemon=True) for name in ATTACKS]
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
    """``kg serve`` with the limit, and no cache."""
    environ = {"KG_ACCESS_LOG": "no", "KG_CACHE_SIZE": "0", "KG_QUERY_TIMEOUT": str(LIMIT)}
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
    given = parser.parse_args()
    release = open_release(given.release) if given.release else active_release(Settings.load().releases)
    servers = {"ours": ours, "Oxigraph's server": theirs}
    found: dict[str, list[tuple[list[float], list[float]]]] = {name: [] for name in servers}
    for _ in range(given.rounds):
        for name, server in servers.items():
            with server(release) as url:
                alone = honest(url, given.seconds)
                with attack(url):
                    time.sleep(0.5)
                    besieged = honest(url, given.seconds)
            found[name].append((alone, besieged))
    print("| server | alone, p50 and p95 ms | besieged, p50 and p95 ms | p95, times |\n|---|---|---|---|")
    for name, rounds in found.items():
        alone, besieged = ([time for pair in rounds for time in pair[which]] for which in (0, 1))
        (a50, a95), (b50, b95) = quantiles(alone), quantiles(besieged)
        print(f"| {name} | {a50:.1f}, {a95:.1f} | {b50:.1f}, {b95:.1f} | {b95 / a95:.1f} |", flush=True)


def quantiles(times: list[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile, in milliseconds."""
    cuts = statistics.quantiles(times, n=20)
    return cuts[9] * 1000, cuts[18] * 1000


if __name__ == "__main__":
    main()
