"""What the documentation of a vocabulary says itself, by key: messages of the catalogues."""

from __future__ import annotations

from collections.abc import Mapping

from kg.languages import translated

WORDS: Mapping[str, str] = {
    "aligned": "Stands to others",
    "broader": "Kind of",
    "classes": "Classes",
    "concepts": "concepts",
    "diagram": "What links to what",
    "domain": "Of",
    "example": "Example",
    "kind-annotation": "annotation",
    "kind-class": "class",
    "kind-datatype": "property with a value",
    "kind-object": "property that links",
    "lists": "Lists",
    "narrower": "Kinds",
    "note": "Note",
    "others": "things of other modules",
    "properties": "Properties",
    "range": "Leads to",
    "replaced": "Use instead",
    "anything": "anything",
    "trait-functional": "one value",
    "trait-retired": "retired",
    "trait-symmetric": "holds both ways",
    "trait-transitive": "carries over",
    "used": "Used",
    "used-statements": "statements",
    "used-things": "things",
    "version": "Version",
}


def words(language: str) -> dict[str, str]:
    """Return what the documentation itself says, in a language; in the source language where it must."""
    return {key: translated(text, language) for key, text in WORDS.items()}
