"""What the documentation of a vocabulary holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.languages import language_chain

Texts = Mapping[str, str]
"""A text by language tag; the empty tag for none."""


def said(texts: Texts, language: str) -> str:
    """Return a text as a reader of a language should see it; empty of none."""
    for tag in (*language_chain(language), ""):
        if tag in texts:
            return texts[tag]
    return next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True)
class Term:
    """A class, a property or a concept."""

    iri: str
    name: str
    """Compact, where a prefix allows, else the IRI."""
    kind: str
    """class, object, datatype, annotation or concept."""
    labels: Texts
    definition: Texts = field(default_factory=dict)
    notes: tuple[Texts, ...] = ()
    examples: tuple[Texts, ...] = ()
    broader: tuple[str, ...] = ()
    """Wider terms of this vocabulary, as IRIs; so with domains and ranges."""
    domains: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    """symmetric, transitive, retired ..."""
    replaced_by: tuple[str, ...] = ()
    alignments: tuple[tuple[str, str], ...] = ()
    """How it stands to terms of others: the relation and the term, both as IRIs."""
    uses: int | None = None

    @property
    def anchor(self) -> str:
        """Its name as the id of an element."""
        return "".join(c if c.isascii() and c.isalnum() else "-" for c in self.name)


@dataclass(frozen=True, slots=True)
class Module:
    """A part of the ontology, with its terms by label."""

    iri: str
    labels: Texts
    definition: Texts
    classes: tuple[Term, ...]
    properties: tuple[Term, ...]

    @property
    def anchor(self) -> str:
        """The last part of its IRI, as the id of an element."""
        return "module-" + (self.iri.rstrip("/#").replace("#", "/").rpartition("/")[2] or "terms")


@dataclass(frozen=True, slots=True)
class Listing:
    """A controlled list and its concepts."""

    iri: str
    labels: Texts
    definition: Texts
    concepts: tuple[Term, ...]

    @property
    def anchor(self) -> str:
        """The last part of its IRI, as the id of an element."""
        return "list-" + self.iri.rstrip("/#").replace("#", "/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A whole vocabulary."""

    iri: str
    labels: Texts
    definition: Texts
    version: str
    modules: tuple[Module, ...]
    lists: tuple[Listing, ...]
    others: Mapping[str, str]
    """Compact names of terms of others that ours refer to."""

    @property
    def languages(self) -> frozenset[str]:
        """The languages in which its terms are named."""
        return frozenset(tag for term in self.terms.values() for tag in term.labels)

    @property
    def terms(self) -> dict[str, Term]:
        """Classes and properties by their IRIs."""
        return {term.iri: term for module in self.modules for term in (*module.classes, *module.properties)}
