"""A query process: opens an engine, reads queries from its socket, writes whole answers back.

Forked by `kg.engine.process.nursery`, or run as ``python -m kg.engine.process.worker FD``, for
`kg.engine.pool.pool.Pool`, which kills it when a query exceeds a limit. It shields the machine from the
query: no network (where the kernel lets a process give it up), no core files, bounded address space and file
size, and it ends with its parent.

What goes each way is a frame (`kg.engine.process.pipe`).
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import IO, Any, cast

import pyoxigraph as ox

from kg.engine import functions
from kg.engine.answers.results import RESULTS_FORMAT, pretty, small_graph, stream
from kg.engine.answers.spool import RowCounter, Spool
from kg.engine.answers.wellformed import RDF_12, checked, mended, refusal
from kg.engine.base import Dataset, Engine
from kg.engine.door import Order
from kg.engine.local import LocalEngine, failure, run
from kg.engine.process.faults import fault
from kg.engine.process.pipe import RECEIVE, framed, is_whole, unframed
from kg.errors import QueryError, QueryLimit, QueryRefused, StorageError, UsageError
from kg.machine.room import no_room
from kg.machine.system import PAGE, limit, resident, told_of
from kg.tracing.worker import answer_job, refuse_job

_MB = 1024 * 1024
_LONG, _MUCH = 0.02, 32 * _MB
"""Seconds after which a query may have taken memory worth looking at, and how much is worth giving back."""
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_NAME, _PR_SET_NO_NEW_PRIVS = 1, 15, 38


def send(sock: socket.socket, header: dict[str, Any], body: bytes = b"") -> None:
    """Write one frame."""
    sock.sendall(framed(json.dumps(header).encode(), body))


def receive(sock: socket.socket) -> tuple[dict[str, Any], bytes]:
    """Read one frame. Raises EOFError when the other side is gone."""
    data = b""
    while not is_whole(data):
        more = sock.recv(RECEIVE)
        if not more:
            raise EOFError
        data += more
    return unframed(data)


def live(descriptor: int) -> None:
    """Serve queries on a socket until the pool closes its end."""
    sock = socket.socket(fileno=descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole terminal; the parent decides
    config, _ = receive(sock)
    libc = ctypes.CDLL(None, use_errno=True)
    isolated = _enclose(libc, network=config.get("network", False))
    answerer = _open(config)
    _bound(config)
    settle_memory()
    send(sock, {"ready": True, "isolated": isolated, "rss": _resident()})
    settled = _resident()
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            job, text = receive(sock)
            header, body = _reply(answerer, job, text.decode())
            # Before the answer is sent, since the parent then looks at this process's memory.
            if header.get("seconds", 0) > _LONG:
                settled = _give_back(libc, settled)
            send(sock, header, body)


def settle_memory() -> None:
    """Make the garbage collector ignore what was loaded at the start, and look less often at the rest.

    It would take a tenth of the time of a process that answers thousands of small queries a second, which
    make hardly any cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def end_with_parent() -> None:
    """Let this process be ended when the one that started it ends; where the system can't, it goes on."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def be_called(name: str) -> None:
    """Give this process a name of up to 15 bytes, as ps(1) and top(1) show it; where the system can."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)


def _enclose(libc: ctypes.CDLL, *, network: bool) -> bool:
    """End with the parent, gain no rights, and give up the network. Returns whether the network is gone.

    A container may forbid user namespaces; then the guard alone keeps queries from reaching out.
    """
    if not sys.platform.startswith("linux"):
        return False
    end_with_parent()
    gone = False
    if not network:
        # Before the store is opened, which starts threads: a process with threads may not do it.
        gone = libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(
            "500"
        )  # short of memory, the kernel should kill a worker before the server
    return gone


def _bound(config: dict[str, Any]) -> None:
    """Set the backstops, now that the store is open and has reserved its address space.

    The parent watches resident memory, which is what counts; the bound on address space is for what grows too
    fast to be seen.
    """
    limit("CORE", 0, 0)
    largest = config["result_size"] + _MB
    limit("FSIZE", largest, largest)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with contextlib.suppress(OSError, ValueError):
        space = int(told_of("self", "statm").split(None, 1)[0]) * PAGE
        bound = space + config["memory"] + 256 * _MB
        limit("AS", bound, bound)


def _give_back(libc: ctypes.CDLL, settled: int) -> int:
    """Give freed memory back to the system if there is much; return what stays, the engine's caches.

    ``settled`` is what stayed the last time. Where the C library can't, the parent replaces a process that
    keeps too much.
    """
    if _resident() - settled <= _MUCH:
        return settled
    with contextlib.suppress(AttributeError):  # not every C library has it
        libc.malloc_trim(0)
    return _resident()


def _resident() -> int:
    """Bytes of resident memory, 0 where the system doesn't tell."""
    try:
        return resident()
    except OSError:
        return 0


