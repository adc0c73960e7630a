"""The pool of query processes: hard limits, fairness, and that nothing is left behind."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.engine import Dataset
from kg.engine.answers.spool import Written
from kg.engine.door import Policy, admit
from kg.engine.pool.jobs import FairQueue, Job, Ticket, UnfitFormat, header_of
from kg.engine.pool.member import Member
from kg.engine.pool.pool import Pool, PoolConfig
from kg.engine.pool.pooled import PooledEngine
from kg.engine.process import worker
from kg.engine.quirks import of
from kg.errors import (
    EngineBusy,
    EngineError,
    QueryError,
    QueryLimit,
    QueryRefused,
    QueryStopped,
    QuerySyntaxError,
)
from kg.machine.system import priority
from tests.servers import slowness

FOR_EVER = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f . ?g ?s ?h }"
GROWING = "SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f } ORDER BY ?f"
QUICK = "SELECT * { <http://example.org/5> ?p ?o }"
TIMEOUT = 1.0


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    made = ox.Store(str(folder))
    iri = "http://example.org/"
    made.bulk_extend(
        ox.Quad(
            ox.NamedNode(f"{iri}{i}"), ox.NamedNode(f"{iri}p{i % 5}"), ox.NamedNode(f"{iri}{i * 7 % 3000}")
        )
        for i in range(3000)
    )
    made.flush()
    return folder


def run(store: Path, tmp_path: Path, work: Callable[[Pool], Awaitable[None]], **options: object) -> None:
    """Do some work with a pool of its own, and check that it leaves neither processes nor files."""

    async def main() -> None:
        settings = {
            "timeout": TIMEOUT,
            "memory": 200 * 2**20,
            "result_size": 3_000_000,
            "wait": 5.0,
            **options,
        }
        pool = Pool(PoolConfig(store=store, spool=tmp_path, **settings))
        pool.start()
        assert await pool.ready(20)
        while not all(member.ready for member in pool.members):
            await asyncio.sleep(0.01)
        processes = list(pool.members)
        try:
            await work(pool)
        finally:
            processes = [member.process for member in {*processes, *pool.members}]
            await pool.close()
        for _ in range(100):
            if all(process.poll() is not None for process in processes):
                break
            await asyncio.sleep(0.05)
        assert all(process.poll() is not None for process in processes)

    asyncio.run(main())
    assert list(tmp_path.iterdir()) == []


def job(text: str, **options: object) -> Job:
    """A query on its way, admitted as the server does."""
    return Job(admit(text, Policy(quirks=of())), **options)


async def fails(kind: type[Exception], pool: Pool, job: Job) -> Exception:
    with pytest.raises(kind) as caught:
        await pool.answer(job)
    return caught.value


def test_answers_are_whole_and_true(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        written = await pool.answer(job("SELECT ?s { ?s ?p ?o } LIMIT 7", results_format="tsv"))
        assert isinstance(written.body, bytes)
        assert (written.kind, written.format, written.rows, written.length) == (
            "select",
            "tsv",
            7,
            len(written.body),
        )
        graph = await pool.answer(job("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 7"))
        assert (graph.kind, graph.format, graph.rows) == ("graph", "nt", 7)
        ask = await pool.answer(job("ASK {}"))
        assert (ask.kind, ask.rows, ask.body) == ("ask", 1, b'{"head":{},"boolean":true}')

    run(store, tmp_path, work)


def test_a_large_answer_comes_as_a_file_and_a_small_one_not(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        large = await pool.answer(job("SELECT * { ?a ?p ?b . ?c ?q ?d } LIMIT 9000"))
        assert isinstance(large.body, Path)
        assert large.body.stat().st_size == large.length > 1_000_000
        assert large.rows == 9000
        large.body.unlink()
        small = await pool.answer(job("SELECT * { ?a ?p ?b } LIMIT 2000"))
        assert isinstance(small.body, bytes)

    run(store, tmp_path, work, timeout=20.0)


def test_the_result_is_bounded(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        error = await fails(QueryLimit, pool, job("SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"))
        assert error.limit == "KG_RESULT_SIZE"
        assert (await pool.answer(job(QUICK))).rows == 1

    run(store, tmp_path, work, timeout=10.0)


def test_time_is_bounded_while_others_are_answered(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        started = time.monotonic()
        slow = asyncio.ensure_future(fails(QueryLimit, pool, job(FOR_EVER, client="a")))
        waits = []
        while not slow.done():
            begun = time.monotonic()
            await pool.answer(job(QUICK, client="b"))
            waits.append(time.monotonic() - begun)
        error = await slow
        assert error.limit == "KG_QUERY_TIMEOUT"
        assert TIMEOUT <= time.monotonic() - started < TIMEOUT + 1
        assert len(waits) > 10

    run(store, tmp_path, work)


def test_a_client_s_own_timeout_is_shorter_never_longer(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        for own, expected in ((0.2, 0.2), (60.0, TIMEOUT)):
            started = time.monotonic()
            await fails(QueryLimit, pool, job(FOR_EVER, timeout=own))
            assert expected <= time.monotonic() - started < expected + slowness()

    run(store, tmp_path, work)


def test_a_process_gives_back_what_a_query_took_and_stays(store: Path, tmp_path: Path):
    """To replace it would cost the engine's caches, which on a large store are most of its speed."""
    rows = "SELECT DISTINCT * { ?a ?p ?b . ?c ?q ?d } LIMIT 300000"

    async def work(pool: Pool) -> None:
        processes = {member.process.pid for member in pool.members}
        watched = asyncio.ensure_future(pool.answer(job(f"SELECT (COUNT(*) AS ?n) {{ {rows} }}")))
        most = 0
        while not watched.done():
            most = max(most, *(member.resident() for member in pool.members))
            await asyncio.sleep(0.005)
        assert watched.result().rows == 1
        assert most > 50 * 2**20
        assert max(member.resident() for member in pool.members) < 40 * 2**20
        assert processes <= {member.process.pid for member in pool.members}

    run(store, tmp_path, work, memory=2**30, timeout=120.0)  # what it takes is looked at, not how long


