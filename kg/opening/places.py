"""Finding, for a warning, the line of an IRI or a value in the files as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from kg.opening.collect import graph_of
from kg.reading import Document
from kg.reading.packed import unpacked
from kg.terms import Prefixes, local_name

LARGEST = 64 * 2**20
"""Bytes of a file (unpacked) that is looked through for a line; of a larger one the file is named alone."""


class Places:
    """Finds lines in documents; of each document the text is kept while it is looked through."""

    def __init__(self, documents: Sequence[Document], prefixes: Mapping[str, str]) -> None:
        self._by_graph = {graph_of(one): one for one in documents}
        self._prefixes = Prefixes(prefixes)

    def of(self, graph: str, *terms: str) -> tuple[Document | None, int | None]:
        """Return the document of a graph, and the line of the first of some terms that it contains.

        For a graph that a document names itself, all documents are searched.
        """
        own = self._by_graph.get(graph)
        documents = [own] if own else list(self._by_graph.values())[:50]
        for term in terms:
            for document in documents:
                if (line := self._line(document, term)) is not None:
                    return document, line
        return (own or (documents[0] if len(documents) == 1 else None)), None

    def _line(self, document: Document, term: str) -> int | None:
        text = _text(document)
        for needle in self._needles(term):
            if (found := re.search(needle, text)) is not None:
                return text.count("\n", 0, found.start()) + 1
        return None

    def _needles(self, term: str) -> Iterator[str]:
        """Yield how a term may be written: an IRI in full, in short, in an attribute; a value in quotes."""
        if not term.startswith("<"):
            value = re.escape(term)
            yield rf'["\'>]{value}["\'<]'
            yield rf"(?<![\w.]){value}(?![\w])"
            return
        iri = term[1:-1]
        yield rf'[<"]{re.escape(iri)}[>"]'
        if (short := self._prefixes.curie(iri)) is not None:
            yield rf"(?<![\w-]){re.escape(short)}(?![\w-])"
        yield rf'[:"#/]{re.escape(local_name(iri))}(?![\w-])'


@lru_cache(maxsize=4)
def _text(document: Document) -> str:
    if document.path.stat().st_size > LARGEST:
        return ""
    with unpacked(document.path, document.packing, document.member) as stream:
        return stream.read(LARGEST).decode("utf-8-sig", "replace")
