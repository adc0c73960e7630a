"""Which sheets a document's workbook has, and what their cells mean: as the shapes say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from kg.engine import Term
from kg.engine.local import LocalEngine
from kg.explore import Explorer
from kg.explore.ontology.schema import str_of
from kg.languages import ORIGINAL
from kg.release import Release
from kg.sparql.bind import load
from kg.terms import RDF, RDFS, SKOS, XSD, Prefixes, local_name

WHERE, THING = "where", "thing"
ABOUT, LISTS, OTHER = "about", "lists", "statements"
OTHER_HEADING = (WHERE, THING, "property", "value", "type")
BETWEEN = "\n"
"""What stands between several values of a cell."""

_NAMES = (RDFS + "label", SKOS + "prefLabel", SKOS + "altLabel")
_ITEM = re.compile(r".*\[([^\[\]]+)\]\s*\Z", re.DOTALL)
# In the order in which a text is tried: the first that it fits is what it is.
_LEXICAL: Mapping[str, re.Pattern[str]] = {
    XSD + "integer": re.compile(r"[+-]?\d+"),
    XSD + "decimal": re.compile(r"[+-]?\d*\.\d+|[+-]?\d+"),
    XSD + "date": re.compile(r"\d{4}-\d\d-\d\d"),
    XSD + "gYearMonth": re.compile(r"\d{4}-\d\d"),
    XSD + "gYear": re.compile(r"\d{4}"),
    XSD + "boolean": re.compile(r"true|false"),
}


class CellError(ValueError):
    """A cell doesn't hold what its column takes; ``hint`` says what would."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Column:
    """A property in a language, or of some datatypes, or leading to things; ``items`` are a list's."""

    key: str
    path: str
    name: str
    language: str = ""
    datatypes: tuple[str, ...] = ()
    items: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_thing(self) -> bool:
        """Whether it leads to things."""
        return not self.language and not self.datatypes


@dataclass(frozen=True)
class Page:
    """A sheet: the things of a class."""

    name: str
    cls: str
    columns: tuple[Column, ...]


