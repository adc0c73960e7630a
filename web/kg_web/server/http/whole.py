"""Writing responses that are in memory in one piece, bypassing ASGI."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from kg_web.protocol import Response

Made = TypeVar("Made")

_SOON = 0.05
"""Seconds after which a client that leaves is looked for."""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What no header's value may have."""


class Connection(Protocol):
    """A client's connection, where the server gives it to the application."""

    def write_whole(self, scope: Any, head: bytes, body: bytes) -> bool:
        """Write a whole response in one piece; return whether that could be."""

    def when_lost(self, call: Callable[[], object] | None) -> None:
        """Have something called when the client leaves; None for nothing any more."""


class ClientLeft(Exception):
    """The client went away, or did not read or write on in time."""


def write_whole(connection: Connection, scope: Any, response: Response) -> bool:
    """Write a response and return whether that was possible; if not, nothing was written."""
    if not isinstance(response.body, bytes) or scope["method"] == "HEAD" or response.status in (204, 304):
        return False
    if "Connection" in response.headers or _CONTROL.search("".join(response.headers.values())):
        return False
    lines = [f"{name.lower()}: {value}\r\n" for name, value in response.headers.items()]
    start = f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}\r\n"
    return connection.write_whole(scope, (start + "".join(lines)).encode("latin-1"), response.body)


async def unless_left(
    receive: Callable[[], Awaitable[dict[str, Any]]], connection: Connection | None, work: Awaitable[Made]
) -> Made:
    """Await some work; cancel it, and raise `ClientLeft`, when the client leaves first.

    The ``connection``, if given, tells when the client leaves; else ASGI's ``receive`` is asked, if the work
    takes longer than a moment.
    """
    task, left = asyncio.current_task(), False

    def leave() -> None:
        nonlocal left
        left = True
        if task is not None:
            task.cancel()

    try:
        if connection is not None:
            connection.when_lost(leave)
            return await work
        async with _watched(receive, leave):
            return await work
    except asyncio.CancelledError:
        if left:
            raise ClientLeft from None
        raise
    finally:
        if connection is not None:
            connection.when_lost(None)


@contextlib.asynccontextmanager
async def _watched(
    receive: Callable[[], Awaitable[dict[str, Any]]], leave: Callable[[], None]
) -> AsyncIterator[None]:
    async def watch() -> None:
        await asyncio.sleep(_SOON)  # if the answer is quick, there is no need to ask
        while (await receive())["type"] != "http.disconnect":
            pass
        leave()

    watching = asyncio.ensure_future(watch())
    try:
        yield
    finally:
        watching.cancel()
