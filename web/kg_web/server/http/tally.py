"""The counts of a server process, where metrics are wanted; its supervisor reads them from a file.

Server processes don't share memory and may hang, so they aren't asked: each writes its counts to a file once
a second, and the supervisor serves them (`kg_web.server.metrics`).
"""

from __future__ import annotations

import contextlib
import json
import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = "metrics"
"""Of the folder that the processes share."""
BOUNDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds (s) of the histograms' classes; one more has no bound."""
ENDPOINT, PAGE, OTHER = "endpoint", "page", "other"


class Histogram:
    """How many durations fell into each class, and their sum (s)."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.sum = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.sum += seconds


def kind_of(path: str) -> str:
    """Return the kind of an address: there are few, so that addresses sent by clients can't create series."""
    if path == "/sparql" or path.startswith("/sparql/"):
        return ENDPOINT
    return OTHER if path in ("/healthz", "/readyz") else PAGE


class Tally:
    """The counts of one process."""

    def __init__(self, run: Path) -> None:
        folder = run / FOLDER
        folder.mkdir(exist_ok=True)
        self.file = folder / f"{os.getpid()}.json"
        self.requests: Counter[tuple[str, int]] = Counter()
        self.seconds: dict[str, Histogram] = {kind: Histogram() for kind in (ENDPOINT, PAGE, OTHER)}
        self.queries = Histogram()

    def add(self, path: str, status: int, seconds: float, query_seconds: float | None) -> None:
        """Count a request."""
        kind = kind_of(path)
        self.requests[kind, status] += 1
        self.seconds[kind].add(seconds)
        if query_seconds is not None:
            self.queries.add(query_seconds)

    def write(self, served: Mapping[str, Any]) -> None:
        """Write all counts, with those of what is served, atomically; if that fails, next time."""
        beside = self.file.with_suffix(".new")
        with contextlib.suppress(OSError):  # not synced to the disk: it is of no use after a crash
            beside.write_text(json.dumps({**self.as_json(), **served}), encoding="ascii")
            beside.replace(self.file)

    def as_json(self) -> dict[str, Any]:
        """Return the counts."""
        return {
            "requests": [[kind, status, count] for (kind, status), count in self.requests.items()],
            "seconds": {kind: [one.counts, one.sum] for kind, one in self.seconds.items()},
            "queries": [self.queries.counts, self.queries.sum],
        }
