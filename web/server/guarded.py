"""uvicorn's HTTP protocol with what it lacks.

It bounds how long and how large a request's head may be, takes addresses with characters as people type them,
and answers what it can't read with a problem document.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from web.protocol.message import Request
from web.protocol.origins import CORS
from web.protocol.problem import plain, respond

if TYPE_CHECKING:
    from web.server.express import Express

HEAD_LIMIT = 256 * 1024
"""Bytes of request line and headers."""


LONGEST_URL = 65_000
"""The parser takes no longer ones; a longer query is sent by POST."""
TOO_LONG = b"/uri-too-long"
"""What stands for an address that is too long; the application answers 414 to it."""


TOO_MANY = b"/too-many-connections"
"""What stands for any address where there are too many clients; the application answers 503 to it."""
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


class GuardedProtocol(HttpToolsProtocol):
    """Closes a connection whose request's head doesn't come in time, or is too large; bounds their number."""

    head_timeout = 20.0
    express: Express | None = None
    most = 1000

    @classmethod
    def bound(cls, seconds: float, most: int, express: Express | None = None) -> type[GuardedProtocol]:
        """Return the class with a time for the head, a number of connections, and what answers at once."""
        return type("GuardedProtocol", (cls,), {"head_timeout": seconds, "most": most, "express": express})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at_once = False
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
        if len(self.connections) > self.most:
            self.url = TOO_MANY
        if not self._answered_at_once():
            super().on_headers_complete()

    def _answered_at_once(self) -> bool:
        """Answer a small query here and now, unless an earlier request of this connection is still open."""
        self._at_once = False
        if self.express is None or self.parser.get_method() != b"GET" or self.parser.should_upgrade():
            return False
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        keep = self.parser.get_http_version() == "1.1" and self.parser.should_keep_alive()
        answer = self.express.answer(
            self.url, self.headers, self.client, common=self.server_state.default_headers, keep=keep
        )
        if answer is None:
            return False
        self._at_once = True
        self.transport.write(answer)
        if keep:
            self.on_response_complete()
        else:
            self.transport.close()
        return True

    def on_body(self, body: bytes) -> None:
        """Take a part of a request's body; a request that is answered has none."""
        if not self._at_once:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The next bytes begin another request."""
        if not self._at_once:
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
