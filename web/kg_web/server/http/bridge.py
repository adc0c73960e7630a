"""Flask inside the ASGI front: threads make pages, the loop sends them.

So a thread is occupied only while a page is made, not while a slow client reads it; files are read by the
loop while they are sent.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any, cast

from kg_web.delivery import resources
from kg_web.server.http.lanes import Lane

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

THREADS: dict[resources.Lane, int] = {"page": 8, "answer": 4, "file": 2}
"""Threads of each lane. Those that write files wait for nothing: more would only share a processor."""
_IN_MEMORY = 1024 * 1024


class FileWrapper:
    """What ``wsgi.file_wrapper`` gives (PEP 3333): a file to be sent as it is."""

    def __init__(self, file: IO[bytes], _block_size: int = 8192) -> None:
        self.file = file

    def __iter__(self) -> FileWrapper:
        return self

    def __next__(self) -> bytes:
        data = self.file.read(_IN_MEMORY)
        if not data:
            raise StopIteration
        return data

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def seekable(self) -> bool:
        """Whether ranges can be served."""
        return self.file.seekable()

    def seek(self, *arguments: int) -> int:
        """Move in the file."""
        return self.file.seek(*arguments)

    def tell(self) -> int:
        """Return the place in the file."""
        return self.file.tell()


class Page:
    """What the application answered: status, headers (raw), and its body as bytes or an open file."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: bytes | IO[bytes] = b""
        self.close: Callable[[], None] | None = None

    def free(self) -> None:
        """Close what the body is read from."""
        if self.close is not None:
            self.close()
        elif not isinstance(self.body, bytes):
            self.body.close()


class Bridge:
    """Runs a WSGI application in threads; ``patience`` (s) is how long a client waits for one."""

    def __init__(
        self, app: WsgiApp, patience: float, threads: Mapping[resources.Lane, int] = THREADS
    ) -> None:
        self.app = app
        self.lanes = {name: Lane(name, size, patience, Page.free) for name, size in threads.items()}

    async def respond(self, scope: dict[str, Any], body: bytes, client: str) -> Page:
        """Return the application's answer to a request. Raises Busy when it isn't made in time."""
        environ = _environ(scope, body, client)
        return await self.lanes[resources.lane_of(scope["path"])].run(lambda: self._run(environ))

    def close(self) -> None:
        """Start no more pages."""
        for lane in self.lanes.values():
            lane.close()

    def _run(self, environ: dict[str, Any]) -> Page:
        page = Page()

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], None]:
            page.status = int(status.split(" ", 1)[0])
            page.headers = [
                (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
            ]
            return written.append

        written: list[bytes] = []
        result = self.app(environ, start)
        close: Callable[[], None] | None = getattr(result, "close", None)
        file = _plain_file(result)
        if file is not None:
            page.body, page.close = file, close
            return page
        try:
            page.body = _collect(written, result)
        finally:
            if close is not None:
                close()
        return page


def _plain_file(result: Iterable[bytes]) -> IO[bytes] | None:
    """The file behind a response that is nothing but a file."""
    # Werkzeug wraps our FileWrapper in an iterator of its own.
    inner = getattr(result, "_iterator", None) or result
    inner = getattr(inner, "__self__", inner)
    return inner.file if isinstance(inner, FileWrapper) else None


def _collect(written: list[bytes], result: Iterable[bytes]) -> bytes | IO[bytes]:
    """Read a body to its end before any of it is sent, so that an error on the way is still an error."""
    spool = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when sent
    for chunk in written:
        spool.write(chunk)
    for chunk in result:
        spool.write(chunk)
    spool.seek(0)
    if not spool._rolled:  # type: ignore[attr-defined]
        return spool.read()
    return cast(IO[bytes], spool)


def _environ(scope: dict[str, Any], body: bytes, client: str) -> dict[str, Any]:
    """The WSGI environment (PEP 3333) of an ASGI request."""
    server = scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REQUEST_URI": scope.get("raw_path", b"").decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name != "content-length" and "_" not in name:
            key = "HTTP_" + name.upper().replace("-", "_")
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ
