"""What an IRI that the data doesn't know was likely meant to be."""

from __future__ import annotations

import re

import pyoxigraph as ox

from kg.explore.ask import ask, nodes
from kg.explore.naming.names import Names
from kg.explore.ontology.schema import Schema, str_of
from kg.labels import LABELS

MOST = 8
_LONGEST = 200


def likely(names: Names, schema: Schema, iri: str, base: str) -> tuple[str, ...]:
    """Return known things that an unknown IRI may stand for, the likeliest first. Raises QueryError.

    They are: what it lies under, the same slug under another kind, and what goes by the slug as a name.
    """
    iri = iri[:_LONGEST]
    slug = re.split(r"[/#]", iri.rstrip("/#"))[-1]
    if not slug:
        return ()
    near = [*_kinds(schema, base, slug), *_above(iri, base)]
    found = (
        {str_of(row["entity"]) for row in ask(names.engine, "kg/explore/naming/existing", entity=nodes(near))}
        if near
        else set()
    )
    known = [candidate for candidate in near if candidate in found]
    words = re.sub(r"[-_+ ]+", " ", slug).strip()
    spellings = {slug, words, words.title(), words.capitalize()} - {""}
    tags = {lit.language for term in schema.terms.values() for lit in term.literals(*LABELS) if lit.language}
    literals = [ox.Literal(text, language=tag) for text in sorted(spellings) for tag in sorted(tags)]
    if literals:
        rows = ask(names.engine, "kg/explore/naming/named", limit=MOST, called=literals)
        known += [str_of(row["entity"]) for row in rows]
    return tuple(dict.fromkeys(known))[:MOST]


def _above(iri: str, base: str) -> list[str]:
    """Return what an IRI lies under, nearest first, within the base."""
    parts = iri.removeprefix(base).rstrip("/").split("/")
    return (
        [base + "/".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)] if iri.startswith(base) else []
    )


def _kinds(schema: Schema, base: str, slug: str) -> list[str]:
    """Return the slug under each kind of thing that classes suggest (``id/<class>/<slug>``)."""
    kinds = {_kebab(iri) for iri in schema.classes if iri.startswith(base)}
    return [f"{base}id/{kind}/{slug}" for kind in sorted(kinds)] + [
        f"{base}ontology/{slug}",
        f"{base}source/{slug}",
        f"{base}graph/{slug}",
    ]


def _kebab(iri: str) -> str:
    name = re.split(r"[/#]", iri)[-1]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
