"""One request and its response: read within bounds, answered by the endpoint or a page, sent in time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from kg.errors import Busy, KgError
from kg.settings import LIMITS
from kg_web.delivery.resources import LARGEST
from kg_web.protocol import Request, Response
from kg_web.protocol.origins import CORS, preflight
from kg_web.protocol.problem import Problem, beyond, plain, problem_of, respond, wants_page
from kg_web.server.http.access import AccessLog
from kg_web.server.http.bounded_http import EXTENSION, TOO_LONG, TOO_MANY
from kg_web.server.http.bridge import Page
from kg_web.server.http.health import readiness, text
from kg_web.server.http.state import Served, State
from kg_web.server.http.whole import ClientLeft, Connection, unless_left, write_whole

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

log = logging.getLogger("kg_web.server.http.exchange")

_CHUNK = 256 * 1024
DROPPED = 64 * 1024 * 1024
"""Bytes of a body too large that are read and dropped, so that its sender comes to read the answer."""


class Exchange:
    """One request and its response."""

    def __init__(self, state: State, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self.state, self.scope, self.receive, self.send = state, scope, receive, send
        self.headers: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            self.headers[name] = f"{self.headers[name]}, {value}" if name in self.headers else value
        self.client = state.client(scope, self.headers)
        self.status = 500
        self.length = 0
        self.rows: int | None = None
        self.seconds: float | None = None
        self.started = False
        self.connection: Connection | None = scope.get("extensions", {}).get(EXTENSION)

    async def run_or_tell(self) -> None:
        """Answer the request; a failure becomes a problem document if nothing was sent yet."""
        try:
            await self.run()
        except ClientLeft:
            raise
        except Exception as error:
            if self.started:
                raise
            problem = problem_of(error)
            if problem.status == 500 or not isinstance(error, KgError):
                log.error("%s could not be answered", self.scope["path"], exc_info=error)
            await self._refuse(problem)

    async def run(self) -> None:
        """Answer a request."""
        path: str = self.scope["path"]
        served = self.state.served
        if path in ("/healthz", "/readyz") and self.scope["method"] not in ("GET", "HEAD"):
            await self._reply(await self._only_read())
            return
        if path == "/healthz":
            await self._reply(text(200, "ok\n"))
            return
        if path == "/readyz" or served is None:
            health = served.health if served is not None else None
            await self._reply(await readiness(health, stopping=self.state.stopping))
            return
        if path == TOO_LONG.decode():
            await self._refuse(plain(414, "the address is too long", "send the query by POST"))
            return
        if path == TOO_MANY.decode():
            many = LIMITS["connections"]
            raise Busy(many.says(), retry_after=many.exceeded.retry, hint=many.exceeded.hint)
        try:
            body = await self._body()
        except Problem as problem:
            await self._turn_away(await self._told(problem))
            return
        if path == "/sparql" or path.startswith("/sparql/"):
            await self._sparql(served, body)
        else:
            await self._page(served, body)

    async def _only_read(self) -> Response:
        allowed = {"Allow": "GET, HEAD, OPTIONS"}
        if self.scope["method"] == "OPTIONS":
            return Response(204, {**allowed, **CORS, **preflight("GET, HEAD, OPTIONS")})
        problem = plain(405, f"{self.scope['method']} is not answered here")
        problem.headers = dict(allowed)
        return await self._told(problem)

    async def _body(self) -> bytes:
        """Read the request's body. Raises Problem when it is too large or slow, `ClientLeft` when cut."""
        if self.scope["method"] in ("GET", "HEAD") and "content-length" not in self.headers:
            return b""
        told = self.headers.get("content-length", "")
        if told.isdigit() and int(told) > LARGEST:
            raise _too_large()
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self.state.timeout):
                while True:
                    message = await self.receive()
                    if message["type"] == "http.disconnect":
                        raise ClientLeft
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > LARGEST:
                        raise _too_large()
                    if not message.get("more_body"):
                        return b"".join(parts)
        except TimeoutError:
            raise beyond("request_timeout") from None

    async def _turn_away(self, response: Response) -> None:
        """Answer at once, then read and drop what still comes.

        Many clients send everything before they read; if the connection were closed meanwhile, they would see
        a reset instead of the answer. A client that waits for 100 Continue (Expect) sends nothing.
        """
        response.headers["Content-Length"] = str(response.length)
        response.headers["Connection"] = "close"
        headers = [(_raw_name(name), value.encode("latin-1")) for name, value in response.headers.items()]
        await self._start(response.status, headers)
        body = response.body if isinstance(response.body, bytes) else b""
        self.length = len(body)
        await self._send_part(body, more=True)
        if self.headers.get("expect", "").lower() != "100-continue":
            await self._drop()
        await self._send_part(b"", more=False)

    async def _drop(self) -> None:
        dropped = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.state.timeout):
                while dropped < DROPPED:
                    message = await self.receive()
                    dropped += len(message.get("body", b""))
                    if message["type"] == "http.disconnect" or not message.get("more_body"):
                        return

    async def _sparql(self, served: Served, body: bytes) -> None:
        request = Request(
            method=self.scope["method"],
            path=self.scope["path"],
            query=self.scope["query_string"].decode("latin-1"),
            headers=self.headers,
            body=body,
            client=self.client,
        )
        response = await unless_left(self.receive, self.connection, served.endpoint.respond(request))
        self.rows, self.seconds = response.rows, response.seconds
        try:
            await self._reply(response)
        finally:
            if response.delete and isinstance(response.body, Path):
                response.body.unlink(missing_ok=True)

    async def _page(self, served: Served, body: bytes) -> None:
        page: Page = await served.bridge.respond(self.scope, body, self.client)
        try:
            await self._start(page.status, page.headers)
            await self._write(page.body)
        finally:
            page.free()

    async def _refuse(self, problem: Problem) -> None:
        """Send a problem that arose outside of the endpoint and the pages."""
        await self._reply(await self._told(problem))

    async def _told(self, problem: Problem) -> Response:
        """Return a problem as a page to browsers, and else as a document."""
        served = self.state.served
        request = Request(self.scope["method"], self.scope["path"], headers=self.headers)
        page = served.endpoint.page if served is not None else None
        if page is None or not wants_page(self.headers.get("accept")):
            response = respond(problem, request)
        else:
            headers = {
                "Content-Type": "text/html; charset=utf-8",
                "Vary": "Accept",
                "Cache-Control": "no-store",
            }
            body = await asyncio.to_thread(page, problem, request)
            response = Response(problem.status, {**headers, **problem.headers}, body)
        response.headers.update(CORS)
        return response

    async def _reply(self, response: Response) -> None:
        response.headers["Content-Length"] = str(response.length)
        if self.connection is not None and write_whole(self.connection, self.scope, response):
            self.status, self.started, self.length = response.status, True, response.length
            return
        headers = [(_raw_name(name), value.encode("latin-1")) for name, value in response.headers.items()]
        if response.status in (204, 304):
            headers = [pair for pair in headers if pair[0] != b"content-length"]
        if isinstance(response.body, bytes):
            await self._start(response.status, headers)
            await self._write(response.body)
            return
        with response.body.open("rb") as stream:  # opened before the headers are sent
            await self._start(response.status, headers)
            await self._write(stream)

    async def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.status, self.started = status, True
        await self._in_time({"type": "http.response.start", "status": status, "headers": headers})

    async def _write(self, body: bytes | IO[bytes]) -> None:
        """Send a body. Give up on a client that doesn't read on in time."""
        if isinstance(body, bytes):
            self.length = len(body)
            await self._send_part(body, more=False)
            return
        while self.scope["method"] != "HEAD" and (part := body.read(_CHUNK)):
            self.length += len(part)
            await self._send_part(part, more=True)
        await self._send_part(b"", more=False)

    async def _send_part(self, part: bytes, *, more: bool) -> None:
        await self._in_time({"type": "http.response.body", "body": part, "more_body": more})

    async def _in_time(self, message: dict[str, Any]) -> None:
        """Send a message; even a small one waits if the client hasn't read what came before."""
        try:
            async with asyncio.timeout(self.state.timeout):
                await self.send(message)
        except TimeoutError:
            raise ClientLeft from None

    def log(self, log: AccessLog, seconds: float) -> None:
        """Write the access log's line."""
        log.write(
            self.client,
            self.scope["method"],
            self.scope["path"],
            status=self.status,
            length=self.length,
            seconds=seconds,
            rows=self.rows,
            query_seconds=self.seconds,
        )


def _too_large() -> Problem:
    return plain(413, f"the body has more than {LARGEST} bytes", "a query of this size is refused anyway")


@lru_cache(maxsize=256)
def _raw_name(name: str) -> bytes:
    return name.lower().encode("latin-1")
