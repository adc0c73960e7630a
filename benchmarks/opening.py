"""One file opened by us, rdflib-endpoint and Oxigraph's server: time to the first answer, and memory.

    python -m benchmarks.opening FILE [--without-rdflib]

Each server is started on the file from nothing and asked until it counts its statements; then its resident
memory (MB, with all processes of it) is read, and it is ended. Ours is opened twice: the second time from its
cache. rdflib-endpoint is installed into an environment of its own. Prints a table, with times as ratios to
Oxigraph's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests.servers import ended, fetch, free_port

BIN = Path(sys.executable).parent
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@dataclass(frozen=True)
class Opened:
    """How long a server took to its first answer (s), what it counted, and its memory (MB)."""

    name: str
    seconds: float
    count: str
    memory: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--without-rdflib", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        found = [oxigraph(asked.file, folder), ours(asked.file, folder), ours(asked.file, folder, " again")]
        if not asked.without_rdflib:
            found.append(rdflib_endpoint(asked.file, folder))
    base = found[0].seconds
    print("| | first answer | beside Oxigraph | memory |\n|---|---|---|---|")
    for one in found:
        print(f"| {one.name} | {one.seconds:.1f} s | {one.seconds / base:.1f} | {one.memory} MB |")
    assert len({one.count for one in found}) == 1, found


def ours(file: Path, folder: Path, again: str = "") -> Opened:
    port = free_port()
    command = [BIN / "kg", "serve", file, "--port", port, "--cache", folder / "cache"]
    return measured(f"`kg serve`{again}", [command], f"http://127.0.0.1:{port}/sparql")


def oxigraph(file: Path, folder: Path) -> Opened:
    port, store = free_port(), folder / "oxigraph"
    load = [BIN / "oxigraph", "load", "-l", store, "-f", file]
    serve = [BIN / "oxigraph", "serve-read-only", "-l", store, "-b", f"127.0.0.1:{port}"]
    return measured("`oxigraph load`, `serve`", [load, serve], f"http://127.0.0.1:{port}/query")


def rdflib_endpoint(file: Path, folder: Path) -> Opened:
    port, place = free_port(), folder / "rdflib"
    venv.create(place, with_pip=True)
    install = [place / "bin" / "pip", "install", "--quiet", "rdflib-endpoint[cli]"]
    subprocess.run([str(word) for word in install], check=True)
    serve = [place / "bin" / "rdflib-endpoint", "serve", file, "--port", port]
    return measured("`rdflib-endpoint serve`", [serve], f"http://127.0.0.1:{port}/")


def measured(name: str, commands: Sequence[Sequence[object]], url: str) -> Opened:
    """Run the commands, the last of which serves, and ask until there is an answer."""
    begun = time.monotonic()
    *before, serve = [[str(word) for word in command] for command in commands]
    for command in before:
        subprocess.run(command, check=True, capture_output=True)
    process = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with ended(process):
        address = f"{url}?{urlencode({'query': COUNT})}"
        while True:
            try:
                reply = fetch(address, headers={"Accept": "text/csv"})
            except OSError:
                time.sleep(0.02)
                continue
            if reply.status == 200:
                break
            time.sleep(0.02)
        seconds = time.monotonic() - begun
        return Opened(name, seconds, reply.body.decode().split()[-1], memory_of(process.pid))


def memory_of(pid: int) -> int:
    """Return the resident memory (MB) of a process and all below it."""
    parents: dict[int, list[int]] = {}
    pages: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
        pages[int(path.parent.name)] = int(fields[21])
    waiting, total = [pid], 0
    while waiting:
        one = waiting.pop()
        total += pages.get(one, 0)
        waiting += parents.get(one, [])
    return total * os.sysconf("SC_PAGE_SIZE") // 2**20


if __name__ == "__main__":
    main()
