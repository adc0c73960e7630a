"""A subset of a release: the things of a class, or with a value on an axis, and what belongs to them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import pyoxigraph as ox

from kg.export.entity import DEPTH, embedding
from kg.export.graphs.dump import Part
from kg.export.graphs.subjects import Said, is_a, subjects, superclasses
from kg.release import Release


def subset(
    release: Release,
    *,
    cls: str | None = None,
    axes: Mapping[str, Sequence[str]] | None = None,
    inferred: bool = False,
) -> Part:
    """Return the part of a release about the things of a class that have some values on some axes.

    A thing must have one of the values on each axis (``axes``: IRIs by property). Values that rules inferred
    count, though they are only written when ``inferred`` asks for them. Embedded nodes come along. It takes a
    pass over the statements, and one for each level of embedding; memory is 8 bytes or so for each thing.
    """
    axes = axes or {}
    above, embeds = superclasses(release), embedding(release)
    chosen: set[int] = set()
    below: set[int] = set()
    for iri, said in subjects(release, Part(inferred=True)):
        if (cls is None or is_a(said, above, cls)) and _fits(said, axes):
            chosen.add(_mark(iri))
            below |= _embedded(said, embeds)
    for _ in range(DEPTH - 1):
        below -= chosen
        if not below:
            break
        chosen |= below
        level, below = below, set()
        for iri, said in subjects(release, Part()):
            if _mark(iri) in level:
                below |= _embedded(said, embeds)
    words = [f"class <{cls}>"] if cls else []
    words += [
        f"<{name}> among {', '.join(f'<{v}>' for v in values)}" for name, values in sorted(axes.items())
    ]
    slug = "part-" + hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]
    return Part(
        inferred=inferred,
        subjects=lambda iri: _mark(iri) in chosen,
        name=f"The part with {' and '.join(words) or 'everything'}; {len(chosen)} things",
        slug=slug,
    )


def _fits(said: Said, axes: Mapping[str, Sequence[str]]) -> bool:
    return all(
        any(isinstance(v, ox.NamedNode) and v.value in wanted for v in said.get(name, ()))
        for name, wanted in axes.items()
    )


def _embedded(said: Said, embeds: frozenset[str]) -> set[int]:
    return {_mark(v.value) for name in embeds for v in said.get(name, ()) if isinstance(v, ox.NamedNode)}


def _mark(iri: str) -> int:
    # With 64 bits, two of a million IRIs collide in one of forty million exports.
    return int.from_bytes(hashlib.blake2b(iri.encode(), digest_size=8).digest(), "big")
