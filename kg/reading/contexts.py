"""JSON-LD's contexts: those that lie beside the file are read, remote ones are never fetched."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from kg.errors import DataError, Fault
from kg.reading.names import Document

LARGEST = 2**28
"""Bytes of a JSON-LD document: it is read as a whole."""
_DEEPEST = 10
"""Contexts that lead to contexts are followed so far."""
CONTEXT = "@context"


def resolved(stream: IO[bytes], document: Document) -> IO[bytes]:
    """Return the document with the contexts that it names inserted.

    Raises DataError for invalid JSON, for a context that isn't beside it, and for too large a document.
    """
    parts, size = [], 0
    while piece := stream.read(2**20):
        parts.append(piece)
        size += len(piece)
        if size > LARGEST:
            hint = "write it as N-Quads or Turtle, which are read as a stream"
            raise _fault(document, f"a JSON-LD document of more than {LARGEST // 2**20} MB", hint=hint)
    text = b"".join(parts)
    if b'"@context"' not in text and b"\\u" not in text:
        return io.BytesIO(text)
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise _fault(document, f"not JSON: {error.msg}", line=error.lineno, column=error.colno) from None
    except (ValueError, RecursionError) as error:
        raise _fault(document, f"not JSON: {error}") from None
    if not _names_contexts(content):
        return io.BytesIO(text)
    found = _filled(content, document, document.path.parent, 0)
    return io.BytesIO(json.dumps(found, ensure_ascii=False).encode())


def _names_contexts(node: Any) -> bool:
    """Say whether a context is named by an address anywhere."""
    if isinstance(node, list):
        return any(_names_contexts(one) for one in node)
    if not isinstance(node, dict):
        return False
    return any(_is_named(value) if key == CONTEXT else _names_contexts(value) for key, value in node.items())


def _is_named(context: Any) -> bool:
    if isinstance(context, list):
        return any(_is_named(one) for one in context)
    if isinstance(context, dict):
        return "@import" in context or _names_contexts(list(context.values()))
    return isinstance(context, str)


def _filled(node: Any, document: Document, folder: Path, depth: int) -> Any:
    if isinstance(node, list):
        return [_filled(one, document, folder, depth) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _context(value, document, folder, depth)
        if key == CONTEXT
        else _filled(value, document, folder, depth)
        for key, value in node.items()
    }


def _context(context: Any, document: Document, folder: Path, depth: int) -> Any:
    if isinstance(context, list):
        return [_context(one, document, folder, depth) for one in context]
    if isinstance(context, dict):
        if "@import" in context:
            laid = _context(context["@import"], document, folder, depth)
            rest = {key: value for key, value in context.items() if key != "@import"}
            return {**(laid if isinstance(laid, dict) else {}), **rest}
        return {key: _filled(value, document, folder, depth) for key, value in context.items()}
    if not isinstance(context, str):
        return context
    path = _at_hand(context, folder)
    if path is None or depth > _DEEPEST:
        hint = f"save it beside the file as {_file_name(context)}, or write the context into the file"
        raise _fault(document, f"the context {context} isn't here, and isn't fetched", hint=hint)
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise _fault(document, f"the context {path} can't be read: {error}") from None
    inner = content.get(CONTEXT, {}) if isinstance(content, dict) else {}
    return _context(inner, document, path.parent, depth + 1)


def _at_hand(address: str, folder: Path) -> Path | None:
    """Return the file that holds a context: beside the document, where a remote one may be saved too."""
    parts = urlsplit(address)
    if parts.scheme in ("", "file"):
        path = (folder / unquote(parts.path)).resolve()
        inside = path.is_relative_to(folder.resolve())
        return path if inside and path.is_file() else None
    names = (_file_name(address), Path(unquote(parts.path)).name)
    return next((folder / name for name in names if name and (folder / name).is_file()), None)


def _file_name(address: str) -> str:
    name = Path(unquote(urlsplit(address).path).rstrip("/")).name or "context"
    return name if name.endswith((".json", ".jsonld")) else f"{name}.jsonld"


def _fault(
    document: Document,
    message: str,
    *,
    line: int | None = None,
    column: int | None = None,
    hint: str | None = None,
) -> DataError:
    return DataError("a file can't be read", (Fault(message, document.path, line, column, hint=hint),))
