"""The terms of widely used vocabularies, for finding misspelt ones: those that rdflib has."""

from __future__ import annotations

import difflib
from functools import cache

from kg.terms import local_name


@cache
def vocabularies() -> dict[str, frozenset[str]]:
    """Return the local names of each vocabulary, by its namespace."""
    from rdflib import namespace
    from rdflib.namespace import DefinedNamespace

    found: dict[str, frozenset[str]] = {}
    for one in vars(namespace).values():
        if isinstance(one, type) and issubclass(one, DefinedNamespace) and one is not DefinedNamespace:
            names = frozenset(str(name)[len(str(one._NS)) :] for name in dir(one))
            # rdf:_1, rdf:_2 and so on are terms too, without end.
            found[str(one._NS)] = names
    return found


def is_unknown(iri: str) -> bool:
    """Say whether an IRI lies in a vocabulary that is known here, but is none of its terms."""
    name = local_name(iri)
    names = vocabularies().get(iri[: len(iri) - len(name)])
    if names is None or iri.endswith(("/", "#")):
        return False
    return name not in names and not (name.startswith("_") and name[1:].isdigit())


def is_covered(iri: str) -> bool:
    """Say whether an IRI lies in a vocabulary that is known here."""
    return iri[: len(iri) - len(local_name(iri))] in vocabularies()


def near(iri: str) -> str | None:
    """Return the term of the same vocabulary that is most like it, if one is."""
    name = local_name(iri)
    space = iri[: len(iri) - len(name)]
    found = difflib.get_close_matches(name, sorted(vocabularies().get(space, ())), n=1, cutoff=0.75)
    return space + found[0] if found else None
