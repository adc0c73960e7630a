"""Nobody waits without end, and what can't answer says so: lanes of threads, locks, ``/readyz``."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from kg.errors import Busy
from kg.export.cache import cached, folder
from kg.machine.locks import locked, locked_name, within
from kg.release import Release
from kg_web.server.http.bridge import Bridge
from kg_web.server.http.lanes import Lane
from tests.servers import (
    MERGE,
    METADATA,
    ROOT,
    Served,
    answers,
    ask,
    ended,
    fetch,
    free_port,
    kg_serve,
    slowness,
    wait_until,
)
from tests.test_releases import copied
from tests.test_server import query_processes

HTML = {"Accept": "text/html"}

# --- locks ------------------------------------------------------------------------------


def test_a_lock_is_not_waited_for_without_end(tmp_path: Path) -> None:
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(tmp_path), locked_name(tmp_path / "name"):
            begun.set()
            done.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    begun.wait(5)
    try:
        for lock in (lambda: locked(tmp_path), lambda: locked_name(tmp_path / "name")):
            started = time.monotonic()
            with pytest.raises(Busy) as caught, within(0.2), lock():
                pass
            assert 0.2 <= time.monotonic() - started < 1.0 + slowness()
            assert caught.value.retry_after > 0
            assert caught.value.hint
    finally:
        done.set()
        holder.join()
    with within(0.2), locked(tmp_path), locked_name(tmp_path / "name"):
        pass
    assert list(tmp_path.iterdir()) == [], "a lock leaves no file"


def test_who_holds_a_lock_may_ask_for_it_again(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    with within(0.5), locked(tmp_path), locked(tmp_path), locked_name(a), locked_name(b), locked_name(a):
        pass
    assert list(tmp_path.iterdir()) == []


def test_many_who_want_one_name_have_it_one_after_the_other(tmp_path: Path) -> None:
    inside, most = [0], [0]

    def one() -> None:
        for _ in range(20):
            with locked_name(tmp_path / "name"):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.0005)
                inside[0] -= 1

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_an_export_that_asks_for_another_of_its_own_is_made(small_release: Release, tmp_path: Path) -> None:
    release = copied(small_release, tmp_path, "1.0.0")

    def outer(out: Any) -> None:
        inner = cached(release, "inner.txt", lambda inside: inside.write(b"inner"))
        out.write(inner.read_bytes() + b" and outer")

    with within(2):
        assert cached(release, "outer.txt", outer).read_bytes() == b"inner and outer"


# --- lanes ------------------------------------------------------------------------------


def scope(path: str) -> dict[str, Any]:
    said = {"type": "http", "http_version": "1.1", "method": "GET", "path": path}
    return {**said, "query_string": b"", "headers": []}


LANES = {"page": "/browse", "answer": "/data/id/x.ttl", "file": "/releases/1/x"}


@pytest.mark.parametrize("hanging", LANES)
def test_threads_that_hang_hold_up_nobody_else_and_are_seen(hanging: str) -> None:
    release = threading.Event()

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        if environ["PATH_INFO"] == LANES[hanging]:
            release.wait(20)
        start("200 OK", [])
        return [b"done"]

    async def main() -> None:
        bridge = Bridge(app, 0.3, threads={"page": 2, "answer": 2, "file": 2})
        started = time.monotonic()
        hung = [bridge.respond(scope(LANES[hanging]), b"", "") for _ in range(12)]
        refused = await asyncio.gather(*hung, return_exceptions=True)
        assert time.monotonic() - started < 2 * slowness()
        assert all(isinstance(error, Busy) for error in refused)
        assert [name for name, lane in bridge.lanes.items() if lane.stuck()] == [hanging]
        assert not bridge.lanes[hanging].stuck(10)
        for address in LANES.keys() - {hanging}:
            assert (await bridge.respond(scope(LANES[address]), b"", "")).body == b"done"
        release.set()
        wait_until(lambda: not bridge.lanes[hanging].stuck(), what="free threads")
        assert (await bridge.respond(scope(LANES[hanging]), b"", "")).body == b"done"
        bridge.close()

    asyncio.run(main())


def test_what_comes_too_late_is_put_away() -> None:
    dropped: list[str] = []
    go = threading.Event()

    def late() -> str:
        go.wait(10)
        return "late"

    async def main() -> None:
        lane: Lane[str] = Lane("x", 1, 0.1, dropped.append)
        with pytest.raises(Busy):
            await lane.run(late)
        go.set()
        await asyncio.to_thread(wait_until, lambda: dropped == ["late"])

    asyncio.run(main())


# --- the server -------------------------------------------------------------------------

HOLDER = """
import sys, time
from pathlib import Path
from kg.machine.locks import locked_name
with locked_name(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_that_a_stopped_process_holds_stops_nobody(small_release: Release, tmp_path: Path) -> None:
    release = copied(small_release, tmp_path / "releases", "1.0.0")
    command = [sys.executable, "-c", HOLDER, str(folder(release) / ".lock-stated.ttl")]
    with kg_serve(release, tmp_path, {"KG_PAGE_TIMEOUT": "2"}) as served:
        holder = subprocess.Popen(
            command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        with ended(holder):
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            os.kill(holder.pid, signal.SIGSTOP)
            replies = [fetch(f"{served.url}/releases/1.0.0/stated.ttl", timeout=20) for _ in range(3)]
            for reply in replies:
                assert (reply.status, reply.json()["code"]) == (503, "busy")
                assert int(reply.headers["Retry-After"]) > 0
                assert reply.json()["hint"]
            page = fetch(f"{served.url}/releases/1.0.0/stated.ttl", headers=HTML, timeout=20)
            assert (page.status, b"<html" in page.body) == (503, True)
            for path in ("/", "/releases/1.0.0/all.nt", "/search?q=pear", "/readyz"):
                assert fetch(served.url + path, timeout=20).status == 200, path
            os.kill(holder.pid, signal.SIGCONT)
        assert fetch(f"{served.url}/releases/1.0.0/stated.ttl", timeout=20).status == 200


def test_a_query_process_that_hangs_is_seen_and_replaced(small_release: Release, tmp_path: Path) -> None:
    environ = {"KG_WORKERS": "1", "KG_QUERY_WORKERS": "1", "KG_QUERY_TIMEOUT": "1"}
    with kg_serve(small_release, tmp_path, environ) as served:
        wait_until(lambda: len(query_processes(served)) == 2, what="a process and its spare")
        before = set(query_processes(served))
        for pid in before:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(1.1)  # what /readyz found a moment ago holds
        reply = fetch(served.url + "/readyz")
        assert reply.status == 503
        assert b"engine" in reply.body
        assert fetch(served.url + "/healthz").status == 200, "the process itself is alive"
        wait_until(lambda: fetch(served.url + "/readyz").status == 200, what="ready")
        assert before - set(query_processes(served))
        wait_until(lambda: ask(served.url, "ASK {}").status == 200, what="an answer")


def test_a_dead_engine_is_seen_told_and_comes_back(small_release: Release, tmp_path: Path) -> None:
    port = free_port()
    folder_ = tmp_path / "oxigraph"
    command = str(Path(sys.executable).parent / "oxigraph")
    for name, graph in (("dataset.nq", ""), ("dataset.ttl", MERGE), ("metadata.ttl", METADATA)):
        load = [command, "load", "-l", str(folder_), "-f", str(small_release.file(name))]
        subprocess.run([*load, *(["--graph", graph] if graph else [])], check=True, capture_output=True)
    run = [command, "serve-read-only", "-l", str(folder_), "-b", f"127.0.0.1:{port}"]
    url = f"http://127.0.0.1:{port}/query"

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: answers(f"{url}?query=ASK%7B%7D"), what="Oxigraph's server")
        return process

    environ = {"KG_QUERY_TIMEOUT": "2", "KG_ENDPOINT_GRAPH": MERGE}
    engine = start()
    try:
        with kg_serve(small_release, tmp_path, environ, url) as served:
            engine.kill()
            engine.wait()
            time.sleep(1.1)
            _is_told(served)
            engine = start()
            wait_until(lambda: fetch(served.url + "/readyz").status == 200, what="ready")
            assert fetch(served.url + "/page/id/tree/01", headers=HTML).status == 200
            assert ask(served.url, "ASK {}").status == 200
    finally:
        engine.kill()
        engine.wait()


def _is_told(served: Served) -> None:
    reply = fetch(served.url + "/readyz")
    assert reply.status == 503
    assert b"engine" in reply.body
    for path in ("/page/id/tree/01", "/data/id/tree/01.ttl", "/sparql?query=ASK%7B%7D"):
        told = fetch(served.url + path, headers={"Accept": "application/json"}).json()
        assert (told["status"], told["code"]) == (502, "engine-failed"), path
        assert "can't be reached" in told["detail"]
        assert "start it" in told["hint"]
    page = fetch(served.url + "/page/id/tree/01", headers={**HTML, "Accept-Language": "en"})
    assert page.status == 502
    assert b"does not answer" in page.body
    assert fetch(served.url + "/healthz").status == 200
