"""Parsing one document into quads, as written; an error becomes a fault with file, line and column."""

from __future__ import annotations

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
from kg.reading.streams import without_mark


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
                self._parser = self._open(without_mark(stream))
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
            raise DataError("a file can't be read", (faults.too_long(document.path),)) from None
        except (OSError, ValueError, UnicodeDecodeError) as error:
            raise DataError("a file can't be read", (Fault(str(error), document.path),)) from None

    def _placed(self, fault: Fault) -> Fault:
        """Return a fault with the place where the XML is broken, as the parser doesn't tell it."""
        document, reader = self.document, expat.ParserCreate()
        try:
            with unpacked(document.path, document.packing, document.member) as stream:
                reader.ParseFile(without_mark(stream))
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
