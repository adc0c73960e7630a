"""Sending files that were made from a release: with length and checksum, compressed where that helps."""

from __future__ import annotations

import base64
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path

from flask import Response, request, send_file

from kg.errors import Busy, StorageError
from kg.export.cache import cached, checksum, compressed
from kg.export.graphs.dump import Part, dump
from kg.mediatypes import Format
from kg.release import Release
from kg_web.delivery.negotiate import sealed
from kg_web.protocol.coding import choose


def send_dump(
    release: Release, format: Format, part: Part, name: str, *, inline: bool = False, keep: bool = True
) -> Response:
    """Return a part of a release in a format, made once and then kept.

    Without ``keep`` it is made for this request alone, so that strangers' selections can't fill the disk.
    Raises NotExpressible, StorageError, Busy.
    """
    kept = f"{part.slug}{'-inferred' if part.inferred else ''}.{format.name}"
    if not keep:
        return _send_once(release, format, part, name)
    path = cached(release, kept, partial(_dump, release, format, part))
    return send(release, path, format.content_type, name, inline=inline)


def _send_once(release: Release, format: Format, part: Part, name: str) -> Response:
    # A file without a name: the system removes it when the response is closed, or the process dies.
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        dump(release, format, file, part)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    response = send_file(
        file, mimetype=format.content_type, download_name=name, as_attachment=True, conditional=False
    )
    response.content_length = size
    response.content_type = format.content_type
    return response


def _dump(release: Release, format: Format, part: Part, out: object) -> None:
    dump(release, format, out, part)  # type: ignore[arg-type]


def send(release: Release, path: Path, content_type: str, name: str, *, inline: bool = False) -> Response:
    """Return a file of a release's exports: ranges and conditions are kept (RFC 9110 §13, §14).

    ``Repr-Digest`` (RFC 9530) is that of the bytes sent, the ETag that of the file on disk. If there is no
    room or time to compress a file, it is sent as it is.
    """
    served = path
    if _takes_gzip() and "Range" not in request.headers and path.stat().st_size > 1000:
        with suppress(StorageError, Busy):
            served = compressed(release, path)
    squeezed = served is not path
    digest = checksum(release, served)
    response = send_file(
        served,
        mimetype=content_type,
        download_name=name,
        as_attachment=not inline,
        etag=digest,
        last_modified=sealed(release),
        max_age=300,
        conditional=True,
    )
    response.content_type = content_type
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(digest)).decode()}:"
    response.vary.add("Accept-Encoding")
    if squeezed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _takes_gzip() -> bool:
    return choose(request.headers.get("Accept-Encoding"), ("gzip",)) == "gzip"
