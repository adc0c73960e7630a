"""uvicorn's HTTP protocol with two bounds it lacks: on how long and how large a request's head may be."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT = 256 * 1024
"""Bytes of request line and headers."""


LONGEST_URL = 65_000
"""The parser takes no longer ones; a longer query is sent by POST."""
TOO_LONG = b"/uri-too-long"
"""What stands for an address that is too long; the application answers 414 to it."""


TOO_MANY = b"/too-many-connections"
"""What stands for any address where there are too many clients; the application answers 503 to it."""


class GuardedProtocol(HttpToolsProtocol):
    """Closes a connection whose request's head doesn't come in time, or is too large; bounds their number."""

    head_timeout = 20.0
    most = 1000

    @classmethod
    def bound(cls, seconds: float, most: int) -> type[GuardedProtocol]:
        """Return the class with a time for the head, and how many connections there may be."""
        return type("GuardedProtocol", (cls,), {"head_timeout": seconds, "most": most})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_size = 0
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Start the clock with the connection."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes before the head is whole."""
        if self._head_timer is not None:
            self._head_size += len(data)
        super().data_received(data)
        if self._head_timer is not None and self._head_size > HEAD_LIMIT:
            self._give_up()

    def on_message_begin(self) -> None:
        """A request begins: its head must follow."""
        super().on_message_begin()
        if self._head_timer is None:
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._head_came()
        if len(self.url) > LONGEST_URL:
            self.url = TOO_LONG
        if len(self.connections) > self.most:
            self.url = TOO_MANY
        super().on_headers_complete()

    def _wait_for_head(self) -> None:
        self._head_size = 0
        self._head_timer = self.loop.call_later(self.head_timeout, self._give_up)

    def _head_came(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            status = b"408 Request Timeout" if self._head_size <= HEAD_LIMIT else b"431 Too Large"
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            )
            self.transport.close()
