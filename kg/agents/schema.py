"""The vocabulary as an agent needs it: short, in the terms that a query must use, with counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.agents import words
from kg.agents.session import Session
from kg.errors import UsageError
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import COMMENTS, SCHEME, Schema
from kg.export.about import about
from kg.terms import RDFS, SKOS

NOTE = SKOS + "scopeNote"
SAMPLE = 5


def overview(session: Session, language: str) -> str:
    """Return what there is: prefixes, classes by size, lists."""
    explorer, one = session.explorer, about(session.release, language)
    reader = explorer.reader(language)
    used = sorted(session.release.prefixes.items())
    lines = [f"{one.title}, release {one.version}" + (f", as of {one.as_of}" if one.as_of else ""), ""]
    lines += ["Prefixes (need not be declared):", *(f"  {prefix}: {iri}" for prefix, iri in used), ""]
    lines += ["Classes, with how many things (ask for the schema of one to see its properties):"]
    counted = [(explorer.counter.members(iri), iri) for iri in explorer.schema.classes]
    for count, iri in sorted(counted, key=lambda pair: (-pair[0], pair[1])):
        if count:
            lines.append(f"  {_short(session, iri)} ({count}){_told(explorer.schema, reader, iri)}")
    lists = sorted(iri for iri, term in explorer.schema.terms.items() if SCHEME in term.kinds)
    if lists:
        lines += ["", "Controlled lists (their concepts: ?c skos:inScheme <list>):"]
        reader.names.fetch(lists)
        lines += [f"  {_short(session, iri)}: {reader.term(iri).label}" for iri in lists]
    lines += ["", _GRAPHS]
    return "\n".join(lines)


_GRAPHS = """Every statement stands in a named graph that says where it comes from:
  GRAPH ?g { ?s ?p ?o } ?g prov:wasDerivedFrom ?passage ; kg:basis ?basis
A query without GRAPH asks their merge. The tool `query` tells the sources of rows by itself."""


def term(session: Session, name: str, language: str) -> str:
    """Return how one class or property is used. Raises UsageError for what is neither."""
    explorer = session.explorer
    iri = session.expanded(name)
    if iri in explorer.schema.classes:
        return "\n".join(_class(session, iri, explorer.reader(language)))
    if iri in explorer.schema.properties:
        return "\n".join(_property(session, iri, explorer.reader(language)))
    raise UsageError(
        f"{name} is no class or property here", hint="schema() without a term lists the classes there are"
    )


def _class(session: Session, iri: str, reader: Reader) -> Iterator[str]:
    explorer = session.explorer
    page = explorer.vocabulary.class_page(iri, reader)
    yield f"{_short(session, iri)} ({page.count.count}){_told(explorer.schema, reader, iri)}"
    if page.broader:
        yield f"  is a {_list(session, (ref.iri for ref in page.broader))}"
    for below in page.narrower:
        yield f"  narrower: {_short(session, below.ref.iri)} ({below.count})"
    of = page.sample or page.count.count
    yield f"Properties, with how many of {of} things have one, and what it leads to:"
    for use in page.uses:
        info = explorer.schema.properties.get(use.property.iri)
        to = _list(session, info.iris(RDFS + "range")) if info else ""
        told = _told(explorer.schema, reader, use.property.iri)
        yield f"  {_short(session, use.property.iri)} ({use.items}){f' -> {to}' if to else ''}{told}"


def _property(session: Session, iri: str, reader: Reader) -> Iterator[str]:
    explorer = session.explorer
    page = explorer.vocabulary.property_page(iri, reader)
    yield f"{_short(session, iri)} ({page.count} statements){_told(explorer.schema, reader, iri)}"
    if page.domain:
        yield f"  of {_list(session, (ref.iri for ref in page.domain))}"
    if page.range:
        yield f"  leads to {_list(session, (ref.iri for ref in page.range))}"
    for one in page.classes:
        yield f"  used by {_short(session, one.ref.iri)} ({one.count})"
    for subject, value in page.sample[:SAMPLE]:
        yield f"  for example {_short(session, subject.iri)} {words.value(value, explorer.prefixes)}"


def _told(schema: Schema, reader: Reader, iri: str) -> str:
    """Return what a term is called, what it means, and how it is to be used."""
    label, info = reader.term(iri).label, schema.terms.get(iri)
    meaning = reader.text(info.literals(*COMMENTS)) if info else None
    note = reader.text(info.literals(NOTE)) if info else None
    said = f": {label}" + (f". {meaning}" if meaning else "")
    return said + (f" Note: {note}" if note else "")


def _short(session: Session, iri: str) -> str:
    return session.explorer.prefixes.curie(iri) or f"<{iri}>"


def _list(session: Session, iris: Iterable[str]) -> str:
    return ", ".join(_short(session, iri) for iri in iris)