class _Answerer:
    """Answers into a spool, from the store."""

    def __init__(self, store: ox.Store, config: dict[str, Any]) -> None:
        self.store = store
        self.prefixes: dict[str, str] = config.get("prefixes", {})
        self.spool, self.limit = Path(config["spool"]), config["result_size"]

    def answer(self, job: dict[str, Any], sparql: str) -> tuple[dict[str, Any], Spool]:
        """Answer one query. Raises QueryError."""
        dataset = Dataset(tuple(job["default"]), tuple(job["named"])) if "default" in job else None
        if "sources" in job:
            return answer_job(self.store, job, dataset, self.spool, self.limit)
        order = Order.told(sparql, job.get("order"))
        answer = run(self.store, order, dataset=dataset, base_iri=job.get("base"))
        kind = _kind(answer)
        format = job["graph_format"] if kind == "graph" else job["results_format"]
        if format is None:
            raise UsageError(kind)
        counter = RowCounter(format) if kind == "select" else None
        spool = self._spooled(format, counter)
        try:
            columns = (
                len(answer.variables) if format == "csv" and isinstance(answer, ox.QuerySolutions) else 0
            )
            rows = self._write(answer, format, spool)
            functions.check()
            body = spool.finish()
            if format == "csv" and counter is not None and counter.misread(columns):
                spool.discard()
                counter = RowCounter(format)
                spool = self._spooled(format, counter)
                again = run(self.store, order, dataset=dataset, base_iri=job.get("base"))
                _write_csv(again, spool)
                body = spool.finish()
        except (QueryLimit, QueryRefused):
            spool.discard()
            raise
        except (OSError, ValueError, RuntimeError) as error:
            spool.discard()
            if RDF_12 in str(error):
                raise refusal("a triple term or a text direction", format) from None
            raise failure(error, order) from error
        rows = counter.rows(body) if counter else rows
        return {"kind": kind, "format": format, "rows": rows}, spool

    def _spooled(self, format: str, counter: RowCounter | None) -> Spool:
        return Spool(
            self.spool, self.limit, checked(format, counter.take if counter else None), mended(format)
        )

    def _write(self, answer: Any, format: str, spool: Spool) -> int:
        """Write the answer; return the number of triples, or 1."""
        if not isinstance(answer, ox.QueryTriples):
            answer.serialize(cast(IO[bytes], spool), format=RESULTS_FORMAT[format])
            return 1
        first = small_graph(answer)
        if isinstance(first, set):
            spool.write(pretty(first, format, self.prefixes))
            return len(first)
        return stream(first, format, cast(IO[bytes], spool), self.prefixes)


def _write_csv(answer: Any, spool: Spool) -> None:
    from kg.engine.answers.csv_rows import csv_chunks

    for part in csv_chunks([variable.value for variable in answer.variables], answer):
        spool.write(part)


class _Relay:
    """Answers into a spool, from another engine behind the seam."""

    def __init__(self, engine: Engine, config: dict[str, Any]) -> None:
        self.engine = engine
        self.prefixes: dict[str, str] = config.get("prefixes", {})
        self.spool, self.limit = Path(config["spool"]), config["result_size"]

    def answer(self, job: dict[str, Any], sparql: str) -> tuple[dict[str, Any], Spool]:
        """Answer one query. Raises QueryError."""
        from kg.engine.answers.results import write
        from kg.mediatypes import BY_NAME

        if "sources" in job:
            refuse_job()
        dataset = Dataset(tuple(job["default"]), tuple(job["named"])) if "default" in job else None
        result = self.engine.query(
            sparql, dataset=dataset, base_iri=job.get("base"), timeout=job.get("timeout")
        )
        format = job["graph_format"] if result.kind == "graph" else job["results_format"]
        if format is None:
            raise UsageError(result.kind)
        spool = Spool(self.spool, self.limit)
        try:
            spool.write(write(result, BY_NAME[format], prefixes=self.prefixes))
            spool.finish()
        except OSError as error:
            spool.discard()
            raise no_room("the answer can't be written", error) or error from error
        rows = 1 if result.kind == "ask" else len(result)
        return {"kind": result.kind, "format": format, "rows": rows}, spool


def _open(config: dict[str, Any]) -> _Answerer | _Relay:
    if config.get("endpoint"):
        from kg.engine.remote import RemoteEngine

        return _Relay(RemoteEngine(**config["endpoint"]), config)
    return _Answerer(LocalEngine.open(Path(config["store"])).store, config)


def _kind(answer: Any) -> str:
    if isinstance(answer, ox.QueryTriples):
        return "graph"
    return "ask" if isinstance(answer, ox.QueryBoolean) else "select"


def _reply(answerer: _Answerer | _Relay, job: dict[str, Any], sparql: str) -> tuple[dict[str, Any], bytes]:
    """Answer one job; an error becomes a header that `kg.engine.pool.pool` raises again on the other side."""
    started = time.perf_counter()
    try:
        header, spool = answerer.answer(job, sparql)
    except (QueryError, StorageError, UsageError) as error:
        return fault(error), b""
    except MemoryError:
        os._exit(77)
    body = spool.finish()
    header["sha256"], header["length"] = spool.sha256, spool.length
    header["seconds"] = time.perf_counter() - started
    if isinstance(body, bytes):
        return header, body
    header["file"] = True
    return header, b""


if __name__ == "__main__":
    live(int(sys.argv[1]))
