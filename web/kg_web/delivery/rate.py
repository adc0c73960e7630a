"""How often each client may do what leaves something behind."""

from __future__ import annotations

import time
from collections import deque
from threading import Lock

_HOUR = 3600.0


class Rate:
    """When each client last stored a citation; kept in memory, separately in each process."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.times: dict[str, deque[float]] = {}

    def wait(self, client: str, most: int) -> int:
        """Count one more, and return 0; or how many seconds to wait when there were too many in the hour."""
        with self.lock:
            moment = time.monotonic()
            if len(self.times) > 10_000:
                self.times = {c: t for c, t in self.times.items() if t and moment - t[-1] < _HOUR}
            times = self.times.setdefault(client, deque())
            while times and moment - times[0] >= _HOUR:
                times.popleft()
            if len(times) >= most:
                return int(_HOUR - (moment - times[0])) + 1
            times.append(moment)
            return 0
