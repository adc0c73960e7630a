"""Robust under its own load: processes killed or stopped, many connections, readers that don't read.

What is lost is one query at most for each, and it says so; nothing is ever wrong under a 200.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kg.release import Release
from tests.rooms import small_disk
from tests.servers import Served, ask, fetch, kg_serve, wait_until
from tests.test_releases import copied
from tests.test_server import query_processes, start_query

pytestmark = [pytest.mark.long, pytest.mark.alone]


def count(mark: object) -> str:
    """A query whose answer is known; each mark makes another, so that it is asked, not remembered."""
    return f"SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o FILTER(?s != <x:{mark}>) }}"


PROCESSES = 6
"""Two server processes have two query processes each, and a spare."""
LARGE = "SELECT * { ?a ?p ?b . ?c ?q ?d } LIMIT 40000"


class Load:
    """Clients that ask all the time, each for an answer that is known; what they got is counted."""

    def __init__(self, served: Served, clients: int = 6) -> None:
        self.served = served
        self.right = json.loads(ask(served.url, count("first")).body)["results"]["bindings"]
        self.seen: Counter[str] = Counter()
        self.wrong: list[object] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(clients)]
        self.threads.append(threading.Thread(target=self._read))

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def _ask(self, number: int) -> None:
        turn = 0
        while not self.stop.is_set():
            turn += 1
            self._note(lambda n=turn: ask(self.served.url, count(f"{number}-{n}")), self._is_right)

    def _read(self) -> None:
        address, page = f"{self.served.url}/page/id/tree/01", {"Accept": "text/html"}
        while not self.stop.is_set():
            self._note(lambda: fetch(address, headers=page), lambda body: b"</html>" in body)

    def _is_right(self, body: bytes) -> bool:
        return bool(json.loads(body)["results"]["bindings"] == self.right)

    def _note(self, call: Callable[[], object], right: Callable[[bytes], bool]) -> None:
        try:
            reply = call()
        except OSError:  # the connection broke, which nobody takes for an answer
            self.seen["broken"] += 1
            return
        status, body = reply.status, reply.body  # type: ignore[attr-defined]
        self.seen[str(status)] += 1
        if status == 200 and not right(body):
            self.wrong.append(body)
        elif status >= 400:
            self.seen[json.loads(body)["code"] if body.startswith(b"{") else "page"] += 1
            if status == 503 and not reply.headers["Retry-After"]:  # type: ignore[attr-defined]
                self.wrong.append(body)

    def lost(self) -> int:
        """How many questions got no answer."""
        return sum(count for status, count in self.seen.items() if status == "broken" or status[0] in "45")


@pytest.fixture
def served(small_release: Release, tmp_path: Path) -> Iterator[Served]:
    environ = {"KG_QUERY_TIMEOUT": "3", "KG_REQUEST_TIMEOUT": "10"}
    with kg_serve(small_release, tmp_path, environ, anew=True) as found:
        wait_until(lambda: len(query_processes(found)) == PROCESSES, 30, "all query processes")
        yield found


def stop_all(served: Served) -> set[int]:
    """Suspend all query processes; return them."""
    stopped = set(query_processes(served))
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    return stopped


def is_whole_again(served: Served, load: Load) -> None:
    """All processes are there, none too many, and everybody is answered."""
    wait_until(
        lambda: len(served.children()) == 2 and len(query_processes(served)) == PROCESSES,
        60,
        lambda: f"2 and {PROCESSES} processes ({len(served.children())}, {len(query_processes(served))})",
    )
    wait_until(lambda: fetch(served.url + "/readyz").status == 200, 30, "ready")
    time.sleep(2)  # what the dead one was asked has been told by now
    before = load.lost()
    time.sleep(2)
    assert load.lost() == before, load.seen
    assert load.seen["200"] > 20, load.seen
    assert load.wrong == []


def test_query_processes_that_are_killed(served: Served) -> None:
    with Load(served) as load:
        time.sleep(1)
        for kills in range(1, 6):
            os.kill(next(iter(query_processes(served))), signal.SIGKILL)
            time.sleep(0.5)
            assert load.lost() <= kills, "at most the one query that it was at"
        is_whole_again(served, load)
    assert set(load.seen) <= {"200", "503", "busy"}, load.seen


def test_query_processes_that_are_stopped(served: Served) -> None:
    """One that is never asked is never missed; one that is asked loses that query, and is replaced."""
    with Load(served) as load:
        time.sleep(1)
        stopped = stop_all(served)
        wait_until(lambda: len(stopped & query_processes(served).keys()) < PROCESSES, 60, "the end of one")
        is_whole_again(served, load)
        assert load.seen["503"] <= PROCESSES, "the one query that each was at"
        assert load.seen["503"] == load.seen["busy"] >= 1
    assert set(load.seen) <= {"200", "503", "busy"}, load.seen


def test_query_processes_that_had_no_processor_for_a_while(served: Served) -> None:
    """What they were at counts as long and moves aside; the lane has no process too many for ever."""
    with Load(served) as load:
        time.sleep(1)
        starved = stop_all(served)
        wait_until(lambda: len(query_processes(served)) > PROCESSES, 10, "one more for one that moved aside")
        for pid in starved:
            os.kill(pid, signal.SIGCONT)
        is_whole_again(served, load)
    assert set(load.seen) == {"200"}, load.seen


def nurseries(served: Served) -> list[int]:
    """The processes that query processes are born of."""
    return [pid for pid in map(parent, query_processes(served)) if pid and pid not in served.children()]


def parent(pid: int) -> int:
    """The process that another was born of, 0 where that is gone by now."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def test_a_nursery_that_is_killed(served: Served) -> None:
    """Its children die with it; what they were at begins anew, so that nothing at all is lost."""
    with Load(served) as load:
        time.sleep(1)
        os.kill(nurseries(served)[0], signal.SIGKILL)
        is_whole_again(served, load)
    assert set(load.seen) == {"200"}, load.seen


