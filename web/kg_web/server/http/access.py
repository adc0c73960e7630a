"""The access log."""

from __future__ import annotations

import asyncio
import json
import sys
import time

_LINE = '{"time": "%s", "client": %s, "method": %s, "path": %s, "status": %d, "bytes": %d, "ms": %s%s%s}\n'


class AccessLog:
    """Writes a line of JSON for each request: what one turn of the loop has answered in one piece."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._second, self._time = 0, ""

    def write(
        self,
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
        """Take note of one request. The query's text, its id and all other headers stay out of it."""
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._flush)
        now = int(time.time())
        if now != self._second:
            self._second, self._time = now, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        shown = path if not path.startswith("/sparql/queries/") else "/sparql/queries/-"
        line = _LINE % (
            self._time,
            json.dumps(client),
            json.dumps(method),
            json.dumps(shown),
            status,
            length,
            round(seconds * 1000, 1),
            "" if rows is None else f', "rows": {rows}',
            "" if query_seconds is None else f', "query_ms": {round(query_seconds * 1000, 2)}',
        )
        self._lines.append(line)

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        # In one write, as several processes write to the same log.
        sys.stderr.write("".join(lines))
