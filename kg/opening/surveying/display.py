"""SHACL shapes for opened files that have none: what a class can be browsed by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kg.blanks import GENID
from kg.opening.surveying.survey import TYPE, Choices, Survey
from kg.search.statements import by_subject, graph_and_object, written
from kg.terms import KG, RDF, RDFS, SH, XSD

FACETS = 6
"""By how many properties a class is browsed at most."""
_NODE_SHAPE = written(SH + "NodeShape")
_GROUP = written(SH + "PropertyGroup")
_SH = b"<" + SH.encode()
_OURS = b"<" + KG.encode()
_PARTS = frozenset(map(written, (RDF + "first", RDF + "rest")))


def facets(found: Survey) -> Iterator[bytes]:
    """Yield shapes in N-Triples: of each class, the properties that have few values, each of many things."""
    for number, cls in enumerate(sorted(found.choices)):
        if not cls.startswith(b"<"):
            continue
        useful = sorted(
            (-choices.things, predicate)
            for predicate, choices in found.choices[cls].items()
            if _is_useful(choices, found.named[cls])
        )
        shape = b"_:c%d" % number
        yield from _triples(shape, (written(RDF + "type"), _NODE_SHAPE), (written(SH + "targetClass"), cls))
        for place, (_, predicate) in enumerate(useful[:FACETS]):
            part = b"%b_%d" % (shape, place)
            yield from _triples(shape, (written(SH + "property"), part))
            order = b'"%d"^^%b' % (100 + place, written(XSD + "integer"))
            yield from _triples(
                part,
                (written(SH + "path"), predicate),
                (written(SH + "order"), order),
                (written(KG + "facet"), b'"true"^^' + written(XSD + "boolean")),
            )


def _is_useful(choices: Choices, things: int) -> bool:
    """Say whether a property is useful as a facet: a tenth of the class's things share a few values."""
    few = not choices.is_open and 1 < len(choices.values) <= max(2, choices.things // 2)
    blank = any(GENID.encode() in value for value in choices.values)
    return few and not blank and choices.things * 10 >= things


def _triples(subject: bytes, *said: tuple[bytes, bytes]) -> Iterator[bytes]:
    for predicate, value in said:
        yield b"%b %b %b .\n" % (subject, predicate, value)


def stated(path: Path, found: Survey) -> Iterator[bytes]:
    """Yield the shapes that the files state themselves, as N-Triples; nothing when there is none."""
    if not found.classes[_NODE_SHAPE]:
        return
    for subject, said in by_subject(path):
        values = [(predicate, graph_and_object(rest)[1]) for predicate, rest in said]
        types = {value for predicate, value in values if predicate == TYPE}
        for predicate, value in values:
            named = _GROUP in types and predicate == written(RDFS + "label")
            typed = predicate == TYPE and not {_NODE_SHAPE, _GROUP}.isdisjoint(types)
            if named or typed or predicate.startswith((_SH, _OURS)) or predicate in _PARTS:
                yield b"%b %b %b .\n" % (subject, predicate, value)
