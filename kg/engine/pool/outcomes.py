"""What became of a query: answers and errors of ours, made from what its process sent or how it died."""

from __future__ import annotations

import logging
import signal
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kg.engine.answers.spool import Written
from kg.engine.pool.jobs import Ticket, UnfitFormat
from kg.engine.pool.member import Member
from kg.errors import (
    EndpointError,
    EngineBusy,
    EngineError,
    ProcessLost,
    QueryError,
    QueryLimit,
    QueryRefused,
    QueryStopped,
    QuerySyntaxError,
    ServiceFailed,
    StorageError,
    UnknownFunction,
)
from kg.machine.system import KILLED
from kg.settings import LIMITS

log = logging.getLogger("kg.workers")


def settle(ticket: Ticket, header: dict[str, Any], body: bytes, spool: Path) -> None:
    """Set a ticket's result or error from a reply; ``spool`` is the file that holds a large answer."""
    future = ticket.future
    if future.done():
        spool.unlink(missing_ok=True)
        return
    error = _error(header) if "error" in header else None
    if error is not None:
        future.set_exception(error)
        return
    whole: bytes | Path = body
    if "file" in header:
        # Renamed, since the process writes its next large answer to the same path.
        whole = spool.rename(spool.with_name(uuid.uuid4().hex))
    future.set_result(
        Written(
            header["kind"],
            header["format"],
            header["rows"],
            whole,
            header["length"],
            header["sha256"],
            header["seconds"],
            header.get("traced"),
        )
    )


_PLAIN = {"endpoint": EndpointError, "storage": StorageError}


def _error(header: dict[str, Any]) -> Exception | None:
    """Return the error that a process reported, as it was raised there; None for an answer."""
    kind, message, hint = header.get("error"), header.get("message", ""), header.get("hint")
    told: dict[str | None, Callable[[], Exception]] = {
        "syntax": lambda: QuerySyntaxError(message, line=header["line"], column=header["column"]),
        "refused": lambda: QueryRefused(message, limit=header["limit"], hint=hint),
        "function": lambda: UnknownFunction(message),
        "service": lambda: ServiceFailed(message, hint=hint),
        "limit": lambda: QueryLimit(message, limit=header["limit"], hint=hint),
        "format": lambda: UnfitFormat(message),
        "busy": lambda: EngineBusy(message, retry_after=header["retry_after"], hint=hint),
    }
    other = _PLAIN.get(str(kind), EngineError)
    return told.get(kind, lambda: other(message, hint=hint))() if kind is not None else None


def outcome_of(ticket: Ticket) -> str:
    """Return in a word how a ticket ended: answered, left, or what went wrong (a limit by its setting)."""
    future = ticket.future
    if not future.done() or future.cancelled():
        return "left"
    error = future.exception()
    if error is None:
        return "answered"
    if isinstance(error, QueryLimit | QueryRefused):
        return error.limit or "refused"
    return _WORDS.get(type(error), "failed")


_WORDS: dict[type[BaseException], str] = {
    EngineBusy: "busy",
    ProcessLost: "lost",
    QueryStopped: "stopped",
    QuerySyntaxError: "syntax",
    UnfitFormat: "format",
}


def took_too_long(timeout: float) -> QueryLimit:
    """The error for a query that ran for all of its time, in seconds."""
    return LIMITS["query_timeout"].ended(allowed=timeout)


def none_was_free(wait: float) -> EngineBusy:
    """The error for a query that waited as long as it may, in seconds."""
    return LIMITS["query_wait"].busy(allowed=wait)


def memory_exceeded(limit: int) -> QueryLimit:
    """The error for a query that took more memory than allowed."""
    return LIMITS["query_memory"].ended(allowed=limit // (1024 * 1024))


def all_memory_exceeded(limit: int) -> QueryLimit:
    """The error for the largest query, when all together took more memory than allowed."""
    return LIMITS["query_memory_all"].ended(allowed=limit // (1024 * 1024))


def ended_from_outside(how: str) -> ProcessLost:
    """The error for a query that lost its process through no fault of its own."""
    return ProcessLost(
        f"the query's process was {how} from outside", retry_after=1, hint="ask again: nothing else is lost"
    )


def crash(member: Member, memory: int) -> QueryError:
    """Return the error for a query whose process died, judged by the exit code and the end of its stderr."""
    words = member.last_words()
    code = member.process.poll()
    if "memory allocation" in words or "MemoryError" in words or code == 77:
        return memory_exceeded(memory)
    if "overflowed its stack" in words or code == -signal.SIGSEGV:
        return LIMITS["query_depth"].ended("the query nests too deep for the engine")
    if code == -KILLED:
        # Killed, but not by us (there would be a verdict): by an operator, or by the kernel for want of
        # memory.
        return ended_from_outside("killed")
    log.error("a query process ended by itself (%s): %s", code, words.strip()[-500:])
    return EngineError(
        "the engine failed on this query", hint="please report the query: the engine should not fail"
    )
