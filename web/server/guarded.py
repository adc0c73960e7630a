"""uvicorn's HTTP protocol with what it lacks.

It bounds how long and how large a request's head may be, takes addresses with characters as people type them,
and answers what it can't read with a problem document.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from web.protocol.message import Request
from web.protocol.origins import CORS
from web.protocol.problem import plain, respond

HEAD_LIMIT = 256 * 1024
"""Bytes of request line and headers."""


LONGEST_URL = 65_000
"""The parser takes no longer ones; a longer query is sent by POST."""
TOO_LONG = b"/uri-too-long"
"""What stands for an address that is too long; the application answers 414 to it."""


_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


class GuardedProtocol(HttpToolsProtocol):
    """Closes a connection whose request's head doesn't come in time, or is too large."""

    head_timeout = 20.0

    @classmethod
    def bound(cls, seconds: float) -> type[GuardedProtocol]:
        """Return the class with a time for the head."""
        return type("GuardedProtocol", (cls,), {"head_timeout": seconds})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_size = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._between = True

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
        if self._between:
            data = _escaped(data)
        super().data_received(data)
        if self._head_timer is not None and self._head_size > HEAD_LIMIT:
            self._give_up()

    def on_message_begin(self) -> None:
        """A request begins: its head must follow."""
        super().on_message_begin()
        self._between = False
        if self._head_timer is None:
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._head_came()
        if len(self.url) > LONGEST_URL:
            self.url = TOO_LONG
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The next bytes begin another request."""
        super().on_message_complete()
        self._between = True

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's, which says less
        """Say what is wrong as a problem document."""
        problem = plain(
            400, "the request is no HTTP that can be read here", "encode the address with percent signs"
        )
        response = respond(problem, Request("GET", "/"))
        headers = {**response.headers, **CORS, "Content-Length": str(response.length), "Connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body = response.body if isinstance(response.body, bytes) else b""
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n" + head.encode() + b"\r\n" + body)
        self.transport.close()

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


def _escaped(data: bytes) -> bytes:
    """Return a request's beginning with its address as a URI: curl sends characters as they are typed."""
    end = data.find(b"\n")
    line = data if end < 0 else data[:end]
    if line.isascii():
        return data
    return _BEYOND_ASCII.sub(lambda found: f"%{found[0][0]:02X}".encode(), line) + data[len(line) :]
