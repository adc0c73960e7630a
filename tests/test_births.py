"""Query processes forked by the nursery: that they are born, die and are told of, also when it goes."""

import asyncio
import os
import resource
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.engine.pool import member
from kg.engine.pool.pool import Pool
from kg.engine.process import births
from kg.engine.process.births import CAN_FORK, Child
from kg.errors import EngineError, ProcessLost
from kg.machine.system import readable
from tests.test_workers import QUICK, job, run, store

__all__ = ["store"]  # a fixture


def test_this_system_forks():
    """The tests below say nothing of the other way; Linux 5.3 and newer have this one."""
    assert CAN_FORK


COUNTING = "SELECT (COUNT(*) AS ?n) { { SELECT * { ?a ?p ?b . ?c ?q ?d } LIMIT 900000 } }"

LONGER = "SELECT (COUNT(*) AS ?n) { { SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f } LIMIT 9000000 } }"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_pool_outlives_its_nursery(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
):
    """What its processes were at begins anew, so nothing is lost; one that only hangs is replaced in time."""
    monkeypatch.setattr(births, "PATIENCE", 1.0)

    async def work(pool: Pool) -> None:
        slow = asyncio.ensure_future(pool.answer(job(COUNTING, client="a")))
        await asyncio.sleep(0.2)
        assert pool.crew._nursery is not None
        nursery = pool.crew._nursery._process
        assert nursery is not None
        os.kill(nursery.pid, number)
        if (
            number == signal.SIGSTOP
        ):  # it is missed when it is asked for a process, of which there is one too few
            free = [one for one in pool.members if one.ticket is None]
            for one in free[: len(pool.crew.fast()) - pool.crew.size + 1]:
                one.kill()
        assert b"900000" in (await slow).body
        assert (await pool.answer(job(QUICK, client="b"))).rows == 1
        assert await _replaced(pool, nursery.pid)

    run(store, tmp_path, work, timeout=20.0, memory=2**30)


def test_a_query_for_a_process_that_has_just_ended_is_answered_by_another(store: Path, tmp_path: Path):
    """Nobody had told the pool of its end, nor the process of the query."""

    async def work(pool: Pool) -> None:
        idle = pool.crew.idle[-1]
        os.kill(idle.process.pid, signal.SIGKILL)
        # Without giving way to the loop, which would hear of it.
        while not select.select([idle.socket], [], [], 1)[0]:
            pass
        assert (await pool.answer(job(QUICK))).rows == 1
        assert idle.ended and idle.unheard

    run(store, tmp_path, work)


def test_a_query_that_no_process_ever_hears_fails(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(member, "_UNHEARD", 3)
    send = member.Member._send
    unheard: list[bytes] = []

    def deaf(self: member.Member, head: bytes, body: bytes = b"") -> bool:
        return send(self, head) if not body else unheard.append(body) is not None

    monkeypatch.setattr(member.Member, "_send", deaf)

    async def work(pool: Pool) -> None:
        with pytest.raises(EngineError):
            await pool.answer(job(QUICK))
        assert len(unheard) == 3

    run(store, tmp_path, work)


@pytest.mark.parametrize("killed", [False, True])
def test_how_a_process_ended_is_waited_for(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
):
    """A nursery that is busy tells it late: until then nobody knows whether the query had to do with it."""
    monkeypatch.setattr(births, "PATIENCE", 30.0)

    async def work(pool: Pool) -> None:
        slow = asyncio.ensure_future(pool.answer(job(LONGER, client="a")))
        await asyncio.sleep(0.1)
        busy = next(one for one in pool.members if one.ticket is not None)
        assert pool.crew._nursery is not None and pool.crew._nursery._process is not None
        nursery = pool.crew._nursery._process.pid
        os.kill(nursery, signal.SIGSTOP)
        os.kill(busy.process.pid, signal.SIGKILL)
        await asyncio.sleep(0.7)
        assert not slow.done()
        os.kill(nursery, signal.SIGKILL if killed else signal.SIGCONT)
        if killed:  # so it is its nursery that it was lost with
            assert b"9000000" in (await slow).body
        else:
            with pytest.raises(ProcessLost):
                await slow

    run(store, tmp_path, work, timeout=20.0, memory=2**30)


async def _replaced(pool: Pool, old: int) -> bool:
    for _ in range(100):
        found = pool.crew._nursery._process if pool.crew._nursery is not None else None
        if found is not None and found.pid != old and any(member.ready for member in pool.members):
            return True
        await asyncio.sleep(0.1)
    return False


def test_a_process_is_born_in_a_moment(store: Path, tmp_path: Path):
    """Beside the first, which loads the engine: the point of a nursery."""

    async def work(pool: Pool) -> None:
        first = {member.process.pid for member in pool.members}
        began = time.process_time()
        for one in list(pool.members):
            one.kill()
        assert (await pool.answer(job(QUICK))).rows == 1
        assert time.process_time() - began < 0.2  # of this process: nothing is loaded here either
        assert not first & {member.process.pid for member in pool.members}
        parents = {_parent(member.process.pid) for member in pool.members if member.process.pid}
        assert len(parents) == 1 and os.getpid() not in parents

    run(store, tmp_path, work)


@pytest.fixture
def many_files() -> Iterator[None]:
    """More open files than select(2) has numbers for, as a server with a thousand clients has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4_096)), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]
    try:
        assert max(opened) > 1_024
        yield
    finally:
        for one in opened:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
def test_a_process_of_many_files_has_query_processes(store: Path, tmp_path: Path):
    """The socket to its nursery has such a number too."""

    async def work(pool: Pool) -> None:
        assert pool.crew._nursery is not None
        assert (await pool.answer(job(QUICK))).rows == 1

    run(store, tmp_path, work)


@pytest.mark.usefixtures("many_files")
def test_any_number_of_a_descriptor_is_waited_for():
    ours, theirs = os.pipe()
    try:
        assert ours > 1_024
        assert readable((ours,), 0) == set()
        os.write(theirs, b"!")
        assert readable((ours,)) == {ours}
    finally:
        os.close(ours)
        os.close(theirs)


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.parametrize("early", [True, False])
def test_a_child_is_ended_before_and_after_it_is_born(early: bool):
    """By its descriptor, so never another process that has come to have its number."""
    pid = os.fork()
    if pid == 0:
        time.sleep(30)
        os._exit(0)
    ended: list[int] = []
    child = Child(lambda: ended.append(1))
    if early:
        child.kill()
    child.born(pid, os.pidfd_open(pid))
    if not early:
        child.kill()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    child.ended(-signal.SIGKILL)
    assert (child.poll(), ended) == (-signal.SIGKILL, [1])
    child.kill()  # once more does nothing
