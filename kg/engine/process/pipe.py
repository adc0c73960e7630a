"""Frames of the pipe between a pool and its query processes: two lengths, a header in JSON, a body."""

from __future__ import annotations

import json
import struct
from typing import Any

_LENGTHS = struct.Struct("<II")
"""Bytes of the header, bytes of the body."""
RECEIVE = 1 << 16
"""Bytes that are read at once. For more the C library asks the system, which takes ten times as long."""


def framed(head: bytes, body: bytes = b"") -> bytes:
    """Return a frame of a header (JSON already) and a body."""
    return _LENGTHS.pack(len(head), len(body)) + head + body


def is_whole(data: bytes | bytearray) -> bool:
    """Say whether what has come so far is a frame to its end."""
    size = _LENGTHS.size
    return len(data) >= size and len(data) >= size + sum(_LENGTHS.unpack_from(data))


def unframed(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the header and the body of a whole frame."""
    end = _LENGTHS.size + _LENGTHS.unpack_from(data)[0]
    # Decoded here, as the reader of JSON would look first in which encoding the bytes are.
    return json.loads(data[_LENGTHS.size : end].decode()), data[end:]
