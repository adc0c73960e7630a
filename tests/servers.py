"""Servers that tests start: on 127.0.0.1, on a free port, ended by their id."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

from kg.release import Release
from kg.settings import Settings
from tests.commands import Copy, is_read_at_start, serving

ROOT = Path(__file__).resolve().parent.parent


MERGE, METADATA = "urn:merge:", "urn:metadata:"
"""The graphs into which docs/scaling.md loads dataset.ttl and metadata.ttl."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(
    true: Callable[[], object], seconds: float = 10.0, what: str | Callable[[], str] = "it"
) -> None:
    """Wait for something; ``what`` says for what, or is asked when it hasn't come."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() >= deadline:
            told = what if isinstance(what, str) else what()
            raise AssertionError(f"{told} did not come true in {seconds} s")
        time.sleep(0.02)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return bool(reply.status == 200)
    except urllib.error.HTTPError as error:
        return error.code not in (502, 503)
    except OSError:
        return False


def said(url: str) -> str:
    """What ``/readyz`` says, for whoever reads a failed test."""
    try:
        with urllib.request.urlopen(url + "/readyz", timeout=5) as reply:
            return str(reply.read().decode())
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read().decode()}"
    except OSError as error:
        return str(error)


def slowness() -> float:
    """How much others use this machine: 1 when nobody does."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@contextlib.contextmanager
def ended(process: subprocess.Popen[bytes] | Copy) -> Iterator[subprocess.Popen[bytes] | Copy]:
    """End a process, whatever happens, by its id."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def oxigraph(release: Release, folder: Path, *, merge: str = "") -> Iterator[str]:
    """Oxigraph's own server over a release's files; yields the endpoint's address.

    With ``merge``, a graph's IRI, they are loaded as docs/scaling.md says.
    """
    command = str(Path(sys.executable).parent / "oxigraph")
    files = [("dataset.nq", ""), ("dataset.ttl", merge), *([("metadata.ttl", METADATA)] if merge else [])]
    for name, graph in files:
        load = [command, "load", "-l", str(folder), "-f", str(release.file(name))]
        subprocess.run([*load, *(["--graph", graph] if graph else [])], check=True, capture_output=True)
    port = free_port()
    serve = [command, "serve-read-only", "-l", str(folder), "-b", f"127.0.0.1:{port}"]
    with ended(subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)):
        url = f"http://127.0.0.1:{port}/query"
        wait_until(lambda: answers(f"{url}?{urlencode({'query': 'ASK {}'})}"), what="Oxigraph's server")
        yield url


@dataclass
class Served:
    """A running ``kg serve``: its address and its supervisor."""

    url: str
    port: int
    process: subprocess.Popen[bytes] | Copy
    log: Path

    def children(self) -> list[int]:
        """The server processes."""
        return _children(self.process.pid)

    def everyone(self) -> list[int]:
        """The supervisor, the server processes, their nurseries and query processes."""
        found = [self.process.pid]
        for pid in found:
            found += _children(pid)
        return found

    def query_processes(self) -> list[int]:
        """The processes that answer queries."""
        return [
            pid for server in self.children() for nursery in _children(server) for pid in _children(nursery)
        ]


def memory(pid: int, name: str) -> int:
    """Kilobytes of a process' memory, by the kernel's name (``Pss:``, ``Rss:``); 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(name))


def _children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if int((path / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(path.name))
        except (OSError, ValueError):
            continue
    return found


@contextlib.contextmanager
def kg_serve(
    release: Release,
    folder: Path,
    environ: Mapping[str, str] | None = None,
    *more: str,
    port: int | None = None,
    patience: float = 30,
    whole: bool = True,
    anew: bool = False,
) -> Iterator[Served]:
    """``kg serve`` over a release, ready to answer: all its processes, or (not ``whole``) the first.

    It is copied from a process that has loaded the program (`tests.commands`), or started ``anew``, as users
    do it: for tests of its start, its memory or the system's limits.
    """
    port = port or free_port()
    log = folder / "serve.log"
    code = (
        "import sys; from pathlib import Path\n"
        "from kg.settings import Settings; from kg_web.server.supervisor import serve\n"
        "serve(Settings.load(), Path(sys.argv[1]) if sys.argv[1] else None, sys.argv[2] or None)"
    )
    endpoint = more[0] if more else ""
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "KG_PORT": str(port),
        "KG_RELEASES": str(release.path.parent),
        "KG_WORKERS": str(Settings.load().workers),
        **(environ or {}),
    }
    process: subprocess.Popen[bytes] | Copy
    with log.open("wb") as stream:
        if anew or is_read_at_start(environ or {}):
            process = subprocess.Popen(
                [sys.executable, "-c", code, str(release.path), endpoint],
                env=env,
                stderr=stream,
                stdout=stream,
            )
        else:
            process = serving(release.path, endpoint, stream, env)
    with ended(process):
        served = Served(f"http://127.0.0.1:{port}", port, process, log)

        def ready() -> bool:
            assert process.poll() is None, log.read_text()
            # The log is looked at first: to look there takes nothing of the server that is starting.
            up = sum("answers, " in line for line in log.read_text().splitlines())
            return (not whole or up >= int(env["KG_WORKERS"])) and answers(served.url + "/readyz")

        try:
            wait_until(ready, patience * slowness(), "kg serve")
        except AssertionError as error:
            raise AssertionError(f"{error}; /readyz: {said(served.url)}; log:\n{log.read_text()}") from None
        yield served


@dataclass
class Reply:
    """What a program got."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect(), urllib.request.ProxyHandler({}))


def fetch(
    url: str,
    data: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    method: str | None = None,
    timeout: float = 30,
) -> Reply:
    """Send a request; any status is a reply."""
    request = urllib.request.Request(url, data, dict(headers or {}), method=method)
    try:
        with _OPENER.open(request, timeout=timeout) as reply:
            return Reply(reply.status, reply.headers, reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read())


def ask(base: str, query: str, accept: str = "application/sparql-results+json", **more: str) -> Reply:
    """GET a query of an endpoint."""
    return fetch(f"{base}/sparql?{urlencode({'query': query, **more})}", headers={"Accept": accept})


Canned = Callable[[BaseHTTPRequestHandler], None]


@contextlib.contextmanager
def peer(answer: Canned) -> Iterator[str]:
    """A peer that answers every request as told; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            self.body = self.rfile.read(length)
            answer(self)

        do_GET = do_POST  # noqa: N815 - its name in the standard library

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/sparql"
    finally:
        server.shutdown()
        server.server_close()


def canned(status: int, body: bytes = b"", **headers: str) -> Canned:
    """Answer with these."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(body)), **named}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer
