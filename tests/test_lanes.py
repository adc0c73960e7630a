"""Short queries beside long ones: who runs, who moves aside, who steps back."""

import asyncio
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine import Dataset
from kg.engine.pool.jobs import Ticket
from kg.engine.pool.lanes import SHORT, Lanes, Running, is_long
from kg.engine.pool.pool import Pool, PoolConfig
from kg.errors import EngineBusy, QueryLimit
from tests.servers import slowness
from tests.test_workers import FOR_EVER, GROWING, QUICK, fails, job, run, store

__all__ = ["store"]  # a fixture


def ticket(client: str, sparql: str = "", dataset: Dataset | None = None) -> Ticket:
    asked = job(sparql, client=client, dataset=dataset)
    return Ticket(asked, asyncio.Future(loop=asyncio.new_event_loop()))


def test_a_query_is_long_when_it_has_worked_or_waited_long():
    assert not is_long(SHORT, SHORT)
    assert is_long(SHORT * 1.1, SHORT)
    assert not is_long(SHORT * 3, 0.0)  # the processor had no time for it
    assert is_long(SHORT * 6, 0.0)


def test_a_newcomer_with_a_free_slot_takes_it():
    lanes = Lanes(10, slots=1)
    assert lanes.who_yields(ticket("a"), []) is None


def test_a_client_with_more_slots_gives_one_up_and_its_newest_query_goes():
    lanes = Lanes(10, slots=2)
    old, young, newcomer = ticket("a"), ticket("a"), ticket("b")
    assert lanes.who_yields(newcomer, [Running(old, 1.0), Running(young, 2.0)]) is young
    assert lanes.who_yields(ticket("a"), [Running(old, 1.0), Running(young, 2.0)]) not in (old, young)


def test_a_text_that_was_long_waits_with_the_long_until_it_is_short():
    lanes = Lanes(10, slots=1)
    first = ticket("a", "x")
    lanes.put_back(first)
    assert lanes.next_long([]) is first
    again = ticket("b", "x")
    lanes.add(again)
    assert lanes.next_short(lambda _: True) is None
    lanes.forget(again.job)
    other = ticket("c", "x")
    lanes.add(other)
    assert lanes.next_short(lambda _: True) is other


def test_a_client_that_has_no_more_slots_than_the_newcomer_would_have_keeps_them():
    lanes = Lanes(10, slots=2)
    newcomer = ticket("c")
    running = [Running(ticket("a"), 1.0), Running(ticket("b"), 2.0)]
    assert lanes.who_yields(newcomer, running) is newcomer


def is_known(lanes: Lanes, text: str, dataset: Dataset | None = None) -> bool:
    """Whether a text waits with the long from the start; takes it out again."""
    one = ticket("known", text, dataset)
    lanes.add(one)
    with_the_long = one in lanes.long
    lanes.remove(one)
    return with_the_long


def test_the_texts_that_were_long_last_are_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("kg.engine.pool.lanes._REMEMBERED", 2)
    lanes = Lanes(10, slots=1)
    for text in ("x", "y", "x", "z"):
        lanes.put_back(ticket("a", text))
    assert [is_known(lanes, text) for text in "xyz"] == [True, False, True]


def test_a_text_that_is_long_over_all_may_be_short_over_one_graph():
    lanes = Lanes(10, slots=1)
    lanes.put_back(ticket("a", "x"))
    assert is_known(lanes, "x")
    assert not is_known(lanes, "x", Dataset(("http://example.org/g",)))


def test_a_long_query_is_overdue_when_it_has_waited_for_half_of_its_time():
    lanes = Lanes(10, slots=1)
    short, long = ticket("a", "x"), ticket("a", "y")
    short.entered -= 100
    lanes.add(short)
    lanes.put_back(long)
    assert not lanes.is_overdue(10)
    long.entered -= 6
    assert lanes.is_overdue(10)
    assert not lanes.is_overdue(20)


@given(st.lists(st.sampled_from("aaab"), min_size=1, max_size=20), st.integers(1, 4))
def test_long_slots_go_to_who_has_fewest(clients: list[str], slots: int):
    lanes = Lanes(100, slots)
    for number, client in enumerate(clients):
        lanes.put_back(ticket(client, str(number)))
    running: list[Running] = []
    while (found := lanes.next_long(running)) is not None:
        held = [one.ticket.job.client for one in running]
        waiting = {found.job.client, *lanes.long.clients()}
        assert held.count(found.job.client) == min(held.count(client) for client in waiting)
        running.append(Running(found, 0.0))
    assert len(running) == min(slots, len(clients))
    assert len(lanes) == len(clients) - len(running)


def test_both_lines_share_the_places_of_a_client():
    lanes = Lanes(4, slots=1)
    lanes.put_back(ticket("a", "x"))
    lanes.add(ticket("a", "y"))
    with pytest.raises(EngineBusy):
        lanes.add(ticket("a", "z"))
    lanes.add(ticket("b", "z"))


