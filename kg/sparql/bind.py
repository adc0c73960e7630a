"""Bind terms into the explorer's own queries.

A query file is whole, valid SPARQL that runs as it stands. Each parameter stands in it as
``VALUES ?name { UNDEF }``; binding replaces the UNDEF by terms. Two that an engine should look up together
stand in one row, ``VALUES (?one ?other) { (UNDEF UNDEF) }``, and take one term each. One that an engine
should look at only when it has found what is narrowed stands as ``?name IN (?name)``. A term is written by
pyoxigraph, which refuses an IRI that could break out of its brackets and escapes literals, so no text of a
stranger becomes syntax.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

import pyoxigraph as ox

from kg.errors import UsageError


class Own(str):
    """A query of the program's own, from a file: tests have admitted it, so it isn't checked again."""

    __slots__ = ()


Bindable = ox.NamedNode | ox.Literal

_ROW = re.compile(r"VALUES \((\?\w+(?: \?\w+)+)\) \{ \(UNDEF(?: UNDEF)+\) \}")


@cache
def load(name: str, kind: str = "rq") -> Own:
    """Return the text of the query (of the update, kind "ru") ``<name>.<kind>`` beside the code that asks it.

    ``name`` begins with the package: ``kg/explore/entity/known``. Raises UsageError when there is none.
    """
    package, _, rest = name.partition("/")
    try:
        return Own(resources.files(package).joinpath(f"{rest}.{kind}").read_text(encoding="utf-8"))
    except (FileNotFoundError, ModuleNotFoundError, ValueError):
        raise UsageError(f"no query is named {name!r}") from None


def bind(
    sparql: str,
    *,
    limit: int | None = None,
    offset: int = 0,
    **values: Bindable | Sequence[Bindable],
) -> str:
    """Return the query with each ``VALUES ?name { UNDEF }`` filled, and a page of it if ``limit`` is given.

    A parameter that isn't given stays as it is, that is, unrestricted. Raises UsageError for a parameter that
    the query lacks, and for several terms where a row takes one.
    """
    own = isinstance(sparql, Own)  # it stays one: a bound term can't change the query's form
    for row in _ROW.finditer(sparql):
        names = [name[1:] for name in row[1].split()]
        filled = " ".join(_one(name, values.pop(name, None)) for name in names)
        sparql = sparql.replace(row[0], f"VALUES ({row[1]}) {{ ({filled}) }}")
    for name, value in values.items():
        slot = re.compile(r"VALUES \?" + re.escape(name) + r" \{ UNDEF \}")
        terms = [value] if isinstance(value, Bindable) else list(value)
        filled = f"VALUES ?{name} {{ {' '.join(str(term) for term in terms)} }}"
        sparql, count = slot.subn(lambda _match, text=filled: text, sparql)  # type: ignore[misc]
        narrowed = f"?{name} IN (?{name})"
        if not count and narrowed not in sparql:
            raise UsageError(f"the query has no parameter ?{name}")
        sparql = sparql.replace(narrowed, f"?{name} IN ({', '.join(map(str, terms))})")
    if limit is not None:
        sparql = f"{sparql.rstrip()}\nLIMIT {int(limit)}\nOFFSET {int(offset)}\n"
    return Own(sparql) if own else sparql


def _one(name: str, value: Bindable | Sequence[Bindable] | None) -> str:
    """Return the one term for a parameter that shares a row, UNDEF where none is given."""
    if value is None:
        return "UNDEF"
    if not isinstance(value, Bindable):
        raise UsageError(f"the parameter ?{name} stands in a row and takes one term")
    return str(value)
