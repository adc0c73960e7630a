"""Our endpoint, Oxigraph's server and rdflib-endpoint side by side, on one release, in one run, with wrk.

    python -m benchmarks.endpoint [RELEASE] [--seconds 2] [--connections 16] [--rounds 9] [--without-rdflib]

RELEASE is a release's folder; without it, the active one. Each server is alone while it is measured. The
rounds are short and take turns, and a ratio is the median of the rounds' ratios, so that a machine that
others use too is no server's fault. Prints a table for docs/performance.md. wrk must be on the PATH (Debian:
apt-get install wrk). rdflib-endpoint is installed into an environment of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from kg.engine.local import LocalEngine
from kg.release import Release, active_release, open_release
from kg.release.store import ensure_store
from kg.settings import Settings
from tests.servers import answers, ended, free_port, kg_serve, wait_until

ROOT = Path(__file__).resolve().parent
LUA = """
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local n = math.random(#paths)
request = function()
  n = n %% #paths + 1
  return wrk.format("GET", paths[n], {Accept = "application/sparql-results+json"})
end
"""
RDFLIB_SERVER = """
import sys
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint
import uvicorn
graph = Dataset(default_union=False)
graph.parse(sys.argv[1], format="nquads")
graph.default_graph.parse(sys.argv[2], format="turtle")
app = SparqlEndpoint(graph=graph, path="/sparql")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[3]), log_level="error")
"""


@dataclass(frozen=True)
class Load:
    """One kind of query: its name, the queries, whether our cache may answer, and the ratio that is asked."""

    name: str
    queries: list[str]
    cached: bool
    wanted: float
    wanted_rdflib: float = 5.0


@dataclass(frozen=True)
class Measure:
    """What wrk said: requests a second, and milliseconds."""

    rate: float
    median: float
    p99: float


def loads(release: Release) -> list[Load]:
    """Return the loads, their queries made of the release's own terms."""
    engine = LocalEngine.open(ensure_store(release))
    subjects = [str(row[0]) for row in engine.query(_text("subjects")).rows][:3000]
    parents = [str(row[0]) for row in engine.query(_text("parents")).rows][:300]
    engine.close()
    join, heavy = _text("join"), _text("heavy")
    return [
        Load("point, uncached", [_text("point").replace("?it", iri) for iri in subjects], False, 0.6),
        Load("join, uncached", [join.replace("?it", iri) for iri in parents], False, 0.95),
        Load("heavy, repeated", [heavy], True, 10.0),
    ]


def _text(name: str) -> str:
    return (ROOT / "queries" / f"{name}.rq").read_text("utf-8")


def wrk(url: str, path: str, queries: list[str], seconds: int, connections: int) -> Measure:
    """Load one server. Raises AssertionError for any answer that is not 200."""
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder) / "paths"
        paths.write_text("".join(f"{path}?{urlencode({'query': query})}\n" for query in queries))
        script = Path(folder) / "load.lua"
        script.write_text(LUA % paths)
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "30s"]
        said = subprocess.run(
            [*command, "-s", str(script), url], capture_output=True, text=True, check=True
        ).stdout
    assert "Non-2xx" not in said, said
    assert "timeout" not in said, said

    def number(label: str) -> float:
        match = re.search(rf"{label}\s+([\d.]+)(us|ms|s)?", said)
        assert match, said
        return float(match.group(1)) * {"us": 0.001, "ms": 1.0, "s": 1000.0, None: 1.0}[match.group(2)]

    return Measure(number("Requests/sec:"), number("50%"), number("99%"))


@contextlib.contextmanager
def ours(release: Release, *, cached: bool) -> Iterator[str]:
    """``kg serve`` with its pages made (none are made beside the queries), with or without its cache."""
    environ = {"KG_ACCESS_LOG": "no", "KG_PREMADE": "0"} | ({} if cached else {"KG_CACHE_SIZE": "0"})
    with tempfile.TemporaryDirectory() as folder, kg_serve(release, Path(folder), environ) as served:
        yield served.url


