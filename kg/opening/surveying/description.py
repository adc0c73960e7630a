"""Finding in the files what a dataset.ttl would say: title, base, prefixes, languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kg.blanks import HOME
from kg.languages import ORIGINAL
from kg.make.loading.config import Config
from kg.opening.surveying.survey import WHOLES, Survey
from kg.search.statements import iri_of, name_of, written
from kg.terms import DCTERMS, RDFS, SKOS, VOID, WELL_KNOWN

_TITLES = tuple(
    map(
        written,
        (
            DCTERMS + "title",
            "http://purl.org/dc/elements/1.1/title",
            RDFS + "label",
            SKOS + "prefLabel",
            "https://schema.org/name",
            "http://schema.org/name",
        ),
    )
)
_SPACES = (written(VOID + "uriSpace"), written("http://purl.org/vocab/vann/preferredNamespaceUri"))
_SHORT = written("http://purl.org/vocab/vann/preferredNamespacePrefix")
SHARE = 0.5
"""A namespace is the data's own when at least so much of what it describes lies there."""
VERSION = "0.0.0"
"""Opened files have no version of their own; behind it stands the digest of what they say."""


def find(
    found: Survey, declared: Mapping[str, str], names: Sequence[str], *, title: str, base: str
) -> Config:
    """Return the configuration of the dataset; ``title`` and ``base``, unless empty, override what is found.

    ``declared`` are the prefixes of the files, ``names`` their names.
    """
    whole = _whole(found)
    own = base or _base(found, whole)
    titles = {ORIGINAL: title} if title else _titles(found, whole)
    languages = [tag.decode().lower() for tag, _ in found.languages.most_common(20)]
    return Config(
        iri=iri_of(whole) if whole else f"{HOME}dataset",
        base=own,
        version=VERSION,
        reference_date="",
        titles=titles or {ORIGINAL: _of_names(names)},
        languages=tuple(sorted(languages)),
        prefixes=_prefixes(found, declared, own, whole),
        transliterations=(),
        home=HOME,
    )


def _whole(found: Survey) -> bytes | None:
    """Return the thing that stands for the dataset: the only one, or that under which most things lie."""
    for kind in WHOLES:
        some = [subject for subject, (types, _) in found.wholes.items() if kind in types]
        if len(some) == 1:
            return some[0]
        if some:
            below = {one: _below(found, one) for one in some}
            best = max(some, key=lambda one: (below[one], -len(one)))
            if below[best] * 2 > sum(found.namespaces.values()):
                return best
    return None


def _below(found: Survey, subject: bytes) -> int:
    start = subject[1:-1].rstrip(b"/#")
    return sum(number for space, number in found.namespaces.items() if space.startswith(start))


def _titles(found: Survey, whole: bytes | None) -> dict[str, str]:
    about = found.wholes[whole][1] if whole else []
    for name in _TITLES:
        values = [one for p, value in about if p == name and (one := name_of(value, is_alias=False))]
        if values:
            return dict(sorted(((one.language or ORIGINAL).lower(), one.value) for one in reversed(values)))
    return {}


def _of_names(names: Sequence[str]) -> str:
    first = names[0].partition("/")[0] if "/" in names[0] else names[0]
    return first if len(names) == 1 else f"{first} and {len(names) - 1} more"


def _base(found: Survey, whole: bytes | None) -> str:
    """Return the namespace of most things, as stated or as counted; one of our own if there is none."""
    for p, value in found.wholes[whole][1] if whole else ():
        if p in _SPACES:
            stated = value[1:-1] if value.startswith(b"<") else value[1:].partition(b'"')[0]
            if _counted(found, stated) * 4 > sum(found.namespaces.values()):
                return stated.decode()
    for space, number in found.namespaces.most_common(1):
        text = space.decode("utf-8", "replace")
        if number >= SHARE * sum(found.namespaces.values()) and text.startswith(("http://", "https://")):
            return text
    return HOME


def _counted(found: Survey, space: bytes) -> int:
    return sum(number for one, number in found.namespaces.items() if one.startswith(space))


def _prefixes(found: Survey, declared: Mapping[str, str], base: str, whole: bytes | None) -> dict[str, str]:
    """Return the well-known prefixes, the declared ones over them, and one for the base where it has none."""
    table = {
        **WELL_KNOWN,
        **{prefix: space for prefix, space in declared.items() if prefix not in ("", "xml")},
    }
    unnamed = [declared[""]] if "" in declared else []
    for space in [*unnamed, *([base] if base != HOME else [])]:
        if space not in table.values():
            table[_free(_short(found, whole) or _last(space), table)] = space
    return dict(sorted(table.items()))


def _short(found: Survey, whole: bytes | None) -> str:
    for p, value in found.wholes[whole][1] if whole else ():
        name = name_of(value, is_alias=False) if p == _SHORT else None
        if name and re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name.value):
            return name.value
    return ""


def _last(space: str) -> str:
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", space) if part and part[0].isalpha()]
    return parts[-1].lower() if parts and parts[-1] not in ("http", "https") else "ns"


def _free(name: str, taken: Mapping[str, str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}{number}"
    return free