def test_memory_is_bounded_and_comes_back(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        error = await fails(QueryLimit, pool, job(GROWING))
        assert error.limit == "KG_QUERY_MEMORY"
        for _ in range(20):
            assert (await pool.answer(job(QUICK))).rows == 1
        assert all(member.resident() < 64 * 2**20 for member in pool.members)

    run(store, tmp_path, work, timeout=20.0)


def test_a_query_that_takes_long_lets_others_go_first_on_the_processor(store: Path, tmp_path: Path):
    """Short queries and pages share its core; where a process may not take its place back, it ends."""
    ours = priority()

    async def work(pool: Pool) -> None:
        slow = asyncio.create_task(fails(QueryLimit, pool, job(FOR_EVER)))
        while not any(member.slowed for member in pool.members):
            assert not slow.done(), "the query has had all of its time and never stepped back"
            await asyncio.sleep(0.02)
        (busy,) = [member for member in pool.members if member.ticket]
        assert priority(busy.process.pid) == min(ours + 10, 19)
        others = [member for member in pool.members if member is not busy and member.ready]
        assert others and {priority(member.process.pid) for member in others} == {ours}
        await slow
        assert (await pool.answer(job(QUICK))).rows == 1
        assert {priority(member.process.pid) for member in pool.members if member.ready} == {ours}

    run(store, tmp_path, work)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * " + "{" * 9000 + "}" * 9000,
        "SELECT * { FILTER(" + "(" * 9000 + "1" + ")" * 9000 + ") }",
        "SELECT * { FILTER(" + "!" * 30000 + "true) }",
        "SELECT * { ?s " + "(" * 9000 + "<x:p>" + ")*" * 9000 + " ?o }",
        "SELECT ?l { BIND('aaaaaaaaaaaaaaaa' AS ?a0) "
        + " ".join(f"BIND(CONCAT(?a{i}, ?a{i}, ?a{i}, ?a{i}) AS ?a{i + 1})" for i in range(14))
        + " BIND(STRLEN(?a14) AS ?l) }",
        "SELECT * { ?s " + " ; ".join(f"<x:p{i}> ?o{i}" for i in range(400)) + " }",
    ],
    ids=["braces", "brackets", "not", "paths", "doubling", "star"],
)
def test_what_kills_a_process_is_an_error_and_the_next_is_answered(store: Path, tmp_path: Path, query: str):
    """The guard refuses most of these; the pool survives them without it."""

    async def work(pool: Pool) -> None:
        started = time.monotonic()
        try:
            await pool.answer(job(query))
        except QueryError as error:
            assert not isinstance(error, EngineBusy)
        assert time.monotonic() - started < TIMEOUT + 1
        assert (await pool.answer(job(QUICK))).rows == 1

    run(store, tmp_path, work)