@contextlib.contextmanager
def oxigraph(release: Release, *options: str) -> Iterator[str]:
    """Oxigraph's own server over the very same store."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "oxigraph"), "serve-read-only", "-l", str(release.store)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with ended(subprocess.Popen([*command, *options, "-b", f"127.0.0.1:{port}"], **quiet)):
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{url}/query?query=ASK%7B%7D"), what="Oxigraph's server")
        yield url


@contextlib.contextmanager
def rdflib_endpoint(release: Release, folder: Path) -> Iterator[str]:
    """rdflib-endpoint over the same data in memory."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "-q", "rdflib-endpoint[web]", "uvicorn"], check=True
        )
    port = free_port()
    files = [str(release.file(name)) for name in ("dataset.nq", "dataset.ttl")]
    with ended(subprocess.Popen([str(python), "-c", RDFLIB_SERVER, *files, str(port)])):
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{url}/sparql?query=ASK%7B%7D"), 600, "rdflib-endpoint")
        yield url


Rounds = dict[str, list[Measure]]
"""Of each server what each round gave."""


def rounds(count: int, servers: dict[str, Callable[[], Measure]]) -> Rounds:
    """Measure each server in turns."""
    found: Rounds = {name: [] for name in servers}
    for _ in range(count):
        for name, measure in servers.items():
            found[name].append(measure())
    return found


def middle(measures: list[Measure]) -> Measure:
    """Return the round whose rate is the median."""
    return sorted(measures, key=lambda measure: measure.rate)[len(measures) // 2]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("release", type=Path, nargs="?")
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--without-rdflib", action="store_true")
    parser.add_argument(
        "--rdflib-venv", type=Path, default=Path(tempfile.gettempdir()) / "rdflib-endpoint-venv"
    )
    given = parser.parse_args()
    release = open_release(given.release) if given.release else active_release(Settings.load().releases)
    print(
        f"release {release.version}: {release.counts}; {given.connections} connections, {given.seconds} s\n"
    )
    rows = []
    with contextlib.ExitStack() as stack:
        cached = stack.enter_context(ours(release, cached=True))
        uncached = stack.enter_context(ours(release, cached=False))
        theirs = stack.enter_context(oxigraph(release))
        slow = (
            None if given.without_rdflib else stack.enter_context(rdflib_endpoint(release, given.rdflib_venv))
        )
        for load in loads(release):

            def measure(url: str, path: str, of: Load = load) -> Callable[[], Measure]:
                return lambda: wrk(url, path, of.queries, given.seconds, given.connections)

            servers = {
                "ours": measure(cached if load.cached else uncached, "/sparql"),
                "oxigraph": measure(theirs, "/query"),
            }
            if slow:
                servers["rdflib"] = measure(slow, "/sparql")
            rows.append((load, rounds(given.rounds, servers)))
    report(rows)


def report(rows: list[tuple[Load, Rounds]]) -> None:
    """Print the table."""
    print("requests/s (p50, p99 in ms); ratios: the median round's (the lowest and the highest; asked)\n")
    print("| load | ours | Oxigraph's server | ratio | rdflib-endpoint | ratio |")
    print("|---|---|---|---|---|---|")
    for load, found in rows:

        def cell(of: str, found: Rounds = found) -> str:
            if of not in found:
                return "-"
            measure = middle(found[of])
            return f"{measure.rate:.0f} ({measure.median:.1f}, {measure.p99:.1f})"

        def ratio(of: str, wanted: float, found: Rounds = found) -> str:
            if of not in found:
                return "-"
            pairs = zip(found["ours"], found[of], strict=True)
            ratios = sorted(ours.rate / theirs.rate for ours, theirs in pairs if theirs.rate)
            if not ratios:
                return f"it finished none ({wanted:g})"
            return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}; {wanted:g})"

        print(
            f"| {load.name} | {cell('ours')} | {cell('oxigraph')} | {ratio('oxigraph', load.wanted)} "
            f"| {cell('rdflib')} | {ratio('rdflib', load.wanted_rdflib)} |"
        )


if __name__ == "__main__":
    main()