class Plan:
    """The sheets of a release's workbooks, and how their cells are read and written."""

    def __init__(self, release: Release) -> None:
        from kg.release.store import ensure_store

        self.release = release
        self.engine = LocalEngine.open(ensure_store(release))
        self.explorer = Explorer(self.engine, release)
        self.prefixes = Prefixes(release.prefixes)
        named = (str_of(row["tag"]) for row in self.engine.query(load("kg/sheets/languages")).dicts())
        self.languages = tuple(dict.fromkeys((*release.languages, *named))) or (ORIGINAL,)
        self.reader = self.explorer.reader(self.languages[0])

    def close(self) -> None:
        """Close the store."""
        self.engine.close()

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """The sheets: of sources, of the classes that readers come for, of what exists only within those."""
        schema = self.explorer.schema
        sources = sorted(str_of(row["class"]) for row in self.engine.query(load("kg/sheets/sources")).dicts())
        dependent = sorted(iri for iri, term in schema.classes.items() if term.is_true("isDependent"))
        wanted = dict.fromkeys((*sources, *schema.primary, *dependent))
        found = [Page("", cls, columns) for cls in wanted if (columns := self._columns(cls))]
        names: dict[str, str] = {}
        for page in found:
            name = local_name(page.cls)[:31]
            names[page.cls] = name if name not in names.values() else f"{name[:28]} {len(names)}"
        return tuple(Page(names[page.cls], page.cls, page.columns) for page in found)

    @cached_property
    def _shaped(self) -> Mapping[str, Mapping[str, tuple[float, frozenset[str], bool]]]:
        """What shapes say of a class's properties: order, datatypes, and whether one leads to things."""
        found: dict[str, dict[str, tuple[float, frozenset[str], bool]]] = {}
        if "shapes.ttl" not in self.release.manifest["files"]:
            return found
        store = ox.Store()
        store.load(path=str(self.release.file("shapes.ttl")), format=ox.RdfFormat.TURTLE)
        for row in LocalEngine(store).query(load("kg/sheets/columns")).dicts():
            of = found.setdefault(str_of(row["class"]), {})
            order, kinds, thing = of.get(str_of(row["path"]), (float("inf"), frozenset(), False))
            if "order" in row:
                order = min(order, float(str_of(row["order"])))
            kinds |= {str_of(row["datatype"])} if "datatype" in row else set()
            thing |= "kind" in row and not str_of(row["kind"]).endswith("#Literal")
            of[str_of(row["path"])] = (order, kinds, thing)
        return found

    def _columns(self, cls: str) -> tuple[Column, ...]:
        said: dict[str, tuple[float, frozenset[str], bool]] = {}
        for up in reversed(self.explorer.schema.above(cls)):
            said |= self._shaped.get(up, {})
        columns: list[Column] = []
        for path, (_, kinds, thing) in sorted(said.items(), key=lambda pair: (pair[1][0], pair[0])):
            name = self.reader.term(path, self._called(cls, path)).label.value
            short = self.prefixes.curie(path) or path
            if RDF + "langString" in kinds or path in _NAMES:
                columns += [Column(f"{short}@{tag}", path, name, tag) for tag in self.languages]
            elif kinds:
                columns.append(Column(short, path, name, datatypes=_in_order(kinds)))
            elif thing:
                columns.append(Column(short, path, name, items=self._lists.get(path, {})))
        return tuple(columns)

    def _called(self, cls: str, path: str) -> tuple[ox.Literal, ...]:
        shapes = self.explorer.schema.shapes_of([cls])
        return next((shape.names for shape in shapes if shape.path == path and shape.names), ())

    @cached_property
    def _lists(self) -> Mapping[str, Mapping[str, str]]:
        """The items of drop-downs by property: what is chosen, and its IRI."""
        rows = list(self.engine.query(load("kg/sheets/lists")).dicts())
        self.reader.names.fetch(str_of(row["concept"]) for row in rows)
        found: dict[str, dict[str, str]] = {}
        for row in rows:
            iri = str_of(row["concept"])
            item = f"{self.reader.ref(iri).label.value} [{self.short(iri)}]"
            found.setdefault(str_of(row["property"]), {})[item] = iri
        return {path: dict(sorted(items.items())) for path, items in found.items()}

    def short(self, iri: str) -> str:
        """Return an IRI as cells have it: compact where a prefix allows it."""
        return self.prefixes.curie(iri) or iri

    def iri(self, text: str) -> str:
        """Return the IRI of a cell. Raises CellError for what is none."""
        prefix, colon, local = text.partition(":")
        full = self.prefixes.table[prefix] + local if prefix in self.prefixes.table else text
        try:
            if not colon:
                raise ValueError
            return ox.NamedNode(full).value
        except ValueError:
            hint = f"prefix:name with one of {', '.join(sorted(self.prefixes.table))}, or an IRI in full"
            raise CellError(f"{text!r} is no IRI", hint) from None

    def term(self, column: Column, text: str) -> Term:
        """Return the term that a text is in a column. Raises CellError."""
        if column.language:
            return ox.Literal(text, language=column.language)
        if column.is_thing:
            return ox.NamedNode(self._chosen(column, text) if column.items else self.iri(text))
        for kind in column.datatypes:
            pattern = _LEXICAL.get(kind)
            if pattern is None or pattern.fullmatch(text):
                return ox.Literal(text, datatype=ox.NamedNode(kind))
        wanted = " or ".join(local_name(kind) for kind in column.datatypes)
        raise CellError(f"{text!r} is no {wanted}", "write a number without its unit, a date as 2021-03-04")

    def _chosen(self, column: Column, text: str) -> str:
        """Return what was chosen from a list: an item, its name, or its IRI."""
        if text in column.items:
            return column.items[text]
        found = _ITEM.match(text)
        named = [iri for item, iri in column.items.items() if item.rpartition(" [")[0] == text]
        iri = self.iri(found[1]) if found else (named[0] if len(named) == 1 else "")
        if not iri and ":" in text:
            iri = self.iri(text)
        if iri not in column.items.values():
            from difflib import get_close_matches

            near = get_close_matches(text, list(column.items), 3, 0.3) or list(column.items)[:3]
            raise CellError(f"{text!r} is not in the list of {column.name}", f"such as {'; '.join(near)}")
        return iri

    def text(self, column: Column, term: Term) -> str | None:
        """Return what a cell says for a term, None where no text would be read as that term."""
        if isinstance(term, ox.NamedNode):
            listed = (item for item, iri in column.items.items() if iri == term.value)
            text = next(listed, self.short(term.value))
        else:
            text = str(getattr(term, "value", term))
        try:
            whole = BETWEEN not in text and text == text.strip() and text != "" and "\r" not in text
            return text if whole and self.term(column, text) == term else None
        except CellError:
            return None


def _in_order(kinds: frozenset[str]) -> tuple[str, ...]:
    """Return datatypes in the order in which a text is tried: those with a form of their own first."""
    known = [kind for kind in _LEXICAL if kind in kinds]
    return (*known, *sorted(kinds - set(known)))
