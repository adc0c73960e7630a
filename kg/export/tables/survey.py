"""Which tables a release has: the columns of each class, found in one pass over the statements."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pyoxigraph as ox

from kg.engine import Term
from kg.export.cache import cached
from kg.export.entity import embedding
from kg.export.graphs.dump import Part
from kg.export.graphs.subjects import TYPE, Shelf, classes, owners, subjects, superclasses
from kg.export.tables.values import fits
from kg.release import Release
from kg.terms import RDF, XSD, Prefixes, local_name

SEPARATORS = ("|", ";", "¦", "\u241f")
"""What may stand between several values of one cell; the first that no value of the column holds."""
MOST_COLUMNS = 400
"""A class whose things have more properties than this is no table."""

IRI, TEXT = "iri", XSD + "string"


@dataclass(frozen=True)
class Column:
    """One column: a property's values, in one language where they have any.

    ``kind`` is ``iri`` or the datatype that all values share (xsd:string where they don't); ``separator`` is
    empty where no thing has more than one value; ``digits`` and ``scale`` are the most before and behind a
    number's point; ``exact`` says that all values can be read as what their datatype is. ``role`` is
    ``value``, or ``label`` for the names of a column's things, or ``owner`` for the thing that a row belongs
    to.
    """

    name: str
    property: str
    kind: str
    language: str = ""
    separator: str = ""
    digits: int = 0
    scale: int = 0
    role: str = "value"
    exact: bool = True


@dataclass(frozen=True)
class Table:
    """The things of a class: the table's name, the class, how many rows, and the columns behind the IRI."""

    name: str
    cls: str
    rows: int
    columns: tuple[Column, ...]


def tables(release: Release) -> list[Table]:
    """Return the tables of a release by name, without what rules inferred; surveyed once, then kept."""

    def make(out: Any) -> None:
        found = [asdict(table) for table in _survey(release)]
        out.write(json.dumps(found, ensure_ascii=False).encode())

    content = json.loads(cached(release, "tables.json", make).read_text(encoding="utf-8"))
    return [Table(t["name"], t["cls"], t["rows"], tuple(Column(**c) for c in t["columns"])) for t in content]


@dataclass
class _Seen:
    """What was seen of one property of one class in one language."""

    kinds: set[str]
    many: bool = False
    held: int = 0
    digits: int = 0
    scale: int = 0
    exact: bool = True

    def take(self, values: Iterable[Term]) -> None:
        for count, value in enumerate(values):
            self.many |= count > 0
            text = getattr(value, "value", str(value))
            self.kinds.add(
                value.datatype.value if isinstance(value, ox.Literal) and not value.language else IRI
            )
            self.exact &= not isinstance(value, ox.Literal) or fits(value.datatype.value, text)
            for place, separator in enumerate(SEPARATORS):
                self.held |= (separator in text) << place
            whole, _, part = text.lstrip("+-").partition(".")
            self.digits, self.scale = max(self.digits, len(whole)), max(self.scale, len(part))


def _survey(release: Release) -> list[Table]:
    with Shelf(owners(release, embedding(release))) as owned:
        return _surveyed(release, owned)


def _surveyed(release: Release, owned: Shelf) -> list[Table]:
    above = superclasses(release)
    rows_owned: set[str] = set()
    counts: dict[str, int] = {}
    seen: dict[str, dict[tuple[str, str], _Seen]] = {}
    for iri, said in subjects(release, Part()):
        kinds = {up for one in classes(said) for up in above.get(one, {one})}
        if owned.get(iri):
            rows_owned |= kinds
        for cls in kinds:
            counts[cls] = counts.get(cls, 0) + 1
            columns = seen.setdefault(cls, {})
            for predicate, values in said.items():
                for language, group in by_language(values).items():
                    if len(columns) < MOST_COLUMNS or (predicate, language) in columns:
                        columns.setdefault((predicate, language), _Seen(set())).take(group)
    names = _distinct(counts, release.prefixes, "-")
    return [
        Table(names[cls], cls, counts[cls], _columns(seen[cls], release.prefixes, owned=cls in rows_owned))
        for cls in sorted(counts, key=names.__getitem__)
    ]


def by_language(values: Iterable[Term]) -> Mapping[str, list[Term]]:
    """Return values by their language, empty for those without."""
    found: dict[str, list[Term]] = {}
    for value in values:
        language = value.language or "" if isinstance(value, ox.Literal) else ""
        found.setdefault(language, []).append(value)
    return found


def _columns(
    seen: Mapping[tuple[str, str], _Seen], prefixes: Mapping[str, str], *, owned: bool
) -> tuple[Column, ...]:
    names = _distinct({predicate for predicate, _ in seen}, prefixes, "_")
    columns = (
        [Column("owner", "", IRI, role="owner"), Column("owner_label", "", TEXT, role="label")]
        if owned
        else []
    )

    def place(item: tuple[tuple[str, str], _Seen]) -> tuple[bool, str, str]:
        (predicate, language), _ = item
        return predicate != TYPE, names[predicate], language

    for (predicate, language), one in sorted(seen.items(), key=place):
        kind = common_kind(one.kinds)
        kind = RDF + "langString" if language else kind
        free = [s for place, s in enumerate(SEPARATORS) if not one.held >> place & 1]
        name = names[predicate] + (f"_{_plain(language, '_')}" if language else "")
        separator = (free[0] if free else SEPARATORS[-1]) if one.many else ""
        columns.append(
            Column(name, predicate, kind, language, separator, one.digits, one.scale, exact=one.exact)
        )
        if kind == IRI:
            columns.append(Column(f"{name}_label", predicate, TEXT, "", separator, role="label"))
    return tuple(columns)


def common_kind(kinds: set[str]) -> str:
    """Return the datatype that holds values of several: decimals hold integers; else text."""
    if len(kinds) == 1:
        return next(iter(kinds))
    return XSD + "decimal" if kinds <= {XSD + "integer", XSD + "decimal"} else TEXT


def _distinct(iris: Iterable[str], prefixes: Mapping[str, str], joint: str) -> dict[str, str]:
    """Return a short name for each IRI; where two would share one, with the prefix before it."""
    table = Prefixes(prefixes)
    plain = {iri: _plain(local_name(iri), joint) for iri in iris}
    taken: dict[str, list[str]] = {}
    for iri, name in plain.items():
        taken.setdefault(name.lower(), []).append(iri)
    found: dict[str, str] = {}
    for iri, name in sorted(plain.items()):
        short = table.curie(iri)
        alone = len(taken[name.lower()]) == 1
        chosen = name if alone or not short else _plain(short.replace(":", joint), joint)
        number = 2
        while chosen in found.values() or chosen == "iri":
            chosen, number = f"{name}{joint}{number}", number + 1
        found[iri] = chosen
    return found


def _plain(name: str, joint: str) -> str:
    """Return a name of ASCII letters, digits and one joint: what files, CSVW (§5.6 name) and R all take."""
    return re.sub(r"[^A-Za-z0-9]+", joint, name).strip(joint) or "unnamed"
