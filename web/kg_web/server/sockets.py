"""The sockets that server processes share an address by."""

from __future__ import annotations

import os
import socket
import sys

from kg.errors import SettingsError

_BACKLOG = 2048


def bind(host: str, port: int, count: int) -> list[socket.socket]:
    """Return sockets on one address, one for each server process.

    Where the kernel spreads connections over sockets that share a port, each process has a socket of its own,
    since on a shared one the process that wakes first takes all waiting connections. Elsewhere all share one.
    The first socket listens at once, to claim the address; the others when their process can answer. Raises
    SettingsError when the address is taken or not ours.
    """
    try:
        # First bind without SO_REUSEPORT: only then the kernel refuses an address that another server shares.
        alone = _bound(host, port, shared=False)
        alone.listen(_BACKLOG)
        if count == 1 or not sys.platform.startswith("linux"):
            return [alone] * count
        port = alone.getsockname()[1]
        alone.close()
        sockets = [_bound(host, port, shared=True) for _ in range(count)]
        sockets[0].listen(_BACKLOG)
        return sockets
    except OSError as error:
        raise SettingsError(
            f"can't listen on {host}:{port}: {os.strerror(error.errno or 0).lower()}",
            hint="stop what listens there, or choose another with --port or KG_PORT",
        ) from None


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    """Return a socket that has an address. Raises OSError."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener
