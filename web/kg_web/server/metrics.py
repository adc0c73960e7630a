"""Metrics for operators, in Prometheus' text format, at an address of their own that is off by default.

The supervisor serves them: it outlives its processes, and answers even when all of them are busy.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import SettingsError
from kg.machine.system import resident
from kg_web.server.http.tally import BOUNDS, FOLDER

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_LABEL = "process"


class Collector:
    """Reads what the processes have written, whenever somebody collects.

    ``alive`` gives the server processes' ids, ``told`` what the supervisor knows: version, release, and how
    many processes it had to replace.
    """

    def __init__(
        self, run: Path, alive: Callable[[], list[int]], told: Callable[[], tuple[str, str, int]]
    ) -> None:
        self.folder, self.alive, self.told = run / FOLDER, alive, told

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics. A process that has written nothing yet is left out."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        found = {pid: said for pid in self.alive() if (said := _read(self.folder / f"{pid}.json"))}
        version, release, replaced = self.told()
        info = GaugeMetricFamily("kg_info", "What is served.", labels=["version", "release"])
        info.add_metric([version, release], 1)
        yield info
        yield CounterMetricFamily(
            "kg_server_processes_replaced", "Processes that ended or hung.", value=replaced
        )
        yield GaugeMetricFamily("kg_server_processes", "Server processes that answer.", value=len(found))
        yield from _requests(found)
        yield from _queries(found)
        yield from _memory(os.getpid(), found)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found


def _requests(found: dict[int, dict[str, Any]]) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

    requests = CounterMetricFamily(
        "kg_requests",
        "Requests, by what was asked for and status (499: left).",
        labels=[_LABEL, "kind", "status"],
    )
    seconds = HistogramMetricFamily(
        "kg_request_seconds", "From a request's head to its answer's end.", labels=[_LABEL, "kind"]
    )
    for pid, said in found.items():
        for kind, status, count in said["requests"]:
            requests.add_metric([str(pid), kind, str(status)], count)
        for kind, (counts, total) in said["seconds"].items():
            seconds.add_metric([str(pid), kind], list(_buckets(counts)), total)
    yield requests
    yield seconds


def _queries(found: dict[int, dict[str, Any]]) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    seconds = HistogramMetricFamily("kg_query_seconds", "What the engine took for a query.", labels=[_LABEL])
    for pid, said in found.items():
        counts, total = said["queries"]
        seconds.add_metric([str(pid)], list(_buckets(counts)), total)
    yield seconds
    for name, key, what in (
        ("kg_queries_waiting", "waiting", "Queries that wait for a process (at most KG_QUERY_QUEUE)."),
        ("kg_queries_running", "running", "Queries that run in a process of their own."),
        ("kg_query_processes", "processes", "Query processes, those that start among them."),
        ("kg_query_processes_ready", "ready", "Query processes that have opened the store."),
    ):
        gauge = GaugeMetricFamily(name, what, labels=[_LABEL])
        for pid, said in found.items():
            gauge.add_metric([str(pid)], said.get(key, 0))
        yield gauge
    outcomes = CounterMetricFamily(
        "kg_query_outcomes",
        "Queries in processes by how they ended: answered, stopped, left, or the limit that ended them.",
        labels=[_LABEL, "outcome"],
    )
    ended = CounterMetricFamily(
        "kg_query_processes_ended", "Query processes that were killed or died.", labels=[_LABEL]
    )
    kept = CounterMetricFamily("kg_cache_lookups", "Looks into the kept answers.", labels=[_LABEL, "result"])
    for pid, said in found.items():
        for name, count in sorted(said.get("outcomes", {}).items()):
            outcomes.add_metric([str(pid), name], count)
        ended.add_metric([str(pid)], said.get("ended", 0))
        if said.get("cache"):
            for name, count in zip(("hit", "miss"), said["cache"], strict=True):
                kept.add_metric([str(pid), name], count)
    yield from (outcomes, ended, kept)


def _memory(supervisor: int, found: dict[int, dict[str, Any]]) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    memory = GaugeMetricFamily(
        "kg_resident_memory_bytes",
        "Resident memory, by role; nothing where the system doesn't tell.",
        labels=[_LABEL, "role"],
    )
    sizes: list[tuple[int, str, int]] = [(supervisor, "supervisor", _resident([supervisor]))]
    for pid, said in found.items():
        sizes += [(pid, "server", _resident([pid])), (pid, "queries", _resident(said.get("members", ())))]
    for pid, role, size in sizes:
        if size:
            memory.add_metric([str(pid), role], size)
    yield memory


def _resident(pids: Iterable[int]) -> int:
    """Return the resident memory of processes together (bytes), without those that are gone."""
    total = 0
    for pid in pids:
        try:
            total += resident(pid)
        except OSError:
            continue
    return total


def _buckets(counts: list[int]) -> Iterator[tuple[str, float]]:
    """Yield the buckets of a histogram as Prometheus wants them, cumulative."""
    total = 0
    for bound, count in zip([*map(str, BOUNDS), "+Inf"], counts, strict=True):
        total += count
        yield bound, total


def address_of(text: str) -> tuple[str, int]:
    """Return host and port of a setting such as ``127.0.0.1:9464``. Raises SettingsError."""
    host, _, port = text.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise SettingsError(f"KG_METRICS={text!r} is not an address", hint="such as 127.0.0.1:9464")
    return host.strip("[]"), int(port)


def start(address: str, collector: Collector) -> Callable[[], None]:
    """Serve the metrics at an address, in a thread; return a function that stops it. Raises SettingsError."""
    from prometheus_client import CollectorRegistry, start_http_server

    host, port = address_of(address)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise SettingsError(
            f"KG_METRICS: can't listen on {address}: {reason}", hint="choose another"
        ) from None

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join(2)

    assert isinstance(thread, threading.Thread)  # noqa: S101
    return end
