"""Which files hold statements, in which syntax and how packed, by their names; and why another isn't read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox

from kg.errors import UsageError

CSVW = "csvw"
"""A table: not the parser's, but read by the metadata beside it."""


@dataclass(frozen=True)
class Syntax:
    """A syntax: its name for ``--format``, its file endings, its name for people, and the parser's format.

    ``graphs``: it can say which graph a statement belongs to. ``parser`` is None for a table.
    """

    name: str
    endings: tuple[str, ...]
    label: str
    parser: ox.RdfFormat | None
    graphs: bool = False


SYNTAXES = (
    Syntax("ttl", (".ttl", ".turtle"), "Turtle", ox.RdfFormat.TURTLE),
    Syntax("trig", (".trig",), "TriG", ox.RdfFormat.TRIG, graphs=True),
    Syntax("nt", (".nt", ".ntriples"), "N-Triples", ox.RdfFormat.N_TRIPLES),
    Syntax("nq", (".nq", ".nquads"), "N-Quads", ox.RdfFormat.N_QUADS, graphs=True),
    Syntax("rdf", (".rdf", ".owl", ".xml", ".rdfs", ".skos"), "RDF/XML", ox.RdfFormat.RDF_XML),
    Syntax("jsonld", (".jsonld", ".json-ld"), "JSON-LD", ox.RdfFormat.JSON_LD, graphs=True),
    Syntax("n3", (".n3",), "Notation3", ox.RdfFormat.N3),
    Syntax("csv", (".csv", ".tsv"), "CSV on the Web", None),
)
"""All syntaxes, by preference."""
BY_ENDING = {ending: syntax for syntax in SYNTAXES for ending in syntax.endings}
BY_NAME = {syntax.name: syntax for syntax in SYNTAXES}
PACKINGS = (".gz", ".zst", ".bz2", ".zip")
"""The endings of what is packed."""
MOST_FILES = 20_000
"""More files than these are not looked through: who has them joins them, or names a folder further down."""


@dataclass(frozen=True)
class Document:
    """Something to read: a file, or a member of a zip; ``syntax`` is told by the name, or given.

    ``name`` is the one shown to readers: the path below the opened folder. ``path`` is the file on the disk.
    """

    path: Path
    name: str
    syntax: Syntax
    packing: str = ""
    member: str = ""


def syntax_named(name: str) -> Syntax:
    """Return the syntax of a name or an ending. Raises UsageError for an unknown one."""
    found = BY_NAME.get(name) or BY_ENDING.get("." + name.removeprefix("."))
    if found is None:
        raise UsageError(f"no syntax is named {name!r}", hint=f"one of {', '.join(BY_NAME)}")
    return found


@lru_cache(maxsize=4_096)  # folders of sources repeat the same names
def split(name: str) -> tuple[str, str, str]:
    """Return a name without its endings, the ending of its syntax, and that of its packing, in lower case."""
    path = Path(name)
    packing = path.suffix.lower() if path.suffix.lower() in PACKINGS else ""
    inner = Path(path.name[: -len(packing)] if packing else path.name)
    return inner.stem, inner.suffix.lower(), packing


def reason_unread(path: Path) -> str | None:
    """Return why a file is not read, judged by its name; None for one that is."""
    _, ending, packing = split(path.name)
    if ending in BY_ENDING:
        if BY_ENDING[ending].name == "csv" and not packing and metadata_of(path) is None:
            return f"a table without metadata beside it ({path.name}-metadata.json)"
        return None
    if packing == ".zip":
        return None
    if not ending:
        return "its name has no ending that tells a syntax"
    return f"{ending} is no syntax of RDF that is read here"


def metadata_of(path: Path) -> Path | None:
    """Return the metadata beside a table (Model for Tabular Data §5.3), None when there is none."""
    for name in (f"{path.name}-metadata.json", "csv-metadata.json"):
        if (path.parent / name).is_file():
            return path.parent / name
    return None


def documents(path: Path, root: Path, *, syntax: Syntax | None = None) -> Iterator[Document]:
    """Yield what a file holds: itself, or the members of a zip that a syntax is told of.

    Raises UsageError when the file's name tells no syntax and none is given.
    """
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    _, ending, packing = split(path.name)
    known = syntax or BY_ENDING.get(ending)
    if packing == ".zip":
        from kg.reading.packed import members

        for member in members(path):
            inside = syntax or BY_ENDING.get(split(member)[1])
            if inside is not None:
                yield Document(path, f"{name}/{member}", inside, packing, member)
        return
    if known is None:
        raise UsageError(
            f"{path} isn't read: {reason_unread(path)}",
            hint=f"say what it is with --format, one of {', '.join(BY_NAME)}",
        )
    yield Document(path, name, known, packing)