def test_a_function_that_finds_no_memory_is_no_unbound_value(store: Path, tmp_path: Path):
    """Asked of the process itself, as the pool that watches its memory may be quicker."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-P", "-m", "kg.engine.process.worker", str(theirs.fileno())]
    text = "SELECT (STRLEN(?z) AS ?n) { BIND('" + "a" * 30_000 + "' AS ?a) BIND(REPLACE(?a,'a',?a) AS ?y) "
    text += "BIND(REPLACE(?y,'a',?a) AS ?z) }"
    admitted = admit(text, Policy(quirks=of()))
    config = {"store": str(store), "spool": str(tmp_path / "spool"), "memory": 2**27, "result_size": 10**6}
    with subprocess.Popen(command, pass_fds=[theirs.fileno()]) as process, ours:
        theirs.close()
        worker.send(ours, config)
        assert worker.receive(ours)[0]["ready"]
        header = json.loads(header_of(Job(admitted), None))
        worker.send(ours, header, admitted.order.sparql.encode())
        with pytest.raises((EOFError, ConnectionError)):
            print(worker.receive(ours))
        process.wait(20)
        assert process.returncode == 77


def test_a_process_that_is_killed_is_replaced(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        for member in list(pool.members):
            os.kill(member.process.pid, signal.SIGKILL)
        await asyncio.sleep(0.1)
        assert (await pool.answer(job(QUICK))).rows == 1
        assert len(pool.members) == pool.config.workers + 1  # and the spare

    run(store, tmp_path, work)


def test_to_cancel_is_to_stop(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        task = asyncio.ensure_future(pool.answer(job(FOR_EVER)))
        await asyncio.sleep(0.2)
        busy = [member.process for member in pool.members if member.ticket]
        assert len(busy) == 1
        task.cancel()
        await asyncio.sleep(0.3)
        assert busy[0].poll() is not None
        assert pool.running == 0

    run(store, tmp_path, work)


def test_its_owner_stops_a_query_by_its_id(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        id = "0123456789abcdef"
        slow = asyncio.ensure_future(fails(QueryStopped, pool, job(FOR_EVER, id=id)))
        await asyncio.sleep(0.2)
        refused = await fails(QueryRefused, pool, job(QUICK, id=id))
        assert refused.limit == "query-id"
        assert not pool.stop("fedcba9876543210")
        assert pool.stop(id)
        await asyncio.wait_for(slow, 0.5)
        assert not pool.stop(id)

    run(store, tmp_path, work)


def test_the_queue_is_bounded_and_fair(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        flood = [asyncio.ensure_future(pool.answer(job(FOR_EVER, client="a"))) for _ in range(10)]
        await asyncio.sleep(0.1)
        refused = [task for task in flood if task.done()]
        assert len(refused) == 10 - 1 - 4  # one runs, half of the queue waits
        assert all(isinstance(task.exception(), EngineBusy) for task in refused)
        started = time.monotonic()
        assert (await pool.answer(job(QUICK, client="b"))).rows == 1
        assert time.monotonic() - started < 0.5
        for task in flood:
            task.cancel()
        await asyncio.gather(*flood, return_exceptions=True)

    run(store, tmp_path, work, queue=8)


def test_a_client_whose_query_was_ended_waits_for_the_new_process(store: Path, tmp_path: Path):
    """Else it would take the last process while its first is replaced, and others would wait for both."""

    async def work(pool: Pool) -> None:
        one = job(FOR_EVER, client="a", timeout=0.2)
        flood = [asyncio.ensure_future(pool.answer(one)) for _ in range(4)]
        waits = []
        while not all(task.done() for task in flood):
            begun = time.monotonic()
            await pool.answer(job(QUICK, client="b"))
            waits.append(time.monotonic() - begun)
            fast = [m.ticket.job.client for m in pool.members if m.ticket is not None and not m.aside]
            assert fast.count("a") <= 1
        assert all(isinstance(task.exception(), QueryLimit) for task in flood)
        assert max(waits) < 0.2 * slowness()

    run(store, tmp_path, work, wait=20.0)


def test_waiting_is_bounded(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        slow = [asyncio.ensure_future(pool.answer(job(FOR_EVER, client=c))) for c in "ab"]
        await asyncio.sleep(0.1)
        error = await fails(EngineBusy, pool, job(QUICK, client="c"))
        assert error.retry_after > 0
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)

    run(store, tmp_path, work, wait=0.3, timeout=5.0, long=0)


def test_turns_go_round_the_clients():
    async def main() -> None:
        queue = FairQueue()
        loop = asyncio.get_running_loop()
        for client in ("a", "a", "a", "b", "c", "b"):
            queue.add(Ticket(job("", client=client), loop.create_future()))
        order = [queue.take(lambda _: True).job.client for _ in range(6)]
        assert order == ["a", "b", "c", "a", "b", "a"]
        assert queue.take(lambda _: True) is None

    asyncio.run(main())


def test_errors_come_as_what_they_are(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        syntax = await fails(QuerySyntaxError, pool, job("SELECT *\n{ ?s ?p }"))
        assert syntax.line == 2
        unfit = await fails(UnfitFormat, pool, job("ASK {}", results_format=None))
        assert unfit.kind == "ask"
        assert (
            await fails(UnfitFormat, pool, job("CONSTRUCT WHERE {?s ?p ?o}", graph_format=None))
        ).kind == "graph"
        graph = "http://example.org/g"
        await fails(QueryError, pool, job("ASK {}", dataset=Dataset(default=("no iri",))))
        empty = await pool.answer(job("SELECT * { ?s ?p ?o }", dataset=Dataset(default=(graph,))))
        assert empty.rows == 0

    run(store, tmp_path, work)


def test_a_query_process_has_no_network(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        if not all(member.isolated for member in pool.members):
            pytest.skip("this kernel lets no process give up its network; the guard alone refuses SERVICE")
        await fails(EngineError, pool, job("SELECT * { SERVICE <http://127.0.0.1:8080/> { ?s ?p ?o } }"))
        for member in pool.members:
            ours = Path("/proc/self/ns/net").readlink()
            assert Path(f"/proc/{member.process.pid}/ns/net").readlink() != ours

    run(store, tmp_path, work)


def test_a_process_that_keeps_memory_is_replaced(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Where the C library gives nothing back, each would in the end hold as much as one query may."""

    async def work(pool: Pool) -> None:
        monkeypatch.setattr(Member, "resident", lambda _self: pool.config.memory // 2)
        long = asyncio.create_task(pool.answer(job("SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d }")))
        while not (busy := [member for member in pool.members if member.ticket]) and not long.done():
            await asyncio.sleep(0.001)
        assert (await long).rows == 1
        monkeypatch.undo()
        assert busy[0] not in pool.crew.idle
        assert (await pool.answer(job(QUICK))).rows == 1

    run(store, tmp_path, work, timeout=60.0)


ABANDONED = """
import asyncio, os, sys
from pathlib import Path
from kg.engine.door import Policy, admit
from kg.engine.pool.jobs import Job
from kg.engine.quirks import of
from kg.engine.pool.pool import Pool, PoolConfig

async def main():
    pool = Pool(PoolConfig(Path(sys.argv[1]), Path(sys.argv[2])))
    pool.start()
    await pool.ready(20)
    busy = [asyncio.create_task(pool.answer(Job(admit(text, Policy(quirks=of()))))) for text in sys.argv[3:]]
    await asyncio.sleep(0.5 if busy else 0)
    print(sum(member.ticket is not None for member in pool.members))
    print(*(member.process.pid for member in pool.members), flush=True)
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""


@pytest.mark.parametrize("texts", [(), (FOR_EVER,)], ids=["idle", "at work"])
def test_query_processes_end_with_their_parent(texts: tuple[str, ...], store: Path, tmp_path: Path):
    """One that waits sees its socket closed; one that is at work reads none, and would work for ever."""
    command = [sys.executable, "-c", ABANDONED, str(store), str(tmp_path), *texts]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    at_work, *pids = map(int, done.stdout.split())
    assert at_work == len(texts) and len(pids) >= 3, done.stderr
    deadline = time.monotonic() + 2
    while any(_runs(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_pool_that_can_t_start_says_so(tmp_path: Path):
    async def main() -> None:
        pool = Pool(PoolConfig(store=tmp_path / "none", spool=tmp_path))
        pool.start()
        assert not await pool.ready(10)
        await pool.close()

    asyncio.run(main())


def test_pages_ask_through_the_pool_under_the_same_limits(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        engine = PooledEngine(pool, asyncio.get_running_loop(), "x")
        result = await asyncio.to_thread(engine.query, "SELECT ?p ?o { <http://example.org/5> ?p ?o }")
        assert result.variables == ("p", "o")
        assert len(result) == 1
        assert len(await asyncio.to_thread(engine.query, "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 3")) == 3
        with pytest.raises(QueryLimit):
            await asyncio.to_thread(engine.query, FOR_EVER)
        with pytest.raises(QueryRefused):
            await asyncio.to_thread(engine.query, "SELECT * { SERVICE <http://127.0.0.1/> {} }")

    run(store, tmp_path, work)


def test_bytes_are_the_same_in_every_process(store: Path, tmp_path: Path):
    """A strong ETag promises it."""
    queries = [
        "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p",
        "SELECT DISTINCT ?o { ?s ?p ?o } LIMIT 500",
        "SELECT * { ?s ?p ?o . ?o ?q ?r } LIMIT 500",
        "CONSTRUCT { ?o ?p ?s } WHERE { ?s ?p ?o } LIMIT 500",
    ]
    seen: dict[str, set[str]] = {query: set() for query in queries}

    async def work(pool: Pool) -> None:
        for query in queries:
            written: list[Written] = await asyncio.gather(*(pool.answer(job(query, client=c)) for c in "abc"))
            seen[query] |= {one.sha256 for one in written}

    run(store, tmp_path, work)
    run(store, tmp_path, work)
    assert {query: len(digests) for query, digests in seen.items()} == dict.fromkeys(queries, 1)
