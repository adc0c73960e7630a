"""The access log."""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def write_log(
    client: str,
    method: str,
    path: str,
    *,
    status: int,
    length: int,
    seconds: float,
    rows: int | None,
    query_seconds: float | None,
) -> None:
    """Write one line of JSON. The query's text, its id and all other headers stay out of it."""
    line: dict[str, Any] = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "client": client,
        "method": method,
        "path": path if not path.startswith("/sparql/queries/") else "/sparql/queries/-",
        "status": status,
        "bytes": length,
        "ms": round(seconds * 1000, 1),
    }
    if rows is not None:
        line["rows"] = rows
    if query_seconds is not None:
        line["query_ms"] = round(query_seconds * 1000, 2)
    # In one piece, as several processes write to the same log.
    sys.stderr.write(json.dumps(line, ensure_ascii=True) + "\n")
