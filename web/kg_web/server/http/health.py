"""Whether a server process can answer, found out by trying: what ``/readyz`` says."""

from __future__ import annotations

import asyncio
import time

from kg.engine.door import Policy, admit
from kg.engine.pool.jobs import Job
from kg.engine.pool.pool import Pool
from kg.errors import EngineBusy, KgError, ProcessLost
from kg_web.protocol import Response
from kg_web.protocol.origins import CORS
from kg_web.server.http.bridge import Bridge

PATIENCE = 5.0
"""Seconds that the engine has for a query that costs nothing."""
FRESH = 1.0
"""Seconds that a finding holds, however many ask."""
GIVE_UP = 10.0
"""After so many times the patience of its clients a lane whose threads all hang is given up."""


class Health:
    """The health of what is served."""

    def __init__(self, pool: Pool, bridge: Bridge) -> None:
        self.pool, self.bridge = pool, bridge
        self._looked, self._found = 0.0, ""
        self._look: asyncio.Task[str] | None = None

    async def fault(self) -> str | None:
        """Return what is wrong, in a few words, or None when all is well."""
        for lane in self.bridge.lanes.values():
            if lane.stuck():
                return f"not ready: all threads of the lane {lane.name!r} hang"
        if not any(member.ready for member in self.pool.members):
            return "not ready: no query process is ready"
        if time.monotonic() - self._looked > FRESH:
            if self._look is None:
                self._look = asyncio.ensure_future(self._ask())
            # Shielded: a client that leaves must not cancel the check that others wait for.
            self._found = await asyncio.shield(self._look)
        return self._found or None

    def is_lost(self) -> bool:
        """Say whether all threads of a lane have hung so long that the process should be replaced."""
        return any(lane.stuck(GIVE_UP) for lane in self.bridge.lanes.values())

    async def _ask(self) -> str:
        """Ask the engine through a query process, as clients do. Being busy isn't a fault."""
        try:
            job = Job(admit("ASK {}", Policy()), client="readyz", timeout=PATIENCE)
            await asyncio.wait_for(self.pool.answer(job), PATIENCE + self.pool.config.wait + 1)
            return ""
        except ProcessLost as error:
            return f"not ready: the engine does not answer: {error.message}"
        except EngineBusy:
            return ""
        except (KgError, TimeoutError) as error:
            reason = error.message if isinstance(error, KgError) else f"no answer within {PATIENCE:g} s"
            return f"not ready: the engine does not answer: {reason}"
        finally:
            self._looked, self._look = time.monotonic(), None


async def readiness(health: Health | None, *, stopping: bool) -> Response:
    """Answer whether the server is ready: not stopping, and able to answer queries and pages."""
    fault = "stopping" if stopping else "not ready" if health is None else await health.fault()
    return text(503 if fault else 200, f"{fault or 'ready'}\n")


def text(status: int, text: str) -> Response:
    """Return a response of plain text that isn't cached."""
    headers = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", **CORS}
    return Response(status, headers, text.encode())
