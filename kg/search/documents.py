"""Turn what is said of a thing into a document of the index.

What each field holds is said in `FIELDS` and `kg.search.fields.FIELDS`; `kg.search.queries` asks them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import tantivy

from kg.blanks import is_blank
from kg.labels import ELSEWHERE, LABELS, XL_LABEL
from kg.release import Release
from kg.search import fields as terms
from kg.search.hits import Name, Thing
from kg.search.names import folding
from kg.search.statements import Said, by_subject, graph_and_object, iri_of, name_of, written
from kg.search.survey import NOTATION, TYPE, Survey, Vocabulary
from kg.terms import KG, SKOS, local_name

NAMES = 40
"""Names of one thing that are indexed."""

FIELDS = {
    **terms.FIELDS,
    "iri": "raw",  # the thing
    "code": "raw",  # each code, folded, as one word
    "codes": "edge",  # the beginnings of codes
    "type": "raw",  # its classes and all above them
}
"""The text fields and how each is cut into terms."""

_LABELS = frozenset(written(iri) for iri in LABELS)
_ELSEWHERE = {written(iri): place for place, iri in enumerate(ELSEWHERE)}
_XL_LABEL = written(XL_LABEL)
_ALIASES = frozenset(written(iri) for iri in (SKOS + "altLabel", SKOS + "hiddenLabel"))
_NAMES = _LABELS | _ALIASES
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Met:
    """The characters of Chinese names that were met, and the syllables that were read off them."""

    characters: set[str] = field(default_factory=set)
    syllables: set[str] = field(default_factory=set)


def schema() -> tantivy.Schema:
    """Return the schema of the index."""
    builder = tantivy.SchemaBuilder()
    for name, tokenizer in FIELDS.items():
        builder.add_text_field(name, tokenizer_name=tokenizer, index_option="basic")
    builder.add_text_field("kind", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("rank", fast=True)
    builder.add_bytes_field("thing", stored=True)
    return builder.build()


def documents(
    release: Release, vocabulary: Vocabulary, found: Survey, met: Met
) -> Iterator[tantivy.Document]:
    """Yield a document for each thing that has a name, stands for itself and is of the dataset.

    What is read off Chinese names is added to ``met``.
    """
    order = 0
    opened = bool(release.opened)
    for subject, said in by_subject(release.file("dataset.nq")):
        unnamed = _NAMES.isdisjoint([predicate for predicate, _rest in said])
        if unnamed and not opened:
            continue
        thing, types = _thing(subject, said, vocabulary, found)
        if unnamed:
            thing = replace(thing, names=_otherwise(subject, said, vocabulary, found))
        if thing.names and not vocabulary.is_dependent(types) and not thing.iri.startswith(KG):
            ranked = rank(thing, found.children.get(subject, 0), order)
            yield _document(thing, vocabulary.classes(types), ranked, met)
            order += 1


def thing_of(document: tantivy.Document) -> Thing:
    """Return the thing that a document keeps."""
    kept: bytes = document.get_first("thing") or b""
    iri, names, classes, codes, count, parent = json.loads(kept)
    return Thing(iri, tuple(Name(*name) for name in names), tuple(classes), tuple(codes), count, parent)


def rank(thing: Thing, children: int, order: int) -> int:
    """Return the number by which things are ordered, in 63 bits.

    First come the things that most is written about, then those with most parts (by powers of two), then
    those with the shortest names, then in the order of the release.
    """
    number = min(thing.written, 2**20 - 1)
    number = number << 5 | min(children.bit_length(), 31)
    number = number << 6 | 63 - min(*[len(name.value) for name in thing.labels], 63)
    return number << 32 | 2**32 - 1 - min(order, 2**32 - 1)


def written_of(ranked: int) -> int:
    """Return how much is written about a thing of this rank."""
    return ranked >> 43


def _thing(
    subject: bytes, said: Iterable[Said], vocabulary: Vocabulary, found: Survey
) -> tuple[Thing, set[bytes]]:
    """Return a thing and its classes as written."""
    names: dict[Name, None] = {}
    types: set[bytes] = set()
    codes: dict[str, None] = {}
    parents: dict[bytes, bytes] = {}
    count = found.mentions.get(subject, 0)
    for predicate, rest in said:
        graph, value = graph_and_object(rest)
        if graph in vocabulary.superseded:
            continue
        count += graph in vocabulary.passages
        if predicate == TYPE:
            types.add(value)
        elif predicate in _NAMES:
            if name := name_of(value, is_alias=predicate in _ALIASES):
                names[name] = None
        elif predicate == NOTATION:
            if name := name_of(value, is_alias=False):
                codes[name.value] = None
        elif predicate in vocabulary.parents and value != subject:
            parents.setdefault(predicate, value)
        elif value in found.codes:
            codes.update(dict.fromkeys(found.codes[value]))
    parent = next((iri_of(parents[one]) for one in vocabulary.parents if one in parents), None)
    kinds = tuple([iri_of(one) for one in vocabulary.narrowest(types)])
    kept = sorted(names, key=_is_alias)[:NAMES]
    return Thing(iri_of(subject), tuple(kept), kinds, tuple(codes), count, parent), types


def _otherwise(
    subject: bytes, said: Iterable[Said], vocabulary: Vocabulary, found: Survey
) -> tuple[Name, ...]:
    """Return a thing's names in other vocabularies, else the end of its IRI; none for a blank node."""
    names: dict[Name, int] = {}
    for predicate, rest in said:
        graph, value = graph_and_object(rest)
        if graph in vocabulary.superseded:
            return ()
        if predicate == _XL_LABEL:
            names |= {Name(one.value, one.language): -1 for one in found.forms.get(value, ())}
        elif predicate in _ELSEWHERE and (name := name_of(value, is_alias=False)):
            names.setdefault(name, _ELSEWHERE[predicate])
    if names:
        return tuple(sorted(names, key=lambda one: names[one])[:NAMES])
    iri = iri_of(subject)
    return () if is_blank(iri) else (Name(local_name(iri)),)


def _is_alias(name: Name) -> bool:
    return name.is_alias


def _document(thing: Thing, classes: Iterable[bytes], ranked: int, met: Met) -> tantivy.Document:
    fields = terms.collect(thing.names, met.syllables, met.characters)
    codes = [folding.compact(folding.runs(folding.fold(code))) for code in thing.codes]
    document = tantivy.Document(
        **{name: list(values) for name, values in fields.items()},
        iri=thing.iri,
        code=codes,
        codes=[code[: terms.EDGE] for code in codes],
        type=[iri_of(one) for one in classes],
        kind=list(thing.classes),
    )
    document.add_unsigned("rank", ranked)
    document.add_bytes("thing", _kept(thing))
    return document


def _kept(thing: Thing) -> bytes:
    names = [(name.value, name.language, name.is_alias) for name in thing.names]
    kept = (thing.iri, names, thing.classes, thing.codes, thing.written, thing.parent)
    return _JSON.encode(kept).encode("utf-8", "replace")
