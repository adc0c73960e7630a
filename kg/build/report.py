"""Files of a release made of its statements: the report on quality, the vocabulary's documentation."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from kg import quality, termdocs
from kg.build import graphs
from kg.build.load import Loaded
from kg.build.shapes import Shapes
from kg.build.turtle import TurtleWriter
from kg.quality.write import DQV
from kg.terms import Prefixes


def texts(loaded: Loaded, shapes: Shapes, checked: int | None) -> dict[str, str]:
    """Return the files by their names. ``checked``: see `kg.evidence.checked`."""
    return {
        quality.FILE: _quality(loaded, shapes, checked),
        termdocs.FILE: _terms(loaded),
    }


def _quality(loaded: Loaded, shapes: Shapes, checked: int | None) -> str:
    config = loaded.config
    prefixes = {**config.prefixes, "dqv": DQV}
    found = quality.measure(loaded.store, shapes.store, config.base, checked)
    triples = set(quality.to_triples(found, config.iri, config.base, Prefixes(config.prefixes)))
    writer = TurtleWriter(prefixes)
    lines = sorted((str(t.subject), str(t.predicate), str(t.object)) for t in triples)
    return "".join([*writer.head(), *writer.body(lines)])


def vocabulary_of(loaded: Loaded, declared: Iterable[ox.Triple]) -> dict[str, str]:
    """Return the documentation of a vocabulary that opened files declare, by its file's name; or nothing."""
    config = loaded.config
    graph = ox.NamedNode(config.graph(graphs.STATISTICS))
    numbers = (quad.triple for quad in loaded.store.quads_for_pattern(None, None, None, graph))
    stated = list(declared)
    if not stated:
        return {}
    found = termdocs.read([*stated, *numbers], config.prefixes)
    spoken = tuple(tag for tag in config.languages if tag in termdocs.LANGUAGES) or ("en",)
    return {termdocs.FILE: termdocs.whole(found, spoken)}


def _terms(loaded: Loaded) -> str:
    """Return the documentation of the vocabulary; what its terms are used for comes from the statistics."""
    config = loaded.config
    found = (
        quad.triple
        for name in (graphs.ONTOLOGY, graphs.STATISTICS)
        for quad in loaded.store.quads_for_pattern(None, None, None, ox.NamedNode(config.graph(name)))
    )
    return termdocs.whole(termdocs.read(found, config.prefixes), config.languages)
