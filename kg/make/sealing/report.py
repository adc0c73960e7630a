"""Files of a release made of its statements: the report on quality, the vocabulary's documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from kg import quality, termdocs
from kg.languages import ORIGINAL, languages
from kg.make.loading import graphs
from kg.make.loading.load import Loaded
from kg.make.paragraphs import TurtleWriter
from kg.make.shapes import Shapes
from kg.quality.write import DQV
from kg.review import second
from kg.terms import Prefixes


def texts(loaded: Loaded, shapes: Shapes, checked: int | None, coding: Path | None) -> dict[str, str]:
    """Return the files by names. ``checked``: see `kg.evidence.checked`; ``coding``: `kg.review.second`."""
    made = {quality.FILE: _quality(loaded, shapes, checked, coding), termdocs.FILE: _terms(loaded)}
    if coding:
        made[second.FILE] = coding.read_text(encoding="utf-8")
    return made


def _quality(loaded: Loaded, shapes: Shapes, checked: int | None, coding: Path | None) -> str:
    config = loaded.config
    prefixes = {**config.prefixes, "dqv": DQV}
    found = [*quality.measure(loaded.store, shapes.store, config.base, checked)]
    if coding:
        found += _agreement(second.read(coding), config.base)
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
    known = {tag.lower() for tag in languages()}
    spoken = tuple(tag for tag in config.languages if tag in known) or (ORIGINAL,)
    return {termdocs.FILE: termdocs.whole(found, spoken)}


def _agreement(coding: second.Second, base: str) -> Iterator[quality.Measurement]:
    """Yield how far two codings agree on each kind of statement."""
    for kind in coding.kinds:
        on = f"{base}quality/kind/{kind.id}"
        yield quality.Measurement("agreement", kind.f1, "", on)
        if kind.kappa is not None:
            yield quality.Measurement("kappa", kind.kappa, "", on)


def _terms(loaded: Loaded) -> str:
    """Return the documentation of the vocabulary; what its terms are used for comes from the statistics."""
    config = loaded.config
    found = (
        quad.triple
        for name in (graphs.ONTOLOGY, graphs.STATISTICS)
        for quad in loaded.store.quads_for_pattern(None, None, None, ox.NamedNode(config.graph(name)))
    )
    return termdocs.whole(termdocs.read(found, config.prefixes), config.languages)
