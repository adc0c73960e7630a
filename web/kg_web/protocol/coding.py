"""Content codings: choosing one by Accept-Encoding (RFC 9110 §12.5.3) and applying it."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import logging
import re
import shutil
import uuid
from functools import lru_cache
from pathlib import Path
from typing import IO, cast

import zstandard

from kg.engine.answers.spool import IN_MEMORY, Written
from kg.machine.digests import sha256_of

log = logging.getLogger("kg_web.protocol.coding")

CODINGS = ("zstd", "gzip")
WORTHWHILE = 1024
"""Bytes under which an answer goes as it is."""
OFF_LOOP = 64 * 1024
"""Bytes from which compressing is left to a thread, so that others are not held up."""


@lru_cache(maxsize=256)
def choose(accept: str | None, codings: tuple[str, ...] = CODINGS) -> str:
    """Return one of ``codings`` or ``identity``: what the client weighs highest, the earlier of equals.

    No client is refused for its Accept-Encoding: it then gets identity.
    """
    weights: dict[str, float] = {}
    for part in (accept or "").lower().split(","):
        name, _, parameters = part.partition(";")
        match = re.fullmatch(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", parameters)
        weights[name.strip()] = float(match.group(1)) if match else (0.0 if parameters.strip() else 1.0)
    weights.pop("", None)
    best, weight = "identity", 0.0
    for coding in codings:
        wanted = weights.get(coding, weights.get("*", 0.0))
        if wanted > weight:
            best, weight = coding, wanted
    return best if weight >= weights.get("identity", 0.0) else "identity"


def pack(body: bytes, coding: str) -> bytes:
    """Return a body coded as ``zstd`` or ``gzip``."""
    if coding == "zstd":
        return zstandard.ZstdCompressor(level=3).compress(body)
    return gzip.compress(body, 5, mtime=0)


def encode(body: bytes | Path, coding: str, beside: Path) -> tuple[bytes | Path, str]:
    """Return the coded body and its sha256 in hex. A file is coded into ``beside`` and then removed."""
    if isinstance(body, bytes):
        coded = pack(body, coding)
        return coded, hashlib.sha256(coded).hexdigest()
    with body.open("rb") as source, beside.open("wb") as target:
        if coding == "zstd":
            zstandard.ZstdCompressor(level=1).copy_stream(source, target)
        else:
            with gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=target, mtime=0) as packed:
                shutil.copyfileobj(source, cast(IO[bytes], packed), IN_MEMORY)
    body.unlink()
    return beside, sha256_of(beside)


async def coded(written: Written, wanted: str, spool: Path) -> tuple[bytes | Path, str, str]:
    """Return an answer's body in the wanted coding, its sha256 in hex, and the coding that it has.

    It stays as it is where it is small, or where ``spool``, the folder for large ones, has no room.
    """
    body, sha256 = written.body, written.sha256
    if wanted == "identity":
        return body, sha256, wanted
    if isinstance(body, bytes) and written.length < OFF_LOOP:
        if written.length < WORTHWHILE:
            return body, sha256, "identity"
        return *encode(body, wanted, spool), wanted
    beside = spool / uuid.uuid4().hex
    try:
        return *await asyncio.to_thread(encode, body, wanted, beside), wanted
    except OSError as error:
        beside.unlink(missing_ok=True)
        log.warning("an answer is sent without its coding: %s", error)
        return body, sha256, "identity"