def test_a_nursery_that_is_stopped(served: Served) -> None:
    """It is missed when a process is wanted, and replaced."""
    with Load(served) as load:
        time.sleep(1)
        stopped = nurseries(served)[0]
        child = next(pid for pid in query_processes(served) if parent(pid) == stopped)
        os.kill(stopped, signal.SIGSTOP)
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: stopped not in nurseries(served), 60, "its end")
        is_whole_again(served, load)
        assert "hangs" in served.log.read_text()
    assert set(load.seen) <= {"200", "503", "busy"}, load.seen
    assert load.lost() <= 2, "one query, by its status and its code"


def test_a_server_process_that_is_killed(served: Served) -> None:
    with Load(served) as load:
        time.sleep(1)
        os.kill(served.children()[0], signal.SIGKILL)
        is_whole_again(served, load)
    assert load.seen["broken"] <= len(load.threads), "what the clients were at"
    assert set(load.seen) <= {"200", "broken"}, load.seen


def test_a_server_process_that_is_stopped(served: Served) -> None:
    with Load(served) as load:
        time.sleep(1)
        stopped = served.children()[0]
        os.kill(stopped, signal.SIGSTOP)
        wait_until(lambda: stopped not in served.children(), 60, "its end")
        is_whole_again(served, load)
        assert "no sign of life" in served.log.read_text()
    assert set(load.seen) <= {"200", "broken"}, load.seen


def test_a_server_process_that_dies_while_the_disk_is_full_comes_back(
    small_release: Release, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", 32) as disk:
        release = copied(small_release, disk.path / "releases", "1.0.0")
        (disk.path / "tmp").mkdir()
        with kg_serve(release, tmp_path, {"TMPDIR": str(disk.path / "tmp")}, anew=True) as served:
            with disk.full(*served.everyone()):
                for _ in range(2):
                    os.kill(served.children()[0], signal.SIGKILL)
                    time.sleep(1)
                wait_until(lambda: len(query_processes(served)) == PROCESSES, 60, "processes on a full disk")
                os.kill(next(iter(query_processes(served))), signal.SIGKILL)
                time.sleep(2)
                assert ask(served.url, "ASK {}").status == 200
            wait_until(lambda: len(query_processes(served)) == PROCESSES, 60, "all processes")
            for _ in range(10):
                assert ask(served.url, "ASK {}").status == 200
            assert served.process.poll() is None


def test_five_hundred_connections(served: Served) -> None:
    """Most are idle, as browsers leave them; some ask all the time."""
    with ExitStack() as clients, Load(served) as load:
        held = [
            clients.enter_context(socket.create_connection(("127.0.0.1", served.port))) for _ in range(500)
        ]
        for client in held:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        for client in held:
            client.settimeout(20)
            assert client.recv(200).startswith(b"HTTP/1.1 200")
        time.sleep(2)
    assert set(load.seen) == {"200"}, load.seen
    assert load.wrong == []


def test_readers_that_do_not_read(served: Served) -> None:
    """They hold neither processes nor threads, and are left after their time."""
    with ExitStack() as clients, Load(served) as load:
        for _ in range(30):
            client = clients.enter_context(start_query(served, LARGE))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        time.sleep(3)
        before = load.seen["200"]
        time.sleep(3)
        assert load.seen["200"] > before + 10, load.seen
        assert fetch(served.url + "/readyz").status == 200
        open_ = {pid: len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in served.children()}
        wait_until(
            lambda: (
                sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in served.children())
                < sum(open_.values()) - 20
            ),
            60,
            "an end of patience",
        )
    assert load.wrong == []
    assert set(load.seen) <= {"200", "503", "busy"}, load.seen
