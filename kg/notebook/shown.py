"""What a notebook shows of a release, of rows and of a thing: self-contained HTML, without a script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import pyoxigraph as ox

from kg.engine import Term
from kg.explore import Entity, Fact
from kg.explore.model import Ref
from kg.export.about import About
from kg.terms import Prefixes

MOST = 50
"""Rows that are shown; further ones are counted."""


def release(one: About, counts: Mapping[str, int]) -> str:
    """Return a release: what it is, how large, and how to cite it."""
    said = {
        "version": one.version,
        "as of": one.as_of,
        "licence": one.license,
        **{name: f"{count:,}" for name, count in counts.items()},
        "cite as": one.citation,
    }
    return f"<h3>{escape(one.title)}</h3>{_pairs(said)}"


def rows(found: Sequence[Mapping[str, Term]], names: Sequence[str], prefixes: Prefixes) -> str:
    """Return rows as a table; IRIs lead to what they name."""
    body = (
        "<tr>" + "".join(f"<td>{_term(row.get(name), prefixes)}</td>" for name in names) + "</tr>"
        for row in found[:MOST]
    )
    more = f"<p>{len(found) - MOST:,} further rows</p>" if len(found) > MOST else ""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>{more}"


def card(entity: Entity, prefixes: Prefixes) -> str:
    """Return a thing: its kinds, what is said of it with the marks of sources, and the sources."""
    said: list[str] = []
    for section in entity.sections:
        for one in section.statements:
            values = [_fact(fact) for fact in one.facts]
            values += [_link(told.ref) + _marks(told.sources) for told in one.told]
            values += [
                " ".join(
                    _value(fact)
                    for cell in row.cells
                    for fact in (*cell.qualifiers, *cell.facts, *cell.units)
                )
                + _marks(row.sources)
                for row in (one.table.rows if one.table else ())
            ]
            more = one.more + (one.table.more if one.table else 0)
            values += [f"{more:,} more"] if more else []
            if values:
                name = escape(one.property.label.value)
                said.append(f"<tr><th>{name}</th><td>{'; '.join(values)}</td></tr>")
    kinds = ", ".join(escape(ref.label.value) for ref in entity.kinds)
    summary = f"<p>{_fact(entity.summary)}</p>" if entity.summary else ""
    link = _link(Ref(entity.iri, entity.label), prefixes)
    head = f"<h3>{escape(entity.label.value)}</h3><p>{kinds} · {link}</p>"
    return f"{head}{summary}<table>{''.join(said)}</table>{_sources(entity)}"


def _sources(entity: Entity) -> str:
    lines = []
    for number, one in sorted(entity.evidence.items()):
        named = ", ".join(
            " › ".join(_link(ref) for ref in (*origin.trail, origin.ref)) for origin in one.origins
        )
        basis = f" ({escape(one.basis_label.value)})" if one.basis_label else ""
        lines.append(f'<li value="{number}">{named or _link(one.graph)}{basis}</li>')
    return f"<ol>{''.join(lines)}</ol>" if lines else ""


def _fact(fact: Fact) -> str:
    return _value(fact) + _marks(fact.sources)


def _value(fact: Fact) -> str:
    return _link(fact.value) if isinstance(fact.value, Ref) else escape(fact.value.value)


def _marks(numbers: Iterable[int]) -> str:
    found = ",".join(map(str, numbers))
    return f"<sup>{found}</sup>" if found else ""


def _link(ref: Ref, prefixes: Prefixes | None = None) -> str:
    name = (prefixes.curie(ref.iri) or ref.iri) if prefixes else ref.label.value
    return _anchor(ref.iri, name)


def _anchor(iri: str, name: str) -> str:
    # Only http and https become links: an IRI of the data may be javascript:.
    if not iri.startswith(("http://", "https://")):
        return escape(name)
    return f'<a href="{escape(iri)}">{escape(name)}</a>'


def _term(term: Term | None, prefixes: Prefixes) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        return _anchor(term.value, prefixes.curie(term.value) or term.value)
    return escape(str(getattr(term, "value", term)))


def _pairs(said: Mapping[str, Any]) -> str:
    lines = (
        f"<tr><th>{escape(key)}</th><td>{escape(str(value))}</td></tr>"
        for key, value in said.items()
        if value
    )
    return f"<table>{''.join(lines)}</table>"
