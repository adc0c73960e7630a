"""uvicorn's HTTP protocol with additions.

It bounds how long a request's head may take and how large it may be, accepts addresses with non-ASCII
characters, and answers requests that it can't parse with a problem document.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kg_web.protocol.message import Request
from kg_web.protocol.origins import CORS
from kg_web.protocol.problem import plain, respond
from kg_web.server.http.express import Express
from kg_web.server.http.head import START

HEAD_LIMIT = 256 * 1024
"""Bytes of request line and headers."""


LONGEST_URL = 65_000
"""The parser takes no longer ones; a longer query is sent by POST."""
TOO_LONG = b"/uri-too-long"
"""What stands for an address that is too long; the application answers 414 to it."""


TOO_MANY = b"/too-many-connections"
"""What stands for any address where there are too many clients; the application answers 503 to it."""
EXTENSION = "kg.connection"
"""By which name the application finds the connection in a request's scope."""
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


class GuardedProtocol(HttpToolsProtocol):
    """Closes a connection whose request's head doesn't come in time, or is too large; bounds their number."""

    head_timeout = 20.0
    _headers: ClassVar[list[tuple[bytes, bytes]]] = []
    _lines = b""
    express: Express | None = None
    most = 1000

    @classmethod
    def bound(cls, seconds: float, most: int, express: Express | None = None) -> type[GuardedProtocol]:
        """Return a subclass with a time for heads, a limit of connections, and what answers small queries."""
        return type("GuardedProtocol", (cls,), {"head_timeout": seconds, "most": most, "express": express})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._answered = 0.0
        self._on_lost: Callable[[], object] | None = None
        self._head_size = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._between = True

    def connection_made(self, transport: Any) -> None:
        """Start the clock with the connection."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock, and the work for this connection."""
        self._head_came()
        super().connection_lost(exc)
        if self._on_lost is not None:
            self._on_lost()

    def when_lost(self, call: Callable[[], object] | None) -> None:
        """Have something called when the client leaves; None for nothing any more."""
        self._on_lost = call
        if call is not None and self.cycle is not None and self.cycle.disconnected:
            self.loop.call_soon(call)

    def data_received(self, data: bytes) -> None:
        """Count what comes before the head is whole."""
        if self._between:
            if data.startswith(START) and self._answered_at_once(data):
                return
            data = _escaped(data)
        if self._head_timer is not None:
            self._head_size += len(data)
        super().data_received(data)
        if self._head_timer is not None and self._head_size > HEAD_LIMIT:
            self._give_up()
        elif self._between and self._waits_unwatched():
            self._wait_for_head()  # so far only empty lines between requests came

    def _waits_unwatched(self) -> bool:
        """Whether no request is open on this connection, and no timer runs."""
        return (
            self._head_timer is None
            and self.timeout_keep_alive_task is None
            and (self.cycle is None or self.cycle.response_complete)
        )

    def on_message_begin(self) -> None:
        """A request begins: its head must follow."""
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: self}  # type: ignore[dict-item]  # ours, not one of ASGI
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
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The next bytes begin another request."""
        super().on_message_complete()
        self._between = True

    def write_whole(self, scope: Any, head: bytes, body: bytes) -> bool:
        """Write a whole response to the request of ``scope`` in one piece; return whether that could be.

        ``head`` is its first line and all headers but those that every response has. It is not possible while
        the client doesn't read what it was sent, or if the connection isn't at this request.
        """
        cycle = self.cycle
        if cycle is None or cycle.scope is not scope or cycle.response_started or cycle.disconnected:
            return False
        if self.flow.write_paused:
            return False
        end = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
        self.transport.write(b"".join((head, self._every(), end, body)))
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def _every(self) -> bytes:
        """Return the lines of the headers that all responses have; their list is another one each second."""
        found = self.server_state.default_headers
        if GuardedProtocol._headers is not found:
            GuardedProtocol._headers = found
            GuardedProtocol._lines = b"".join(b"%b: %b\r\n" % pair for pair in found)
        return GuardedProtocol._lines

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, unless a request was answered at once since the timer was set."""
        left = self._answered + self.timeout_keep_alive - self.loop.time()
        if left <= 0:
            super().timeout_keep_alive_handler()
        elif not self.transport.is_closing():
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)

    def _answered_at_once(self, data: bytes) -> bool:
        """Answer a small query at once; return whether that was possible.

        It isn't while another request is open, or the client doesn't read what it was sent: the usual way
        waits.
        """
        if self.express is None or self.flow.write_paused or len(self.connections) > self.most:
            return False
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        answer = self.express.answer(data, self.client, self._every())
        if answer is None:
            return False
        response, keep = answer
        self.transport.write(response)
        if not keep:
            self.transport.close()
            return True
        # Setting a timer costs as much as all else here, so one runs on and checks this time when it fires.
        self._answered = self.loop.time()
        if self._head_timer is not None:
            self._head_came()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        return True

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
    """Return the start of a request with its address percent-encoded: curl sends characters as typed."""
    end = data.find(b"\n")
    line = data if end < 0 else data[:end]
    if line.isascii():
        return data
    return _BEYOND_ASCII.sub(lambda found: f"%{found[0][0]:02X}".encode(), line) + data[len(line) :]
