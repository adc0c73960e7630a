"""Server processes asking each other to stop a query, through one unix socket each in a folder of the run."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path

_PATIENCE = 1.0
_LONGEST = 100


class Peers:
    """This process' socket, and the others'. ``stop_here`` stops a query of this process by its id."""

    def __init__(self, folder: Path, stop_here: Callable[[str], bool]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        self.own = folder / f"{os.getpid()}.sock"
        self.stop_here = stop_here
        self.server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen for the others."""
        self.own.unlink(missing_ok=True)
        self.server = await asyncio.start_unix_server(self._asked, self._address(self.own))

    async def close(self) -> None:
        """Listen no more."""
        if self.server is not None:
            self.server.close()
        self.own.unlink(missing_ok=True)
        os.close(self.opened)

    def _address(self, path: Path) -> str:
        """Return a name for a socket that the system takes: of a path it takes 104 to 108 bytes (unix(7))."""
        if len(os.fsencode(path)) < _LONGEST:
            return str(path)
        return f"/proc/self/fd/{self.opened}/{path.name}"

    async def stop(self, id: str) -> bool:
        """Stop a query in whichever process it runs; return whether there was one."""
        if self.stop_here(id):
            return True
        others = [path for path in self.folder.glob("*.sock") if path != self.own]
        return any(await asyncio.gather(*(self._ask(path, id) for path in others)))

    async def _ask(self, path: Path, id: str) -> bool:
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(_PATIENCE):
                reader, writer = await asyncio.open_unix_connection(self._address(path))
                writer.write(f"{id}\n".encode())
                return (await reader.readline()) == b"stopped\n"
        except (OSError, TimeoutError):
            return False  # a process that is gone left its socket behind
        finally:
            if writer is not None:
                writer.close()

    async def _asked(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                id = (await reader.readline()).decode("ascii", "replace").strip()
                writer.write(b"stopped\n" if self.stop_here(id) else b"unknown\n")
                await writer.drain()
        writer.close()
