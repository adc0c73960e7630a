"""Parsing one document into quads, as written; an error becomes a fault with file, line and column."""

from __future__ import annotations

import io
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from types import MappingProxyType
from typing import IO, Any
from xml.parsers import expat

import pyoxigraph as ox

from kg.errors import DataError, Fault
from kg.reading import faults
from kg.reading.names import Document
from kg.reading.packed import unpacked


class Parsed:
    """The statements of a document, in the order of the file; they can be read once.

    ``prefixes`` has those that were met so far.
    """

    def __init__(self, document: Document, base: str | None, suggested: Mapping[str, str]) -> None:
        self.document = document
        self._base = base
        self._suggested = suggested
        self._parser: Any = None

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that the document declares, as far as it was read."""
        return dict(self._parser.prefixes) if self._parser is not None else {}

    def __iter__(self) -> Iterator[ox.Quad]:
        """Yield the statements. Raises DataError with the document's fault."""
        document = self.document
        try:
            with ExitStack() as stack:
                if document.syntax.parser is None:
                    from kg.reading.tables import rows

                    yield from rows(document)
                    return
                stream = stack.enter_context(unpacked(document.path, document.packing, document.member))
                self._parser = self._open(_without_mark(stream))
                yield from self._parser
        except SyntaxError as error:
            fault = faults.of_syntax(error, document.path, self._suggested)
            if fault.line is None and document.syntax.name == "rdf":
                fault = self._placed(fault)
            raise DataError("a file can't be read", (fault,)) from None
        except MemoryError as error:
            # The parser has a bound on what it holds at once; another want of memory is no fault of the file.
            if "buffer" not in str(error):
                raise
            raise DataError("a file can't be read", (too_long(document),)) from None
        except (OSError, ValueError, UnicodeDecodeError) as error:
            raise DataError("a file can't be read", (Fault(str(error), document.path),)) from None

    def _placed(self, fault: Fault) -> Fault:
        """Return a fault with the place where the XML is broken, as the parser doesn't tell it."""
        document, reader = self.document, expat.ParserCreate()
        try:
            with unpacked(document.path, document.packing, document.member) as stream:
                reader.ParseFile(_without_mark(stream))
        except expat.ExpatError as error:
            return replace(fault, line=error.lineno, column=error.offset + 1)
        return fault

    def _open(self, stream: IO[bytes]) -> Any:
        syntax = self.document.syntax
        if syntax.name == "jsonld":
            from kg.reading.contexts import resolved

            stream = resolved(stream, self.document)
        elif syntax.name == "rdf":
            from kg.reading.entities import checked

            stream = checked(stream, self.document)
        return ox.parse(stream, format=syntax.parser, base_iri=self._base)


def parse(
    document: Document, base: str | None = None, *, suggested: Mapping[str, str] = MappingProxyType({})
) -> Parsed:
    """Return the statements of a document; nothing is read yet.

    ``base`` resolves its relative IRIs; ``suggested`` are prefixes to suggest where one is not declared.
    """
    return Parsed(document, base, suggested)


def too_long(document: Document) -> Fault:
    """Return the fault for a text that is too long to be shown, or to be held in memory."""
    hint = "is a quotation mark or a > missing?"
    return Fault("a single term of more than 16 MB", document.path, hint=hint)


class Joined(io.RawIOBase):
    """A stream that gives the bytes that were read ahead, then the rest of another stream."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        """Say that it can be read, as a file must."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes; none at the end."""
        if self._head:
            piece, self._head = (self._head, b"") if size < 0 else (self._head[:size], self._head[size:])
            return piece
        return self._rest.read(size)


def _without_mark(stream: IO[bytes]) -> IO[bytes]:
    """Drop the byte order mark that Windows writes, which Turtle doesn't allow."""
    head = b""
    while len(head) < len(BOM_UTF8) and (piece := stream.read(len(BOM_UTF8) - len(head))):
        head += piece
    return Joined(head.removeprefix(BOM_UTF8), stream)  # type: ignore[return-value] # what a parser asks of a file
