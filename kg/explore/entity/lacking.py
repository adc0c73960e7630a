"""What is expected of the things that a page tells, and isn't told of them all.

A shape says what stands beside each thing (``kg:beside``); where the things' class expects it too
(``kg:expects``), a page says of how many it is lacking instead of leaving a reader to guess.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.explore.entity.story import Chapter, Story
from kg.explore.model import Untold
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import Schema
from kg.explore.ontology.shapes import Step


def lacking(story: Story, chapter: Chapter, schema: Schema, reader: Reader) -> tuple[Untold, ...]:
    """Return what a chapter's things are expected to tell and some don't, the most important first.

    Nothing where not all of the things have been read.
    """
    if not story.facts.keys() >= set(chapter.things):
        return ()
    found = []
    for step, names in _expected(chapter, schema):
        missing = sum(not _has(story, thing, step) for thing in chapter.things)
        if missing:
            found.append(Untold(reader.term(step.iri, names), missing, len(chapter.things)))
    return tuple(found)


def _expected(chapter: Chapter, schema: Schema) -> Iterator[tuple[Step, tuple[ox.Literal, ...]]]:
    """Yield what stands beside things and is expected of their class, with what shapes call it."""
    of, beside = chapter.shape.of, set(chapter.shape.beside)
    rank = {iri: at for at, iri in enumerate(schema.expected_of(of))}
    shapes = sorted((one for one in schema.shapes_of(of) if one.iri in rank), key=lambda one: rank[one.iri])
    for shape in shapes:
        if len(shape.steps) == 1 and shape.steps[0] in beside:
            beside.discard(shape.steps[0])
            yield shape.steps[0], shape.names


def _has(story: Story, thing: str, step: Step) -> bool:
    if step.inverse:
        return bool(story.backward.get((thing, step.iri)))
    return bool(story.facts[thing].get(step.iri))
