"""The icon of `static/icon.svg` as ICO, for what asks for /favicon.ico; drawn here: no binary is kept."""

from __future__ import annotations

import struct
import zlib
from functools import cache

SIZE = 32
"""Pixels across and down, which are also the units of the SVG's view box."""
_FINE = 4
"""Samples across each pixel, so that edges are smooth."""
_RED, _WHITE = (0xAD, 0x3A, 0x24), (0xFF, 0xFF, 0xFF)
_STROKES = (((9.0, 8.0), (9.0, 24.0)), ((9.0, 16.0), (23.0, 16.0)), ((23.0, 8.0), (23.0, 24.0)))
_HALF = 1.5
"""Half of a stroke's width."""


def _in_square(x: float, y: float) -> bool:
    """Say whether a point lies in the square from 2 to 30 whose corners are rounded by 4."""
    dx, dy = max(6 - x, x - 26, 0.0), max(6 - y, y - 26, 0.0)
    return dx * dx + dy * dy <= 16


def _on_stroke(x: float, y: float) -> bool:
    """Say whether a point lies on one of the strokes, whose ends are round."""
    for (left, top), (right, bottom) in _STROKES:
        dx, dy = max(left - x, x - right, 0.0), max(top - y, y - bottom, 0.0)
        if dx * dx + dy * dy <= _HALF * _HALF:
            return True
    return False


def _pixel(column: int, row: int) -> bytes:
    steps = [(i + 0.5) / _FINE for i in range(_FINE)]
    points = [(column + x, row + y) for x in steps for y in steps]
    inside = [point for point in points if _in_square(*point)]
    if not inside:
        return bytes(4)
    white = sum(_on_stroke(*point) for point in inside) / len(inside)
    mixed = (round(red + (light - red) * white) for red, light in zip(_RED, _WHITE, strict=True))
    return bytes((*mixed, round(255 * len(inside) / len(points))))


def _chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file (PNG, third edition, §5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@cache
def favicon() -> bytes:
    """Return the file: an ICO with one PNG in it, which every browser of the last fifteen years reads."""
    rows = (b"\0" + b"".join(_pixel(column, row) for column in range(SIZE)) for row in range(SIZE))
    png = (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0))
        + _chunk(b"IDAT", zlib.compress(b"".join(rows), 9))
        + _chunk(b"IEND", b"")
    )
    head = struct.pack("<HHH", 0, 1, 1)
    entry = struct.pack("<BBBBHHII", SIZE, SIZE, 0, 0, 1, 32, len(png), len(head) + 16)
    return head + entry + png
