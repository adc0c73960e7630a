"""Reading a mapping: what the columns of a source's tables mean, as data.

A mapping is a W3C CSVW metadata file (Metadata Vocabulary for Tabular Data), of which we take the part
that says what each column becomes: ``aboutUrl``, ``propertyUrl``, ``valueUrl``, ``datatype``, ``lang``,
``default``, ``virtual``, ``required``, ``null``, ``primaryKey``, ``suppressOutput``, and a dialect's
``header`` and ``delimiter``. CSVW lets a file add properties of other vocabularies; these are ours:

- of the group: ``kg:output``, the Turtle file that is made; ``kg:scope``, the scope of the one in the
  data folder; ``kg:prefixes`` for it; ``kg:package`` (also of a table), ``{"purl": ..., "sha256": ...}``,
  where the files are found: without one, ``url`` is a file beside the mapping;
- of a table: ``kg:format`` where the name doesn't tell; ``kg:rows``, the JSON Pointer to the records;
  ``kg:where``, the values that a column must have, ``{"level": ["3", "4"], "code": {"pattern": ...}}``;
  ``kg:scope``, ``{"column": ..., "pattern": ...}`` (see `Scope`); ``kg:lookups``, a list of ``{"url",
  "match": {its column: the row's}, "take": {its column: a new one}, "missing": "error" | "skip" |
  "null"}`` (see `Lookup`);
- of a column: ``kg:template``, a text made of several cells, ``"POINT({lon} {lat})"``;
- anywhere: ``kg:comment``.

In JSON a column's ``titles`` is a key, or a JSON Pointer into the record; in GeoJSON a property,
``@geometry`` or ``@id``. What isn't known is refused, so that a slip of the pen is found at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kg.errors import SourceError
from kg.sources.archives import Package
from kg.sources.fields import Fields
from kg.sources.literals import CANONICAL, check_language
from kg.sources.mapping import Column, Lookup, Scope, SourceMapping, Table
from kg.sources.readers import READERS
from kg.sources.templates import is_iri
from kg.terms import WELL_KNOWN

# What a mapping may hold, level by level: CSVW's own properties and ours.
_INHERITED = frozenset({"aboutUrl", "lang", "null"})
_GROUP = _INHERITED | {"@context", "tables", "kg:package", "kg:output", "kg:scope", "kg:prefixes"}
_TABLE = _INHERITED.union(
    ("url", "tableSchema", "dialect"),
    ("kg:package", "kg:format", "kg:rows", "kg:where", "kg:lookups", "kg:scope"),
)
_SCHEMA = _INHERITED | {"columns", "primaryKey"}
_COLUMN = _INHERITED.union(
    ("name", "titles", "propertyUrl", "valueUrl", "datatype", "default", "virtual", "required"),
    ("suppressOutput", "kg:template"),
)
_DATATYPE = frozenset({"base", "format", "@id"})
_DIALECT = frozenset({"header", "delimiter"})
_PACKAGE = frozenset({"purl", "sha256"})
_LOOKUP = frozenset({"url", "match", "take", "missing"})
_SCOPE = frozenset({"column", "pattern"})


def load_mapping(path: Path) -> SourceMapping:
    """Read a mapping. Raises SourceError, with the place in the file, for whatever it doesn't understand."""
    try:
        group = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SourceError(f"{path}: there is no such mapping", hint="a table needs a mapping.json") from None
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path}: not JSON: {error}") from None
    try:
        return _mapping(path, Fields(group, _GROUP, "the mapping"))
    except SourceError as error:
        raise SourceError(f"{path}: {error.message}", hint=error.hint) from error


def _mapping(path: Path, group: Fields) -> SourceMapping:
    output = group.text("kg:output")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*\.ttl", output):
        raise SourceError(
            f"kg:output is {output!r}", hint="name one Turtle file, without a folder: places.ttl"
        )
    inherited = group.some(_INHERITED | {"kg:package"})
    return SourceMapping(
        path=path,
        tables=tuple(_table(table, inherited) for table in group.objects("tables", _TABLE)),
        output=output,
        scope=group.text("kg:scope", ""),
        prefixes={**WELL_KNOWN, **_prefixes(group)},
    )


def _prefixes(group: Fields) -> dict[str, str]:
    table = dict(group.pairs("kg:prefixes"))
    for prefix, namespace in table.items():
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", prefix) or not is_iri(namespace):
            raise SourceError(f"kg:prefixes: {prefix}: {namespace} is not a prefix and a namespace")
    return table


