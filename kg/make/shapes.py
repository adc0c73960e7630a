"""Read the SHACL shapes and write them as one file of Turtle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.make.loading.parse import parse_file
from kg.make.paragraphs import TurtleWriter


@dataclass(frozen=True)
class Shapes:
    """The shapes as a graph and as text. ``files`` says where they came from."""

    store: ox.Store
    turtle: str
    files: tuple[Path, ...]


def read_shapes(files: Iterable[Path], prefixes: Mapping[str, str]) -> Shapes:
    """Read the files of shapes. Raises DataError when one can't be parsed."""
    store, paths = ox.Store(), tuple(files)
    for path in paths:
        store.extend(parse_file(path, prefixes))
    dataset = ox.Dataset(store)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted((str(q.subject), str(q.predicate), str(q.object)) for q in dataset)
    writer = TurtleWriter(prefixes)
    return Shapes(store, "".join([*writer.head(), *writer.body(lines)]), paths)
