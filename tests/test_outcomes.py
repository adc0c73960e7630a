"""What became of queries: how a process died, what a late answer leaves, in which word it is counted."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from kg.engine.pool import outcomes
from kg.engine.pool.jobs import Ticket, UnfitFormat
from kg.engine.pool.member import Member
from kg.engine.pool.pool import Pool
from kg.errors import (
    EngineBusy,
    EngineError,
    ProcessLost,
    QueryLimit,
    QueryRefused,
    QueryStopped,
    QuerySyntaxError,
)
from tests.test_workers import FOR_EVER, QUICK, fails, job, run, store

__all__ = ["store"]  # a fixture

MB = 1024 * 1024


class Ended:
    """A process that has ended, and what it said last, as a pool's member shows it."""

    def __init__(self, code: str) -> None:
        with tempfile.TemporaryFile() as said:
            self.process = subprocess.Popen([sys.executable, "-c", f"import os, sys; {code}"], stderr=said)
            self.process.wait(20)
            said.seek(0)
            self._said = said.read().decode()

    def last_words(self) -> str:
        return self._said


@pytest.mark.parametrize(
    ("code", "kind", "limit"),
    [
        ("os._exit(77)", QueryLimit, "KG_QUERY_MEMORY"),  # a function of ours that found no room
        ("sys.exit('memory allocation of 9 bytes failed')", QueryLimit, "KG_QUERY_MEMORY"),
        ("raise MemoryError", QueryLimit, "KG_QUERY_MEMORY"),
        ("sys.exit('thread main has overflowed its stack')", QueryLimit, "KG_QUERY_DEPTH"),
        (f"os.kill(os.getpid(), {int(signal.SIGSEGV)})", QueryLimit, "KG_QUERY_DEPTH"),
        (f"os.kill(os.getpid(), {int(signal.SIGKILL)})", ProcessLost, None),
        ("sys.exit(3)", EngineError, None),
    ],
)
def test_how_a_process_died_says_what_its_query_did(code: str, kind: type[Exception], limit: str | None):
    error = outcomes.crash(cast(Member, Ended(code)), 256 * MB)
    assert type(error) is kind
    assert getattr(error, "limit", None) == limit
    assert kind is not QueryLimit or limit != "KG_QUERY_MEMORY" or "256 MB" in error.message


def test_limits_are_told_in_the_units_of_their_settings():
    assert "64 MB" in outcomes.memory_exceeded(64 * MB).message
    assert "128 MB" in outcomes.all_memory_exceeded(128 * MB).message
    assert "2.5 s" in outcomes.took_too_long(2.5).message
    assert "10 s" in outcomes.none_was_free(10).message


@pytest.fixture
def ticket() -> Iterator[Ticket]:
    loop = asyncio.new_event_loop()
    yield Ticket(job("ASK {}"), loop.create_future())
    loop.close()


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (QueryLimit("x", limit="KG_QUERY_MEMORY"), "KG_QUERY_MEMORY"),
        (QueryRefused("x", limit="sources"), "sources"),
        (EngineBusy("x", retry_after=1), "busy"),
        (ProcessLost("x", retry_after=1), "lost"),
        (QueryStopped("x"), "stopped"),
        (QuerySyntaxError("x"), "syntax"),
        (UnfitFormat("ask"), "format"),
        (EngineError("x"), "failed"),
        (None, "answered"),
    ],
)
def test_each_end_is_counted_in_its_word(ticket: Ticket, error: Exception | None, word: str):
    assert outcomes.outcome_of(ticket) == "left"
    if error is None:
        ticket.future.set_result(None)  # type: ignore[arg-type] # what is in it isn't looked at
    else:
        ticket.future.set_exception(error)
    assert outcomes.outcome_of(ticket) == word


def test_an_answer_that_comes_too_late_leaves_no_file(ticket: Ticket, tmp_path: Path):
    spool = tmp_path / "large"
    spool.write_bytes(b"x")
    ticket.future.cancel()
    outcomes.settle(ticket, {"file": True}, b"", spool)
    assert not spool.exists()


def test_a_large_answer_is_not_written_over_by_the_next(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        query = "SELECT * {{ ?a ?p ?b . ?c ?q ?d }} LIMIT {}"
        made = [await pool.answer(job(query.format(limit))) for limit in (9000, 8000)]
        for written in made:
            assert isinstance(written.body, Path)
            assert written.body.stat().st_size == written.length
            written.body.unlink()

    run(store, tmp_path, work, timeout=20.0, workers=1, long=0)


def test_a_process_that_somebody_stopped_is_lost_and_no_slow_query(store: Path, tmp_path: Path):
    async def work(pool: Pool) -> None:
        slow = asyncio.ensure_future(fails(ProcessLost, pool, job(FOR_EVER)))
        while not any(member.ticket for member in pool.members):
            await asyncio.sleep(0.01)
        os.kill(next(member.process.pid for member in pool.members if member.ticket), signal.SIGSTOP)
        assert "stopped from outside" in str(await slow)
        assert (await pool.answer(job(QUICK))).rows == 1

    run(store, tmp_path, work, timeout=0.5, long=0)