@pytest.mark.parametrize("endless", [1, 2, 4, 8])
def test_short_queries_go_on_beside_endless_ones_of_the_same_client(
    store: Path, tmp_path: Path, endless: int
):
    async def work(pool: Pool) -> None:
        queries = [f"{FOR_EVER} # {number}" for number in range(endless)]
        slow = [asyncio.ensure_future(pool.answer(job(query, client="a"))) for query in queries]
        await asyncio.sleep(SHORT * 3 * endless)
        waits = []
        for _ in range(40):
            begun = time.monotonic()
            assert (await pool.answer(job(QUICK, client="a"))).rows == 1
            waits.append(time.monotonic() - begun)
            await asyncio.sleep(0.01)
        assert sorted(waits)[len(waits) // 2] < 0.05 * slowness()
        assert sum(m.aside for m in pool.members) == min(endless, 2)
        assert len(pool.members) <= pool.config.workers + pool.config.long + 1
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)

    run(store, tmp_path, work, timeout=60.0, wait=60.0)


def test_a_long_query_that_stepped_back_is_answered_in_the_end(store: Path, tmp_path: Path):
    counting = "SELECT (COUNT(*) AS ?n) { { SELECT * { ?a ?p ?b . ?c ?q ?d } LIMIT 900000 } }"

    async def work(pool: Pool) -> None:
        queries = [f"{counting} # {number}" for number in range(4)]
        answers = await asyncio.gather(*(pool.answer(job(query, client="a")) for query in queries))
        assert [answer.body for answer in answers] == [answers[0].body] * 4
        assert b"900000" in answers[0].body

    run(store, tmp_path, work, long=1, timeout=60.0, wait=60.0, memory=2**30)


def test_a_process_that_the_lane_needs_no_more_goes(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Each long query that ends gives its process back to a lane that is full by then."""
    monkeypatch.setattr("kg.engine.pool.crew.SURPLUS", 0.2)
    counting = "SELECT (COUNT(*) AS ?n) { { SELECT * { ?a ?p ?b . ?c ?q ?d } LIMIT 900000 } }"

    async def work(pool: Pool) -> None:
        queries = [f"{counting} # {number}" for number in range(2)]
        slow = [asyncio.ensure_future(pool.answer(job(query, client="a"))) for query in queries]
        while not any(member.aside for member in pool.members):
            await asyncio.sleep(0.01)
        assert len(pool.members) > pool.crew.size
        await asyncio.gather(*slow)
        for _ in range(500):
            assert (await pool.answer(job(QUICK))).rows == 1
            if len(pool.members) == pool.crew.size:
                break
            await asyncio.sleep(0.02)
        assert len(pool.members) == pool.crew.size == pool.config.workers + 1
        assert all(member.ready for member in pool.members), "nobody was ended that had to be replaced"

    run(store, tmp_path, work, timeout=60.0, wait=60.0, memory=2**30)


def test_a_long_query_waits_no_longer_than_allowed(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        slow = asyncio.ensure_future(pool.answer(job(f"{FOR_EVER} # 1", client="a")))
        await asyncio.sleep(SHORT * 4)
        error = await fails(EngineBusy, pool, job(f"{FOR_EVER} # 2", client="a"))
        assert error.retry_after > 0
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)

    run(store, tmp_path, work, long=1, wait=0.5, timeout=20.0)


def test_memory_is_bounded_for_all_together(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        jobs = [job(f"{GROWING} # {number}", client=str(number)) for number in range(2)]
        errors = await asyncio.gather(*(fails(QueryLimit, pool, one) for one in jobs))
        assert "KG_QUERY_MEMORY_ALL" in {error.limit for error in errors}

    run(store, tmp_path, work, timeout=20.0, memory=2**30, all_memory=150 * 2**20, result_size=10**9)


def test_the_largest_query_has_to_go_for_all_and_others_stay(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        small = asyncio.ensure_future(pool.answer(job(FOR_EVER, client="a")))
        error = await fails(QueryLimit, pool, job(GROWING, client="b"))
        assert error.limit == "KG_QUERY_MEMORY_ALL"
        assert not small.done()
        small.cancel()
        await asyncio.gather(small, return_exceptions=True)

    run(store, tmp_path, work, timeout=20.0, memory=2**30, all_memory=100 * 2**20, result_size=10**9)


def test_a_text_that_was_answered_soon_is_long_no_more(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        pool.lanes.put_back(known := Ticket(job(QUICK), pool.loop.create_future()))
        pool.lanes.remove(known)
        assert is_known(pool.lanes, QUICK)
        for _ in range(20):  # a busy machine may take longer than is short
            assert (await pool.answer(job(QUICK))).rows == 1
            if not is_known(pool.lanes, QUICK):
                break
        assert not is_known(pool.lanes, QUICK)

    run(store, tmp_path, work)


def test_a_process_that_hangs_before_it_has_opened_its_store_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("kg.engine.pool.crew._START", 0.5)
    hanging = tmp_path / "store"
    hanging.mkdir()
    os.mkfifo(hanging / "CURRENT")  # whoever reads it waits for a writer

    async def main() -> None:
        pool = Pool(PoolConfig(hanging, tmp_path, workers=1))
        pool.start()
        (member,) = pool.members
        try:
            for _ in range(200):
                if member.ended:
                    break
                await asyncio.sleep(0.05)
            assert member.ended
            assert not member.ready
        finally:
            await pool.close()

    asyncio.run(main())