def _table(own: Fields, group: Mapping[str, Any]) -> Table:
    url = own.text("url")
    kind = own.text("kg:format", url.rpartition(".")[2])
    if kind not in READERS:
        known = ", ".join(READERS)
        raise SourceError(f"{own.where}: the format {kind!r} is not known", hint=f"kg:format takes {known}")
    schema = own.object("tableSchema", _SCHEMA)
    dialect = own.object("dialect", _DIALECT)
    delimiter = dialect.text("delimiter", ",")
    if len(delimiter) != 1:
        raise SourceError(f"{dialect.where}: delimiter must be one character, not {delimiter!r}")
    inherited = {**group, **own.some(_INHERITED), **schema.some(_INHERITED)}
    where = own.object("kg:where", None)
    result = Table(
        url=url,
        format=kind,
        package=_package(Fields({**group, **own.some(_TABLE)}, _GROUP | _TABLE, own.where)),
        columns=tuple(_column(column, inherited) for column in schema.objects("columns", _COLUMN)),
        primary_key=schema.names("primaryKey"),
        rows=own.text("kg:rows", ""),
        header=dialect.flag("header", default=True),
        delimiter=delimiter,
        where={name: _condition(where, name) for name in where},
        lookups=tuple(_lookup(entry) for entry in own.objects("kg:lookups", _LOOKUP)),
        scope=_scope(own.object("kg:scope", _SCOPE)) if "kg:scope" in own else None,
    )
    _check_names(result, own.where)
    return result


def _column(own: Fields, inherited: Mapping[str, Any]) -> Column:
    column = Fields(
        {**{k: inherited[k] for k in _INHERITED & set(inherited)}, **own.some(_COLUMN)}, _COLUMN, own.where
    )
    suppressed = column.flag("suppressOutput", default=False)
    if not suppressed and "propertyUrl" not in column:
        raise SourceError(
            f"{own.where}: it has no propertyUrl", hint='give it one, or "suppressOutput": true'
        )
    if not suppressed and "aboutUrl" not in column:
        hint = "give one to the column, its schema or its table"
        raise SourceError(f"{own.where}: it has no aboutUrl", hint=hint)
    datatype, pattern = _datatype(column)
    # A language that is inherited is for the columns that are plain texts; a code isn't.
    language = column.optional("lang") if "lang" in own or "datatype" not in own else None
    if language and datatype != "string":
        raise SourceError(f"{own.where}: a {datatype} has no language", hint="leave out lang or datatype")
    return Column(
        name=column.text("name"),
        title=column.text("titles", column.text("name")),
        about=column.template("aboutUrl"),
        property=None if suppressed else column.iri("propertyUrl"),
        value=column.template("valueUrl"),
        template=column.template("kg:template"),
        datatype=datatype,
        pattern=pattern,
        language=check_language(language) if language else None,
        default=column.optional("default"),
        nulls=frozenset(column.names("null", ("",))),
        required=column.flag("required", default=False),
        virtual=column.flag("virtual", default=False),
    )


def _datatype(column: Fields) -> tuple[str, re.Pattern[str] | None]:
    """Return a datatype (a name of XML Schema's or an IRI) and the pattern that its ``format`` sets."""
    value = column.raw("datatype", "string")
    entry = Fields(
        {"base": value} if isinstance(value, str) else value, _DATATYPE, f"{column.where}.datatype"
    )
    base = entry.text("base", "string")
    if base not in CANONICAL:
        raise SourceError(f"{entry.where}: {base!r} is not known", hint=f"known: {', '.join(CANONICAL)}")
    return (entry.iri("@id") if "@id" in entry else base), entry.pattern("format")


def _condition(where: Fields, name: str) -> re.Pattern[str]:
    """Return what a column's whole cell must match: one of some texts, or a pattern."""
    if isinstance(where.raw(name), dict):
        pattern = where.object(name, frozenset({"pattern"})).pattern("pattern")
        if pattern is not None:
            return pattern
    return re.compile("|".join(re.escape(text) for text in where.names(name)))


def _lookup(entry: Fields) -> Lookup:
    missing = entry.text("missing", "error")
    if missing not in ("error", "skip", "null"):
        raise SourceError(f'{entry.where}: missing is {missing!r}, not "error", "skip" or "null"')
    return Lookup(entry.text("url"), entry.pairs("match"), entry.pairs("take"), missing)


def _scope(entry: Fields) -> Scope:
    return Scope(entry.text("column"), entry.pattern("pattern"))


def _package(table: Fields) -> Package | None:
    if "kg:package" not in table:
        return None
    entry = table.object("kg:package", _PACKAGE)
    return Package(entry.text("purl"), entry.text("sha256"))


def _check_names(table: Table, where: str) -> None:
    """Refuse templates, keys and conditions that name a column that isn't there, and a name used twice."""
    taken = [name for lookup in table.lookups for _, name in lookup.take]
    names = [column.name for column in table.columns] + taken
    if twice := {name for name in names if names.count(name) > 1}:
        raise SourceError(f"{where}: two columns are named {', '.join(sorted(twice))}")
    used = {*table.primary_key, *table.where, *(row for lookup in table.lookups for _, row in lookup.match)}
    used |= {table.scope.column} if table.scope else set()
    for column in table.columns:
        for template in (column.about, column.value, column.template):
            used |= set(template.columns) if template else set()
    if unknown := used - set(names):
        hint = f"there are {', '.join(names)}"
        raise SourceError(f"{where}: no column is named {', '.join(sorted(unknown))}", hint=hint)
