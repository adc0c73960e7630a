"""Where statements stand that something is wrong with, and how their terms are written in a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from kg.make.loading.load import Loaded
from kg.make.loading.locate import locate, locate_statement
from kg.terms import Prefixes


def text_of(term: object) -> str:
    """Return an IRI or a literal's text; nothing for no term."""
    return str(getattr(term, "value", "") or "")


def shortened(text: str, short: Prefixes) -> str:
    """Return a text with its IRIs in angle brackets made compact where a prefix allows."""
    parts = text.split("<")
    for number, part in enumerate(parts[1:], 1):
        iri, closed, rest = part.partition(">")
        parts[number] = (short.curie(iri) or f"<{iri}>") + rest if closed else f"<{part}"
    return "".join(parts)


def find_statement(
    loaded: Loaded, focus: object, predicate: str | None, value: object
) -> tuple[Path | None, int | None, int | None]:
    """Return file, line and column of a statement, or of what comes nearest to it."""
    if not isinstance(focus, ox.NamedNode):
        return None, None, None
    found: list[tuple[int, int, int, Path]] = []
    for file in files_of(loaded, loaded.store.quads_for_pattern(focus, None, None, None)):
        near = locate_statement(file, focus.value, predicate, value)
        if near:
            found.append((*near, file))
    if found:
        _, line, column, file = max(found, key=lambda one: (one[0], str(one[3])))
        return file, line, column
    # A graph's own IRI is no subject: it is found where it is written.
    for file in loaded.files.get(focus.value, ()):
        return file, *locate(file, focus)
    return None, None, None


def files_of(loaded: Loaded, quads: Iterable[ox.Quad]) -> Iterator[Path]:
    """Yield the files that stated something in the statements' graphs."""
    graphs = sorted({q.graph_name.value for q in quads if isinstance(q.graph_name, ox.NamedNode)})
    return iter(dict.fromkeys(file for graph in graphs for file in loaded.files.get(graph, ())))
