"""Values in words, as they stand in a sentence or beside a bar."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox
from babel.lists import format_list
from flask import Flask

from kg.explore import Ref
from kg.explore.entity.diagram import wrapped
from kg.explore.entity.summary import Wording
from kg.explore.entity.timeline import OPEN, PLAIN, by_year
from kg.explore.model import Cell, Datum, Value
from kg.explore.naming.messages import PatternError, say
from kg.explore.questions.marks import LETTERS, LINE, LINES
from kg.explore.statements.evidence import literals
from kg.explore.widths import columns
from kg.languages import ORIGINAL, language_of, locale_of
from kg.terms import KG
from kg_web.context import publication
from kg_web.rendering.i18n import language, spoken
from kg_web.rendering.numbers import amount, day
from kg_web.rendering.present import PERCENT, PLAIN_COUNTS, as_address, datum_kind

COUNTED = KG + "counted"


def words(value: Value | None) -> str:
    """Return a value as text: a thing's name, a number or a date as the reader's language writes them."""
    if value is None:
        return ""
    if isinstance(value, Ref):
        return value.label.value
    kind = datum_kind(value)
    if kind == "date":
        return day(value.value)
    return amount(value.value) if kind == "number" else value.value


def joined(names: Sequence[str]) -> str:
    """Return names as a list in the reader's language (CLDR)."""
    return str(format_list(list(names), locale=locale_of(language())))


def in_unit(number: str, unit: Ref | None) -> tuple[str, str]:
    """Return the text before and after a number with a unit, in the plural form that the language wants.

    The unit's ``kg:counted`` says it; else the unit's name comes after.
    """
    if unit is None or unit.iri in PLAIN_COUNTS:
        return ("", "")
    if unit.iri == PERCENT:
        return ("", "%")
    pattern = _counted(unit.iri)
    if pattern is not None:
        try:
            said = say(pattern.value, lambda _name: "\0", lambda _name: number, pattern.language or ORIGINAL)
        except PatternError:
            said = None
        if said and said.count("\0") == 1:
            before, _, behind = said.partition("\0")
            return (before, behind)
    named = language_of(unit.label.language)
    space = spoken().space or (named.space if named else " ")
    return ("", space + unit.label.value)


def _counted(iri: str) -> ox.Literal | None:
    explorer, tongue = publication().explorer, language().lower()
    found = literals(explorer.library.about(iri), COUNTED)
    return next((one for one in found if one.language == tongue), None)


def several(ref: Ref, number: int = 2) -> str:
    """Return the words for a class or a unit after a number, by its ``kg:counted``.

    Without that it is the name, which is right for languages without a plural.
    """
    pattern = _counted(ref.iri)
    if pattern is None:
        return ref.label.value
    try:
        said = say(pattern.value, lambda _name: "\0", lambda _name: str(number), pattern.language or ORIGINAL)
    except PatternError:
        said = None
    return said.replace("\0", "").strip() if said else ref.label.value


def in_words(unit: Value | None) -> str:
    """Return a unit for the label of an axis: in the plural; nothing for plain counts."""
    if not isinstance(unit, Ref) or unit.iri in PLAIN_COUNTS:
        return ""
    return "%" if unit.iri == PERCENT else several(unit)


def measured(number: Value, unit: Value | None = None, before: Value | None = None) -> str:
    """Return a number with its qualifier and unit, as plain text."""
    text = words(number)
    front, behind = in_unit(
        number.value if isinstance(number, Datum) else "", unit if isinstance(unit, Ref) else None
    )
    # Before digits there is a space in every language: 近 300 户, as in a table.
    gap = " " if (front + text)[:1].isascii() else spoken().space
    return (words(before) + gap if before else "") + front + text + behind


def figure(cell: Cell) -> str:
    """Return a figure's cell as plain text; a range with a dash between its ends."""
    unit = cell.units[0].value if cell.units else None
    before = cell.qualifiers[0].value if cell.qualifiers else None
    first, last = cell.facts[0].value, cell.facts[-1].value
    text = measured(last, unit, None if len(cell.facts) > 1 else before)
    return f"{words(first)}–{text}" if len(cell.facts) > 1 else text


def placed(within: Sequence[Ref]) -> str:
    """Return what contains a thing, given from the nearest, as an address of the reader's language."""
    return spoken().between_places.join(one.label.value for one in as_address(within))


WORDING = Wording(words, joined, figure, placed)


def init_app(app: Flask) -> None:
    """Give templates the filters."""
    app.jinja_env.filters.update(
        words=words,
        measured=measured,
        several=several,
        in_words=in_words,
        columns=columns,
        by_year=by_year,
        wrapped=wrapped,
    )
    app.jinja_env.globals.update(
        in_unit=in_unit, PLAIN_TIMELINE=PLAIN, OPEN_TIMELINE=OPEN, LETTERS=LETTERS, LINES=LINES, LINE=LINE
    )
